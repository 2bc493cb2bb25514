// HC-20, HC-21: what was missed and which complaints call for action, to the day.
#include <catch2/catch.hpp>

#include "reports/duty_periods.h"
#include "reports/reports.h"
#include "tests/reports/sample_duties.h"
#include "tests/reports/sample_year.h"

using namespace fundtrail;
using namespace fundtrail::reports;
using tests::day;

namespace {

std::string text_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* label = std::get_if<Label>(&cell)) return label->code;
  if (const auto* date = std::get_if<Date>(&cell)) return date->str();
  if (const auto* count = std::get_if<std::uint64_t>(&cell)) return std::to_string(*count);
  return "";
}
std::vector<std::string> rows_of(const Report& report, const std::string& key) {
  std::vector<std::string> rows;
  for (const auto& section : report.sections) {
    if (section.key != key) continue;
    for (const auto& row : section.rows) {
      std::string text;
      for (const auto& cell : row.cells) text += (text.empty() ? "" : " ") + text_of(cell);
      rows.push_back(text);
    }
  }
  return rows;
}
Report made(std::optional<Date> as_of) {
  const auto view = tests::sample_duties();
  Request request;
  request.name = "duties";
  request.as_of = as_of;
  auto report = make(*view, request);
  REQUIRE(report.ok());
  return std::move(report).value();
}

}  // namespace

TEST_CASE("[HC-21] a month without a visit of a street is missed, once the month is over") {
  CHECK(rows_of(made(day("2025-03-30")), "missed").empty());
  CHECK(rows_of(made(day("2025-03-31")), "missed") ==
        std::vector<std::string>{"hc visit 320412002 2025-03-01 2025-03-31"});
  const auto report = made(day("2025-06-30"));
  CHECK(rows_of(report, "missed") ==
        std::vector<std::string>{"hc report  2025-05-01 2025-05-31", "hc report  2025-06-01 2025-06-30",
                                 "hc spot 320412 2025-04-01 2025-06-30",
                                 "hc visit 320412002 2025-03-01 2025-03-31",
                                 "hc visit 320412002 2025-04-01 2025-04-30",
                                 "hc visit 320412002 2025-05-01 2025-05-31",
                                 "hc visit 320412001 2025-06-01 2025-06-30"});
  CHECK(rows_of(report, "summary") ==
        std::vector<std::string>{"hc report 3 1 2", "hc spot 1 0 1", "hc visit 10 6 4", "hc week 0 0 0"});
  REQUIRE(report.notes.size() == 1);  // no community is registered
}

TEST_CASE("[HC-20] three complaints in a calendar month, two unsatisfied in seven days, call for action") {
  CHECK(rows_of(made(day("2025-06-30")), "action") ==
        std::vector<std::string>{"hc complaint P1 w1 2025-05-01 2025-05-31 3 ",
                                 "hc satisfaction P1 w1 2025-02-01 2025-02-07 2 "});
  CHECK(rows_of(made(day("2025-05-30")), "action").size() == 1);
}

TEST_CASE("weeks begin on Monday, quarters in January") {
  CHECK(period_around(DutyPeriod::week, day("2025-01-05")) == Days{day("2024-12-30"), day("2025-01-05")});
  CHECK(period_around(DutyPeriod::week, day("2025-01-06")) == Days{day("2025-01-06"), day("2025-01-12")});
  CHECK(period_around(DutyPeriod::month, day("2024-02-29")) == Days{day("2024-02-01"), day("2024-02-29")});
  CHECK(period_around(DutyPeriod::quarter, day("2025-12-31")) == Days{day("2025-10-01"), day("2025-12-31")});
}
