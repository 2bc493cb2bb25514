#include "ledger/planning/reductions.h"

#include <algorithm>

#include "ledger/planning/claims.h"
#include "ledger/planning/planners.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/rows.h"

namespace fundtrail::planning {

void Reductions::read() {
  read_ = true;
  const SnapshotState state(snapshot_);
  const std::size_t kind = Document(EntitlementCalculation()).index();
  auto claims = open_claims(snapshot_, run_);
  std::reverse(claims.begin(), claims.end());
  for (const auto& [entry, row] : claims) {
    if (row.groups[0].at.programme != run_.programme) continue;
    if (rules::find_entry_kind(state, entry) != kind) continue;
    Calculation calculation;
    calculation.entry = entry;
    for (const auto& group : row.groups) calculation.left[group.at.fund] += group.amount;
    calculations_[{row.groups[0].at.region, row.provider}].push_back(std::move(calculation));
  }
}

bool Reductions::take(const Recovery& recovery, const std::optional<Pseudonym>& beneficiary) {
  if (!read_) read();
  const auto found = calculations_.find({recovery.region, recovery.payee});
  if (found == calculations_.end()) return false;
  auto& calculations = found->second;
  std::map<FundId, Money> missing;
  for (const auto& [fund, amount] : recovery.shares) missing[fund.fund] += amount;
  for (const auto& calculation : calculations) {
    for (const auto& [fund, left] : calculation.left) {
      const auto of_fund = missing.find(fund);
      if (of_fund != missing.end()) of_fund->second -= left;
    }
  }
  if (std::any_of(missing.begin(), missing.end(),
                  [](const auto& fund) { return fund.second.is_positive(); })) {
    return false;
  }
  for (const auto& [fund, amount] : recovery.shares) {
    Money open = amount;
    for (auto& calculation : calculations) {
      const auto left = calculation.left.find(fund.fund);
      if (left == calculation.left.end()) continue;
      const Money part = std::min(open, left->second);
      if (!part.is_positive()) continue;
      calculation.lines.push_back({part, beneficiary, fund.fund, fund.level, recovery.period});
      left->second -= part;
      open -= part;
    }
  }
  return true;
}

void Reductions::into_documents(Plan& plan) {
  for (auto& [payee, calculations] : calculations_) {
    std::reverse(calculations.begin(), calculations.end());
    for (auto& calculation : calculations) {
      for (std::size_t from = 0; from < calculation.lines.size(); from += kMaxLines) {
        const std::size_t to = std::min(from + kMaxLines, calculation.lines.size());
        CalculationReduction d;
        d.calculation = calculation.entry;
        d.period = run_.from;
        d.reason = *Text::parse("此前多算，付款前调减");
        PlannedDocument planned;
        planned.region = payee.first;
        planned.payee = payee.second;
        planned.sum.documents = 1;
        planned.sum.lines = to - from;
        for (std::size_t i = from; i < to; ++i) {
          const auto& line = calculation.lines[i];
          planned.sum.amount -= line.amount;
          if (line.period != run_.from) planned.sum.earlier -= line.amount;
          d.lines.push_back(line);
        }
        planned.command = command_of(run_, std::move(d));
        plan.documents.push_back(std::move(planned));
      }
    }
  }
  calculations_.clear();
}

}  // namespace fundtrail::planning
