// Working days and cycles, against a calendar that is walked day by day, and to the day against the
// worked limits of HC-SLA-1 and HC-SLA-2.
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <random>

#include "ledger/core/work_calendar.h"

using namespace fundtrail;

namespace {

Date day(const char* text) {
  const auto date = Date::parse(text);
  REQUIRE(date);
  return *date;
}
std::vector<Date> days(std::initializer_list<const char*> texts) {
  std::vector<Date> result;
  for (const auto* text : texts) result.push_back(day(text));
  return result;
}

// 国办发明电〔2024〕12号: 2025.
WorkCalendar of_2025() {
  WorkCalendar c;
  c.from = day("2025-01-01");
  c.to = day("2025-12-31");
  c.holidays = days({"2025-01-01", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31",
                     "2025-02-01", "2025-02-02", "2025-02-03", "2025-02-04", "2025-04-04",
                     "2025-04-05", "2025-04-06", "2025-05-01", "2025-05-02", "2025-05-03",
                     "2025-05-04", "2025-05-05", "2025-05-31", "2025-06-01", "2025-06-02",
                     "2025-10-01", "2025-10-02", "2025-10-03", "2025-10-04", "2025-10-05",
                     "2025-10-06", "2025-10-07", "2025-10-08"});
  c.workdays = days({"2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"});
  return c;
}

bool listed(const std::vector<Date>& list, Date date) {
  return std::find(list.begin(), list.end(), date) != list.end();
}
bool naive(const WorkCalendar* c, Date date) {
  const std::chrono::sys_days at{std::chrono::days(date.days())};
  const unsigned weekday = std::chrono::weekday(at).iso_encoding();
  const bool known = c && !(date < c->from) && !(c->to < date);
  if (known && listed(c->workdays, date)) return true;
  if (known && listed(c->holidays, date)) return false;
  return weekday <= 5;
}

}  // namespace

TEST_CASE("a working day is what the calendar says, and Monday to Friday where it says nothing") {
  const WorkCalendar calendar = of_2025();
  for (Date date = day("1968-12-25"); date < day("1971-01-10"); date = date + 1) {
    CHECK(is_working_day(nullptr, date) == naive(nullptr, date));
  }
  for (Date date = day("2024-12-20"); date < day("2026-01-12"); date = date + 1) {
    INFO(date.str());
    CHECK(is_working_day(&calendar, date) == naive(&calendar, date));
    CHECK(is_working_day(nullptr, date) == naive(nullptr, date));
    CHECK(covers(&calendar, date) == (date.year() == 2025));
    CHECK(!covers(nullptr, date));
  }
  CHECK(is_working_day(&calendar, day("2025-02-08")));   // a Saturday that is worked
  CHECK(!is_working_day(&calendar, day("2025-04-04")));  // 清明, a Friday
}

TEST_CASE("days beyond the calendar's own period are not its business") {
  WorkCalendar calendar = of_2025();
  calendar.to = day("2025-04-03");
  CHECK(is_working_day(&calendar, day("2025-04-04")));   // listed, but not covered
  CHECK(!is_working_day(&calendar, day("2025-04-27")));
}

TEST_CASE("counting forward and counting between agree with a walk from day to day") {
  const WorkCalendar calendar = of_2025();
  std::mt19937 random(20250404);
  for (int round = 0; round < 2000; ++round) {
    const WorkCalendar* c = random() % 4 == 0 ? nullptr : &calendar;
    const Date start = day("2024-12-15") + static_cast<std::int32_t>(random() % 400);
    const std::uint64_t n = random() % 40;
    Date expected = start;
    for (std::uint64_t left = n; left > 0;) {
      expected = expected + 1;
      if (naive(c, expected)) --left;
    }
    INFO(start.str() << " + " << n);
    CHECK(working_days_after(c, start, n) == expected);
    CHECK(working_days_between(c, start, expected) == n);
    if (n > 0) CHECK(working_days_between(c, start, expected + -1) == n - 1);
  }
  CHECK(working_days_between(&calendar, day("2025-03-05"), day("2025-03-05")) == 0);
  CHECK(working_days_between(&calendar, day("2025-03-05"), day("2025-03-03")) == 0);
}

TEST_CASE("a limit that no calendar reaches ends with the calendar") {
  CHECK(working_days_after(nullptr, day("2025-01-01"), 9'007'199'254'740'991u) ==
        day("2999-12-31"));
}

TEST_CASE("HC-SLA-1 and HC-SLA-2 to the day, with the holiday table and without it") {
  const WorkCalendar calendar = of_2025();
  struct Row {
    const char* from;
    std::uint64_t limit;
    const char* with_table;
    const char* without;
  };
  const Row rows[] = {
      {"2025-02-10", 3, "2025-02-13", "2025-02-13"},   // visit
      {"2025-02-18", 10, "2025-03-04", "2025-03-04"},  // street review, after the notice
      {"2025-03-04", 10, "2025-03-18", "2025-03-18"},  // approval
      {"2025-03-03", 3, "2025-03-06", "2025-03-06"},
      {"2025-03-11", 10, "2025-03-25", "2025-03-25"},
      {"2025-03-25", 10, "2025-04-09", "2025-04-08"},  // 清明 costs a day
  };
  for (const auto& row : rows) {
    INFO(row.from << " + " << row.limit);
    CHECK(working_days_after(&calendar, day(row.from), row.limit) == day(row.with_table));
    CHECK(working_days_after(nullptr, day(row.from), row.limit) == day(row.without));
  }
  CHECK(effective_day(StartRule::next_quarter, day("2025-03-18")) == day("2025-04-01"));
  CHECK(effective_day(StartRule::next_quarter, day("2025-04-09")) == day("2025-07-01"));
}

TEST_CASE("cycles begin in January, and quarters have 90, 91 or 92 days") {
  const Month month = *Month::parse("2025-05");
  CHECK(cycle_start(Cycle::month, month).str() == "2025-05");
  CHECK(cycle_start(Cycle::once, month).str() == "2025-05");
  CHECK(cycle_start(Cycle::quarter, month).str() == "2025-04");
  CHECK(cycle_start(Cycle::year, month).str() == "2025-01");
  CHECK(months_in(Cycle::once) == 1);
  const int lengths[][4] = {{91, 91, 92, 92}, {90, 91, 92, 92}};  // 2024, 2025
  for (int year = 2024; year <= 2025; ++year) {
    for (int m = 0; m < 12; ++m) {
      const Month at = Month::from_ordinal(year * 12 + m);
      const Month start = cycle_start(Cycle::quarter, at);
      CHECK(start.ordinal() == year * 12 + m / 3 * 3);
      const Date next = start.plus(months_in(Cycle::quarter)).first_day();
      CHECK(next - start.first_day() == lengths[year - 2024][m / 3]);
      CHECK(cycle_start(Cycle::year, at).ordinal() == year * 12);
    }
  }
}

TEST_CASE("an event counts from the same day, the first of its month, the next month or quarter") {
  struct Row {
    const char* event;
    const char* same_month;
    const char* next_month;
    const char* next_quarter;
  };
  const Row rows[] = {
      {"2024-02-29", "2024-02-01", "2024-03-01", "2024-04-01"},
      {"2025-03-31", "2025-03-01", "2025-04-01", "2025-04-01"},
      {"2025-04-01", "2025-04-01", "2025-05-01", "2025-07-01"},
      {"2025-12-31", "2025-12-01", "2026-01-01", "2026-01-01"},
  };
  for (const auto& row : rows) {
    INFO(row.event);
    const Date event = day(row.event);
    CHECK(effective_day(StartRule::same_day, event) == event);
    CHECK(effective_day(StartRule::next_day, event) == event + 1);
    CHECK(effective_day(StartRule::same_month, event) == day(row.same_month));
    CHECK(effective_day(StartRule::next_month, event) == day(row.next_month));
    CHECK(effective_day(StartRule::next_quarter, event) == day(row.next_quarter));
  }
}
