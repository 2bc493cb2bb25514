// What does not change the rate, nor the hours of a month, does not cut them either.
#include <catch2/catch.hpp>

#include "tests/rules/allowance_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// Meals, one a day at most and 22 a month: 4.00 below 80, 6.00 from 80 on.
Json meals() {
  Json policy = allowance("same_day", "same_day", "days");
  policy["programmes"][0]["instrument"] = "service_hours";
  auto& terms = terms_of(policy);
  Json young = band("70", "4.00", 70, 79), old = band("80", "6.00", 80);
  young["per_day"] = old["per_day"] = "1.00";
  young["per_month"] = old["per_month"] = "22.00";
  terms["tariff"] = Json::array({young, old});
  terms["basis"] = "delivered";
  terms["payee"] = "serving_provider";
  return policy;
}

// Served once on each of the days of a month.
void serve(Scheme& scene, const Elder& elder, const std::string& month, int first, int last) {
  for (int n = first; n <= last; ++n) {
    scene.deliver(elder.id, "old_age", "p1", month + (n < 10 ? "-0" : "-") + std::to_string(n), "1.00");
  }
}

Elder turns_80_in_march() {
  Elder elder;
  elder.birth = "1946-03-16";
  return elder;
}

}  // namespace

TEST_CASE("the hours of a month are those of the whole month, whatever a birthday changes in it") {
  const Elder elder = turns_80_in_march();
  Scheme scene(meals());
  scene.add(elder, "old_age");
  SECTION("all of them after it") {
    serve(scene, elder, "2026-03", 16, 31);
    CHECK(due(scene, elder, "2026-03") == "96.00");
  }
  SECTION("all of them before it") {
    serve(scene, elder, "2026-03", 1, 15);
    CHECK(due(scene, elder, "2026-03") == "60.00");
  }
  SECTION("every day: the first 22") {
    serve(scene, elder, "2026-03", 1, 31);
    CHECK(due(scene, elder, "2026-03") == "102.00");  // 15 x 4.00 + 7 x 6.00
    CHECK(scene.ask("old_age", elder, "2026-03").due.units.str() == "22.00");
  }
}

TEST_CASE("the hours of a month are those of the whole month, whatever version begins in it") {
  Elder elder;
  elder.birth = "1950-02-02";
  Scheme scene(meals());
  scene.add(elder, "old_age");
  serve(scene, elder, "2026-08", 12, 31);
  CHECK(due(scene, elder, "2026-08") == "80.00");
  Json second = meals();
  second["version"] = 2;
  second["in_force_from"] = "2026-08-11";
  scene.add(second);
  CHECK(due(scene, elder, "2026-08") == "80.00");
}

TEST_CASE("what is recorded first counts first, whatever version begins between the days") {
  Elder elder;
  elder.birth = "1950-02-02";
  Json policy = meals();
  auto& terms = terms_of(policy);
  const bool bills = GENERATE(false, true);
  if (bills) {
    policy["programmes"][0]["instrument"] = "bill_share";
    terms["tariff"] = Json::array({{{"id", "all"}, {"title", "t"}, {"percent", 50}, {"cap", "300.00"}}});
  } else {
    terms["tariff"] = Json::array({{{"id", "all"}, {"title", "t"}, {"amount", "10.00"}, {"per_month", "30.00"}}});
  }
  Scheme scene(policy);
  scene.add(elder, "old_age");
  scene.deliver(elder.id, "old_age", "p1", "2026-06-20", "30.00", "600.00");
  scene.deliver(elder.id, "old_age", "p2", "2026-06-05", "10.00", "600.00");
  const auto check = [&] {
    CHECK(scene.ask("old_age", elder, "2026-06", "p1").due.amount.str() == "300.00");
    CHECK(scene.ask("old_age", elder, "2026-06", "p2").due.amount.is_zero());
  };
  check();
  Json second = policy;
  second["version"] = 2;
  second["in_force_from"] = "2026-06-10";
  scene.add(second);
  check();
  if (bills) {  // another percentage: the earlier days first
    terms_of(second)["tariff"][0]["percent"] = 60;
    second["version"] = 3;
    scene.add(second);
    CHECK(scene.ask("old_age", elder, "2026-06", "p1").due.amount.is_zero());
    CHECK(scene.ask("old_age", elder, "2026-06", "p2").due.amount.str() == "300.00");
  }
}

TEST_CASE("a bill is limited by the cap of its own day, against all that the month brought") {
  struct Row {
    const char *cap, *later_cap;
    std::vector<std::pair<const char*, const char*>> bills;
    const char* due;
  };
  for (const auto& [cap, later_cap, bills, expected] : std::vector<Row>{
           {"200.00", "100.00", {{"2026-08-20", "600.00"}}, "100.00"},
           {"200.00", "100.00", {{"2026-08-10", "300.00"}, {"2026-08-20", "600.00"}}, "150.00"},
           {"200.00", "100.00", {{"2026-08-10", "110.00"}, {"2026-08-20", "600.00"}}, "100.00"},
           {"100.00", "200.00", {{"2026-08-10", "600.00"}, {"2026-08-20", "600.00"}}, "200.00"}}) {
    Json policy = meals();
    policy["programmes"][0]["instrument"] = "bill_share";
    const auto band_with = [](const char* id, const char* most) {
      return Json{{"id", id}, {"title", "t"}, {"percent", 50}, {"cap", most}};
    };
    Json first = band_with("first", cap), second = band_with("second", later_cap);
    first["to"] = "2026-08-15";
    second["from"] = "2026-08-16";
    terms_of(policy)["tariff"] = Json::array({first, second});
    Elder elder;
    elder.birth = "1950-02-02";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    for (const auto& [day, bill] : bills) scene.deliver(elder.id, "old_age", "p1", day, "1.00", bill);
    CHECK(due(scene, elder, "2026-08") == expected);
  }
}

TEST_CASE("hours as approved: so many a day until the month has its own, or by days") {
  const Elder elder = turns_80_in_march();
  Json policy = meals();
  auto& terms = terms_of(policy);
  terms["basis"] = "approved";
  terms["payee"] = "paying_agent";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2026-03") == "102.00");
  CHECK(due(scene, elder, "2026-02") == "88.00");
  for (auto& line : terms["tariff"]) line.erase("per_day");
  scene.add(policy);
  CHECK(due(scene, elder, "2026-03") == "110.70");  // 10.65 x 4.00 + 11.35 x 6.00
  CHECK(scene.ask("old_age", elder, "2026-03").due.units.str() == "22.00");
}

TEST_CASE("days with another number of hours a month have their own part of it") {
  const Elder elder = turns_80_in_march();
  Json policy = meals();
  terms_of(policy)["tariff"][1]["per_month"] = "31.00";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  serve(scene, elder, "2026-03", 1, 31);
  // 22.00 x 15/31 = 10.65 hours at 4.00; 31.00 x 16/31 = 16 hours at 6.00.
  CHECK(due(scene, elder, "2026-03") == "138.60");
}

TEST_CASE("part of a month has its part of the hours, though a birthday lies in it") {
  Elder elder = turns_80_in_march();
  elder.entitled_from = "2026-03-11";  // 21 of 31 days: 14.90 hours
  Scheme scene(meals());
  scene.add(elder, "old_age");
  serve(scene, elder, "2026-03", 11, 31);
  CHECK(due(scene, elder, "2026-03") == "79.40");  // 5 x 4.00 + 9.90 x 6.00
}

namespace {

// Everything stays as it is until a version that changes nothing begins on the 3rd.
void begin_again(Scheme& scene, Json policy, const std::string& on) {
  policy["version"] = 2;
  policy["in_force_from"] = on;
  scene.add(policy);
}

}  // namespace

TEST_CASE("a month at one rate comes to that rate, whatever else changes in it") {
  Json policy = allowance("same_day", "same_day", "days");
  Json town = band("town", "100.00");
  town["age_to"] = 79;
  // 79 until 2 July; a version that changes nothing begins on the 3rd: 3.23 + 3.23 + 93.55 by pieces.
  terms_of(policy)["tariff"] = Json::array({town, band("other", "100.00", 80)});
  Elder elder;
  elder.birth = "1946-07-02";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  begin_again(scene, policy, "2026-07-03");
  CHECK(due(scene, elder, "2026-07") == "100.00");
  CHECK(scene.ask("old_age", elder, "2026-07").due.units.str() == "1.00");
}

TEST_CASE("bills at one percentage are summed before they are rounded, whatever else changes in the month") {
  Json policy = allowance("same_day", "same_day", "days");
  policy["programmes"][0]["instrument"] = "bill_share";
  auto& terms = terms_of(policy);
  terms["tariff"] = Json::array({{{"id", "a"}, {"title", "a"}, {"percent", 45}}});
  terms["basis"] = "delivered";
  terms["payee"] = "serving_provider";
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  for (const auto& [on, bill] : {std::pair("02", "10.01"), {"04", "10.01"}, {"06", "10.01"}, {"08", "0.01"}}) {
    scene.deliver(elder.id, "old_age", "p1", std::string("2026-07-") + on, "0.00", bill);
  }
  CHECK(due(scene, elder, "2026-07") == "13.52");  // 45 % of 30.04; bill by bill 13.50
  begin_again(scene, policy, "2026-07-03");
  CHECK(due(scene, elder, "2026-07") == "13.52");
}

TEST_CASE("beds of a whole month at one rate come to that rate, whatever version begins in it") {
  Json policy = scheme("zhongxiang");
  policy["in_force_from"] = "2026-01-01";
  policy.erase("in_force_to");
  policy.erase("transition");
  auto& terms = policy["programmes"][2]["entitlement"];
  terms["proration"] = "days";
  terms["start"] = terms["stop"] = "same_day";
  terms["tariff"] = Json::array({{{"id", "a"}, {"title", "a"}, {"amount", "100.01"}}});
  Scheme scene(policy);
  scene.assess("h1", terms["assessment"], "2026-01-01", "1.00");
  const auto june = [&] {
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("operation"));
    return rules.of_provider(*ProviderId::parse("h1"), month("2026-06"), *RegionCode::parse("420881"),
                             day("2026-12-31")).due.amount.str();
  };
  CHECK(june() == "100.01");
  begin_again(scene, policy, "2026-06-16");
  CHECK(june() == "100.01");  // by pieces 50.01 + 50.01
}
