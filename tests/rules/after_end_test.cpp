// What begins after that on which it rests has ended is due nothing, however `start` and `stop` move the days.
#include <catch2/catch.hpp>

#include "tests/rules/allowance_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// 310.00 a month: 10.00 a day of May.
Json of_may(const std::string& start, const std::string& stop, const std::string& proration) {
  Json policy = allowance(start, stop, proration);
  terms_of(policy)["tariff"] = Json::array({band("a", "310.00")});
  return policy;
}
Json with_transition(Json policy) {
  policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2025-08-20"}};
  return policy;
}
Json with_approval(Json policy) {
  policy["approval"] = Json{{"effective", "same_day"},
                            {"steps", Json::array({{{"id", "yes"}, {"kind", "approval"}, {"title", "t"}}})}};
  return policy;
}
std::string may(const Json& policy, const Elder& elder) {
  Scheme scene(policy);
  scene.add(elder, "old_age");
  return due(scene, elder, "2025-05");
}
const std::vector<std::string> kProrations{"days", "months"};

}  // namespace

TEST_CASE("whoever died before a birthday is never as old") {
  for (const auto& [start, proration, reached] : {std::tuple("same_day", "days", "10.00"), {"same_month", "days", "200.00"},
                                                  {"same_day", "months", "310.00"}, {"same_month", "months", "310.00"}}) {
    INFO(start << " " << proration);
    Json policy = of_may(start, "same_day", proration);
    terms_of(policy)["tariff"] = Json::array({band("80", "310.00", 80)});
    Elder elder;
    elder.birth = "1945-05-20";
    elder.ended_on = "2025-05-10";
    CHECK(may(policy, elder) == "0.00");
    elder.ended_on = "2025-05-20";
    CHECK(may(policy, elder) == reached);
  }
  // Nor in the days that `stop` gives after the death, nor of the age that lets in.
  Json policy = of_may("same_day", "same_month", "days");
  terms_of(policy)["tariff"] = Json::array({band("80", "620.00", 80), band("70", "310.00", 70)});
  Elder elder;
  elder.birth = "1945-05-20";
  elder.ended_on = "2025-05-10";
  CHECK(may(policy, elder) == "310.00");
  policy["eligibility"]["min_age"] = 80;
  CHECK(may(policy, elder) == "0.00");
}

TEST_CASE("whoever is entitled after the policy has ended, or in its transition, is nobody of it") {
  for (const auto& proration : kProrations) {
    for (const auto* start : {"same_day", "same_month"}) {
      INFO(proration << " " << start);
      Json policy = of_may(start, "same_month", proration);
      policy["in_force_to"] = "2025-05-15";
      Elder elder;
      elder.entitled_from = "2025-05-20";
      CHECK(may(policy, elder) == "0.00");
      CHECK(may(with_transition(policy), elder) == "0.00");
      elder.entitled_from = "2025-05-15";
      CHECK(may(policy, elder) != "0.00");
      CHECK(may(with_transition(policy), elder) != "0.00");
      // So it is with a version that drops the programme, whatever follows.
      Json whole = of_may(start, "same_month", proration), without = whole;
      without["version"] = 2;
      without["in_force_from"] = "2025-05-16";
      without["programmes"][0]["id"] = "other";
      elder.entitled_from = "2025-05-20";
      Scheme scene(whole);
      scene.add(without);
      whole["version"] = 3;
      whole["in_force_from"] = "2025-06-01";
      scene.add(whole);
      scene.add(elder, "old_age");
      CHECK(due(scene, elder, "2025-05") == "0.00");
      CHECK(due(scene, elder, "2025-06") == "310.00");
    }
  }
}

TEST_CASE("a version that is not in force any more takes nobody while its rates still count") {
  Json first = of_may("same_month", "same_month", "days"), second = first;
  terms_of(second)["rates"] = "next_quarter";
  second["version"] = 2;
  second["in_force_from"] = "2025-04-10";
  second["in_force_to"] = "2025-05-15";
  Elder elder;
  Scheme scene(first);
  scene.add(with_transition(second));
  elder.entitled_from = "2025-05-20";
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2025-05") == "0.00");
  CHECK(scene.ask("old_age", elder, "2025-05").why->reason == Reason::policy_closed);
  CHECK(due(scene, elder, "2025-07") == "0.00");
  elder.entitled_from = "2025-05-15";
  scene.add(elder, "old_age");
  CHECK(due(scene, elder, "2025-05") == "310.00");
  CHECK(due(scene, elder, "2025-07") == "310.00");
}

TEST_CASE("a policy, or a version that has the programme again, is nothing to whoever died before it") {
  Json policy = of_may("same_month", "same_month", "days");
  policy["in_force_from"] = "2025-05-16";
  Elder elder;
  elder.ended_on = "2025-05-10";
  CHECK(may(policy, elder) == "0.00");
  elder.ended_on = "2025-05-16";
  CHECK(may(policy, elder) == "160.00");
}

TEST_CASE("a birthday after the policy, the grant or the contract has ended changes nothing") {
  for (const auto& proration : kProrations) {
    INFO(proration);
    Json policy = of_may("same_month", "same_month", proration);
    terms_of(policy)["tariff"] = Json::array({band("80", "620.00", 80), band("70", "310.00", 70)});
    Elder elder;
    elder.birth = "1945-05-20";
    const bool days = proration == "days";
    CHECK(may(policy, elder) == "620.00");
    Json ended = policy;
    ended["in_force_to"] = "2025-05-15";
    CHECK(may(ended, elder) == (days ? "150.00" : "310.00"));
    CHECK(may(with_transition(ended), elder) == "620.00");  // whoever was there grows older as ever
    elder.granted = "2025-01-01";
    elder.granted_to = "2025-05-10";
    CHECK(may(with_approval(policy), elder) == "310.00");
    elder.granted_to.clear();
    elder.provider = "p1";
    terms_of(policy)["payee"] = "assigned_provider";
    Scheme scene(with_approval(policy));
    scene.add(elder, "old_age");
    scene.contracts("p1", {{"2025-01-01", "2025-05-10"}});
    CHECK(due(scene, elder, "2025-05") == (days ? "100.00" : "310.00"));
    scene.contracts("p1", {{"2025-01-01", "2025-05-10"}, {"2025-05-11", "2025-12-31"}});
    CHECK(due(scene, elder, "2025-05") == "620.00");
  }
}

TEST_CASE("a grant, a contract or a fact from after the end is nothing") {
  for (const auto& proration : kProrations) {
    INFO(proration);
    Json policy = with_approval(of_may("same_month", "same_month", proration));
    Elder elder;
    elder.granted = "2025-05-20";
    elder.ended_on = "2025-05-10";
    CHECK(may(policy, elder) == "0.00");
    elder.ended_on.clear();
    Json ended = policy;
    ended["in_force_to"] = "2025-05-15";
    CHECK(may(ended, elder) == "0.00");
    // The contract of the provider: what is paid whole months of is not its month.
    terms_of(policy)["payee"] = "assigned_provider";
    elder.granted = "2025-01-01";
    elder.provider = "p1";
    elder.ended_on = "2025-05-10";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    scene.contracts("p1", {{"2025-05-20", "2025-12-31"}});
    CHECK(due(scene, elder, "2025-05") == "0.00");
    elder.ended_on.clear();
    ended = policy;
    ended["in_force_to"] = "2025-05-15";
    Scheme short_of(ended);
    short_of.add(elder, "old_age");
    for (const auto& earlier : {std::pair("2024-01-01", "2025-04-30"), {"2024-01-01", "2024-12-31"}}) {
      short_of.contracts("p1", {{earlier.first, earlier.second}, {"2025-05-20", "2025-12-31"}});
      CHECK(due(short_of, elder, "2025-05") == "0.00");
    }
  }
}

TEST_CASE("what was applied for after the death is nothing, though the approval counts from the first of its month") {
  const Json policy = with_approval(of_may("same_month", "same_month", "days"));
  for (const auto& [applied, expected] : {std::pair("2025-05-10", "310.00"), {"2025-05-12", "0.00"}}) {
    INFO(applied);
    Elder elder;
    elder.granted = "2025-05-01";
    elder.ended_on = "2025-05-10";
    Scheme scene(policy);
    scene.add(elder, "old_age");
    Overlay overlay(scene.state);
    Grant grant = grants_of(scene.state, elder.id).front();
    withdraw_grant(overlay, elder.id, grant.application, day("2025-04-30"));
    grant.application = *ApplicationId::parse("late");
    grant.applied_on = day(applied);
    add_grant(overlay, elder.id, grant);
    scene.state.take(overlay);
    CHECK(due(scene, elder, "2025-05") == expected);
  }
}

TEST_CASE("another provider's grant from after the death leaves the month to the one before") {
  Json policy = with_approval(of_may("same_month", "same_month", "days"));
  terms_of(policy)["payee"] = "assigned_provider";
  Elder elder;
  elder.ended_on = "2025-05-10";
  elder.granted = "2025-01-01";
  elder.provider = "p1";
  Scheme scene(policy);
  scene.add(elder, "old_age");
  elder.granted = "2025-05-20";
  elder.provider = "p2";
  scene.add(elder, "old_age");
  CHECK(scene.ask("old_age", elder, "2025-05", "p1").due.amount.str() == "310.00");
  CHECK(scene.ask("old_age", elder, "2025-05", "p2").due.amount.is_zero());
}

TEST_CASE("what is recorded for a day after the end changes nothing before it") {
  Json policy = of_may("same_month", "same_month", "months");
  Json low = band("low", "31.00"), town = band("town", "62.00");
  low["care_levels"] = Json::array({"mild"});
  town["regions"] = Json::array({"330382005"});
  terms_of(policy)["tariff"] = Json::array({low, town, band("a", "310.00")});
  const bool moves = GENERATE(true, false);
  Elder elder;
  elder.ended_on = GENERATE("2025-05-10", "2025-05-20", "");
  Scheme scene(policy);
  scene.add(elder, "old_age");
  BeneficiaryAmendment change;
  change.beneficiary = elder.id;
  if (moves) change.region = *RegionCode::parse("330382005");
  if (!moves) change.care_level = code("mild");
  Overlay overlay(scene.state);
  record_facts(overlay, day("2025-05-20"), change);
  scene.state.take(overlay);
  CHECK(due(scene, elder, "2025-05") == (elder.ended_on == "2025-05-10" ? "310.00" : moves ? "62.00" : "31.00"));
}

TEST_CASE("the days between an end and a return are nobody's, but those of a month that is paid whole") {
  struct Row {
    std::string proration, start, stop, may;
  };
  for (const auto& [proration, start, stop, expected] : std::vector<Row>{
           {"days", "same_month", "same_day", "220.00"},  // to the 10th, and from the 20th
           {"days", "same_day", "same_day", "220.00"},
           {"days", "same_month", "same_month", "310.00"},  // the end counts to the last of the month
           {"days", "same_month", "month_before", "120.00"},
           {"months", "same_month", "month_before", "310.00"},
           {"months", "same_month", "same_month", "310.00"}}) {
    INFO(proration << " " << start << " " << stop);
    Elder elder;
    elder.away_on = "2025-05-10";
    elder.back_on = "2025-05-20";
    const Json policy = of_may(start, stop, proration);
    CHECK(may(policy, elder) == expected);
    // Nobody comes back to a policy that has ended.
    Json ended = policy;
    ended["in_force_to"] = "2025-05-15";
    const std::string to_the_end = stop == "month_before" ? "0.00" : stop == "same_day" ? "100.00" : "150.00";
    CHECK(may(ended, elder) == (proration == "days" ? to_the_end : stop == "same_month" ? "310.00" : "0.00"));
  }
}

namespace {

// 10 beds at 31.00 a month, 1,000.00 for each when it is new, and 1,000.00 for a star.
Json of_providers(const std::string& start, const std::string& proration) {
  Json policy = of_may(start, "same_month", proration);
  auto& terms = terms_of(policy);
  for (const auto* of_persons : {"exclusive_group", "cost_shares"}) terms.erase(of_persons);
  terms["payee"] = "claimant";
  terms["assessment"] = "ob";
  terms["tariff"] = Json::array({band("b", "31.00")});
  Json once = policy["programmes"][0], award = once;
  policy["programmes"][0]["instrument"] = once["instrument"] = "bed_subsidy";
  award["instrument"] = "award";
  once["id"] = "once";
  award["id"] = "award";
  for (Json* programme : {&once, &award}) {
    auto& of_it = (*programme)["entitlement"];
    of_it["cycle"] = "once";
    of_it["tariff"] = Json::array({band("b", "1000.00")});
  }
  policy["programmes"].push_back(once);
  policy["programmes"].push_back(award);
  return policy;
}

}  // namespace

TEST_CASE("beds and stars that are found after the contract or the policy has ended") {
  for (const auto& proration : kProrations) {
    for (const auto* start : {"same_day", "same_month"}) {
      INFO(proration << " " << start);
      Json policy = of_providers(start, proration);
      policy["in_force_to"] = "2025-05-15";
      Scheme scene(policy);
      const auto nothing = [&](Reason reason) {
        for (const auto* programme : {"old_age", "once", "award"}) {
          INFO(programme);
          const auto found = scene.ask_provider(programme, "h1", "2025-05", "2025-05-31");
          CHECK(found.due.amount.str() == "0.00");
          REQUIRE(found.why);
          CHECK(found.why->reason == reason);
        }
      };
      nothing(Reason::assessment_missing);
      scene.assess("h1", "ob", "2025-05-20", "10.00");
      nothing(Reason::policy_not_in_force);
      scene.assess("h1", "ob", "2025-05-12", "10.00");
      scene.contracts("h1", {{"2025-01-01", "2025-05-10"}});
      nothing(Reason::contract_not_valid);
      scene.contracts("h1", {{"2025-05-20", "2025-12-31"}});  // one that begins after the policy
      nothing(Reason::contract_not_valid);
      scene.contracts("h1", {{"2025-01-01", "2025-05-12"}});
      CHECK(scene.ask_provider("once", "h1", "2025-05", "2025-05-31").due.amount.str() == "10000.00");
      CHECK(scene.ask_provider("award", "h1", "2025-05", "2025-05-31").due.amount.str() == "1000.00");
      const auto beds = scene.ask_provider("old_age", "h1", "2025-05", "2025-05-31").due.amount.str();
      CHECK(beds == (proration == "months" ? "310.00" : start == std::string("same_day") ? "10.00" : "120.00"));
    }
  }
}
