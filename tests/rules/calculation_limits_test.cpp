// What a calculation refuses: paying twice what is given once, taking back what stays due, and money
// of the wrong funds, contracts and regions.
#include <catch2/catch.hpp>

#include "ledger/core/accounts.h"
#include "tests/rules/homecare_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

Json once() {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["cycle"] = "once";
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  return policy;
}
Ask died(int n, const std::string& on) {
  return {"reg.registrar", "2025-07-02", "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'" + on +
              "','evidence':'e','reason':'death'}"};
}
// Of the 30 days of April and the 31 of May.
const CalculationLine kApril{11, "900.00", "540.00", "360.00", "60.00"};
CalculationLine in(CalculationLine line, const std::string& period) {
  line.period = period;
  return line;
}

}  // namespace

TEST_CASE("what is given once is given once: not twice by one document, nor for two months") {
  Books b = homecare(once());
  const CalculationLine may{11, "930.00", "558.00", "372.00", "62.00"};
  CHECK(b.ask(calculate("2025-05-01", "2025-05", {may, in(kApril, "2025-04")})) ==
        "duplicate-line");
  CHECK(b.ask(calculate("2025-05-01", "2025-05", {in(kApril, "2025-04")})) == "invalid-value");
  must(b, calculate("2025-05-01", "2025-05", {may}));
  CHECK(b.ask(calculate("2025-05-02", "2025-04", {kApril})) == "amount-mismatch");
  CHECK(b.refusal().detail == "0.00");
}

TEST_CASE("what was given once is judged by the month in which it was given") {
  Books b = homecare(once());
  must(b, calculate("2025-04-01", "2025-04", {kApril}));
  const CalculationLine back{11, "-900.00", "-540.00", "-360.00", "0.00"};
  const CalculationLine other{13, "930.00", "558.00", "372.00", "62.00"};
  SECTION("it is not taken back from somebody who dies later") {
    must(b, died(11, "2025-05-10"));
    CHECK(b.ask(calculate("2025-07-03", "2025-07", {other, back})) == "amount-mismatch");
  }
  SECTION("it is taken back from somebody who was dead") {
    must(b, died(11, "2025-03-31"));
    must(b, calculate("2025-07-03", "2025-07",
                      {{13, "930.00", "558.00", "372.00", "62.00"}, back}));
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "558.00");
    // And not again.
    CHECK(b.ask(calculate("2025-07-03", "2025-08",
                          {{12, "697.50", "418.50", "279.00", "46.50"}, back})) ==
          "amount-mismatch");
  }
  CHECK(b.replay().rows == b.state().rows);
}
