// What is due, at the edges of days, months and ages.
#include <catch2/catch.hpp>

#include "tests/rules/allowance_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

TEST_CASE("bands by age: the day before a birthday and the day itself (ZX-01)") {
  Json policy = allowance("same_day", "same_day", "days");
  terms_of(policy)["tariff"] = Json::array(
      {band("1", "30.00", 80, 89), band("2", "60.00", 90, 99), band("3", "300.00", 100)});
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  elder.birth = "1925-02-28";  // turns 90 on the last day of a February of 28
  CHECK(due(scene, elder, "2015-02") == "31.07");  // 27 of 28 days of 30.00, one of 60.00
  elder.birth = "1925-03-01";
  CHECK(due(scene, elder, "2015-02") == "30.00");
  CHECK(due(scene, elder, "2015-03") == "60.00");
  elder.birth = "1915-03-31";
  CHECK(due(scene, elder, "2015-03") == "67.74");  // 30 days of 60.00, one of 300.00
  CHECK(due(scene, elder, "2015-04") == "300.00");
  elder.birth = "1936-01-01";
  CHECK(due(scene, elder, "2015-12") == "0.00");
  CHECK(scene.ask("old_age", elder, "2015-12").why->reason == Reason::under_age);
  CHECK(due(scene, elder, "2016-01") == "30.00");
}

TEST_CASE("who was born on 29 February turns a year older on 1 March of other years") {
  for (const auto& [rule, february, march] :
       {std::tuple("same_month", "0.00", "100.00"), {"next_month", "0.00", "0.00"}}) {
    Elder elder;
    elder.birth = "1924-02-29";
    Json policy = allowance(rule, "same_month", "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00", 91)});  // turns 91 in 2015
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-02") == february);
    CHECK(due(scene, elder, "2015-03") == march);
    CHECK(due(scene, elder, "2015-04") == "100.00");
    // In a leap year it is the day itself: 92 in 2016.
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00", 92)});
    Scheme leap(policy);
    leap.add(elder, "old_age");
    CHECK(due(leap, elder, "2016-02") == (rule == std::string("same_month") ? "100.00" : "0.00"));
    CHECK(due(leap, elder, "2016-03") == "100.00");
  }
}

TEST_CASE("a share of 0.01 yuan is somebody's, and all shares add up") {
  Json policy = allowance("same_month", "same_month", "months");
  terms_of(policy)["tariff"] = Json::array({band("1", "0.01")});
  terms_of(policy)["cost_shares"] = Json::array(
      {{{"parts", Json::array({{{"level", "district"}, {"weight", 6}},
                               {{"level", "street"}, {"weight", 4}}})}}});
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(shares(scene.ask("old_age", elder, "2015-02")) == "0.01 + 0.00");
}

TEST_CASE("bands by fact and by region: the narrower one first, each from its day on") {
  Json policy = allowance("same_month", "same_month", "months");
  policy["definitions"] = Json::array(
      {{{"id", "lives_alone"}, {"title", "独居"}, {"any_of", Json::array({"no_children", "elsewhere"})}}});
  Json town_alone = band("1", "150.00"), town = band("2", "120.00");
  town_alone["regions"] = town["regions"] = Json::array({"330382001", "330382002"});
  town_alone["conditions"] = Json::array({"lives_alone", "low_income"});
  terms_of(policy)["tariff"] = Json::array({town_alone, town, band("3", "100.00")});
  Elder elder;
  elder.facts = {"no_children"};
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2015-02") == "120.00");  // one of two conditions
  const auto amend = [&](const char* on, const std::vector<std::string>& facts, const char* region) {
    BeneficiaryAmendment d;
    d.beneficiary = elder.id;
    if (!facts.empty()) d.facts.emplace();
    for (const auto& fact : facts) d.facts->push_back(code(fact));
    if (*region) d.region = *RegionCode::parse(region);
    Overlay overlay(scene.state);
    record_facts(overlay, day(on), d);
    scene.state.take(overlay);
  };
  amend("2015-03-20", {"elsewhere", "low_income"}, "");
  CHECK(due(scene, elder, "2015-02") == "120.00");
  CHECK(due(scene, elder, "2015-03") == "150.00");
  amend("2015-05-10", {}, "330382005");
  CHECK(due(scene, elder, "2015-04") == "150.00");
  CHECK(due(scene, elder, "2015-05") == "100.00");

  // By days: 19 of 31 days of 120.00, the rest of 150.00; 9 of 31 days of 150.00, the rest of 100.00.
  terms_of(policy)["start"] = "same_day";
  terms_of(policy)["proration"] = "days";
  scene.add(policy);
  CHECK(due(scene, elder, "2015-03") == "131.61");  // 73.55 + 58.06
  CHECK(due(scene, elder, "2015-05") == "114.52");  // 43.55 + 70.97

  // Without a band for everybody else whoever fits none is told what the bands ask for.
  terms_of(policy)["tariff"] = Json::array({town_alone});
  scene.add(policy);
  const auto none = scene.ask("old_age", elder, "2015-02");
  CHECK(none.why->reason == Reason::condition_not_met);
  CHECK(none.why->subject == "lives_alone, low_income, 330382001, 330382002");
}

TEST_CASE("hours of a month: at most so many, and part of them for part of it") {
  Json policy = allowance("same_day", "same_day", "days");
  policy["programmes"][0]["instrument"] = "service_hours";
  Json hours = band("1", "20.00");
  hours["per_month"] = "30.00";
  terms_of(policy)["tariff"] = Json::array({hours});
  Elder elder;
  elder.entitled_from = "2015-03-16";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2015-03") == "309.60");  // 16 of 31 days: 15.48 hours
  CHECK(due(scene, elder, "2015-04") == "600.00");

  terms_of(policy)["basis"] = "delivered";
  terms_of(policy)["payee"] = "serving_provider";
  scene.add(policy);
  const auto paid = [&](const char* month, const char* provider) {
    return scene.ask("old_age", elder, month, provider).due.amount.str();
  };
  for (int n = 1; n <= 17; ++n) {
    scene.deliver(elder.id, "old_age", n <= 10 ? "p1" : "p2", "2015-04-" + std::string(n < 10 ? "0" : "") + std::to_string(n), "2.00");
  }
  CHECK(paid("2015-04", "p1") == "400.00");
  CHECK(paid("2015-04", "p2") == "200.00");  // 10 of 14 hours: the month has 30
  scene.deliver(elder.id, "old_age", "p1", "2015-03-20", "15.00");
  scene.deliver(elder.id, "old_age", "p1", "2015-03-21", "1.00");
  CHECK(paid("2015-03", "p1") == "309.60");
  scene.deliver(elder.id, "old_age", "p1", "2015-05-01", "29.00");
  CHECK(paid("2015-05", "p1") == "580.00");  // hours that were left in April are gone

  // Beside hours a day the smaller counts.
  hours["per_day"] = "1.50";
  terms_of(policy)["tariff"] = Json::array({hours});
  scene.add(policy);
  CHECK(paid("2015-05", "p1") == "30.00");
  terms_of(policy)["basis"] = "approved";
  terms_of(policy)["payee"] = "paying_agent";
  scene.add(policy);
  CHECK(due(scene, elder, "2015-05") == "600.00");  // 31 days would be 46.50 hours
}

TEST_CASE("a version from the first day of a month counts from that month by every rule") {
  for (const auto* rule : {"same_day", "same_month", "next_month", "next_quarter"}) {
    Json policy = allowance(rule, "same_month", "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00")});
    policy["in_force_from"] = "2015-04-01";
    Elder elder;
    elder.entitled_from = "2015-04-01";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-03") == "0.00");
    CHECK(due(scene, elder, "2015-04") == "100.00");
  }
}

TEST_CASE("what ends in a month is paid until the day, through the month, or before it") {
  for (const auto& [rule, may, june] : {std::tuple("same_month", "100.00", "0.00"),
                                        {"month_before", "0.00", "0.00"}}) {
    Json policy = allowance("same_month", rule, "months");
    terms_of(policy)["tariff"] = Json::array({band("1", "100.00")});
    Elder elder;
    elder.ended_on = "2015-05-10";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-04") == "100.00");
    CHECK(due(scene, elder, "2015-05") == may);
    CHECK(due(scene, elder, "2015-06") == june);
  }
}

TEST_CASE("a policy that ends within a month: days are paid to its last one, a month by stop") {
  struct Row {
    std::string proration, stop, february;
  };
  for (const auto& [proration, stop, february] : std::vector<Row>{
           {"days", "same_day", "53.57"}, {"days", "same_month", "53.57"}, {"days", "month_before", "53.57"},
           {"months", "same_day", "100.00"}, {"months", "same_month", "100.00"}, {"months", "month_before", "0.00"}}) {
    INFO(proration << " " << stop);
    Json policy = allowance("same_month", stop, proration);
    policy["in_force_to"] = "2015-02-15";
    Elder elder;
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-01") == "100.00");
    CHECK(due(scene, elder, "2015-02") == february);
    CHECK(due(scene, elder, "2015-03") == "0.00");
    // The transition goes on for whoever was there, and lets nobody in after the end.
    policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2015-04-15"}};
    Scheme served(policy);
    served.add(elder, "old_age");
    CHECK(due(served, elder, "2015-02") == "100.00");
    CHECK(due(served, elder, "2015-04") == (proration == "days" ? "50.00" : february));
    CHECK(due(served, elder, "2015-05") == "0.00");
    Elder late;
    late.id = Pseudonym(2);
    late.entitled_from = "2015-03-02";
    served.add(late, "old_age");
    CHECK(due(served, late, "2015-03") == "0.00");
  }
}

TEST_CASE("a version that ends before it counts leaves nothing to the one before it") {
  Json policy = allowance("next_quarter", "same_month", "days");
  Elder elder;
  Scheme scene(policy);
  scene.add(elder, "old_age");
  policy["version"] = 2;
  policy["in_force_from"] = "2015-02-10";
  policy["in_force_to"] = "2015-03-05";
  scene.add(policy);
  CHECK(due(scene, elder, "2015-02") == "100.00");
  CHECK(due(scene, elder, "2015-03") == "16.13");  // 5 of 31 days
  CHECK(due(scene, elder, "2015-04") == "0.00");
}

TEST_CASE("another approval of the same does not cut a month: it is rounded once") {
  Json policy = allowance("same_day", "same_day", "days");
  policy["approval"] = Json{{"effective", "same_day"},
                            {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
  Elder elder;
  Scheme scene(policy);
  for (const auto* from : {"2015-04-01", "2015-04-11", "2015-04-21"}) {
    elder.granted = from;
    scene.add(elder, "old_age");
  }
  CHECK(due(scene, elder, "2015-04") == "100.00");  // not three times 33.33
}

TEST_CASE("two schemes that exclude each other: the earlier one's days by its own rule, the rest the other's") {
  struct Row {
    std::string proration, stop, earlier, later;
  };
  for (const auto& [proration, stop, earlier, later] : std::vector<Row>{
           {"days", "same_day", "50.00", "50.00"},  // withdrawn on the 15th of 30 days
           {"days", "same_month", "100.00", "0.00"},
           {"months", "same_month", "100.00", "0.00"},
           {"months", "month_before", "0.00", "50.00"}}) {
    INFO(proration << " " << stop);
    Json policy = allowance("same_day", "same_day", "days");
    policy["approval"] = Json{{"effective", "same_day"},
                              {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
    terms_of(policy)["exclusive_group"] = "g";
    Json other = policy["programmes"][0];
    other["id"] = "other";
    other["entitlement"]["proration"] = proration;
    other["entitlement"]["stop"] = stop;
    policy["programmes"].push_back(other);
    Elder elder;
    Scheme scene(policy);
    elder.granted = "2015-01-01";
    elder.granted_to = "2015-04-15";
    scene.add(elder, "other");
    elder.granted = "2015-04-16";
    elder.granted_to.clear();
    scene.add(elder, "old_age");
    CHECK(scene.ask("other", elder, "2015-04").due.amount.str() == earlier);
    CHECK(due(scene, elder, "2015-04") == later);
    CHECK(due(scene, elder, "2015-05") == "100.00");
  }
}

TEST_CASE("a month that is paid whole is the later scheme's when none of its days is the earlier one's") {
  struct Row {
    std::string earlier_to, later_from, april, may;
  };
  for (const auto& [earlier_to, later_from, april, may] : std::vector<Row>{
           {"2015-04-15", "2015-04-16", "0.00", "100.00"},
           {"2015-03-31", "2015-04-16", "100.00", "100.00"},
           {"2015-04-30", "2015-05-16", "0.00", "100.00"}}) {
    INFO(earlier_to << " " << later_from);
    Json policy = allowance("same_month", "same_month", "months");
    policy["approval"] = Json{{"effective", "same_day"},
                              {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
    terms_of(policy)["exclusive_group"] = "g";
    Json other = policy["programmes"][0];
    other["id"] = "other";
    for (const auto* rule : {"start", "stop"}) other["entitlement"][rule] = "same_day";
    other["entitlement"]["proration"] = "days";
    policy["programmes"].push_back(other);
    Elder elder;
    Scheme scene(policy);
    elder.granted = "2015-01-01";
    elder.granted_to = earlier_to;
    scene.add(elder, "other");
    elder.granted = later_from;
    elder.granted_to.clear();
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-04") == april);
    CHECK(due(scene, elder, "2015-05") == may);
  }
}

TEST_CASE("a scheme that a later version drops ends by its own rule for the one that excludes it") {
  Json policy = allowance("same_day", "same_day", "days");
  policy["approval"] = Json{{"effective", "same_day"},
                            {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
  terms_of(policy)["exclusive_group"] = "g";
  policy["programmes"].push_back(policy["programmes"][0]);
  policy["programmes"][1]["id"] = "other";
  Elder elder;
  Scheme scene(policy);
  elder.granted = "2015-01-01";
  elder.granted_to = "2015-07-10";
  scene.add(elder, "other");
  elder.granted = "2015-07-11";
  elder.granted_to.clear();
  scene.add(elder, "old_age");
  policy["version"] = 2;
  policy["in_force_from"] = "2015-07-01";
  policy["programmes"].erase(1);
  scene.add(policy);
  CHECK(due(scene, elder, "2015-07") == "67.74");  // 21 of 31 days
}

TEST_CASE("a version without the programme ends it as the policy's own end would") {
  struct Row {
    std::string proration, stop, august;
  };
  for (const auto& [proration, stop, august] : std::vector<Row>{{"days", "same_day", "48.39"},
                                                                {"days", "same_month", "48.39"},
                                                                {"months", "same_month", "100.00"},
                                                                {"months", "same_day", "100.00"},
                                                                {"months", "month_before", "0.00"}}) {
    INFO(proration << " " << stop);
    const Json policy = allowance("same_month", stop, proration);
    Json without = policy;
    without["version"] = 2;
    without["in_force_from"] = "2015-08-16";
    without["programmes"][0]["id"] = "other";
    Json again = policy;
    again["version"] = 3;
    again["in_force_from"] = "2015-10-01";
    Elder elder;
    Scheme scene(policy);
    scene.add(without);
    scene.add(again);
    scene.add(elder, "old_age");
    CHECK(due(scene, elder, "2015-07") == "100.00");
    CHECK(due(scene, elder, "2015-08") == august);
    CHECK(due(scene, elder, "2015-09") == "0.00");
    CHECK(due(scene, elder, "2015-10") == "100.00");
    // Whoever says the end says the same.
    Json ending = policy;
    ending["in_force_to"] = "2015-08-15";
    Scheme ended(ending);
    ended.add(elder, "old_age");
    CHECK(due(ended, elder, "2015-08") == august);
    // One that is replaced on its first day was never there.
    Json never = policy;
    never["version"] = 2;
    never["in_force_from"] = "2015-08-16";
    terms_of(never)["rates"] = "same_day";
    without["version"] = 3;
    Scheme replaced(policy);
    replaced.add(never);
    replaced.add(without);
    again["version"] = 4;
    replaced.add(again);
    replaced.add(elder, "old_age");
    CHECK(due(replaced, elder, "2015-08") == august);
    CHECK(due(replaced, elder, "2015-09") == "0.00");
  }
}

TEST_CASE("a band without an amount says so and is never nothing") {
  Elder elder;
  elder.birth = "1930-01-01";
  Scheme scene(scheme("zhongxiang"));
  scene.add(elder, "longevity");
  const auto asked = scene.ask("longevity", elder, "2017-05");
  CHECK(asked.unknown);
  CHECK(asked.why->reason == Reason::rate_not_set);
  elder.birth.clear();
  CHECK(scene.ask("longevity", elder, "2017-05").unknown);
  CHECK(scene.ask("longevity", elder, "2017-05").why->reason == Reason::missing_field);
}

TEST_CASE("a grant decides category, care level and provider; another one takes its place") {
  Scheme scene(scheme("homecare-district"));
  Elder elder;
  elder.care_level = "half_disabled";
  elder.granted = "2025-04-01";
  elder.provider = "p1";
  scene.add(elder, "homecare");
  CHECK(scene.ask("homecare", elder, "2025-01").why->reason == Reason::not_granted);
  CHECK(scene.ask("homecare", elder, "2025-04").due.amount.str() == "2047.50");
  CHECK(scene.ask("homecare", elder, "2025-04", "p2").due.amount.str() == "0.00");
  elder.care_level = "disabled";
  elder.granted = "2025-05-16";
  elder.provider = "p2";
  scene.add(elder, "homecare");
  CHECK(scene.ask("homecare", elder, "2025-04").due.amount.str() == "1012.50");       // 45 days
  CHECK(scene.ask("homecare", elder, "2025-04", "p2").due.amount.str() == "1380.00");  // 46
}

TEST_CASE("beds: those of each month for their part of the cycle") {
  Json policy = scheme("zhongxiang");
  policy["programmes"][1]["entitlement"]["tariff"][0]["amount"] = "1200.00";
  Scheme scene(policy);
  scene.assess("h1", "verified_beds", "2017-01-01", "80.00");
  const auto ask = [&] {
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
    return rules.of_provider(*ProviderId::parse("h1"), month("2017-01"),
                             *RegionCode::parse("420881"), day("2017-12-31"));
  };
  CHECK(ask().due.amount.str() == "96000.00");
  CHECK(ask().due.units.str() == "80.00");
  scene.assess("h1", "verified_beds", "2017-10-10", "100.00");  // three of twelve months
  CHECK(ask().due.amount.str() == "102000.00");
  CHECK(ask().due.units.str() == "100.00");
}

TEST_CASE("a transition serves the beds that were there, and less, but nothing new") {
  struct Row {
    std::vector<std::pair<const char*, const char*>> assessments;
    const char* due;
  };
  for (const auto& [assessments, expected] : std::vector<Row>{
           {{{"2017-01-01", "80.00"}, {"2017-10-10", "100.00"}}, "96000.00"},
           {{{"2017-01-01", "80.00"}, {"2017-10-10", "60.00"}}, "90000.00"},  // 80 for nine months, 60 for three
           {{{"2017-01-01", "80.00"}, {"2017-06-10", "100.00"}}, "110000.00"},  // 80 for five, 100 for seven
           {{{"2017-10-10", "100.00"}}, "0.00"}}) {
    for (const bool once : {false, true}) {
      Json policy = scheme("zhongxiang");
      policy["in_force_to"] = "2017-06-30";
      policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2017-12-31"}};
      policy["programmes"][1]["entitlement"]["tariff"][0]["amount"] = "1200.00";
      if (once) policy["programmes"][1]["entitlement"]["cycle"] = "once";
      Scheme scene(policy);
      for (const auto& [on, beds] : assessments) scene.assess("h1", "verified_beds", on, beds);
      const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
      const auto found = rules.of_provider(*ProviderId::parse("h1"), month(once ? "2017-12" : "2017-01"),
                                           *RegionCode::parse("420881"), day("2017-12-31"));
      const bool later = assessments.back().first < std::string("2017-07");
      if (!once) CHECK(found.due.amount.str() == expected);
      if (once) CHECK(found.due.amount.str() == (assessments.size() == 1 ? "0.00" : later ? "120000.00" : "96000.00"));
      if (assessments.size() == 1) {
        REQUIRE(found.why);
        CHECK(found.why->reason == Reason::policy_closed);
        CHECK(found.why->detail == "2017-06-30");
      }
    }
  }
}

TEST_CASE("beds found in a transition bring at most what those of before brought") {
  Json policy = scheme("zhongxiang");
  policy["in_force_to"] = "2017-03-31";
  policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2017-12-31"}};
  auto& terms = policy["programmes"][1]["entitlement"];
  terms["cycle"] = "month";
  terms["tariff"][0]["amount"] = "100.00";
  Scheme scene(policy);
  for (const auto& [on, beds] : {std::pair("2017-01-02", "30.00"), {"2017-05-01", "36.00"}, {"2017-07-01", "32.00"},
                                 {"2017-09-01", "28.00"}, {"2017-11-01", "30.00"}}) {
    scene.assess("h1", "verified_beds", on, beds);
  }
  for (const auto& [period, amount, ignored] : {std::tuple("2017-04", "3000.00", false), {"2017-05", "3000.00", true},
                                                {"2017-08", "3000.00", true}, {"2017-09", "2800.00", false},
                                                {"2017-12", "3000.00", false}}) {
    INFO(period);
    const auto found = scene.ask_provider("beds", "h1", period, "2017-12-31");
    CHECK(found.due.amount.str() == amount);
    CHECK(!found.why);
    REQUIRE(found.noted.has_value() == ignored);
    if (ignored) CHECK(found.noted->reason == Reason::policy_closed);
  }
  const auto after = scene.ask_provider("beds", "h1", "2018-01", "2018-12-31");
  CHECK(after.why->reason == Reason::policy_not_in_force);
  CHECK(after.why->detail == "2018-01-01");
}

TEST_CASE("what a transition takes is a question of the day on which it was found, not of when it counts") {
  const auto due = [](const Json& policy, const std::vector<std::pair<const char*, const char*>>& assessments,
                      const Json& next, const char* period) {
    Scheme scene(policy);
    if (!next.is_null()) scene.add(next);
    for (const auto& [on, beds] : assessments) scene.assess("h1", "verified_beds", on, beds);
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
    return rules.of_provider(*ProviderId::parse("h1"), month(period), *RegionCode::parse("420881"), day("2017-12-31"))
        .due.amount.str();
  };
  Json policy = scheme("zhongxiang");
  policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2017-12-31"}};
  Json& terms = policy["programmes"][1]["entitlement"];
  terms["tariff"][0]["amount"] = "1200.00";
  policy["in_force_to"] = "2017-06-15";  // in the month, which is paid whole
  CHECK(due(policy, {{"2017-01-02", "80.00"}, {"2017-06-20", "100.00"}}, {}, "2017-01") == "96000.00");
  policy["in_force_to"] = "2017-06-30";
  terms["start"] = "next_month";
  CHECK(due(policy, {{"2017-01-02", "80.00"}, {"2017-06-10", "100.00"}}, {}, "2017-01") == "100000.00");
  CHECK(due(policy, {{"2017-06-10", "100.00"}}, {}, "2017-01") == "60000.00");
  // The next version is in force from September, and the beds stand there.
  terms["start"] = "same_month";
  terms["cycle"] = "once";
  Json next = policy;
  next["version"] = 2;
  next["in_force_from"] = "2017-09-01";
  next.erase("in_force_to");
  next.erase("transition");
  CHECK(due(policy, {{"2017-07-10", "100.00"}}, next, "2017-12") == "120000.00");
  CHECK(due(policy, {{"2017-01-02", "80.00"}, {"2017-07-10", "100.00"}}, next, "2017-12") == "120000.00");
  CHECK(due(policy, {{"2017-07-10", "100.00"}}, {}, "2017-12") == "0.00");
}

TEST_CASE("beds: the parts of a month are by its own days, and those of a year add up to it") {
  Json policy = scheme("zhongxiang");
  policy.erase("in_force_to");
  auto& terms = policy["programmes"][1]["entitlement"];
  terms["rates"] = "same_day";
  terms["tariff"][0]["amount"] = "3650.00";
  const auto borne_by = [&](const char* level) {
    terms["cost_shares"] = Json::array({{{"parts", Json::array({{{"level", level}, {"weight", 1}}})}}});
    return policy;
  };
  Scheme scene(borne_by("a"));
  policy["version"] = 2;
  policy["in_force_from"] = "2017-03-01";
  scene.add(borne_by("b"));
  policy["version"] = 3;
  policy["in_force_from"] = "2017-03-02";
  scene.add(borne_by("c"));
  scene.assess("h1", "verified_beds", "2017-02-01", "10.00");
  const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
  // February is a twelfth, 3,041.67; 1 March one of 31 days of another, 98.11; eleven twelfths are 33,458.33.
  CHECK(shares(rules.of_provider(*ProviderId::parse("h1"), month("2017-01"), *RegionCode::parse("420881"),
                                 day("2017-12-31"))) == "30318.55 + 98.11 + 3041.67");
}

TEST_CASE("beds: a rate that cuts a month cuts no more than that month") {
  struct Row {
    const char *proration, *rates, *rate;
    std::vector<std::pair<const char*, const char*>> found;
    const char* due;
  };
  for (const auto& [proration, rates, rate, found, expected] : std::vector<Row>{
           // July 900.00; 20 beds x 300.00 x 15/31 of a third, 967.74; 300.03 x 16/31 of one, and September, 3,032.56.
           {"months", "same_day", "300.00", {{"2025-01-01", "9.00"}, {"2025-08-01", "20.00"}}, "4900.30"},
           {"months", "same_day", "300.00", {{"2025-01-01", "20.00"}}, "6000.30"},
           {"months", "next_month", "300.00", {{"2025-01-01", "9.00"}, {"2025-08-01", "20.00"}}, "4900.20"},
           {"days", "same_day", "300.00", {{"2025-01-01", "9.00"}, {"2025-08-01", "20.00"}}, "4888.34"}}) {
    for (const auto* cycle : {"quarter", "year"}) {
      INFO(proration << " " << rates << " " << cycle << " " << found.size());
      Json policy = scheme("zhongxiang");
      policy.erase("in_force_to");
      policy.erase("transition");
      auto& terms = policy["programmes"][1]["entitlement"];
      const bool year = cycle == std::string("year");
      terms["cycle"] = cycle;
      terms["proration"] = proration;
      terms["rates"] = rates;
      terms["tariff"][0]["amount"] = year ? "1200.00" : rate;
      Scheme scene(policy);
      policy["version"] = 2;
      policy["in_force_from"] = "2025-08-16";
      policy["programmes"][1]["entitlement"]["tariff"][0]["amount"] = year ? "1200.00" : "300.03";
      scene.add(policy);
      for (const auto& [on, beds] : found) scene.assess("h1", "verified_beds", on, beds);
      const auto due = scene.ask_provider("beds", "h1", year ? "2025-01" : "2025-07", "2025-12-31").due.amount.str();
      if (!year) CHECK(due == expected);
      // Seven months of 9 beds and five of 20, or 212 and 153 of 365 days; the rate is the same.
      if (year) CHECK(due == (found.size() == 1 ? "24000.00" : proration == std::string("months") ? "16300.00" : "16333.15"));
    }
  }
}

// Run with `test_rules "[.speed]"`.
TEST_CASE("speed of a person", "[.speed]") {
  constexpr std::uint64_t kPeople = 100'000;
  for (const bool granted : {false, true}) {
    Scheme scene(granted ? scheme("homecare-district") : scheme("yueqing-2015"));
    const std::string programme = granted ? "homecare" : "old_age";
    std::vector<Elder> people(kPeople);
    for (std::uint64_t n = 0; n < kPeople; ++n) {
      Elder& elder = people[n];
      elder.id = Pseudonym(n * 0x9E3779B97F4A7C15u);
      elder.birth = "1920-05-06";
      if (granted) elder.care_level = "disabled";
      if (granted) elder.granted = "2024-01-01";
      elder.facts = {"household_register"};
      scene.add(elder, programme);
    }
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse(programme));
    const auto birth = day("1920-05-06");
    const Month period = month(granted ? "2025-04" : "2015-04");
    const auto payee = *ProviderId::parse("p1");
    Money sum;
    timespec from{}, to{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (const auto& elder : people) {
      sum += rules.of_person(elder.id, birth, period, payee, false).due.amount;
    }
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    const double ns = double(to.tv_sec - from.tv_sec) * 1e9 + double(to.tv_nsec - from.tv_nsec);
    WARN(programme << ": " << ns / double(kPeople) << " ns a person, " << sum.str() << " yuan");
  }
}
