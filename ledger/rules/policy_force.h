// Whether a command may name its policy on its day: a version is in force from its first day until
// its end, or until a newer version takes its place. An expired policy with a transition takes nobody
// new and serves those it took before (docs/POLICY.md, "Expiry and transition").
#pragma once

#include "ledger/rules/context.h"

namespace fundtrail::rules {

// Adds unknown_policy, policy_not_in_force or policy_closed.
void check_policy_named(Context& c);

// Whether a newer version of the policy is in force on a day.
bool replaced(const StateSource& state, const PolicyRef& ref, Date on);

// In force on a day, or still serving those it took before.
bool served_on(const Policy& policy, Date day);

// The last day of force, when the command names a policy that has expired and only serves those
// taken before: whoever came later is new.
std::optional<Date> closed_since(Context& c);

// The policy that a recovery names, or the one under which the money was allotted last.
std::optional<PolicyRef> policy_of_recovery(const StateSource& state, const std::optional<PolicyRef>& named,
                                            const RecoveryDecision& d);

}  // namespace fundtrail::rules
