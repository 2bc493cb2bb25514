// Each rule over hand-made facts: what it must find, and the near miss that it must let pass.
#include <catch2/catch.hpp>

#include "audit/indicators/rules.h"

using namespace fundtrail;
using namespace fundtrail::audit;

namespace {

Date day(const char* text) { return *Date::parse(text); }
Money yuan(const char* text) { return *Money::parse(text); }

std::vector<Indicator> run(RuleId rule, const Facts& facts, const IndicatorOptions& options = {}) {
  std::vector<Indicator> found;
  function_of(rule)(facts, options, found);
  for (const auto& indicator : found) {
    CHECK(indicator.rule == rule);
    CHECK_FALSE(indicator.zh.empty());
    CHECK_FALSE(indicator.en.empty());
    CHECK_FALSE(indicator.evidence.empty());
  }
  return found;
}

RedemptionFact redeemed(const char* voucher, const char* service_date, std::uint64_t entry) {
  return {"R1", "P001", voucher, "cleaning", "2.00", day(service_date), {entry}};
}

}  // namespace

TEST_CASE("every rule has a code, names, a legal basis in both languages and a function") {
  for (std::size_t i = 0; i < kRules; ++i) {
    const auto& rule = info(static_cast<RuleId>(i));
    CHECK(rule.id == static_cast<RuleId>(i));
    CHECK(rule_from_code(rule.code) == rule.id);
    for (const auto text : {rule.name_zh, rule.name_en, rule.basis_zh, rule.basis_en}) {
      CHECK_FALSE(text.empty());
    }
    CHECK(function_of(rule.id) != nullptr);
  }
  CHECK_FALSE(rule_from_code("R-BEN-99"));
}

TEST_CASE("R-BEN-01: the day of death still counts, the day after does not") {
  Facts facts;
  facts.ends.push_back({"aaaa", "death", day("2008-05-10"), {1}});
  facts.ends.push_back({"bbbb", "moved", day("2008-05-10"), {2}});
  facts.issues.push_back({"I1", "V1", "aaaa", day("2008-05-10"), yuan("100.00"), {3}});
  facts.issues.push_back({"I1", "V2", "bbbb", day("2008-05-20"), yuan("100.00"), {3}});
  facts.redemptions.push_back(redeemed("V1", "2008-05-10", 4));
  CHECK(run(RuleId::ben_01, facts).empty());

  facts.redemptions.push_back(redeemed("V1", "2008-05-11", 5));
  facts.issues.push_back({"I2", "V3", "aaaa", day("2008-06-01"), yuan("100.00"), {6}});
  const auto found = run(RuleId::ben_01, facts);
  REQUIRE(found.size() == 2);
  CHECK(found[0].subject == "V3");
  CHECK(found[1].subject == "V1");
  CHECK(found[1].evidence == std::vector<Evidence>{{1}, {3}, {5}});
}

TEST_CASE("R-BEN-08: bad numbers, and one person under two numbers") {
  Facts facts;
  facts.persons = {{"aaaa", "ok", "p1", {1}},
                   {"bbbb", "ok", "p2", {2}},
                   {"cccc", "check_digit", "p3", {3}},
                   {"dddd", "ok", "p1", {4}},
                   {"eeee", "ok", "", {5}},
                   {"ffff", "ok", "", {6}}};
  const auto found = run(RuleId::ben_08, facts);
  REQUIRE(found.size() == 2);
  CHECK(found[0].subject == "cccc");
  CHECK(found[1].evidence == std::vector<Evidence>{{1}, {4}});
}

TEST_CASE("R-VCH-01: the second redemption of one number") {
  Facts facts;
  facts.redemptions = {redeemed("V1", "2008-05-01", 1), redeemed("V2", "2008-05-01", 1)};
  CHECK(run(RuleId::vch_01, facts).empty());
  facts.redemptions.push_back(redeemed("V1", "2008-06-01", 2));
  const auto found = run(RuleId::vch_01, facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "V1");
}

TEST_CASE("R-VCH-03: no service record, or a peak at the end of the month") {
  Facts facts;
  const auto month_of = [&](int total, int late) {
    facts.redemptions.clear();
    for (int i = 0; i < total; ++i) {
      facts.redemptions.push_back(redeemed("V", i < late ? "2008-06-29" : "2008-06-28", i));
    }
    return run(RuleId::vch_03, facts).size();
  };
  CHECK(month_of(100, 60) == 0);  // 60 % is not more than 60 %
  CHECK(month_of(100, 61) == 1);
  CHECK(month_of(29, 29) == 0);  // too few to mean anything
  CHECK(month_of(30, 19) == 1);

  facts.redemptions = {redeemed("V1", "2008-06-01", 1)};
  facts.redemptions[0].item = "";
  CHECK(run(RuleId::vch_03, facts).size() == 1);
  facts.redemptions[0].item = "cleaning";
  facts.redemptions[0].hours = "0.00";
  CHECK(run(RuleId::vch_03, facts).size() == 1);
}

TEST_CASE("R-VCH-05: a lot must add up") {
  Facts facts;
  facts.lots.push_back({"L1", 12, 9, 1, 0, 2, 0, {1}});
  CHECK(run(RuleId::vch_05, facts).empty());
  facts.lots.push_back({"L2", 12, 9, 1, 0, 1, 0, {2}});
  const auto found = run(RuleId::vch_05, facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "L2");
}

TEST_CASE("R-FND-02: less than due, without an explanation") {
  Facts facts;
  facts.pass_downs = {{"D1", "320412001", yuan("100.00"), yuan("100.00"), "", {1}},
                      {"D2", "320412001", yuan("100.00"), yuan("90.00"), "按进度", {2}},
                      {"D3", "320412001", yuan("100.00"), yuan("99.99"), "", {3}}};
  const auto found = run(RuleId::fnd_02, facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "D3");
  CHECK(found[0].amount == yuan("0.01"));
}

TEST_CASE("R-FND-06: banned codes, and purposes that the policy does not name") {
  Facts facts;
  facts.expenditures = {{"E1", "服务项目", "30227", yuan("1.00"), {1}},
                        {"E2", "服务项目", "30217", yuan("2.00"), {2}},
                        {"E3", "服务项目", "30107", yuan("3.00"), {3}},
                        {"E4", "办公楼装修", "30227", yuan("4.00"), {4}}};
  CHECK(run(RuleId::fnd_06, facts).size() == 2);  // without a policy, purposes cannot be judged
  Policy policy;
  Programme programme;
  programme.purpose = *Text::parse("服务项目");
  policy.programmes.push_back(programme);
  facts.policies.push_back(policy);
  auto found = run(RuleId::fnd_06, facts);
  REQUIRE(found.size() == 1);  // its own list, which is empty, takes the place of the usual one
  CHECK(found[0].subject == "E4");

  // A code bans what is below it, and only for what obeyed this policy.
  facts.policies[0].banned_economic_codes = {*Code::parse("30217"), *Code::parse("301")};
  facts.expenditures.push_back({"E5", "服务项目", "3021701", yuan("5.00"), {5}});
  facts.expenditures.push_back({"E6", "服务项目", "3021", yuan("6.00"), {6}});
  found = run(RuleId::fnd_06, facts);
  REQUIRE(found.size() == 4);
  CHECK(found[3].subject == "E5");
  facts.expenditures[4].policy = PolicyRef{*PolicyName::parse("other"), 1};
  CHECK(run(RuleId::fnd_06, facts).size() == 3);
  // A settlement that was returned spends nothing.
  facts.expenditures[1].is_settlement = true;
  facts.claims = {{"E2", "p", "", "", {}, yuan("2.00"), true, {7}}, {"E3", "p", "", "", {}, yuan("3.00"), true, {8}}};
  found = run(RuleId::fnd_06, facts);
  REQUIRE(found.size() == 2);
  CHECK((found[0].subject == "E3" && found[1].subject == "E4"));
}

TEST_CASE("R-PAY-03: one invoice, one amount of a period, one settlement paid twice") {
  Facts facts;
  const auto claim = [](const char* id, const char* invoice, const char* period, const char* total,
                        std::uint64_t entry) {
    return ClaimFact{id, "P001", invoice, period, {}, yuan(total), false, {entry}};
  };
  facts.claims = {claim("S1", "F1", "2008Q2", "100.00", 1), claim("S2", "F2", "2008Q2", "90.00", 2),
                  claim("S3", "F3", "2008Q3", "100.00", 3)};
  facts.payments = {{"D1", "S1", yuan("100.00"), true, true, {4}},
                    {"D2", "S1", yuan("100.00"), true, false, {5}}};  // bounced, then paid
  CHECK(run(RuleId::pay_03, facts).empty());

  facts.claims.push_back(claim("S4", "F1", "2008Q4", "70.00", 6));   // the invoice of S1
  facts.claims.push_back(claim("S5", "F5", "2008Q3", "100.00", 7));  // the amount of S3
  facts.payments.push_back({"D3", "S1", yuan("100.00"), true, false, {8}});
  CHECK(run(RuleId::pay_03, facts).size() == 3);

  facts.claims[3].returned = true;  // sent back: claimed only once after all
  CHECK(run(RuleId::pay_03, facts).size() == 2);
}

TEST_CASE("R-PAY-03: one invoice in several spellings") {
  const auto flagged = [](const char* one, const char* other) {
    Facts facts;
    facts.claims = {ClaimFact{"S1", "P001", one, "2008Q1", {}, yuan("1.00"), false, {1}},
                    ClaimFact{"S2", "P001", other, "2008Q2", {}, yuan("2.00"), false, {2}}};
    return !run(RuleId::pay_03, facts).empty();
  };
  for (const char* spelling : {"INV1-7", "inv1-7", "IN V1-7", "ＩＮＶ１－７", "Inv1-7　", "INV1\u00A0-7"}) {
    CHECK(flagged("INV1-7", spelling));
  }
  CHECK_FALSE(flagged("INV1-7", "INV17"));
  CHECK_FALSE(flagged("票17", "收17"));
  CHECK_FALSE(flagged("", " "));
}

TEST_CASE("R-ACC-02: duties that exclude each other") {
  Facts facts;
  facts.duties.push_back({"settlement", "S1", {{"preparer", "a"}, {"reviewer", "b"}, {"approver", "c"}}, {{1}}});
  facts.duties.push_back({"expenditure", "E1", {{"reviewer", "b"}, {"poster", "b"}}, {{2}}});  // may be one person
  CHECK(run(RuleId::acc_02, facts).empty());
  facts.duties.push_back({"settlement", "S2", {{"preparer", "a"}, {"reviewer", "a"}}, {{3}}});
  facts.duties.push_back({"settlement", "S3", {{"reviewer", "b"}, {"cashier", "b"}}, {{4}}});
  CHECK(run(RuleId::acc_02, facts).size() == 2);
}

TEST_CASE("R-ACC-02: a settlement and the people who pay it") {
  const auto found = [](const char* approver, const char* cashier, const char* pays = "JS1",
                        const char* preparer = "d") {
    Facts facts;
    facts.duties = {
        {"settlement", "JS1", {{"preparer", "a"}, {"reviewer", "b"}, {"approver", "c"}}, {{1}}},
        // Of another kind under the same id: not the same document.
        {"disbursement", "JS2", {{"preparer", preparer}, {"approver", approver}, {"cashier", cashier}},
         {{2}}, pays},
        {"settlement", "JS2", {{"preparer", "e"}, {"reviewer", "f"}, {"approver", "g"}}, {{3}}}};
    return run(RuleId::acc_02, facts);
  };
  CHECK(found("c", "e").empty());  // the same person may approve claim and payment
  for (const char* cashier : {"a", "b", "c"}) {
    const auto indicators = found("g", cashier);
    REQUIRE(indicators.size() == 1);
    CHECK(indicators[0].subject == "JS2");
    CHECK(indicators[0].evidence == std::vector<Evidence>{{1}, {2}});
  }
  CHECK(found("a", "h").size() == 1);
  CHECK(found("b", "h").size() == 1);  // who checked the claim does not release the money
  CHECK(found("c", "h", "JS1", "a").empty());  // both are asking
  CHECK(found("a", "b", "JS9").empty());  // pays another settlement
}

namespace {

// Nothing but what R-ACC-07 looks at, of one account.
struct Bank {
  Facts facts;
  void book(const char* reference, const char* date, const char* amount, std::uint64_t entry) {
    facts.cash.push_back({"A1", reference, day(date), yuan(amount), {{entry}}});
  }
  void bank(const char* reference, const char* date, const char* amount, std::uint64_t entry) {
    facts.bank.push_back({"A1", reference, day(date), yuan(amount), {entry}});
  }
  void statement(const char* from, const char* to, const char* opening, const char* closing,
                 std::uint64_t entry) {
    facts.statements.push_back({"A1", day(from), day(to), yuan(opening), yuan(closing), {entry}});
  }
};

}  // namespace

TEST_CASE("R-ACC-07: items in transit reconcile, a missing item does not, and is told once") {
  Bank b;
  b.statement("2008-04-01", "2008-04-30", "5.00", "1005.00", 4);
  b.book("B0", "2008-04-01", "5.00", 0);
  b.book("B1", "2008-04-10", "1000.00", 1);
  b.book("B2", "2008-04-30", "-100.00", 2);  // at the bank on 2 May
  b.book("B3", "2008-06-03", "-50.00", 3);
  b.bank("B1", "2008-04-10", "1000.00", 4);
  b.bank("B2", "2008-05-02", "-100.00", 5);
  b.bank("B3", "2008-06-03", "-50.00", 6);
  b.bank("B4", "2008-07-31", "-1.00", 7);
  b.book("B4", "2008-07-31", "-1.00", 8);
  CHECK(run(RuleId::acc_07, b.facts).empty());

  b.bank("B9", "2008-05-20", "-30.00", 9);
  const auto found = run(RuleId::acc_07, b.facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].amount == yuan("30.00"));
  CHECK(found[0].evidence == std::vector<Evidence>{{9}});
  CHECK(found[0].zh.find("2008-05") != std::string::npos);
}

TEST_CASE("R-ACC-07: one bank item answers one item of the books") {
  Bank b;
  b.book("B1", "2008-04-10", "1000.00", 1);
  b.bank("B1", "2008-04-10", "1000.00", 2);
  b.book("B1", "2008-04-11", "1000.00", 3);  // booked twice
  const auto found = run(RuleId::acc_07, b.facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].evidence == std::vector<Evidence>{{3}});
}

TEST_CASE("R-ACC-07: statements that do not follow one another") {
  Bank b;
  b.statement("2008-06-01", "2008-06-30", "7.00", "9.00", 3);
  b.statement("2008-04-01", "2008-04-30", "0.00", "5.00", 1);
  b.statement("2008-05-01", "2008-05-31", "5.00", "7.00", 2);
  CHECK(run(RuleId::acc_07, b.facts).empty());
  b.statement("2008-07-01", "2008-07-31", "8.99", "8.99", 4);
  const auto found = run(RuleId::acc_07, b.facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].amount == yuan("-0.01"));
  CHECK(found[0].evidence == std::vector<Evidence>{{3}, {4}});
}

TEST_CASE("R-BIL-01: one bill for two people, however its number is spelt") {
  Facts facts;
  facts.bills = {{"P1", "B-1", "aaaa", yuan("30.00"), {1}},
                 {"P1", "B-1", "aaaa", yuan("20.00"), {2}},   // two items of one bill
                 {"P2", "B-1", "bbbb", yuan("30.00"), {3}},   // another provider's
                 {"P1", "B-2", "bbbb", yuan("30.00"), {4}}};
  CHECK(run(RuleId::bil_01, facts).empty());
  for (auto* bill : {&facts.bills[0], &facts.bills[1]}) bill->withdrawn = Evidence{5};
  facts.bills.push_back({"P1", "b - 1", "aaaa", yuan("50.00"), {6}});  // set right
  CHECK(run(RuleId::bil_01, facts).empty());
  facts.bills.back().withdrawn = Evidence{7};
  facts.bills.push_back({"P1", "Ｂ－１", "bbbb", yuan("50.00"), {8}});
  const auto found = run(RuleId::bil_01, facts);
  REQUIRE(found.size() == 1);
  CHECK(found[0].amount == yuan("50.00"));
  CHECK(found[0].evidence == std::vector<Evidence>{{1}, {5}, {2}, {5}, {6}, {7}, {8}});
  CHECK(found[0].en == "The bill Ｂ－１ of provider P1 was recorded for beneficiary aaaa, withdrawn, "
                       "and recorded for beneficiary bbbb.");
}
