// Settlements of what is in none yet.
#include <map>

#include "ledger/planning/claims.h"
#include "ledger/planning/plan.h"
#include "ledger/planning/planners.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/rows.h"
#include "ledger/store/layout.h"

namespace fundtrail::planning {
namespace {

// What one payee has coming: entry numbers, ascending, and their sum.
struct Claims {
  std::vector<std::uint64_t> entries;
  Money total;
};

SettlementId free_id(const rules::StateSource& state, const Run& run, const ProviderId& payee) {
  const std::string stem = run.programme.str().substr(0, 20) + "-" + run.from.str() + "-" +
                           payee.str().substr(0, 24);
  for (int again = 1;; ++again) {
    const auto id = SettlementId::parse(again == 1 ? stem : stem + "." + std::to_string(again));
    FT_CHECK(id.has_value());
    if (!state.find(rules::settlement_key(*id))) return *id;
  }
}

Plan plan_all(const View& view, const Run& run) {
  SnapshotState state(view.raw());
  const std::size_t redeemed = Document(Redemption()).index();
  std::map<std::pair<ProviderId, bool>, Claims> claims;
  for (const auto& [index, row] : open_claims(view.raw(), run)) {
    const bool redemption = rules::find_entry_kind(state, index) == redeemed;
    if (redemption && run.last().last_day() < row.date) continue;
    Claims& of_payee = claims[{row.provider, redemption}];
    of_payee.entries.push_back(index);
    for (const auto& group : row.groups) of_payee.total += group.amount;
  }
  // Vouchers that are issued ahead may follow a version that has not begun yet; what is settled by then does not.
  const rules::PolicyVersions versions(state, run.policy);
  const Policy* begun = versions.begun_by(run.date);
  const bool ahead = !versions.empty() && run.date < versions.named().in_force_from;
  Plan plan;
  for (auto& [at, due] : claims) {
    if (!due.total.is_positive()) continue;
    SettlementPreparation d;
    d.provider = at.first;
    d.settlement = free_id(state, run, at.first);
    d.total = due.total;
    PlannedDocument planned;
    planned.sum.documents = 1;
    planned.sum.lines = due.entries.size();
    planned.sum.amount = due.total;
    if (at.second) {
      d.redemptions = std::move(due.entries);
    } else {
      d.basis = SettlementBasis::entitlements;
      d.calculations = std::move(due.entries);
    }
    planned.command = command_of(run, std::move(d));
    if (ahead) planned.command.policy = begun ? std::optional(begun->ref()) : std::nullopt;
    plan.all.add(planned.sum);
    plan.documents.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace

Result<Plan> plan_settlements(const View& view, const Run& run) {
  const auto current = store::need_current_state(view.raw());
  if (!current.ok()) return current.error();
  try {
    return plan_all(view, run);
  } catch (const rules::StateUnreadable& unreadable) {
    return unreadable.error;
  }
}

}  // namespace fundtrail::planning
