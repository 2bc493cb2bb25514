#include "reports/flow_stage.h"

namespace fundtrail::reports {

const Words& words_of(FlowStage stage) {
  static const Words words[kFlowStages] = {
      {"到账", "Received"},
      {"配套到账", "Counterpart received"},
      {"下达", "Allotted"},
      {"发券承诺", "Committed"},
      {"券退回、作废、过期释放", "Released"},
      {"核销", "Accrued"},
      {"结算", "Settled"},
      {"拨付", "Paid"},
      {"退票", "Bounced"},
      {"决定追回", "To recover"},
      {"追回到账", "Recovered"},
      {"预拨", "Advanced"},
      {"结转", "Carried forward"},
      {"收回上缴", "Lapsed"},
  };
  return words[static_cast<std::size_t>(stage)];
}

StageReader::StageReader(const std::vector<GlancedPosting>& postings) {
  for (const auto& posting : postings) {
    (posting.side == Side::debit ? debited_ : credited_) |= 1u << int(posting.account);
  }
}

std::optional<FlowStage> StageReader::debit_stage(FundAccount account) const {
  using enum FundAccount;
  switch (account) {
    // What comes back to an account is counted on the credit of the one that it comes from.
    case allotted:
      if (credits(committed) || credits(accrued) || credits(payable)) return std::nullopt;
      return FlowStage::allotted;
    case committed: return FlowStage::committed;
    case accrued:
      if (credits(payable)) return std::nullopt;
      return FlowStage::accrued;
    case payable: return credits(paid) ? FlowStage::bounced : FlowStage::settled;
    case paid: return FlowStage::paid;
    case in_recovery: return FlowStage::to_recover;
    case advanced: return FlowStage::advanced;
    case carried: return FlowStage::carried;
    case lapsed: return FlowStage::lapsed;
    case available:
    case recovered:
    case due_to_treasury:
    case source:
    case pledged:
    case pledge_source: return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Staged> StageReader::stage_of(const GlancedPosting& posting) const {
  using enum FundAccount;
  if (posting.account == source) {
    // Counterpart funding comes from a region and stays its own; other money belongs to no region.
    const auto stage =
        posting.region.empty() ? FlowStage::received : FlowStage::counterpart_received;
    return Staged{stage, posting.effect()};
  }
  if (posting.side == Side::credit) {
    if (posting.account == committed && debits(allotted)) {
      return Staged{FlowStage::released, posting.amount};
    }
    if (posting.account == allotted && debits(available)) {
      return Staged{FlowStage::allotted, -posting.amount};
    }
    // A calculation that was lowered; an approval that was returned.
    if (posting.account == accrued && debits(allotted)) {
      return Staged{FlowStage::accrued, -posting.amount};
    }
    if (posting.account == payable && (debits(accrued) || debits(allotted))) {
      return Staged{FlowStage::settled, -posting.amount};
    }
    // Where it comes back to may be nobody's region; what it comes back from is that of the recovery.
    if (posting.account == in_recovery && (debits(available) || debits(recovered) || debits(due_to_treasury))) {
      return Staged{FlowStage::recovered, posting.amount};
    }
    return std::nullopt;
  }
  const auto stage = debit_stage(posting.account);
  if (!stage) return std::nullopt;
  return Staged{*stage, posting.amount};
}

}  // namespace fundtrail::reports
