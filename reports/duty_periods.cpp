#include "reports/duty_periods.h"

#include <algorithm>

#include "ledger/core/work_calendar.h"

namespace fundtrail::reports {

Days period_around(DutyPeriod every, Date day) {
  if (every == DutyPeriod::week) {
    const int weekday = ((day.days() + 3) % 7 + 7) % 7;  // 0: Monday; 1970-01-01 was a Thursday
    return {day + -weekday, day + (6 - weekday)};
  }
  const Month first = cycle_start(every == DutyPeriod::quarter ? Cycle::quarter : Cycle::month,
                                  Month::of(day));
  return {first.first_day(), first.plus(every == DutyPeriod::quarter ? 2 : 0).last_day()};
}

const Policy* version_on(const Versions& versions, Date day) {
  const Policy* found = nullptr;
  for (const auto& [number, policy] : versions) {
    if (policy.in_force_from <= day) found = &policy;
  }
  return found && found->in_force_on(day) ? found : nullptr;
}

const Duty* duty_of(const Policy& policy, const Code& id) {
  const auto& duties = items(policy.duties);
  const auto found =
      std::find_if(duties.begin(), duties.end(), [&](const Duty& duty) { return duty.id == id; });
  return found == duties.end() ? nullptr : &*found;
}

std::vector<Days> periods_owed(const Versions& versions, const Code& duty, Date from, Date as_of) {
  std::vector<Days> owed;
  Date day = std::max(from, versions.begin()->second.in_force_from);
  const Date first = day;
  while (day <= as_of) {
    const Policy* policy = version_on(versions, day);
    const Duty* terms = policy ? duty_of(*policy, duty) : nullptr;
    if (!terms || !terms->every) {
      day = day + 1;
      continue;
    }
    const Days period = period_around(*terms->every, day);
    const Policy* at_end = version_on(versions, period.to);
    const Duty* then = at_end ? duty_of(*at_end, duty) : nullptr;
    if (first <= period.from && period.to <= as_of && then && then->kind == DutyKind::recurring &&
        then->every == terms->every) {
      owed.push_back(period);
    }
    day = period.to + 1;
  }
  return owed;
}

}  // namespace fundtrail::reports
