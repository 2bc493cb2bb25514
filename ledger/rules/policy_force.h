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

// The version that a month's vouchers follow, on whatever day they are issued: the one that is in force, or
// still serves, on the first day of the month; where there is none, the first that begins within it. `known`:
// any version of the policy.
std::optional<PolicyRef> version_of_month(const StateSource& state, const PolicyRef& known, Month month);

// Days from which on nobody new is let in to a programme, and the last one before them: those after the policy's end, or
// under a later version that has the programme no more, until a version lets people in again.
struct ClosedDays {
  Date from;
  std::optional<Date> to;  // nothing: for ever
  bool hold(Date day) const { return from <= day && (!to || day <= *to); }
};
std::vector<ClosedDays> closed_days(const StateSource& state, const Policy& policy, const ProgrammeId& programme);

// The policy that a recovery names, or the one under which the money was allotted last.
std::optional<PolicyRef> policy_of_recovery(const StateSource& state, const std::optional<PolicyRef>& named,
                                            const RecoveryDecision& d);

}  // namespace fundtrail::rules
