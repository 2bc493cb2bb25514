#include "ledger/planning/grouping.h"

#include <algorithm>

#include "ledger/planning/planners.h"

namespace fundtrail::planning {
namespace {

// A document under way, with what it pays from each fund so far.
struct Draft {
  EntitlementCalculation document;
  std::map<FundId, Money> paid;

  void add(CalculatedEntitlement&& line) {
    for (std::size_t i = 0; i < line.shares.size(); ++i) {
      paid[document.funds[i].fund] += line.shares[i];
    }
    document.lines.push_back(std::move(line));
  }
  bool has_room_for(const CalculatedEntitlement& line) const {
    if (document.lines.size() >= kMaxLines) return false;
    auto after = paid;
    for (std::size_t i = 0; i < line.shares.size(); ++i) {
      after[document.funds[i].fund] += line.shares[i];
    }
    return std::none_of(after.begin(), after.end(),
                        [](const auto& fund) { return fund.second.is_negative(); });
  }
};

bool takes_back(const CalculatedEntitlement& line) {
  return std::any_of(line.shares.begin(), line.shares.end(),
                     [](const Money& share) { return share.is_negative(); });
}

// The funds that bear the parts of a region, in the order of the policy's parts; nothing, and an
// exception, when the run names no fund for one of them.
std::optional<std::vector<ShareFund>> funds_of(const Run& run, const rules::EntitlementRules& rules,
                                               const RegionCode& region, Exceptions& exceptions) {
  std::vector<ShareFund> funds;
  for (const auto& level : rules.levels(region)) {
    const auto fund = std::find_if(run.funds.begin(), run.funds.end(),
                                   [&](const ShareFund& f) { return f.level == level; });
    if (fund == run.funds.end()) {
      exceptions.add({{}, region, run.from,
                      {Reason::missing_field, "funds", "fund " + level.str() + "=", {}, {}}});
      return std::nullopt;
    }
    funds.push_back(*fund);
  }
  return funds;
}

// What goes back of each share, to the funds that bore it.
std::vector<std::pair<ShareFund, Money>> shares_back(const Draft& draft, const GroupedLine& back) {
  std::vector<std::pair<ShareFund, Money>> shares;
  const auto& line = back.line;
  for (std::size_t i = 0; i < line.shares.size(); ++i) {
    Money left = Money() - line.shares[i];
    for (const auto& borne : back.borne) {
      if (borne.level != i || !left.is_positive()) continue;
      const Money part = std::min(left, borne.amount);
      if (!part.is_positive()) continue;
      ShareFund fund = draft.document.funds[i];
      if (!borne.fund.empty()) fund.fund = borne.fund;
      shares.emplace_back(std::move(fund), part);
      left -= part;
    }
  }
  return shares;
}

// Whether the document's own funds bore all that the line takes back.
bool bore(const Draft& draft, const GroupedLine& back) {
  const auto shares = shares_back(draft, back);
  return std::all_of(shares.begin(), shares.end(), [&](const auto& share) {
    const auto& funds = draft.document.funds;
    return std::any_of(funds.begin(), funds.end(), [&](const ShareFund& own) {
      return own.level == share.first.level && own.fund == share.first.fund;
    });
  });
}

Recovery recovery_of(const Run& run, const Draft& draft, const GroupedLine& back) {
  const CalculatedEntitlement& line = back.line;
  Recovery recovery;
  const auto& document = draft.document;
  recovery.subject = line.beneficiary ? line.beneficiary->str() : document.payee.str();
  recovery.region = document.region;
  recovery.payee = document.payee;
  recovery.period = line.period.value_or(run.from);
  recovery.given = back.given;
  recovery.shares = shares_back(draft, back);
  for (const auto& [fund, amount] : recovery.shares) recovery.amount += amount;
  return recovery;
}

Sum sum_of(const EntitlementCalculation& document) {
  Sum sum;
  sum.documents = 1;
  sum.lines = document.lines.size();
  for (const auto& line : document.lines) {
    sum.amount += line.amount;
    if (line.period) sum.earlier += line.amount;
  }
  return sum;
}

}  // namespace

void Groups::add(std::vector<GroupedLine>&& lines) {
  for (auto& line : lines) {
    Group& group = groups_[{line.region, line.payee}];
    if (takes_back(line.line)) {
      group.back.push_back(std::move(line));
    } else {
      group.due.push_back(std::move(line.line));
    }
  }
}

void Groups::into_documents(const Run& run, const rules::EntitlementRules& rules,
                            Reductions& reductions, Plan& plan) && {
  for (auto& [at, group] : groups_) {
    Draft empty;
    auto funds = funds_of(run, rules, at.first, plan.exceptions);
    if (!funds) continue;
    empty.document.funds = std::move(*funds);
    empty.document.payee = at.second;
    empty.document.period = run.from;
    empty.document.programme = run.programme;
    empty.document.region = at.first;
    // As many documents as all lines need, so that each has room for what is taken back.
    const std::size_t lines = group.due.size() + group.back.size();
    const std::size_t documents = (lines + kMaxLines - 1) / kMaxLines;
    const std::size_t per_document = (group.due.size() + documents - 1) / documents;
    std::vector<Draft> drafts;
    for (auto& line : group.due) {
      if (drafts.empty() || drafts.back().document.lines.size() == per_document) {
        drafts.push_back(empty);
      }
      drafts.back().add(std::move(line));
    }
    for (auto& back : group.back) {
      const auto draft = !bore(empty, back)
                             ? drafts.end()
                             : std::find_if(drafts.begin(), drafts.end(), [&](const Draft& d) {
                                 return d.has_room_for(back.line);
                               });
      Recovery recovery = recovery_of(run, empty, back);
      if (draft != drafts.end()) {
        recovery.treatment = Treatment::offset;
        draft->add(std::move(back.line));
      } else if (reductions.take(recovery, back.line.beneficiary)) {
        recovery.treatment = Treatment::lowered;
        for (const auto& share : back.line.shares) {
          if (share.is_positive()) plan.follows += share;
        }
      }
      plan.recoveries.push_back(std::move(recovery));
    }
    for (auto& done : drafts) {
      PlannedDocument planned;
      planned.region = at.first;
      planned.payee = at.second;
      planned.sum = sum_of(done.document);
      planned.command = command_of(run, std::move(done.document));
      plan.documents.push_back(std::move(planned));
    }
  }
  groups_.clear();
  reductions.into_documents(plan);
}

}  // namespace fundtrail::planning
