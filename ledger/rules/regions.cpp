#include "ledger/rules/regions.h"

#include <type_traits>

#include "ledger/rules/rows.h"
#include "ledger/rules/voucher_blocks.h"

namespace fundtrail::rules {
namespace {

class Collector {
 public:
  explicit Collector(const StateSource& state) : state_(state), blocks_(state) {}

  template <class Doc>
  void document(const Doc& d) {
    if constexpr (std::is_same_v<Doc, RegionRegistration>) {
      region(d.region);  // its parent is only where it belongs
    } else {
      if constexpr (requires { d.region; }) region(d.region);
      if constexpr (requires { d.beneficiary; } && !std::is_same_v<Doc, BeneficiaryRegistration>) {
        person(d.beneficiary);
      }
      steps(d);
      if constexpr (HasLines<Doc>) lines(d.lines);
    }
  }
  void posting(const Posting& posting) {
    if (!posting.at.region.empty()) region(posting.at.region);
  }
  std::optional<std::set<RegionCode>> take() {
    if (!known_ || regions_.empty()) return std::nullopt;
    return std::move(regions_);
  }

 private:
  // What a document says about others. Most say nothing.
  template <class Doc>
  void steps(const Doc& d) {
    if constexpr (std::is_same_v<Doc, SettlementPreparation>) {
      if (d.grant) region(d.grant->region);
      // What it claimed when it was prepared: some of that may have been taken back since.
      if (const auto* row = state_.find(settlement_key(d.settlement))) return groups(SettlementRow::decode(*row).groups);
      for (const auto index : d.redemptions) claim(index);
      for (const auto index : items(d.calculations)) claim(index);
    } else if constexpr (std::is_same_v<Doc, CalculationReduction>) {
      claim(d.calculation);
    } else if constexpr (std::is_same_v<Doc, RedemptionWithdrawal>) {
      claim(d.redemption);
    } else if constexpr (std::is_same_v<Doc, Correction>) {
      if (d.allotment) document(*d.allotment);
      if (d.counterpart_pledge) document(*d.counterpart_pledge);
      if (d.counterpart_receipt) document(*d.counterpart_receipt);
      corrected(d.corrects);
    } else if constexpr (std::is_same_v<Doc, ApplicationStep>) {
      person(applicant_of(state_, d.application), true);
    } else if constexpr (requires { d.settlement; }) {
      settlement(d.settlement);
    } else if constexpr (requires { d.disbursement; }) {
      disbursement(d.disbursement);
    } else if constexpr (requires { d.recovery; } && !std::is_same_v<Doc, RecoveryDecision>) {
      if (const auto* row = need(recovery_key(d.recovery))) {
        region(RecoveryRow::decode(*row).at.region);
      }
    }
  }
  template <class Lines>
  void lines(const Lines& all) {
    for (const auto& line : all) {
      if constexpr (requires { line.beneficiary; }) person(line.beneficiary);
      if constexpr (requires { line.voucher; } && !requires { line.face; }) voucher(line.voucher);
    }
  }

  void region(const RegionCode& code) { regions_.insert(code); }
  void region(const std::optional<RegionCode>& code) {
    if (code) regions_.insert(*code);
  }
  void person(const std::optional<Pseudonym>& id, bool needed = false) {
    if (id) person(*id);
    else if (needed) known_ = false;
  }
  void person(Pseudonym id) {
    const auto* row = need(beneficiary_key(id));
    if (!row) return;
    const auto code = RegionCode::parse(BeneficiaryView(*row).region());
    if (code) regions_.insert(*code);
    else known_ = false;
  }
  void voucher(const VoucherNumber& number) {
    const auto found = blocks_.find(number);
    if (found.status == VoucherStatus::none) {
      known_ = false;
    } else if (const auto* row = need(issue_key(found.issue))) {
      region(IssueRow::decode(*row).at.region);
    }
  }
  void groups(const std::vector<GroupAmount>& all) {
    for (const auto& group : all) region(group.at.region);
  }
  void claim(std::uint64_t index) {
    if (const auto* row = need(redemption_key(index))) groups(RedemptionRow::decode(*row).groups);
  }
  void settlement(const SettlementId& id) {
    if (const auto* row = need(settlement_key(id))) groups(SettlementRow::decode(*row).groups);
  }
  void disbursement(const DisbursementId& id) {
    if (const auto* row = need(disbursement_key(id))) {
      settlement(DisbursementRow::decode(*row).settlement);
    }
  }
  void corrected(std::uint64_t index) {
    const auto* row = need(correctable_key(index));
    if (!row) return;
    for (const auto& each : CorrectableRow::decode(*row).postings) posting(each);
  }
  const std::string* need(std::string_view key) {
    const auto* row = state_.find(key);
    if (!row) known_ = false;
    return row;
  }

  const StateSource& state_;
  VoucherBlocks blocks_;
  std::set<RegionCode> regions_;
  bool known_ = true;
};

}  // namespace

std::optional<std::set<RegionCode>> regions_of(const StateSource& state, const Document& document,
                                               const std::vector<Posting>& postings) {
  if (concerns_everybody(document)) return std::nullopt;
  Collector collector(state);
  std::visit([&](const auto& d) { collector.document(d); }, document);
  for (const auto& posting : postings) collector.posting(posting);
  return collector.take();
}

bool concerns_everybody(const Document& document) {
  return std::holds_alternative<LedgerOpening>(document) ||
         std::holds_alternative<FundRegistration>(document) ||
         std::holds_alternative<PolicyRegistration>(document);
}

}  // namespace fundtrail::rules
