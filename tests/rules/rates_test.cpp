// A rate never counts before its day; what is left of a split; beds that are given once.
#include <catch2/catch.hpp>

#include "tests/rules/allowance_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// One band of 100.00 a month, for everybody.
Json rated(const std::string& start, const std::string& proration, const std::string& rates = {}) {
  Json policy = allowance(start, "same_month", proration);
  if (!rates.empty()) terms_of(policy)["rates"] = rates;
  return policy;
}

struct RateCase {
  std::string start, proration, rates, july, august, september, october;
};

}  // namespace

TEST_CASE("a rate in the middle of a month counts from its day or later, and never before it") {
  const std::string old = "100.00", part = "112.90", all = "120.00";  // 20 of 31 days
  const std::vector<RateCase> cases = {
      // Where the terms do not say.
      {"same_day", "days", "", part, all, all, all},
      {"same_month", "days", "", part, all, all, all},
      {"next_month", "days", "", old, all, all, all},
      {"next_quarter", "days", "", old, old, old, all},
      {"same_day", "months", "", old, all, all, all},
      {"same_month", "months", "", old, all, all, all},
      {"next_month", "months", "", old, all, all, all},
      {"next_quarter", "months", "", old, old, old, all},
      // Birthdays by the month, rates by the day.
      {"same_month", "months", "same_day", part, all, all, all},
      {"next_month", "days", "same_day", part, all, all, all},
      {"same_month", "days", "next_month", old, all, all, all},
      {"same_day", "days", "next_quarter", old, old, old, all},
  };
  for (const auto& c : cases) {
    INFO(c.start << " " << c.proration << " " << c.rates);
    const Json policy = rated(c.start, c.proration, c.rates);
    Json second = policy;
    second["version"] = 2;
    second["in_force_from"] = "2015-07-12";
    terms_of(second)["tariff"][0]["amount"] = "120.00";
    Elder elder;
    Scheme versions(policy);
    versions.add(elder, "old_age");
    versions.add(second);

    // The same as two lines of one tariff.
    Json bands = policy;
    Json before = terms_of(bands)["tariff"][0], after = terms_of(second)["tariff"][0];
    before["to"] = "2015-07-11";
    after["from"] = "2015-07-12";
    after["id"] = "b";
    terms_of(bands)["tariff"] = Json::array({before, after});
    Scheme rates(bands);
    rates.add(elder, "old_age");
    for (const Scheme* scene : {&versions, &rates}) {
      CHECK(due(*scene, elder, "2015-06") == old);
      CHECK(due(*scene, elder, "2015-07") == c.july);
      CHECK(due(*scene, elder, "2015-08") == c.august);
      CHECK(due(*scene, elder, "2015-09") == c.september);
      CHECK(due(*scene, elder, "2015-10") == c.october);
    }
  }
}

TEST_CASE("the first version pays nothing before its day either") {
  for (const auto& [proration, july] : {std::pair("days", "64.52"), {"months", "0.00"}}) {
    Json policy = rated("same_month", proration);
    policy["in_force_from"] = "2015-07-12";
    Elder elder;
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-06") == "0.00");
    CHECK(due(scene, elder, "2015-07") == july);
    CHECK(due(scene, elder, "2015-08") == "100.00");
  }
}

TEST_CASE("the day from which a rate is higher, and a birthday of the same month (O8 of a county)") {
  Json policy = rated("same_month", "days");
  auto& terms = terms_of(policy);
  terms["cycle"] = "quarter";
  terms["tariff"] = Json::array({{{"id", "80"}, {"title", "a"}, {"amount", "60.00"}, {"age_from", 80}, {"age_to", 89}},
                                 {{"id", "90"}, {"title", "b"}, {"amount", "150.00"}, {"age_from", 90}}});
  Json second = policy;
  second["version"] = 2;
  second["in_force_from"] = "2026-08-16";
  terms_of(second)["tariff"][1]["amount"] = "180.00";
  Elder old, turns;
  old.birth = "1930-01-01";
  turns.id = Pseudonym(2);
  turns.birth = "1936-08-25";  // 90 counts from 1 August, the new rate from the 16th
  Scheme scene(policy);
  scene.add(old, "old_age");
  scene.add(turns, "old_age");
  scene.add(second);
  // 150.00; 150 x 15/31 + 180 x 16/31 = 72.58 + 92.90; 180.00.
  CHECK(due(scene, old, "2026-07") == "495.48");
  CHECK(due(scene, turns, "2026-07") == "405.48");
}

TEST_CASE("the fen left over go to the level that the rule names") {
  for (const auto& [remainder, expected] : {std::pair("", "0.01 + 0.02"), {"county", "0.02 + 0.01"},
                                            {"town", "0.01 + 0.02"}}) {
    // 0.03 by 4:6 is 0.012 + 0.018: 0.01 + 0.01 and one fen left.
    Json policy = rated("same_month", "months");
    terms_of(policy)["tariff"][0]["amount"] = "0.03";
    Json rule = {{"parts", Json::array({{{"level", "county"}, {"weight", 4}}, {{"level", "town"}, {"weight", 6}}})}};
    if (*remainder) rule["remainder"] = remainder;
    terms_of(policy)["cost_shares"] = Json::array({rule});
    Elder elder;
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(shares(scene.ask("old_age", elder, "2015-02")) == expected);
  }
}

TEST_CASE("a quarter is rounded month by month, its hours in one sum, its shares in one sum (POLICY)") {
  Json policy = allowance("same_day", "same_day", "days");
  auto& terms = terms_of(policy);
  terms["cycle"] = "quarter";
  Elder elder;
  SECTION("each month that is entitled in part by itself") {
    elder.entitled_from = "2025-04-20";
    elder.ended_on = "2025-06-20";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2025-04") == "203.34");  // 36.67 + 100.00 + 66.67
  }
  SECTION("hours together") {
    policy["programmes"][0]["instrument"] = "service_hours";
    terms["basis"] = "delivered";
    terms["payee"] = "serving_provider";
    terms["tariff"][0]["amount"] = "15.55";
    terms["tariff"][0]["per_day"] = "1.00";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    for (const auto* served : {"2025-04-10", "2025-05-10", "2025-06-10"}) {
      scene.deliver(elder.id, "old_age", "p1", served, "0.37");
    }
    CHECK(due(scene, elder, "2025-04") == "17.26");  // not three times 5.75
  }
  SECTION("hours of two providers: the fen is whose record made the price rise") {
    policy["programmes"][0]["instrument"] = "service_hours";
    terms["basis"] = "delivered";
    terms["payee"] = "serving_provider";
    terms["tariff"][0]["amount"] = "15.55";
    terms["tariff"][0]["per_day"] = "1.00";
    const bool a_first = GENERATE(true, false);
    Scheme scene(policy);
    scene.add(elder, "old_age");
    scene.deliver(elder.id, "old_age", a_first ? "a" : "b", "2025-04-10", "0.37");
    scene.deliver(elder.id, "old_age", a_first ? "b" : "a", "2025-04-03", "0.37");  // recorded later
    CHECK(scene.ask("old_age", elder, "2025-04", "a").due.amount.str() == (a_first ? "5.75" : "5.76"));
    CHECK(scene.ask("old_age", elder, "2025-04", "b").due.amount.str() == (a_first ? "5.76" : "5.75"));
  }
  SECTION("a version that shares the cost otherwise: the days of each by its own weights") {
    const auto shared = [](int city) {
      return Json::array({{{"parts", Json::array({{{"level", "city"}, {"weight", city}},
                                                  {{"level", "county"}, {"weight", 10 - city}}})}}});
    };
    terms["cost_shares"] = shared(6);
    Scheme scene(policy);
    scene.add(elder, "old_age");
    policy["version"] = 2;
    policy["in_force_from"] = "2025-05-16";
    terms_of(policy)["cost_shares"] = shared(7);
    scene.add(policy);
    CHECK(shares(scene.ask("old_age", elder, "2025-04")) == "195.16 + 104.84");
  }
  SECTION("shares of what is due in all, less what each level bore") {
    terms["tariff"][0]["amount"] = "33.33";
    const Json rule = {{"parts", Json::array({{{"level", "county"}, {"weight", 6}}, {{"level", "town"}, {"weight", 4}}})}};
    terms["cost_shares"] = Json::array({rule});
    Scheme all(policy);
    all.add(elder, "old_age");
    CHECK(shares(all.ask("old_age", elder, "2025-04")) == "59.99 + 40.00");
    elder.ended_on = "2025-05-31";
    Scheme less(policy);
    less.add(elder, "old_age");
    CHECK(shares(less.ask("old_age", elder, "2025-04")) == "40.00 + 26.66");
    terms["cycle"] = "month";
    Scheme monthly(policy);
    monthly.add(elder, "old_age");
    CHECK(shares(monthly.ask("old_age", elder, "2025-04")) == "20.00 + 13.33");
  }
}

namespace {

// 3,000.00 for each new bed, once.
Json new_beds() {
  Json policy = scheme("zhongxiang");
  policy["in_force_from"] = "2026-03-01";
  policy.erase("in_force_to");
  policy.erase("transition");
  auto& terms = policy["programmes"][1]["entitlement"];
  terms["cycle"] = "once";
  terms["assessment"] = "new_beds";
  terms["tariff"] = Json::array({{{"id", "bed"}, {"title", "床"}, {"amount", "3000.00"}}});
  return policy;
}
Assessment beds(const Scheme& scene, const char* period, const char* date = "2026-12-31") {
  const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
  return rules.of_provider(*ProviderId::parse("h1"), month(period), *RegionCode::parse("420881"), day(date));
}

}  // namespace

TEST_CASE("beds that are given once: each at the rate of its day, and none that was given before") {
  Scheme scene(new_beds());
  CHECK(beds(scene, "2026-04").why->reason == Reason::assessment_missing);
  scene.assess("h1", "new_beds", "2026-04-10", "37.00");
  CHECK(beds(scene, "2026-03").due.amount.str() == "0.00");
  CHECK(beds(scene, "2026-04").due.amount.str() == "111000.00");
  CHECK(beds(scene, "2026-04", "2026-04-09").due.amount.str() == "0.00");  // not before their day
  // The second batch: 47 in all.
  scene.assess("h1", "new_beds", "2026-06-20", "47.00");
  CHECK(beds(scene, "2026-05").due.amount.str() == "111000.00");
  CHECK(beds(scene, "2026-06").due.amount.str() == "141000.00");
  CHECK(beds(scene, "2026-06").due.units.str() == "47.00");
  // Fewer later take nothing back, and the most that there were is not given twice.
  scene.assess("h1", "new_beds", "2026-08-01", "30.00");
  scene.assess("h1", "new_beds", "2026-09-01", "47.00");
  CHECK(beds(scene, "2026-09").due.amount.str() == "141000.00");
  // Another rate is for the beds that are new under it.
  Json second = new_beds();
  second["version"] = 2;
  second["in_force_from"] = "2026-10-01";
  second["programmes"][1]["entitlement"]["tariff"][0]["amount"] = "4000.00";
  scene.add(second);
  scene.assess("h1", "new_beds", "2026-10-15", "50.00");
  CHECK(beds(scene, "2026-10").due.amount.str() == "153000.00");
  // The wrong number of a day is replaced by the right one.
  scene.assess("h1", "new_beds", "2026-04-10", "36.00");
  scene.assess("h1", "new_beds", "2026-06-20", "46.00");
  scene.assess("h1", "new_beds", "2026-09-01", "46.00");
  CHECK(beds(scene, "2026-09").due.amount.str() == "138000.00");
}

TEST_CASE("beds that are given once have the rate of the day on which they first count, whatever cuts months") {
  for (const auto& [rates, amount] : {std::pair("", "40000.00"), {"same_day", "40000.00"}, {"next_month", "30000.00"}}) {
    for (const auto& [start, proration] : {std::pair("same_month", "months"), {"same_day", "months"},
                                           {"same_day", "days"}, {"same_month", "days"}}) {
      INFO(rates << " " << start << " " << proration);
      Json policy = new_beds();
      auto& terms = policy["programmes"][1]["entitlement"];
      terms["start"] = start;
      terms["proration"] = proration;
      if (*rates) terms["rates"] = rates;
      terms["tariff"] = Json::array({{{"id", "o"}, {"title", "o"}, {"amount", "3000.00"}, {"to", "2026-06-15"}},
                                     {{"id", "n"}, {"title", "n"}, {"amount", "4000.00"}, {"from", "2026-06-16"}}});
      Scheme scene(policy);
      scene.assess("h1", "new_beds", "2026-06-20", "10.00");
      CHECK(beds(scene, "2026-06").due.amount.str() == amount);
    }
  }
}

TEST_CASE("beds that are given once: whoever looks back before their day takes nothing back") {
  Scheme scene(new_beds());
  scene.assess("h1", "new_beds", "2026-04-10", "37.00");
  scene.calculated("beds", "h1", "2026-04", "111000.00");
  CHECK(beds(scene, "2026-04", "2026-04-09").unknown);
  CHECK(beds(scene, "2026-04", "2026-04-09").why->reason == Reason::date_too_early);
  CHECK(beds(scene, "2026-04", "2026-04-10").settled());
  scene.assess("h1", "new_beds", "2026-04-10", "36.00");
  CHECK(beds(scene, "2026-04", "2026-04-10").difference().str() == "-3000.00");
}

TEST_CASE("beds that are given once: those verified until a cutover were paid before") {
  Scheme scene(new_beds());
  scene.paid_before("beds", "2026-04-30");
  scene.assess("h1", "new_beds", "2026-04-10", "37.00");
  CHECK(beds(scene, "2026-05").due.amount.str() == "0.00");
  CHECK(beds(scene, "2026-05").why->reason == Reason::paid_before);
  scene.assess("h1", "new_beds", "2026-05-20", "47.00");
  CHECK(beds(scene, "2026-05").due.amount.str() == "30000.00");
  CHECK(beds(scene, "2026-05").due.units.str() == "10.00");
}

TEST_CASE("beds by the rating that their assessment says") {
  Json policy = scheme("zhongxiang");
  auto& terms = policy["programmes"][2]["entitlement"];
  terms["tariff"] = Json::array({{{"id", "3"}, {"title", "三星"}, {"rating", "3"}, {"amount", "120.00"}}});
  Scheme scene(policy);
  const std::string kind = terms["assessment"];
  const auto ask = [&](const char* period) {
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("operation"));
    return rules.of_provider(*ProviderId::parse("h1"), month(period), *RegionCode::parse("420881"),
                             day("2017-12-31")).due.amount.str();
  };
  scene.assess("h1", kind, "2017-01-01", "10.00", "2");
  CHECK(ask("2017-01") == "0.00");
  scene.assess("h1", kind, "2017-02-01", "10.00", "3");
  CHECK(ask("2017-02") == "1200.00");
}
