// Working days, and the cycles that entitlements are calculated in. Pure functions; a calendar is
// part of a policy (ledger/core/approval_terms.h), because holidays are decreed year by year.
#pragma once

#include <cstdint>

#include "ledger/core/approval_terms.h"
#include "ledger/core/date.h"

namespace fundtrail {

// Without a calendar, Monday to Friday.
bool is_working_day(const WorkCalendar* calendar, Date date);
// The n-th working day after `date`; `date` itself is not counted. 0: `date`.
// Never later than 2999-12-31, where dates end.
Date working_days_after(const WorkCalendar* calendar, Date date, std::uint64_t n);
// Working days in (after, until]; 0 when `until` is not later.
std::uint64_t working_days_between(const WorkCalendar* calendar, Date after, Date until);
// Whether the calendar says anything about the date; otherwise only weekends are known.
bool covers(const WorkCalendar* calendar, Date date);

// The first month of the cycle that a month lies in: 2025-05 of quarters is 2025-04. `once` and
// `month`: the month itself.
Month cycle_start(Cycle cycle, Month month);
// 1, 3, 12; `once`: 1.
int months_in(Cycle cycle);
// The first day from which an event counts: same_day; the first of its month (same_month), of the
// next month, of the next quarter.
Date effective_day(StartRule rule, Date event);

}  // namespace fundtrail
