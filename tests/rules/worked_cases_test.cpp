// The worked cases of fixtures/worked-cases.csv that speak of what is due, through the schemes of
// fixtures/schemes: each expectation is read from the file. (Cases that are documents: in
// calculation_test.cpp and year_test.cpp; splits alone: tests/core/vectors_test.cpp.)
#include <catch2/catch.hpp>
#include <regex>

#include "tests/rules/scheme_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

// The amounts in a text, without thousands separators, in their order.
std::vector<std::string> amounts(const std::string& text) {
  static const std::regex form("[0-9][0-9,]*\\.[0-9]{2}(?![0-9])");
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
    std::string amount = at->str();
    std::erase(amount, ',');
    found.push_back(amount);
  }
  return found;
}
std::vector<std::string> expected(const std::string& name) { return amounts(worked_row(name)[3]); }

const char* kDistrict = "homecare-district";
Elder disabled(int n = 1) {
  Elder elder;
  elder.id = Pseudonym(std::uint64_t(n));
  elder.care_level = "disabled";
  elder.granted = "2024-01-01";
  elder.provider = "p1";
  return elder;
}
Elder half_disabled(int n = 2) {
  Elder elder = disabled(n);
  elder.care_level = "half_disabled";
  return elder;
}
Scheme homecare(const std::vector<Elder>& elders) {
  Scheme scene(scheme(kDistrict));
  for (const auto& elder : elders) scene.add(elder, "homecare");
  return scene;
}

}  // namespace

TEST_CASE("HC-Q: quarters of 90, 91 and 92 days, by care level, shared 6:4") {
  const Scheme scene = homecare({disabled(), half_disabled()});
  int checked = 0;
  for (const auto& row : worked_rows()) {
    std::smatch parts;
    static const std::regex form("HC-Q([0-9]{4})Q([1-4])-((?:半)?失能)");
    if (!std::regex_match(row[0], parts, form)) continue;
    INFO(row[0]);
    const int first = std::stoi(parts[2]) * 3 - 2;
    const auto period = Month::from_ordinal(std::stoi(parts[1]) * 12 + first - 1).str();
    const auto due = scene.ask("homecare", parts[3] == "失能" ? disabled() : half_disabled(), period);
    const auto want = amounts(row[3]);
    REQUIRE(want.size() == 3);
    CHECK(due.due.amount.str() == want[0]);
    CHECK(shares(due) == want[1] + " + " + want[2]);
    CHECK_FALSE(due.unknown);
    ++checked;
  }
  CHECK(checked == 16);
}

TEST_CASE("HC-DEATH: the day of death is the last one paid, or not") {
  Elder elder = disabled();
  elder.ended_on = "2025-05-10";
  const auto want = expected("HC-DEATH");
  const auto due = homecare({elder}).ask("homecare", elder, "2025-04");
  CHECK(due.due.amount.str() == want[0]);
  CHECK(shares(due) == want[1] + " + " + want[2]);
  CHECK(due.due.units.str() == "80.00");
  REQUIRE(due.why);
  CHECK(due.why->reason == Reason::entitlement_ended);

  Json policy = scheme(kDistrict);
  policy["death_day_payable"] = false;
  Scheme strict(policy);
  strict.add(elder, "homecare");
  CHECK(strict.ask("homecare", elder, "2025-04").due.amount.str() == "1170.00");
}

TEST_CASE("HC-OVER: of 2.0 hours a day 1.5 are paid, the rest is the person's own") {
  Scheme scene = homecare({half_disabled()});
  for (int d = 1; d <= 30; ++d) {
    scene.deliver(half_disabled().id, "homecare", "p1", (Month::parse("2025-04")->first_day() + (d - 1)).str(), "2.00");
  }
  const auto want = expected("HC-OVER");
  const auto due = scene.ask("homecare", half_disabled(), "2025-04", "p1", true);
  CHECK(due.due.amount.str() == want[0]);
  CHECK((yuan("15.00") * 60 - due.due.amount).str() == want[1]);
}

TEST_CASE("HC-UNDER: 182 hours approved, 120 delivered") {
  Scheme scene = homecare({disabled()});
  for (int d = 0; d < 60; ++d) {
    scene.deliver(disabled().id, "homecare", "p1", (day("2025-04-01") + d).str(), "2.00");
  }
  const auto approved = scene.ask("homecare", disabled(), "2025-04");
  const auto delivered = scene.ask("homecare", disabled(), "2025-04", "p1", true);
  CHECK(approved.due.units.str() == "182.00");
  CHECK(delivered.due.units.str() == "120.00");
  const auto want = expected("HC-UNDER");
  CHECK((approved.due.amount - delivered.due.amount).str() == want[0]);
  CHECK((approved.due.shares[0] - delivered.due.shares[0]).str() == want[1]);
  CHECK((approved.due.shares[1] - delivered.due.shares[1]).str() == want[2]);
}

TEST_CASE("YQ-90: somebody who turns 90 in the quarter, by the start rule") {
  Elder elder;
  elder.birth = "1925-02-10";
  elder.facts = {"household_register"};
  const auto want = expected("YQ-90");
  for (const auto& [rule, amount] : {std::pair("same_month", want[0]), {"next_month", want[1]}}) {
    Json policy = scheme("yueqing-2015");
    policy["programmes"][0]["entitlement"]["start"] = rule;
    Scheme scene(policy);
    scene.add(elder, "old_age");
    CHECK(scene.ask("old_age", elder, "2015-01").due.amount.str() == amount);
    CHECK(scene.ask("old_age", elder, "2015-04").due.amount.str() == "300.00");
  }
}

TEST_CASE("YQ-GAP: full years for all would be more than what was paid") {
  const auto row = worked_row("YQ-GAP");
  Elder elder;
  elder.entitled_from = "2015-01-01";
  elder.category = "subsidised";
  elder.birth = "1940-01-01";
  elder.facts = {"household_register"};
  Scheme scene(scheme("yueqing-2015"));
  scene.add(elder, "service_subsidy");
  Money year;
  for (int m = 0; m < 12; ++m) {
    year += scene.ask("service_subsidy", elder, month("2015-01").plus(m).str()).due.amount;
  }
  CHECK((year * 3874 - yuan("4186800.00")).str() == amounts(row[3])[0]);
}

TEST_CASE("NAT-800, NAT-SPLIT: half of the bill at home, two fifths in an institution, 800 at most") {
  const auto capped = expected("NAT-800"), split = expected("NAT-SPLIT");
  struct Case {
    Channel channel;
    const char* bill;
    std::string want, region, shares;
  };
  const std::vector<Case> cases = {
      {Channel::home, "1000.00", capped[0], "420881", {}},
      {Channel::home, "2000.00", capped[1], "420881", split[0] + " + " + split[1]},
      {Channel::institution, "4500.00", capped[2], "330382", split[2] + " + " + split[3]},
      {Channel::institution, "4500.00", capped[2], "610600", split[4] + " + " + split[5]}};
  int n = 0;
  for (const auto& one : cases) {
    Elder elder;
    elder.id = Pseudonym(std::uint64_t(++n));
    elder.channel = one.channel;
    elder.care_level = "severe";
    elder.granted = "2026-01-01";
    elder.region = one.region;
    Scheme scene(scheme("national-2026"));
    scene.add(elder, "consumption");
    // Two providers: who was recorded first is paid first.
    const std::string half = (Money::of_fen(fen_of(yuan(one.bill)) / 2)).str();
    scene.deliver(elder.id, "consumption", "p1", "2026-03-02", "1.00", half);
    scene.deliver(elder.id, "consumption", "p2", "2026-03-01", "1.00", half);
    const auto first = scene.ask("consumption", elder, "2026-03", "p1");
    const auto second = scene.ask("consumption", elder, "2026-03", "p2");
    CHECK((first.due.amount + second.due.amount).str() == one.want);
    CHECK(first.due.units.str() == "0.00");
    Scheme together(scheme("national-2026"));
    together.add(elder, "consumption");
    together.deliver(elder.id, "consumption", "p1", "2026-03-02", "1.00", one.bill);
    const auto all = together.ask("consumption", elder, "2026-03");
    CHECK(all.due.amount.str() == one.want);
    if (!one.shares.empty()) CHECK(shares(all) == one.shares);
    CHECK(together.ask("consumption", elder, "2026-04").due.amount.is_zero());
  }
}

TEST_CASE("LTC-65: nine tenths of what a service costs, after insurance if there is any") {
  const auto want = expected("LTC-65");
  Json policy = scheme("national-2026");
  auto& terms = policy["programmes"][0]["entitlement"];
  terms["tariff"] = Json::array({{{"id", "hour"}, {"percent", 90}, {"title", "x"}}});
  terms.erase("cost_shares");
  Elder elder;
  elder.care_level = "severe";
  elder.granted = "2026-01-01";
  Scheme scene(policy);
  scene.add(elder, "consumption");
  scene.deliver(elder.id, "consumption", "p1", "2026-03-02", "1.00", "65.00");
  const auto due = scene.ask("consumption", elder, "2026-03");
  CHECK(due.due.amount.str() == want[0]);
  CHECK((yuan("65.00") - due.due.amount).str() == want[1]);
  scene.deliver(elder.id, "consumption", "p1", "2026-03-03", "1.00", "65.00", "58.50");
  CHECK(scene.ask("consumption", elder, "2026-03").due.amount.str() == "64.35");
}

TEST_CASE("ZX-DAYCARE: each centre once, after its acceptance") {
  Scheme scene(scheme("zhongxiang"));
  scene.assess("c1", "acceptance", "2017-05-20", "", "accepted");
  const EntitlementRules rules(scene.state, scene.ref(), *ProgrammeId::parse("day_care"));
  const auto of = [&](const char* provider, const char* as_of) {
    return rules.of_provider(*ProviderId::parse(provider), month("2017-05"),
                             *RegionCode::parse("420881"), day(as_of));
  };
  CHECK(of("c1", "2017-05-20").due.amount.str() + "" == "1500000.00");
  CHECK(of("c1", "2017-05-19").why->reason == Reason::assessment_missing);
  CHECK(of("c2", "2017-05-20").why->reason == Reason::assessment_missing);
  CHECK(worked_row("ZX-DAYCARE")[3].find("average 1,500,000") != std::string::npos);
}
