// The figures of the law that an inspector is shown, against fixtures/worked-cases.csv.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "audit/legal_figures.h"

using namespace fundtrail;
using namespace fundtrail::audit;

namespace {

std::string worked(const std::string& name) {
  std::ifstream file(SOURCE_DIR "/fixtures/worked-cases.csv");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ",", 0) == 0) return line;
  }
  FAIL("no case " << name);
  return {};
}
bool says(const std::string& name, const Money& amount) {
  return worked(name).find(amount.grouped()) != std::string::npos;
}
Money yuan(const char* text) { return *Money::parse(text); }
Date day(const char* text) { return *Date::parse(text); }

}  // namespace

TEST_CASE("LATE-INT: 30 days after delivery, then 0.05 % a day") {
  const auto late = late_payment(yuan("100000.00"), day("2025-04-01"), day("2025-06-15"));
  CHECK(late.due == day("2025-05-01"));
  CHECK(late.days_late == 45);
  CHECK(late.interest == yuan("2250.00"));
  CHECK(says("LATE-INT", late.interest));
  CHECK(late_payment(yuan("100000.00"), day("2025-04-01"), day("2025-05-01")).interest.is_zero());
  CHECK(late_payment(yuan("100000.00"), day("2025-04-01"), day("2025-05-02")).interest ==
        yuan("50.00"));
}

TEST_CASE("YZ-MATCH: at least as much as the pilot fund, to the fen") {
  CounterpartTerms terms;
  const Money pilot = yuan("1000000.00");
  CHECK(counterpart_short(terms, pilot, Money()).is_zero());
  terms.ratio_percent = 100;
  CHECK(counterpart_short(terms, pilot, yuan("999999.99")) == yuan("0.01"));
  CHECK(counterpart_short(terms, pilot, yuan("1000000.00")).is_zero());
  CHECK(counterpart_short(terms, pilot, yuan("1000000.01")).is_zero());
  CHECK(worked("YZ-MATCH").find("999,999.99 FAIL; 1,000,000.00 PASS; 1,000,000.01 PASS") !=
        std::string::npos);
}

TEST_CASE("FINE-14, FINE-68: ranges, for display only") {
  const auto unit = unit_fine(yuan("48000.00"));
  CHECK(says("FINE-14", unit.from));
  CHECK(says("FINE-14", unit.to));
  CHECK(unit.to == yuan("24000.00"));
  CHECK(worked("FINE-14").find("3,000–50,000") != std::string::npos);
  CHECK(responsible_person_fine().from == yuan("3000.00"));
  CHECK(responsible_person_fine().to == yuan("50000.00"));
  const auto person = assistance_fine(yuan("7900.00"));
  CHECK(says("FINE-68", person.from));
  CHECK(says("FINE-68", person.to));
  CHECK(person.to == yuan("23700.00"));
}
