// The periods in which duties fall due, and the versions of a policy that impose them. Private to
// reports/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/core/policy.h"

namespace fundtrail::reports {

struct Days {
  Date from;
  Date to;
  friend auto operator<=>(const Days&, const Days&) = default;
};

// The week (from Monday), month or quarter that a day lies in.
Days period_around(DutyPeriod every, Date day);

// The versions of one policy, by number.
using Versions = std::map<std::uint64_t, Policy>;
// The version in force on a day; nothing before the first and after the end.
const Policy* version_on(const Versions& versions, Date day);

// Periods of a duty that are over: they begin in force and not before `from`, end by `as_of`, and the
// version in force on their last day imposes the duty, as one that recurs.
std::vector<Days> periods_owed(const Versions& versions, const Code& duty, Date from, Date as_of);

const Duty* duty_of(const Policy& policy, const Code& id);

}  // namespace fundtrail::reports
