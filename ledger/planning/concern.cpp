#include "ledger/planning/concern.h"

#include <algorithm>

#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/person.h"

namespace fundtrail::planning {

Concern::Concern(const store::Snapshot& snapshot, const Run& run)
    : programme_(run.programme), first_(run.from.first_day()), last_(run.last().last_day()) {
  each_row_under(snapshot, "a", [&](std::string_view, std::string_view row) {
    const auto open = rules::open_application(row);
    if (open && open->programme == programme_) applicants_.push_back(open->person);
  });
  std::sort(applicants_.begin(), applicants_.end());
}

Concern::Kind Concern::kind_of(Reason why) {
  switch (why) {
    case Reason::not_yet_entitled:
    case Reason::paid_before:
    case Reason::entitlement_ended:
    case Reason::policy_closed:
    case Reason::policy_not_in_force:
      return Kind::over;
    case Reason::under_age:
    case Reason::over_age:
    case Reason::category_not_eligible:
    case Reason::care_level_not_eligible:
    case Reason::condition_not_met:
    case Reason::channel_not_voucher:
    case Reason::not_granted:
      return Kind::not_let_in;
    case Reason::exclusive_scheme:
      return Kind::elsewhere;
    default:
      return Kind::other;
  }
}

bool Concern::granted(const rules::StateSource& state, Pseudonym person) const {
  const auto grants = rules::grants_of(state, person);
  return std::any_of(grants.begin(), grants.end(), [&](const rules::Grant& grant) {
    return grant.programme == programme_ && grant.from <= last_ &&
           (!grant.to || (grant.from <= *grant.to && first_ <= *grant.to));
  });
}

bool Concern::applied(Pseudonym person) const {
  return std::binary_search(applicants_.begin(), applicants_.end(), person);
}

}  // namespace fundtrail::planning
