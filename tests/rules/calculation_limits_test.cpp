// What a calculation refuses: paying twice what is given once, taking back what stays due, and money
// of the wrong funds, contracts and regions.
#include <catch2/catch.hpp>

#include "ledger/core/accounts.h"
#include "ledger/core/policy_check.h"
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
    CHECK(b.ask(calculate("2025-08-03", "2025-08",
                          {{12, "697.50", "418.50", "279.00", "46.50"}, back})) ==
          "amount-mismatch");
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("what was due before a version dropped the programme may be calculated afterwards") {
  Books b = homecare();
  Json without = scheme("homecare-district");
  without.erase("approval");
  without["version"] = 2;
  without["in_force_from"] = "2025-07-01";
  without["programmes"][0]["id"] = "other";
  must(b, {"reg.registrar", "2025-04-01", "policy_registration", registration(without)});
  CHECK(b.ask(calculate("2025-07-10", "2025-04", {kFull})) == "ok");
  CHECK(b.ask(calculate("2025-10-10", "2025-07", {{11, "2760.00", "1656.00", "1104.00", "184.00"}})) ==
        "policy-not-in-force");
  CHECK(b.refusal().detail == "2025-07-01");
  // A version that has it again is the one that counts.
  Json again = without;
  again["version"] = 3;
  again["in_force_from"] = "2026-01-01";
  again["programmes"][0]["id"] = "homecare";
  again["programmes"].push_back(without["programmes"][0]);
  must(b, {"reg.registrar", "2025-10-11", "policy_registration", registration(again)});
  CHECK(b.ask(calculate("2025-12-31", "2025-04", {kHalf})) == "ok");
  CHECK(b.ask(calculate("2026-01-02", "2025-04", {{13, "2730.00", "1638.00", "1092.00", "182.00"}})) ==
        "policy-not-in-force");
}

TEST_CASE("the id of a calculated programme belongs to one policy, and keeps its cycle and payee") {
  Books b = homecare();
  const Json first = scheme("homecare-district");
  const auto register_ = [&](Json policy) {
    policy.erase("approval");
    return b.ask({"reg.registrar", "2025-04-01", "policy_registration", registration(policy)});
  };
  SECTION("another policy cannot take it") {
    Json other = first;
    other["name"] = "other";
    CHECK(register_(other) == "already-registered");
    CHECK(b.refusal().field == "doc.policy.programmes[0].id");
    CHECK(b.refusal().detail == "homecare-district");
    other["programmes"][0]["id"] = "other_homecare";
    other["programmes"].erase(1);
    CHECK(register_(other) == "ok");
  }
  SECTION("a later version") {
    Json second = first;
    second["version"] = 2;
    second["in_force_from"] = "2025-05-01";
    auto& terms = second["programmes"][0]["entitlement"];
    SECTION("cannot pay in another cycle") {
      terms["cycle"] = "month";
      CHECK(register_(second) == "invalid-value");
      CHECK(b.refusal().field == "doc.policy.programmes[0].entitlement.cycle");
      CHECK(b.refusal().detail == "as before: quarter");
      CHECK(b.refusal().en() == "\"month\" is not acceptable: it must stay what it was in the versions before, quarter.");
    }
    SECTION("cannot pay somebody else") {
      terms["payee"] = "paying_agent";
      CHECK(register_(second) == "invalid-value");
      CHECK(b.refusal().field == "doc.policy.programmes[0].entitlement.payee");
    }
    SECTION("cannot give something else") {
      second["programmes"][0]["instrument"] = "allowance";
      terms["basis"] = "approved";
      for (auto& band : terms["tariff"]) band.erase("per_day");
      terms.erase("items");
      terms.erase("worker_certificates");
      CHECK(register_(second) == "invalid-value");
      CHECK(b.refusal().field == "doc.policy.programmes[0].instrument");
    }
    SECTION("nor can one that comes after a version without the programme") {
      second["programmes"].erase(0);
      CHECK(register_(second) == "ok");
      Json third = first;
      third["version"] = 3;
      third["in_force_from"] = "2025-06-01";
      third["programmes"][0]["entitlement"]["cycle"] = "month";
      CHECK(register_(third) == "invalid-value");
    }
    SECTION("may pay more") {
      for (auto& band : terms["tariff"]) band["amount"] = "16.00";
      CHECK(register_(second) == "ok");
    }
  }
  SECTION("nobody decodes a policy of any size") {
    Json wide = first;
    auto& parts = wide["programmes"][0]["entitlement"]["cost_shares"][0]["parts"];
    for (int i = 0; i < 15; ++i) {
      parts.push_back({{"level", "l" + std::to_string(i)}, {"weight", 1}});
    }
    const auto faults = check_policy(policy_of(wide), "").faults;
    REQUIRE(!faults.empty());
    CHECK(faults.front().field == "programmes[0].entitlement.cost_shares[0].parts");
    CHECK(faults.front().detail == "1-16");

    Json bands = first;
    auto& tariff = bands["programmes"][0]["entitlement"]["tariff"];
    while (tariff.size() <= 1000) tariff.push_back(tariff[0]);
    CHECK(check_policy(policy_of(bands), "").faults.front().detail == "1-1000");

    Json programmes = first;
    while (programmes["programmes"].size() <= 200) {
      programmes["programmes"].push_back(programmes["programmes"][0]);
    }
    CHECK(check_policy(policy_of(programmes), "").faults.front().detail == "1-200");
  }
}

TEST_CASE("what is owed from the time of a contract can be calculated after it") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  Books b = homecare(policy);
  must(b, {"reg.registrar", "2025-06-30", "provider_amendment",
           "{'contract':{'from':'2024-01-01','number':'c2','to':'2025-06-30'},'provider':'p1',"
           "'reason':'r'}"});
  CalculationLine owed = kFull;
  owed.period = "2025-04";
  CHECK(b.ask(calculate("2025-07-03", "2025-07", {{12, "0.00", "0.00", "0.00", "0.00"}})) ==
        "contract-not-valid");
  CHECK(b.ask(calculate("2025-07-03", "2025-07", {owed})) == "ok");
}

TEST_CASE("what is still due is not recovered: the next calculation would pay it again") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  Books b = homecare(policy);
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  pay_calculation(b, entry, "2730.00");
  const auto recover = [&](const std::string& amount) {
    return b.ask({kPrep, "2025-07-20", "recovery_decision",
                  "{'amount':'" + amount + "','entitlement':{'beneficiary':'" + person(11) +
                      "','level':'district','period':'2025-04'},'fund':'f1','programme':'homecare',"
                      "'provider':'p1','reason':'r','recovery':'v1','region':'" + kTown + "'}",
                  "", "homecare-district@1"});
  };
  CHECK(recover("200.00") == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 0.00");
  must(b, died(11, "2025-05-10"));  // 40 of 91 days are due
  CHECK(recover("918.01") == "amount-mismatch");
  CHECK(recover("918.00") == "ok");
}

namespace {

// Of what p1 was paid for person 11's second quarter.
Ask recovery(const std::string& amount, const std::string& birth = {}, const std::string& level = "district",
             const std::string& region = kTown) {
  const std::string fund = level == "street" ? "f2" : "f1";
  return {kPrep, "2025-07-20", "recovery_decision",
          "{'amount':'" + amount + "','entitlement':{'beneficiary':'" + person(11) + "','level':'" + level +
              "','period':'2025-04'},'fund':'" + fund + "','programme':'homecare','provider':'p1','reason':'r',"
              "'recovery':'v-" + level + "','region':'" + region + "'}",
          "", "homecare-district@1", false, "", "", birth};
}

}  // namespace

TEST_CASE("what is still due is not recovered where the age decides, either") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  for (auto& band : policy["programmes"][0]["entitlement"]["tariff"]) band["age_from"] = 60;
  Books b = homecare(policy);
  Ask calculation = calculate("2025-04-01", "2025-04", {kFull});
  calculation.birth = "1930-01-01";
  pay_calculation(b, must(b, calculation), "2730.00");
  CHECK(b.ask(recovery("200.00")) == "missing-field");  // a vault that does not know
  CHECK(b.refusal().field == "doc.entitlement");
  CHECK(b.refusal().subject == "birth");
  CHECK(b.ask(recovery("200.00", "1930-01-01")) == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 0.00");
  must(b, died(11, "2025-05-10"));
  SECTION("40 of 91 days are due") {
    CHECK(b.ask(recovery("918.01", "1930-01-01")) == "amount-mismatch");
    CHECK(b.ask(recovery("918.00", "1930-01-01")) == "ok");
  }
  SECTION("nothing is calculated any more for an identity that was erased: the limit is what was") {
    must(b, {"two.registrar", "2025-07-19", "person_erasure",
             "{'beneficiary':'" + person(11) + "','ground':'ordered','ordered_by':'head','reference':'no 1'}"});
    CHECK(b.ask(recovery("1638.01")) == "amount-mismatch");
    CHECK(b.ask(recovery("1638.00")) == "ok");
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("nothing is recovered before the rate is known that says what is still due") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  Books b = homecare(policy);
  pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
  policy.erase("approval");
  policy["eligibility"]["min_age"] = 0;
  policy["version"] = 2;
  policy["in_force_from"] = "2025-06-01";
  for (auto& band : policy["programmes"][0]["entitlement"]["tariff"]) band.erase("amount");
  must(b, {"reg.registrar", "2025-06-01", "policy_registration", registration(policy)});
  CHECK(b.ask(recovery("1.00")) == "rate-not-set");
  policy["version"] = 3;
  for (auto& band : policy["programmes"][0]["entitlement"]["tariff"]) band["amount"] = "12.00";
  must(b, {"reg.registrar", "2025-06-01", "policy_registration", registration(policy)});
  CHECK(b.ask(recovery("108.01")) == "amount-mismatch");
  CHECK(b.ask(recovery("108.00")) == "ok");  // 60 hours of June at 3.00 less, six tenths of it
}

TEST_CASE("a recovery names the region in which it was calculated, wherever the person lives now") {
  Json policy = scheme("homecare-district");
  auto& terms = policy["programmes"][0]["entitlement"];
  terms["basis"] = "approved";
  SECTION("towns with the same levels") {
    Books b = homecare(policy);
    pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
    must(b, died(11, "2025-05-10"));
    CHECK(b.ask(recovery("918.00", "", "district", "320412002")) == "region-mismatch");
    CHECK(b.refusal().field == "doc.region");
    CHECK(b.refusal().detail == kTown);
    must(b, {"reg.registrar", "2025-03-01", "beneficiary_amendment",
             "{'beneficiary':'" + person(11) + "','evidence':'e','region':'320412002'}", "",
             "homecare-district@1"});
    CHECK(b.ask(recovery("918.00")) == "ok");
  }
  SECTION("a town whose levels are others: what the old ones bore is not paid again beside it") {
    Json city = {{"parts", Json::array({{{"level", "city"}, {"weight", 1}}})}};
    terms["cost_shares"][0]["regions"] = Json::array({kTown});
    terms["cost_shares"].push_back(city);
    Books b = homecare(policy);
    pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
    must(b, {"reg.registrar", "2025-03-01", "beneficiary_amendment",
             "{'beneficiary':'" + person(11) + "','evidence':'e','region':'320412002'}", "",
             "homecare-district@1"});
    const auto now = [&] {
      const EntitlementRules rules(b.state(), *PolicyRef::parse("homecare-district@1"),
                                   *ProgrammeId::parse("homecare"));
      return rules.of_person(*Pseudonym::parse(person(11)), {}, month("2025-04"), *ProviderId::parse("p1"), true);
    };
    CHECK(now().unknown);
    CHECK(now().why->reason == Reason::share_mismatch);
    CHECK(b.ask(recovery("1638.00")) == "ok");
    CHECK(now().unknown);
    CHECK(b.ask(recovery("1092.00", "", "street")) == "ok");
    CHECK(!now().unknown);
    CHECK(now().difference().str() == "2730.00");  // now the city bears it
  }
}

TEST_CASE("a day of a person has room for so many services") {
  Books b = homecare();
  for (int i = 0; i < 48; ++i) {
    Ask ask = services("2025-04-01", 11, "0.10");
    ask.lines = "[{'beneficiary':'" + person(11) + "','date':'2025-04-01','hours':'0.10','item':"
                "'bathing','worker':'w" + std::to_string(i) + "'}]";
    if (i > 0) {
      for (const auto* certificate : {"health", "homecare_qualification"}) {
        if (i == 1) continue;
        must(b, {"reg.registrar", "2024-01-02", "worker_certificate",
                 std::string("{'certificate':'") + certificate +
                     "','from':'2024-01-01','number':'n','provider':'p1','to':'2025-05-31',"
                     "'worker':'w" + std::to_string(i) + "'}"});
      }
    }
    if (i == 0) ask = services("2025-04-01", 11, "0.10", "w1", "meals");
    must(b, ask);
  }
  CHECK(b.ask(services("2025-04-01", 11, "0.10", "w1", "cleaning")) == "invalid-value");
  CHECK(b.refusal().detail == "<= 48");
  CHECK(b.ask(services("2025-04-02", 11, "0.10", "w1", "cleaning")) == "ok");
}
