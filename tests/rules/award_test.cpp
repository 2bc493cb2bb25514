// Awards after a rating, of which some were paid before this ledger.
#include <catch2/catch.hpp>

#include "tests/rules/scheme_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Json rated() {
  Json policy = scheme("zhongxiang");
  policy.erase("in_force_to");
  policy.erase("transition");
  policy["in_force_from"] = "2025-01-01";
  policy["programmes"][4]["entitlement"]["tariff"] = Json::array(
      {{{"amount", "30000.00"}, {"id", "three"}, {"rating", "3"}, {"title", "t"}},
       {{"amount", "40000.00"}, {"id", "four"}, {"rating", "4"}, {"title", "t"}}});
  return policy;
}

struct Awards {
  Scheme scene{rated()};

  void rate(const std::string& day, const std::string& rating) {
    scene.assess("p1", "acceptance", day, "", rating);
  }
  Assessment in(const std::string& period, const std::string& as_of = "2026-12-31") const {
    const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("day_care"));
    return rules.of_provider(*ProviderId::parse("p1"), month(period), *RegionCode::parse("420881"),
                             day(as_of));
  }
};

}  // namespace

TEST_CASE("an award that was paid before the cutover is not paid again for the same rating") {
  Awards a;
  a.rate("2025-03-01", "3");
  CHECK(a.in("2026-03").due.amount.str() == "30000.00");
  a.scene.paid_before("day_care", "2025-12-31");
  SECTION("nothing new") {
    CHECK(a.in("2026-03").due.amount.is_zero());
    CHECK(a.in("2026-03").why->reason == Reason::paid_before);
  }
  SECTION("rated the same again") {
    a.rate("2026-02-01", "3");
    CHECK(a.in("2026-03").due.amount.is_zero());
    CHECK(a.in("2026-03").due.units == Quantity(0));
    CHECK(a.in("2026-03").why->reason == Reason::paid_before);
  }
  SECTION("a better rating brings the rise") {
    a.rate("2026-02-01", "4");
    CHECK(a.in("2026-03").due.amount.str() == "10000.00");
    CHECK(!a.in("2026-03").why);
  }
  SECTION("a worse one after a better one brings nothing") {
    a.rate("2025-06-01", "4");
    a.rate("2026-02-01", "3");
    CHECK(a.in("2026-03").due.amount.is_zero());
  }
  SECTION("what brought nothing before takes nothing off") {
    Awards other;
    other.scene.paid_before("day_care", "2025-12-31");
    other.rate("2025-03-01", "2");
    other.rate("2026-02-01", "3");
    CHECK(other.in("2026-03").due.amount.str() == "30000.00");
  }
}

TEST_CASE("an award is earned while the policy is in force, not in its transition") {
  Json policy = rated();
  policy["in_force_to"] = "2025-06-30";
  policy["transition"] = Json{{"note_en", "n"}, {"note_zh", "n"}, {"serves_until", "2026-06-30"}};
  Awards a{Scheme(policy)};
  a.rate("2025-08-01", "3");
  CHECK(a.in("2025-09").due.amount.is_zero());
  CHECK(a.in("2025-09").why->reason == Reason::policy_closed);
  // Long after the transition nobody is served at all.
  const auto long_after = a.in("2027-01");
  CHECK(long_after.why->reason == Reason::policy_not_in_force);
  CHECK(long_after.why->detail == "2027-01-01");
  a.rate("2025-06-30", "3");
  CHECK(!a.in("2025-09").noted);  // the same is found again: nobody expects more
  a.rate("2025-09-01", "4");
  const auto better = a.in("2025-09");
  CHECK(better.due.amount.str() == "30000.00");
  CHECK(!better.why);
  REQUIRE(better.noted);  // so a run names it
  CHECK(better.noted->reason == Reason::policy_closed);
}

namespace {

// Three stars 60,000.00, two 25,000.00; from 16 August 66,000.00, 61,000.00, and five 100,000.00.
Awards raised() {
  const auto star = [](const char* rating, const char* amount) {
    return Json{{"amount", amount}, {"id", std::string("r") + rating}, {"rating", rating}, {"title", "t"}};
  };
  Json policy = rated();
  auto tariff = [&]() -> Json& { return policy["programmes"][4]["entitlement"]["tariff"]; };
  tariff() = Json::array({star("3", "60000.00"), star("2", "25000.00")});
  Awards a;
  a.scene = Scheme(policy);
  policy["version"] = 2;
  policy["in_force_from"] = "2025-08-16";
  tariff() = Json::array({star("3", "66000.00"), star("2", "61000.00"), star("5", "100000.00")});
  a.scene.add(policy);
  return a;
}

}  // namespace

TEST_CASE("rates that were raised reward nobody for a rating that is no better") {
  struct Row {
    const char *first, *later;
    std::string due;
  };
  for (const auto& [first, later, due] : std::vector<Row>{{"3", "", "60000.00"},
                                                          {"3", "3", "60000.00"},
                                                          {"3", "2", "60000.00"},
                                                          {"2", "2", "25000.00"},
                                                          {"2", "3", "30000.00"},     // 66,000 - 61,000 more
                                                          {"3", "5", "94000.00"},     // 100,000 - 66,000 more
                                                          {"", "3", "66000.00"}}) {
    INFO(first << " " << later);
    for (const bool paid_elsewhere : {false, true}) {
      Awards a = raised();
      if (*first) a.rate("2025-06-01", first);
      if (*later) a.rate("2025-09-05", later);
      if (paid_elsewhere) a.scene.paid_before("day_care", "2025-06-30");
      const auto found = a.in("2025-09");
      const Money before = yuan(!paid_elsewhere || !*first ? "0.00" : *first == '3' ? "60000.00" : "25000.00");
      CHECK(found.due.amount.str() == (yuan(due) - before).str());
      CHECK(found.due.units.str() == (found.due.amount.is_zero() ? "0.00" : "1.00"));
    }
  }
  // Lost, and won again; lost, and then better than ever.
  Awards a = raised();
  for (const auto& [on, rating] : {std::pair("2025-06-01", "3"), {"2025-09-05", "2"}, {"2025-10-05", "3"}}) a.rate(on, rating);
  CHECK(a.in("2025-11").due.amount.str() == "60000.00");
  a.rate("2025-11-05", "5");
  CHECK(a.in("2025-11").due.amount.str() == "94000.00");
}

TEST_CASE("a rating that the version of the better one names no more is worth what it brought") {
  Awards a;
  a.rate("2025-06-01", "3");
  Json next = rated();
  next["version"] = 2;
  next["in_force_from"] = "2025-08-16";
  next["programmes"][4]["entitlement"]["tariff"] =
      Json::array({{{"amount", "45000.00"}, {"id", "a"}, {"rating", "A"}, {"title", "t"}}});
  a.scene.add(next);
  CHECK(a.in("2025-09").due.amount.str() == "30000.00");
  a.rate("2025-09-05", "A");
  CHECK(a.in("2025-09").due.amount.str() == "45000.00");
}

TEST_CASE("each amount of an award is borne as its own version shares it") {
  const auto shared = [](int county) {
    return Json::array({{{"parts", Json::array({{{"level", "county"}, {"weight", county}},
                                                {{"level", "town"}, {"weight", 10 - county}}})}}});
  };
  Json policy = rated();
  policy["programmes"][4]["entitlement"]["cost_shares"] = shared(6);
  Awards a;
  a.scene = Scheme(policy);
  policy["version"] = 2;
  policy["in_force_from"] = "2025-08-16";
  policy["programmes"][4]["entitlement"]["cost_shares"] = shared(7);
  a.scene.add(policy);
  a.rate("2025-06-01", "3");
  CHECK(shares(a.in("2025-09")) == "18000.00 + 12000.00");
  a.rate("2025-09-05", "4");
  CHECK(shares(a.in("2025-09")) == "25000.00 + 15000.00");
}

TEST_CASE("an award by a policy, or at a rate, that begins or ends within the month") {
  Json first = rated();
  first["in_force_from"] = "2025-06-16";
  Json second = first;
  second["version"] = 2;
  second["in_force_from"] = "2025-09-11";
  second["in_force_to"] = "2025-09-14";
  second["programmes"][4]["entitlement"]["tariff"][0]["amount"] = "35000.00";
  for (const auto& [on, amount] : {std::pair("2025-06-15", "0.00"), {"2025-06-16", "30000.00"},
                                   {"2025-09-10", "30000.00"}, {"2025-09-11", "35000.00"},
                                   {"2025-09-14", "35000.00"}, {"2025-09-15", "0.00"}}) {
    INFO(on);
    Awards a;
    a.scene = Scheme(first);
    a.scene.add(second);
    a.rate(on, "3");
    CHECK(a.in("2025-09").due.amount.str() == amount);
  }
}

TEST_CASE("whoever looks back before an award was earned does not take back what was calculated since") {
  Awards a;
  a.rate("2026-06-05", "3");
  CHECK(a.in("2026-06", "2026-06-04").due.amount.is_zero());
  CHECK(!a.in("2026-06", "2026-06-04").unknown);
  a.scene.calculated("day_care", "p1", "2026-06", "30000.00");
  for (const auto* period : {"2026-05", "2026-06"}) {
    const auto asked = a.in(period, "2026-06-04");
    CHECK(asked.unknown);
    CHECK(asked.why->reason == Reason::date_too_early);
    CHECK(asked.why->subject == "2026-06-04");
    CHECK(asked.why->detail == "2026-06-05");
  }
  CHECK(a.in("2026-06", "2026-06-05").settled());
  a.rate("2026-06-05", "2");  // it was wrong: that is taken back on whatever day
  CHECK(a.in("2026-06", "2026-06-04").difference().str() == "-30000.00");
}

TEST_CASE("whoever looks back before a rating without an amount cannot say what is due, either") {
  Json policy = rated();
  policy["programmes"][4]["entitlement"]["tariff"].push_back({{"id", "five"}, {"rating", "5"}, {"title", "t"}});
  Awards a;
  a.scene = Scheme(policy);
  a.rate("2026-06-01", "3");
  a.scene.calculated("day_care", "p1", "2026-06", "30000.00");
  a.rate("2026-06-20", "5");
  for (const auto* as_of : {"2026-05-20", "2026-07-01"}) {
    const auto asked = a.in("2026-06", as_of);
    CHECK(asked.unknown);
    REQUIRE(asked.why);
    CHECK(asked.why->reason == Reason::rate_not_set);
  }
}

TEST_CASE("beds that wait for the next month: the day that is enough is the first of it") {
  Json policy = rated();
  auto& beds = policy["programmes"][1]["entitlement"];
  beds["cycle"] = "once";
  beds["start"] = "next_month";
  beds["tariff"][0]["amount"] = "3000.00";
  Scheme scene(policy);
  scene.assess("p1", "verified_beds", "2025-04-10", "10.00");
  scene.calculated("beds", "p1", "2025-05", "30000.00");
  const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("beds"));
  const auto asked = [&](const char* as_of) {
    return rules.of_provider(*ProviderId::parse("p1"), month("2025-05"), *RegionCode::parse("420881"), day(as_of));
  };
  REQUIRE(asked("2025-04-20").unknown);
  CHECK(asked("2025-04-20").why->detail == "2025-05-01");
  CHECK(asked("2025-05-01").settled());
}

TEST_CASE("an award from before any version that stands here is worth what the first one says") {
  Awards a;
  a.rate("2023-03-01", "3");
  a.scene.paid_before("day_care", "2024-12-31");
  a.rate("2026-02-01", "4");
  CHECK(a.in("2026-03").due.amount.str() == "10000.00");
}
