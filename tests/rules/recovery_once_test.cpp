// What was given once in more than one period, and comes back after it was paid.
#include "tests/rules/reduction_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// Beds at 3,000.00 and awards of 30,000.00, 50,000.00 and 100,000.00, in one town.
Books giving_once() {
  Books b = homecare();
  Json policy = scheme("zhongxiang");
  policy["in_force_from"] = "2025-01-01";
  policy.erase("in_force_to");
  policy.erase("transition");
  auto& beds = policy["programmes"][1]["entitlement"];
  beds["cycle"] = "once";
  beds["tariff"] = Json::array({{{"id", "bed"}, {"title", "t"}, {"amount", "3000.00"}}});
  auto& awards = policy["programmes"][4]["entitlement"];
  awards.erase("max_total");
  awards["tariff"] = Json::array();
  for (const auto& [stars, amount] : {std::pair("3", "30000.00"), {"4", "50000.00"}, {"5", "100000.00"}}) {
    awards["tariff"].push_back({{"id", stars}, {"title", "t"}, {"rating", stars}, {"amount", amount}});
  }
  must(b, {kReg, "2024-01-01", "policy_registration", registration(policy)});
  must(b, {kPrep, "2025-01-01", "fund_receipt",
           "{'account':'a1','amount':'4000000.00','bank_reference':'r9','document_no':'d','fund':'f1',"
           "'source':'provincial'}"});
  for (const auto* programme : {"beds", "day_care"}) {
    must(b, {kPrep, "2025-01-01", "allotment",
             std::string("{'amount':'500000.00','document_no':'d2','from_counterpart':false,'fund':'f1',"
                         "'programme':'") + programme + "','region':'" + kTown + "'}",
             "", "zhongxiang@1"});
  }
  return b;
}

void assess(Books& b, const std::string& kind, const std::string& on, const std::string& effective,
            const std::string& what) {
  must(b, {kReg, on, "provider_assessment",
           "{'assessment':'" + kind + "','document_no':'n','effective':'" + effective +
               "','provider':'p1'," + what + "}"});
}

std::uint64_t give(Books& b, const std::string& programme, const std::string& period, const std::string& on,
                   const std::string& amount, const std::string& units) {
  return must(b, {kPrep, on, "entitlement_calculation",
                  "{'funds':[{'fund':'f1','level':'all'}],'payee':'p1','period':'" + period +
                      "','programme':'" + programme + "','region':'" + kTown + "'}",
                  "[{'amount':'" + amount + "','shares':['" + amount + "'],'units':'" + units + "'}]",
                  "zhongxiang@1"});
}

std::string recover(Books& b, const std::string& programme, const std::string& period,
                    const std::string& amount, const std::string& id = "v1",
                    const std::string& date = "2025-07-20") {
  return b.ask({kPrep, date, "recovery_decision",
                "{'amount':'" + amount + "','entitlement':{'level':'all','period':'" + period +
                    "'},'fund':'f1','programme':'" + programme + "','provider':'p1','reason':'r','recovery':'" +
                    id + "','region':'" + kTown + "'}",
                "", "zhongxiang@1"});
}

// What a run of July would bring; below zero: to be recovered.
std::string open(const Books& b, const std::string& programme) {
  const EntitlementRules rules(b.state(), *PolicyRef::parse("zhongxiang@1"), *ProgrammeId::parse(programme));
  return rules.of_provider(*ProviderId::parse("p1"), month("2025-07"), *RegionCode::parse(kTown),
                           day("2025-07-31")).difference().str();
}

void settle_both(Books& b, std::uint64_t first, std::uint64_t second, const std::string& total) {
  must(b, {kPrep, "2025-07-10", "settlement_preparation",
           "{'basis':'entitlements','calculations':[" + std::to_string(first) + "," + std::to_string(second) +
               "],'provider':'p1','redemptions':[],'settlement':'s1','total':'" + total + "'}"});
  pay_settled(b, total);
}

}  // namespace

TEST_CASE("beds of two periods, paid, of which one is too many: that one is recovered") {
  Books b = giving_once();
  assess(b, "verified_beds", "2025-03-10", "2025-03-10", "'value':'10.00'");
  const auto march = give(b, "beds", "2025-03", "2025-04-02", "30000.00", "10.00");
  assess(b, "verified_beds", "2025-04-10", "2025-04-10", "'value':'12.00'");
  const auto april = give(b, "beds", "2025-04", "2025-05-02", "6000.00", "12.00");
  settle_both(b, march, april, "36000.00");
  assess(b, "verified_beds", "2025-07-16", "2025-04-10", "'value':'11.00'");
  CHECK(open(b, "beds") == "-3000.00");
  CHECK(recover(b, "beds", "2025-04", "3000.01") == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 3000.00");
  CHECK(recover(b, "beds", "2025-02", "3000.00") == "amount-mismatch");  // nothing was given then
  CHECK(b.refusal().detail == "<= 0.00");
  CHECK(recover(b, "beds", "2025-04", "3000.00") == "ok");
  CHECK(open(b, "beds") == "0.00");
  CHECK(recover(b, "beds", "2025-03", "0.01", "v2") == "amount-mismatch");
  // Beds that are new afterwards are paid in full.
  assess(b, "verified_beds", "2025-07-25", "2025-07-25", "'value':'14.00'");
  CHECK(open(b, "beds") == "9000.00");
  check_replay(b);
}

TEST_CASE("a recovery that is dated before what was earned since takes nothing of it") {
  Books b = giving_once();
  SECTION("beds") {
    assess(b, "verified_beds", "2025-03-10", "2025-03-10", "'value':'10.00'");
    const auto march = give(b, "beds", "2025-03", "2025-04-02", "30000.00", "10.00");
    assess(b, "verified_beds", "2025-07-01", "2025-07-01", "'value':'30.00'");
    const auto july = give(b, "beds", "2025-07", "2025-07-02", "60000.00", "30.00");
    settle_both(b, march, july, "90000.00");
    for (const auto* period : {"2025-03", "2025-07"}) {
      CHECK(recover(b, "beds", period, "30000.00", "v1", "2025-06-20") == "date-too-early");
      CHECK(b.refusal().field == "date");
      CHECK(b.refusal().detail == "2025-07-01");
      CHECK(recover(b, "beds", period, "30000.00") == "amount-mismatch");
      CHECK(b.refusal().detail == "<= 0.00");
    }
    // What was too much on any day comes back on the day of today.
    assess(b, "verified_beds", "2025-07-16", "2025-07-01", "'value':'29.00'");
    CHECK(recover(b, "beds", "2025-03", "3000.00", "v1", "2025-06-20") == "date-too-early");
    CHECK(recover(b, "beds", "2025-03", "3000.00") == "ok");
  }
  SECTION("awards") {
    assess(b, "acceptance", "2025-03-10", "2025-03-10", "'rating':'3'");
    const auto march = give(b, "day_care", "2025-03", "2025-04-02", "30000.00", "1.00");
    assess(b, "acceptance", "2025-07-01", "2025-07-01", "'rating':'5'");
    const auto july = give(b, "day_care", "2025-07", "2025-07-02", "70000.00", "1.00");
    settle_both(b, march, july, "100000.00");
    CHECK(recover(b, "day_care", "2025-07", "70000.00", "v1", "2025-06-20") == "date-too-early");
    CHECK(recover(b, "day_care", "2025-07", "70000.00") == "amount-mismatch");
  }
  check_replay(b);
}

TEST_CASE("an award that rose and was too high: all of the difference is recovered") {
  Books b = giving_once();
  assess(b, "acceptance", "2025-03-10", "2025-03-10", "'rating':'3'");
  const auto march = give(b, "day_care", "2025-03", "2025-04-02", "30000.00", "1.00");
  assess(b, "acceptance", "2025-06-10", "2025-06-10", "'rating':'5'");
  const auto june = give(b, "day_care", "2025-06", "2025-07-02", "70000.00", "1.00");
  settle_both(b, march, june, "100000.00");
  SECTION("to what it should have been, in two decisions") {
    assess(b, "acceptance", "2025-07-16", "2025-06-10", "'rating':'4'");
    CHECK(open(b, "day_care") == "-50000.00");
    CHECK(recover(b, "day_care", "2025-06", "20000.00") == "ok");
    CHECK(recover(b, "day_care", "2025-03", "30000.01", "v2") == "amount-mismatch");
    CHECK(recover(b, "day_care", "2025-03", "30000.00", "v2") == "ok");
  }
  SECTION("all of it, more than one period brought") {
    assess(b, "acceptance", "2025-07-16", "2025-03-10", "'rating':'none'");
    assess(b, "acceptance", "2025-07-16", "2025-06-10", "'rating':'none'");
    CHECK(open(b, "day_care") == "-100000.00");
    CHECK(recover(b, "day_care", "2025-06", "100000.00") == "ok");
  }
  CHECK(open(b, "day_care") == "0.00");
  check_replay(b);
}
