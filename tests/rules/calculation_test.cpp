// Calculations as documents: every line is computed again, accrues to the payee by level, is settled
// once, and goes down again by netting or recovery.
#include <catch2/catch.hpp>

#include "ledger/core/accounts.h"
#include "tests/rules/homecare_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

Ask died(int n, const std::string& on) {
  return {"reg.registrar", "2025-07-02", "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'" + on +
              "','evidence':'e','reason':'death'}"};
}
Ask recover(const std::string& id, const std::string& fund, const std::string& level,
            const std::string& amount, const std::string& period = "2025-04") {
  return {kPrep, "2025-07-20", "recovery_decision",
          "{'amount':'" + amount + "','entitlement':{'beneficiary':'" + person(11) +
              "','level':'" + level + "','period':'" + period + "'},'fund':'" + fund +
              "','programme':'homecare','provider':'p1','reason':'death','recovery':'" + id +
              "','region':'" + kTown + "'}",
          "", "homecare-district@1"};
}
void check_replay(const Books& b) { CHECK(b.replay().rows == b.state().rows); }

}  // namespace

TEST_CASE("HC-MIX: what is due accrues to the provider from the fund of each level, once") {
  Books b = homecare();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull, kHalf}));
  CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "2866.50");
  CHECK(b.balance(accrued, "f2/homecare/320412001/p1") == "1911.00");
  CHECK(b.balance(allotted, "f1/homecare/320412001") == "47133.50");
  // Again: nothing is left to calculate, whatever is asked for.
  CHECK(b.ask(calculate("2025-04-01", "2025-04", {kFull})) == "amount-mismatch");
  CHECK(b.refusal().detail == "0.00");
  CHECK(b.ask(calculate("2025-04-01", "2025-04", {{11, "0.00", "0.00", "0.00", "182.00"}})) ==
        "amount-not-positive");
  // Nor through somebody else.
  CHECK(b.ask(calculate("2025-04-01", "2025-04", {kFull}, "p2")) == "payee-mismatch");

  CHECK(b.ask(settle_calculation(entry, "4777.51")) == "amount-mismatch");
  CHECK(b.ask(settle_calculation(entry, "4777.50", "s1", "p2")) == "unknown-calculation");
  CHECK(b.ask({kPrep, "2025-07-10", "settlement_preparation",
               "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(entry) +
                   "],'settlement':'s1','total':'4777.50'}"}) == "unknown-redemption");
  pay_calculation(b, entry, "4777.50");
  CHECK(b.balance(paid, "f1/homecare/320412001/p1") == "2866.50");
  CHECK(b.balance(paid, "f2/homecare/320412001/p1") == "1911.00");
  CHECK(b.ask(settle_calculation(entry, "4777.50", "s2")) == "already-settled");
  check_replay(b);
}

TEST_CASE("HC-MIX to the fen: ten disabled and twenty half disabled") {
  CHECK(worked_row("HC-MIX-2025Q2")[3] == "68,250.00 = 区 40,950.00 + 街道 27,300.00");
  Json policy = scheme("homecare-district");
  Books b = homecare(policy);
  std::vector<CalculationLine> lines;
  for (int n = 21; n <= 50; ++n) {
    must(b, {"reg.registrar", "2024-01-01", "beneficiary_registration",
             registered(n, n <= 30 ? "disabled" : "half_disabled"), "", "homecare-district@1",
             false, id_number("19300101", n)});
    lines.push_back(n <= 30 ? kFull : kHalf);
    lines.back().n = n;
  }
  must(b, calculate("2025-06-30", "2025-04", lines));
  CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "40950.00");
  CHECK(b.balance(accrued, "f2/homecare/320412001/p1") == "27300.00");
}

TEST_CASE("HC-WRONGSPLIT: shares that are not the policy's are refused") {
  CHECK(worked_row("HC-WRONGSPLIT")[3] == "FAIL expected 1,242.00/828.00");
  Books b = homecare();
  CHECK(b.ask(calculate("2025-07-01", "2025-07", {{12, "2070.00", "1449.00", "621.00", "138.00"}})) ==
        "share-mismatch");
  CHECK(b.refusal().subject == "1449.00 + 621.00");
  CHECK(b.refusal().detail == "1242.00 + 828.00");
  CHECK(b.ask(calculate("2025-07-01", "2025-07", {{12, "2070.00", "1242.00", "828.00", "138.00"}})) ==
        "ok");
}

TEST_CASE("HC-DEATH: paid in full, then death is reported: netted, or recovered by level") {
  Books b = homecare();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  SECTION("within one document that owes more than it takes back") {
    must(b, died(11, "2025-05-10"));
    const CalculationLine back{11, "-1530.00", "-918.00", "-612.00", "80.00", "2025-04"};
    const CalculationLine other{13, "2760.00", "1656.00", "1104.00", "184.00"};
    // What was approved counts for the quarter that runs, what was delivered for those before.
    CHECK(b.ask(calculate("2025-07-03", "2025-07", {other, back})) == "amount-mismatch");
    CHECK(b.refusal().detail == "-2730.00");
    for (int d = 0; d < 40; ++d) must(b, services((day("2025-04-01") + d).str(), 11));
    CHECK(b.ask(calculate("2025-07-03", "2025-07", {back})) == "net-negative");
    must(b, calculate("2025-07-03", "2025-07", {other, back}));
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "2376.00");
    CHECK(b.ask(calculate("2025-07-03", "2025-07", {back})) == "amount-mismatch");
    CHECK(b.refusal().detail == "0.00");
  }
  SECTION("by decisions of recovery") {
    pay_calculation(b, entry, "2730.00");
    must(b, died(11, "2025-05-10"));
    for (int d = 0; d < 40; ++d) must(b, services((day("2025-04-01") + d).str(), 11));
    CHECK(b.ask(recover("v1", "f1", "district", "1638.01")) == "amount-mismatch");
    CHECK(b.ask(recover("v1", "f1", "street", "1092.01")) == "amount-mismatch");
    Ask early = recover("v1", "f1", "district", "918.00");
    early.date = "2025-03-31";  // nothing of the period was calculated by then
    CHECK(b.ask(early) == "date-too-early");
    CHECK(b.ask(recover("v1", "f1", "district", "918.00", "2025-01")) == "amount-mismatch");
    must(b, recover("v1", "f1", "district", "918.00"));
    must(b, recover("v2", "f2", "street", "612.00"));
    CHECK(b.balance(in_recovery, "f1/homecare/320412001/p1") == "918.00");
    CHECK(b.balance(in_recovery, "f2/homecare/320412001/p1") == "612.00");
    // Nothing is asked for again, neither way.
    const EntitlementRules rules(b.state(), *PolicyRef::parse("homecare-district@1"),
                                 *ProgrammeId::parse("homecare"));
    const auto now = rules.of_person(*Pseudonym::parse(person(11)), {}, month("2025-04"),
                                     *ProviderId::parse("p1"), false);
    CHECK(now.due.amount.str() == "1200.00");
    CHECK(now.settled());
  }
  check_replay(b);
}

TEST_CASE("HC-UNDER: the next quarter trues up to what was delivered, and stays there") {
  Books b = homecare();
  must(b, calculate("2025-04-01", "2025-04", {kFull}));
  for (int d = 0; d < 60; ++d) must(b, services((day("2025-04-01") + d).str(), 11));
  const CalculationLine now{11, "2760.00", "1656.00", "1104.00", "184.00"};
  const CalculationLine before{11, "-930.00", "-558.00", "-372.00", "120.00", "2025-04"};
  must(b, calculate("2025-07-01", "2025-07", {now, before}));
  CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "2736.00");
  CHECK(b.ask(calculate("2025-07-01", "2025-04", {{11, "930.00", "558.00", "372.00", "182.00"}})) ==
        "amount-mismatch");
  check_replay(b);
}

TEST_CASE("a calculation is refused for everything that is not the policy's") {
  Books b = homecare();
  const auto refused = [&](Ask ask, const std::string& from, const std::string& to) {
    for (std::string* text : {&ask.doc, &ask.lines, &ask.policy, &ask.date}) {
      if (const auto at = text->find(from); at != text->npos) text->replace(at, from.size(), to);
    }
    return b.ask(ask);
  };
  const Ask good = calculate("2025-04-01", "2025-04", {kFull});
  CHECK(refused(good, "'period':'2025-04'", "'period':'2025-05'") == "invalid-value");
  CHECK(refused(good, "2025-04-01", "2025-03-31") == "date-too-early");
  CHECK(refused(good, "street", "town") == "share-mismatch");
  CHECK(refused(good, "'fund':'f2'", "'fund':'f3'") == "unknown-fund");
  CHECK(refused(good, "'region':'320412001'", "'region':'320412002'") == "region-mismatch");
  CHECK(refused(good, "'payee':'p1'", "'payee':'p9'") == "unknown-provider");
  CHECK(refused(good, "'programme':'homecare'", "'programme':'meals'") == "unknown-programme");
  CHECK(refused(good, "182.00", "181.00") == "amount-mismatch");
  CHECK(refused(good, "2730.00", "2730.01") == "amount-mismatch");
  CHECK(refused(good, person(11), person(99)) == "unknown-beneficiary");
  CHECK(refused(good, "'beneficiary':'" + person(11) + "',", "") == "missing-field");
  CHECK(refused(good, "homecare-district@1", "wj@1") == "unknown-programme");
  CHECK(b.ask(calculate("2025-04-01", "2025-04", {kFull, kFull})) == "duplicate-line");
  Ask twice = calculate("2025-04-01", "2025-04", {kFull});
  twice.doc.replace(twice.doc.find("'fund':'f2'"), 11, "'fund':'f1'");
  CHECK(b.ask(twice) == "fund-of-other-level");
  CHECK(b.refusal().field == "doc.funds[1].fund");
  CHECK(b.refusal().detail == "district");
  must(b, died(13, "2025-03-31"));
  CHECK(b.ask(calculate("2025-07-02", "2025-04", {{13, "2730.00", "1638.00", "1092.00", "182.00"}})) ==
        "entitlement-ended");
}

TEST_CASE("the version of the day is named; a newer one calculates arrears") {
  Books b = homecare();
  must(b, calculate("2025-04-01", "2025-04", {kFull}));
  Json second = scheme("homecare-district");
  second.erase("approval");
  second["version"] = 2;
  second["eligibility"]["min_age"] = 0;
  second["in_force_from"] = "2025-05-15";
  auto& tariff = second["programmes"][0]["entitlement"]["tariff"];
  tariff[1]["amount"] = "20.00";
  must(b, {"reg.registrar", "2025-05-20", "policy_registration", registration(second)});
  CHECK(b.ask(calculate("2025-06-01", "2025-04", {kFull})) == "policy-not-in-force");
  // 47 days at 40.00 instead of 30.00 a day.
  Ask arrears = calculate("2025-06-01", "2025-04", {{11, "470.00", "282.00", "188.00", "182.00"}});
  arrears.policy = "homecare-district@2";
  CHECK(b.ask(arrears) == "ok");
}

TEST_CASE("services are judged by their own day (HC-06, HC-18, HC-19, HC-23)") {
  Books b = homecare();
  CHECK(b.ask(services("2025-05-10", 11)) == "ok");
  CHECK(b.ask(services("2025-05-10", 11)) == "already-registered");
  CHECK(b.refusal().subject.ends_with("/w1"));
  CHECK(b.ask(services("2025-05-11", 11, "0.00")) == "invalid-value");
  CHECK(b.ask(services("2025-05-11", 11, "24.01")) == "invalid-value");
  CHECK(b.ask(services("2025-05-11", 11, "2.00", "w1", "massage")) == "item-out-of-scope");
  CHECK(b.ask(services("2025-06-01", 11)) == "certificate-not-valid");
  CHECK(b.ask(services("2025-05-11", 11, "2.00", "w2")) == "certificate-not-valid");
  CHECK(b.ask(services("2025-07-02", 11)) == "date-in-future");
  CHECK(b.ask(services("2023-12-31", 11)) == "policy-not-in-force");
  Ask late = services("2027-01-01", 11);
  late.date = "2027-01-02";
  CHECK(b.ask(late) == "contract-not-valid");
  CHECK(b.ask(services("2025-05-11", 99)) == "unknown-beneficiary");
  must(b, died(11, "2025-05-20"));
  CHECK(b.ask(services("2025-05-20", 11)) == "ok");
  CHECK(b.ask(services("2025-05-21", 11)) == "entitlement-ended");
  Ask other = services("2025-05-11", 12);
  other.who = "p2.provider";
  CHECK(b.ask(other) == "not-own-provider");
  // Good lines are recorded when the others may stay out.
  Ask mixed = services("2025-05-12", 12, "1.50");
  mixed.lines = mixed.lines.substr(0, mixed.lines.size() - 1) + "," +
                services("2025-05-13", 99).lines.substr(1);
  CHECK(b.ask(mixed) == "unknown-beneficiary");
  mixed.line_by_line = true;
  CHECK(b.ask(mixed) == "ok");
  CHECK(b.refused_lines().size() == 1);
  check_replay(b);
}

TEST_CASE("HC-16: nobody is served at home and in an institution on one day") {
  Json policy = scheme("homecare-district");
  Books b = homecare(policy);
  must(b, services("2025-05-10", 12, "1.50"));
  Ask there = services("2025-05-10", 12, "1.50");
  there.doc.replace(there.doc.find("'programme':'homecare'"), 22, "'programme':'institution'");
  CHECK(b.ask(there) == "exclusive-scheme");
}

TEST_CASE("schemes that exclude each other: one of them is calculated for a period") {
  Books b = homecare();
  must(b, calculate("2025-04-01", "2025-04", {kHalf}));
  must(b, {kPrep, "2025-04-01", "fund_receipt",
           "{'account':'a1','amount':'1.00','bank_reference':'r9','document_no':'d','fund':'f1',"
           "'source':'district'}"});
  must(b, {kPrep, "2025-04-01", "allotment",
           "{'amount':'0.01','document_no':'d2','from_counterpart':false,'fund':'f1',"
           "'programme':'institution','region':'" + kTown + "'}",
           "", "homecare-district@1"});
  must(b, {"reg.registrar", "2025-04-02", "beneficiary_amendment",
           "{'beneficiary':'" + person(12) + "','channel':'institution','evidence':'e'}", "",
           "homecare-district@1"});
  const EntitlementRules rules(b.state(), *PolicyRef::parse("homecare-district@1"),
                               *ProgrammeId::parse("institution"));
  const auto of = [&](const char* period) {
    return rules.of_person(*Pseudonym::parse(person(12)), {}, month(period),
                           *ProviderId::parse("p1"), false);
  };
  CHECK(of("2025-04").due.amount.is_zero());
  CHECK(of("2025-04").why->reason == Reason::exclusive_scheme);
}

TEST_CASE("ZX-05, ZX-DAYCARE: beds as verified, awards once and within the total") {
  Books b = homecare();
  Json policy = scheme("zhongxiang");
  policy.erase("in_force_to");
  policy.erase("transition");
  policy["programmes"][1]["entitlement"]["tariff"][0]["amount"] = "10.00";
  policy["programmes"][4]["entitlement"]["max_total"] = "2999999.99";
  must(b, {"reg.registrar", "2024-01-01", "policy_registration", registration(policy)});
  must(b, {kPrep, "2025-01-01", "fund_receipt",
           "{'account':'a1','amount':'4000000.00','bank_reference':'r9','document_no':'d',"
           "'fund':'f1','source':'provincial'}"});
  for (const auto* programme : {"beds", "day_care"}) {
    must(b, {kPrep, "2025-01-01", "allotment",
             std::string("{'amount':'2000000.00','document_no':'d2','from_counterpart':false,"
                         "'fund':'f1','programme':'") + programme + "','region':'" + kTown + "'}",
             "", "zhongxiang@1"});
  }
  const auto found = [&](const char* provider, const char* kind, const char* what) {
    must(b, {"reg.registrar", "2025-03-01", "provider_assessment",
             std::string("{'assessment':'") + kind +
                 "','document_no':'n','effective':'2025-01-01','provider':'" + provider + "'," +
                 what + "}"});
  };
  const auto ask = [&](const char* programme, const char* provider, const char* amount,
                       const char* units, const char* period = "2025-01") {
    return b.ask({kPrep, "2025-03-02", "entitlement_calculation",
                  std::string("{'funds':[{'fund':'f1','level':'all'}],'payee':'") + provider +
                      "','period':'" + period + "','programme':'" + programme + "','region':'" +
                      kTown + "'}",
                  std::string("[{'amount':'") + amount + "','shares':['" + amount +
                      "'],'units':'" + units + "'}]",
                  "zhongxiang@1"});
  };
  CHECK(ask("beds", "p1", "810.00", "81.00") == "assessment-missing");
  found("p1", "verified_beds", "'value':'80.00'");
  CHECK(ask("beds", "p1", "810.00", "81.00") == "amount-mismatch");
  CHECK(ask("beds", "p1", "800.00", "80.00") == "ok");
  CHECK(ask("day_care", "p1", "1500000.00", "1.00") == "assessment-missing");
  found("p1", "acceptance", "'rating':'accepted'");
  found("p2", "acceptance", "'rating':'accepted'");
  CHECK(ask("day_care", "p1", "1500000.00", "1.00") == "ok");
  CHECK(ask("day_care", "p1", "1500000.00", "1.00", "2025-02") == "amount-mismatch");
  CHECK(ask("day_care", "p2", "1500000.00", "1.00") == "programme-limit");
  CHECK(b.refusal().detail == "0.01");
  CHECK(ProgrammeRow::find(b.state(), *ProgrammeId::parse("day_care")).subjects == 1);
  CHECK(b.ask({"reg.registrar", "2025-03-01", "provider_assessment",
               "{'assessment':'x','document_no':'n','effective':'2025-01-01','provider':'p1'}"}) ==
        "missing-field");
  check_replay(b);
}
