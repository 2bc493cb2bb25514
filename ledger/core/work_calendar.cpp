#include "ledger/core/work_calendar.h"

#include <algorithm>

#include "ledger/core/check.h"

namespace fundtrail {
namespace {

bool is_weekend(Date date) {
  const std::int32_t from_thursday = (date.days() % 7 + 7) % 7;  // 1970-01-01 was a Thursday
  return from_thursday == 2 || from_thursday == 3;
}

bool names(const std::vector<Date>& days, Date date) {
  return std::binary_search(days.begin(), days.end(), date);
}

// No limit reaches beyond the years that dates are written in; a policy that names an absurd number
// of days must not keep the writer counting for ever.
const Date kLastDay = Date::from_ymd(2999, 12, 31).value();

}  // namespace

bool covers(const WorkCalendar* calendar, Date date) {
  return calendar && calendar->from <= date && date <= calendar->to;
}

bool is_working_day(const WorkCalendar* calendar, Date date) {
  if (!covers(calendar, date)) return !is_weekend(date);
  if (names(calendar->workdays, date)) return true;
  return !is_weekend(date) && !names(calendar->holidays, date);
}

Date working_days_after(const WorkCalendar* calendar, Date date, std::uint64_t n) {
  while (n > 0 && date < kLastDay) {
    date = date + 1;
    if (is_working_day(calendar, date)) --n;
  }
  return date;
}

std::uint64_t working_days_between(const WorkCalendar* calendar, Date after, Date until) {
  std::uint64_t days = 0;
  for (Date date = after + 1; date <= until; date = date + 1) {
    if (is_working_day(calendar, date)) ++days;
  }
  return days;
}

int months_in(Cycle cycle) {
  switch (cycle) {
    case Cycle::month:
    case Cycle::once: return 1;
    case Cycle::quarter: return 3;
    case Cycle::year: return 12;
  }
  FT_CHECK(false);
}

Month cycle_start(Cycle cycle, Month month) {
  const int months = months_in(cycle);
  const int into = month.ordinal() % months;
  return month.plus(into < 0 ? -into - months : -into);
}

Date effective_day(StartRule rule, Date event) {
  const Month month = Month::of(event);
  switch (rule) {
    case StartRule::same_day: return event;
    case StartRule::next_day: return event + 1;
    case StartRule::same_month: return month.first_day();
    case StartRule::next_month: return month.plus(1).first_day();
    case StartRule::next_quarter: return cycle_start(Cycle::quarter, month).plus(3).first_day();
  }
  FT_CHECK(false);
}

}  // namespace fundtrail
