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
  a.rate("2025-06-30", "3");
  a.rate("2025-09-01", "4");
  CHECK(a.in("2025-09").due.amount.str() == "30000.00");
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
