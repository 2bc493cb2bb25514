// What was calculated, delivered or ended wrongly is set right: by the fund that bore it, before it is
// settled, by withdrawing services, by saying from when somebody counts again, and what was paid before.
#include <catch2/catch.hpp>

#include "ledger/core/accounts.h"
#include "tests/rules/reduction_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

// Funds f3 (district) and f4 (street) of the next fiscal year.
void next_year(Books& b) {
  for (const auto* fund : {"f3", "f4"}) {
    const std::string id = fund;
    must(b, {kReg, "2025-01-02", "fund_registration",
             "{'fiscal_year':2026,'functional_code':'2081006','fund':'" + id + "','name':'n'}"});
    must(b, {kPrep, "2025-01-02", "fund_receipt",
             "{'account':'a1','amount':'20000.00','bank_reference':'r-" + id +
                 "','document_no':'d','fund':'" + id + "','source':'district'}"});
    must(b, {kPrep, "2025-01-02", "allotment",
             "{'amount':'20000.00','document_no':'d','from_counterpart':false,'fund':'" + id +
                 "','programme':'homecare','region':'" + kTown + "'}",
             "", "homecare-district@1"});
  }
}
Ask by_next_year(Ask ask) { return with(with(ask, "'fund':'f1'", "'fund':'f3'"), "'fund':'f2'", "'fund':'f4'"); }
Ask recover(const std::string& fund, const std::string& level, const std::string& amount) {
  return {kPrep, "2025-07-20", "recovery_decision",
          "{'amount':'" + amount + "','entitlement':{'beneficiary':'" + person(11) +
              "','level':'" + level + "','period':'2025-04'},'fund':'" + fund +
              "','programme':'homecare','provider':'p1','reason':'death','recovery':'v-" + fund +
              "','region':'" + kTown + "'}",
          "", "homecare-district@1"};
}
Ask withdraw(const std::string& date, int n = 11, const std::string& provider = "p1",
             const std::string& item = "bathing") {
  return {kPrep, "2025-07-01", "service_withdrawal",
          "{'programme':'homecare','provider':'" + provider + "','reason':'r'}",
          "[{'beneficiary':'" + person(n) + "','date':'" + date + "','item':'" + item +
              "','worker':'w1'}]"};
}
Ask billed(const std::string& date, int n, const std::string& number,
           const std::string& item = "bathing") {
  return with(services(date, n, "2.00", "w1", item), "'date'",
              "'bill':'30.00','bill_no':'" + number + "','date'");
}
Ask back(const std::string& extra, const std::string& date = "2025-07-03") {
  return {kReg, date, "entitlement_reinstatement",
          "{'beneficiary':'" + person(11) + "','evidence':'e'" + extra + "}"};
}
Ask moved(const std::string& on) { return with(died(11, on), "'death'", "'moved'"); }
Ask paid_before(const std::string& day, const std::string& programme = "homecare") {
  return {kReg, "2025-07-01", "programme_cutover",
          "{'evidence':'e','paid':'100.00','paid_through':'" + day + "','programme':'" +
              programme + "'}",
          "", "homecare-district@1"};
}
Ask paid_before(int n, const std::string& day) {
  return {kReg, "2025-07-01", "beneficiary_cutover", "{'evidence':'e','programme':'homecare'}",
          "[{'beneficiary':'" + person(n) + "','paid_through':'" + day + "'}]",
          "homecare-district@1"};
}

}  // namespace

TEST_CASE("what is too much goes back to the fund that bore it, in whatever year it is found") {
  Books b = approved_only();
  next_year(b);
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  must(b, died(11, "2025-05-10"));  // 1,530.00 too much
  const CalculationLine back{11, "-1530.00", "-918.00", "-612.00", "80.00", "2025-04"};
  const CalculationLine other{13, "2760.00", "1656.00", "1104.00", "184.00"};
  CHECK(b.ask(by_next_year(calculate("2025-07-03", "2025-07", {other, back}))) ==
        "fund-did-not-bear");
  CHECK(b.refusal().field == "lines[1].shares");
  CHECK(b.refusal().subject == "f3");
  CHECK(b.refusal().detail == "0.00");
  SECTION("by a document of that fund") {
    must(b, calculate("2025-07-03", "2025-07", {other, back}));
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "2376.00");
    CHECK(b.balance(accrued, "f3/homecare/320412001/p1") == "0.00");
  }
  SECTION("by a decision of recovery") {
    pay_calculation(b, entry, "2730.00");
    CHECK(b.ask(recover("f3", "district", "918.00")) == "fund-did-not-bear");
    CHECK(b.ask(recover("f2", "district", "612.00")) == "fund-did-not-bear");
    must(b, recover("f1", "district", "918.00"));
    must(b, recover("f2", "street", "612.00"));
    CHECK(now(b, 11, "2025-04").settled());
  }
  SECTION("arrears of an earlier year are borne by the fund of this one, each its own part") {
    must(b, {kReg, "2025-07-03", "entitlement_reinstatement",
             "{'beneficiary':'" + person(11) + "','evidence':'e','reason':'error'}"});
    must(b, calculate("2025-07-04", "2025-07", {other}));
    // 13 was not calculated in the second quarter.
    must(b, by_next_year(calculate("2025-07-04", "2025-07",
                                   {{13, "2730.00", "1638.00", "1092.00", "182.00", "2025-04"}})));
    must(b, died(13, "2025-05-10"));
    const CalculationLine late{13, "-1530.00", "-918.00", "-612.00", "80.00", "2025-04"};
    const CalculationLine half{12, "2070.00", "1242.00", "828.00", "138.00"};
    CHECK(b.ask(calculate("2025-07-04", "2025-07", {half, late})) == "fund-did-not-bear");
    CHECK(b.ask(by_next_year(calculate("2025-07-04", "2025-07", {half, late}))) == "ok");
    CHECK(b.balance(accrued, "f3/homecare/320412001/p1") == "1962.00");
  }
  check_replay(b);
}

TEST_CASE("a fund bears one level of a programme, while anything of it stands") {
  Books b = approved_only();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  // f2 for the district, f1 for the street: the wrong way round.
  Ask swapped = calculate("2025-04-02", "2025-04", {kHalf});
  swapped.doc = "{'funds':[{'fund':'f2','level':'district'},{'fund':'f1','level':'street'}],"
                "'payee':'p1','period':'2025-04','programme':'homecare','region':'" + kTown + "'}";
  CHECK(b.ask(swapped) == "fund-of-other-level");
  CHECK(b.refusal().subject == "f2");
  CHECK(b.refusal().detail == "street");
  // Once the first was a mistake and is taken back, they are free.
  must(b, reduce(entry, {{11, "f1", "district", "1638.00"}, {11, "f2", "street", "1092.00"}}));
  CHECK(b.ask(swapped) == "ok");
  CHECK(b.balance(accrued, "f2/homecare/320412001/p1") == "1228.50");
  CHECK(b.ask(calculate("2025-04-03", "2025-04", {kFull})) == "fund-of-other-level");
  check_replay(b);
}

TEST_CASE("what accrued and is not settled goes down again; what is due is calculated anew") {
  Books b = approved_only();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull, kHalf}));
  const std::vector<Less> all = {{11, "f1", "district", "918.00"}, {11, "f2", "street", "612.00"}};
  SECTION("after a death that was reported late, when nothing offsets it") {
    must(b, died(11, "2025-05-10"));
    must(b, reduce(entry, all));
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "1948.50");
    CHECK(b.balance(accrued, "f2/homecare/320412001/p1") == "1299.00");
    CHECK(b.balance(allotted, "f1/homecare/320412001") == "48051.50");
    CHECK(now(b, 11, "2025-04").settled());
    CHECK(b.ask(settle_calculation(entry, "4777.50")) == "amount-mismatch");
    pay_calculation(b, entry, "3247.50");
    CHECK(b.ask(reduce(entry, {{12, "f1", "district", "1.00"}})) == "already-settled");
  }
  SECTION("what was wrong as a whole can be calculated again") {
    must(b, reduce(entry, {{11, "f1", "district", "1638.00"}, {11, "f2", "street", "1092.00"}}));
    CHECK(b.ask(calculate("2025-07-06", "2025-04", {kFull})) == "ok");
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "2866.50");
  }
  SECTION("nothing is left of a calculation that went down to nothing") {
    must(b, reduce(entry, {{11, "f1", "district", "1638.00"}, {11, "f2", "street", "1092.00"},
                           {12, "f1", "district", "1228.50"}, {12, "f2", "street", "819.00"}}));
    CHECK(b.total(accrued) == "0.00");
    CHECK(b.ask(reduce(entry, all)) == "net-negative");
    CHECK(b.ask(settle_calculation(entry, "0.00")) == "amount-not-positive");
  }
  SECTION("it is refused") {
    CHECK(b.ask(reduce(entry - 1, all)) == "unknown-calculation");
    CHECK(b.ask(reduce(entry, {{11, "f1", "district", "1638.01"}})) == "amount-mismatch");
    CHECK(b.refusal().detail == "<= 1638.00");
    CHECK(b.ask(reduce(entry, {{11, "f1", "street", "1.00"}})) == "amount-mismatch");
    CHECK(b.ask(reduce(entry, {{13, "f1", "district", "1.00"}})) == "amount-mismatch");
    CHECK(b.ask(reduce(entry, {{11, "f1", "district", "0.00"}})) == "amount-not-positive");
    CHECK(b.ask(reduce(entry, {{11, "f1", "district", "1.00"}, {11, "f1", "district", "1.00"}})) ==
          "duplicate-line");
    CHECK(b.ask(reduce(entry, {{11, "f1", "district", "1.00", "2025-07"}})) == "invalid-value");
    CHECK(b.ask(reduce(entry, all, "2025-05")) == "invalid-value");
    CHECK(b.ask(with(reduce(entry, all), "2025-07-05", "2025-03-31")) == "date-too-early");
    CHECK(b.ask(with(reduce(entry, all), "li.preparer", "wu.reviewer")) == "role-not-permitted");
    must(b, settle_calculation(entry, "4777.50"));
    CHECK(b.ask(reduce(entry, all)) == "already-settled");
    must(b, {"wu.reviewer", "2025-07-11", "settlement_return", "{'reason':'r','settlement':'s1'}"});
    CHECK(b.ask(with(reduce(entry, all), "2025-07-05", "2025-07-12")) == "ok");
  }
  check_replay(b);
}

TEST_CASE("what an earlier calculation paid too much is taken off what is not settled yet") {
  Books b = approved_only();
  pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
  must(b, died(11, "2025-05-10"));
  const auto entry =
      must(b, calculate("2025-07-04", "2025-07", {{13, "2760.00", "1656.00", "1104.00", "184.00"}}));
  must(b, reduce(entry, {{11, "f1", "district", "918.00"}, {11, "f2", "street", "612.00"}},
                 "2025-07"));
  CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "738.00");
  CHECK(b.balance(paid, "f1/homecare/320412001/p1") == "1638.00");
  CHECK(now(b, 11, "2025-04").settled());
  CHECK(now(b, 11, "2025-04").final_basis);  // found out in a later period
  CHECK(b.ask(reduce(entry, {{13, "f1", "district", "738.01", "2025-07"}}, "2025-07")) ==
        "net-negative");
  check_replay(b);
}

TEST_CASE("a wrong service record is withdrawn, before or after it was calculated") {
  Books b = homecare();
  must(b, services("2025-05-10", 11));
  must(b, services("2025-05-11", 11, "1.00"));
  must(b, services("2025-05-11", 11, "1.00", "w1", "meals"));
  CHECK(now(b, 11, "2025-04", true).due.amount.str() == "60.00");
  SECTION("before: it may be recorded again, as it was") {
    must(b, withdraw("2025-05-10"));
    CHECK(now(b, 11, "2025-04", true).due.amount.str() == "30.00");
    CHECK(b.ask(withdraw("2025-05-10")) == "unknown-service");
    must(b, services("2025-05-10", 11, "1.50"));
    CHECK(now(b, 11, "2025-04", true).due.amount.str() == "52.50");
  }
  SECTION("after: the next calculation takes it off") {
    CalculationLine before{11, "60.00", "36.00", "24.00", "4.00", "2025-04"};
    must(b, calculate("2025-07-01", "2025-07", {before}));
    must(b, withdraw("2025-05-10"));
    const auto found = now(b, 11, "2025-04");
    CHECK(found.difference().str() == "-30.00");
    before = {11, "-30.00", "-18.00", "-12.00", "2.00", "2025-04"};
    CHECK(b.ask(calculate("2025-07-02", "2025-07",
                          {before, {13, "2760.00", "1656.00", "1104.00", "184.00"}})) == "ok");
  }
  SECTION("it is refused") {
    CHECK(b.ask(withdraw("2025-05-12")) == "unknown-service");
    CHECK(b.ask(withdraw("2025-05-10", 12)) == "unknown-service");
    CHECK(b.ask(withdraw("2025-05-10", 11, "p2")) == "unknown-service");
    CHECK(b.ask(withdraw("2025-05-10", 11, "p1", "meals")) == "unknown-service");
    CHECK(b.ask(with(withdraw("2025-05-10"), "li.preparer", "p2.provider")) == "not-own-provider");
    CHECK(b.ask(with(withdraw("2025-05-10"), "li.preparer", "c.approver")) == "role-not-permitted");
    Ask twice = withdraw("2025-05-10");
    twice.lines = twice.lines.substr(0, twice.lines.size() - 1) + "," + twice.lines.substr(1);
    CHECK(b.ask(twice) == "duplicate-line");
    CHECK(b.ask(with(withdraw("2025-05-10"), "li.preparer", "p1.provider")) == "ok");
  }
  check_replay(b);
}

TEST_CASE("one bill counts under one programme and for one person") {
  Json policy = scheme("homecare-district");
  policy["programmes"][1]["entitlement"].erase("exclusive_group");
  policy["programmes"][0]["entitlement"].erase("exclusive_group");
  Books b = homecare(policy);
  const auto elsewhere = [](Ask ask) {
    return with(ask, "'programme':'homecare'", "'programme':'institution'");
  };
  must(b, billed("2025-05-10", 11, "B-1"));
  // More items of one bill; another bill.
  CHECK(b.ask(billed("2025-05-10", 11, "B-1", "meals")) == "ok");
  CHECK(b.ask(billed("2025-05-12", 13, "B-2")) == "ok");
  // However its number is spelt.
  for (const auto* number : {"B-1", "b-1", "Ｂ-１", "B - 1"}) {
    CHECK(b.ask(elsewhere(billed("2025-05-11", 11, number))) == "duplicate-bill");
  }
  CHECK(b.refusal().detail == "homecare");
  CHECK(b.ask(billed("2025-05-12", 12, "B-1")) == "duplicate-bill");
  CHECK(b.refusal().detail == person(11));
  Ask both = billed("2025-05-13", 12, "B-3");
  both.lines = both.lines.substr(0, both.lines.size() - 1) + "," +
               billed("2025-05-13", 13, "B-3").lines.substr(1);
  CHECK(b.ask(both) == "duplicate-bill");
  // A bill without a number is the service itself.
  const Ask plain = with(services("2025-05-14", 11), "'date'", "'bill':'30.00','date'");
  must(b, plain);
  CHECK(b.ask(elsewhere(plain)) == "duplicate-bill");
  // Withdrawn, it is free.
  must(b, withdraw("2025-05-14"));
  CHECK(b.ask(elsewhere(plain)) == "ok");
  must(b, withdraw("2025-05-10"));
  CHECK(b.ask(elsewhere(billed("2025-05-11", 11, "B-1"))) == "duplicate-bill");  // the other item
  must(b, withdraw("2025-05-10", 11, "p1", "meals"));
  CHECK(b.ask(elsewhere(billed("2025-05-11", 11, "B-1"))) == "ok");
  check_replay(b);
}

TEST_CASE("a reinstatement says from when: an error leaves no gap, a return does") {
  Books b = approved_only();
  must(b, moved("2025-05-10"));
  CHECK(now(b, 11, "2025-04").due.amount.str() == "1200.00");
  CHECK(b.ask(back("")) == "missing-field");
  CHECK(b.refusal().field == "doc.reason");
  CHECK(b.ask(back(",'reason':'returned'")) == "missing-field");
  CHECK(b.refusal().field == "doc.from");
  CHECK(b.ask(back(",'from':'2025-06-01','reason':'error'")) == "unknown-field");
  CHECK(b.ask(back(",'from':'2025-05-10','reason':'returned'")) == "date-too-early");
  CHECK(b.ask(back(",'from':'2025-07-04','reason':'returned'")) == "date-in-future");
  SECTION("an error") {
    must(b, back(",'reason':'error'"));
    CHECK(now(b, 11, "2025-04").due.amount.str() == "2730.00");
  }
  SECTION("a return: 40 days and 21 from 10 June") {
    must(b, back(",'from':'2025-06-10','reason':'returned'"));
    CHECK(now(b, 11, "2025-04").due.amount.str() == "1830.00");
    CHECK(now(b, 11, "2025-07").due.amount.str() == "2760.00");
    CHECK(b.ask(services("2025-05-10", 11)) == "ok");
    CHECK(b.ask(services("2025-05-11", 11)) == "entitlement-ended");
    CHECK(b.ask(calculate("2025-04-01", "2025-04", {kFull})) == "amount-mismatch");
    CHECK(b.ask(calculate("2025-04-01", "2025-04", {{11, "1830.00", "1098.00", "732.00", "122.00"}})) ==
          "ok");
    SECTION("and somebody may leave again") {
      must(b, with(moved("2025-06-20"), "2025-07-02", "2025-07-04"));
      CHECK(now(b, 11, "2025-04").due.amount.str() == "1530.00");
      must(b, back(",'reason':'error'", "2025-07-05"));
      CHECK(now(b, 11, "2025-04").due.amount.str() == "1830.00");
    }
    SECTION("and a wrong return is set right by the same end, taken back as an error") {
      must(b, with(moved("2025-05-10"), "2025-07-02", "2025-07-04"));
      must(b, back(",'reason':'error'", "2025-07-05"));
      CHECK(now(b, 11, "2025-04").due.amount.str() == "2730.00");
    }
  }
  check_replay(b);
}

TEST_CASE("nobody comes back from death; services recorded before are not paid for days away") {
  Books b = homecare();
  for (const auto* on : {"2025-05-10", "2025-05-20", "2025-05-30"}) must(b, services(on, 11));
  SECTION("dead") {
    must(b, died(11, "2025-05-10"));
    CHECK(b.ask(back(",'from':'2025-06-10','reason':'returned'")) == "invalid-value");
    CHECK(b.ask(back(",'reason':'error'")) == "ok");
  }
  SECTION("away") {
    must(b, moved("2025-05-10"));
    must(b, back(",'from':'2025-05-25','reason':'returned'"));
    CHECK(now(b, 11, "2025-04", true).due.amount.str() == "60.00");
  }
}

TEST_CASE("what was paid before this ledger is not due here, and arrears begin after it") {
  Books b = approved_only();
  SECTION("of a programme: 30 of 91 days were paid elsewhere") {
    must(b, paid_before("2025-04-30"));
    CHECK(now(b, 11, "2025-01").due.amount.is_zero());
    CHECK(now(b, 11, "2025-01").why->reason == Reason::paid_before);
    CHECK(now(b, 11, "2025-04").due.amount.str() == "1830.00");
    CHECK(now(b, 11, "2025-07").due.amount.str() == "2760.00");
    must(b, paid_before("2025-03-31"));  // corrected, while nothing is calculated
    CHECK(b.ask(calculate("2025-07-01", "2025-04", {kFull})) == "ok");
    CHECK(b.ask(paid_before("2025-04-30")) == "already-calculated");
  }
  SECTION("of a person, whatever is said about the programme") {
    must(b, paid_before("2025-04-30"));
    must(b, paid_before(11, "2025-05-31"));
    must(b, paid_before(13, "2023-12-31"));  // got nothing
    CHECK(now(b, 11, "2025-04").due.amount.str() == "900.00");
    CHECK(now(b, 12, "2025-04").due.amount.str() == "1372.50");
    CHECK(now(b, 13, "2025-04").due.amount.str() == "2730.00");
    must(b, calculate("2025-07-01", "2025-04", {{11, "900.00", "540.00", "360.00", "60.00"}}));
    CHECK(b.ask(paid_before(11, "2025-04-30")) == "already-calculated");
    CHECK(b.ask(paid_before(13, "2025-04-30")) == "ok");
  }
  SECTION("it is refused") {
    CHECK(b.ask(paid_before("2025-07-02")) == "date-in-future");
    CHECK(b.ask(paid_before("2025-04-30", "meals")) == "unknown-programme");
    CHECK(b.ask(paid_before(99, "2025-04-30")) == "unknown-beneficiary");
    Ask negative = with(paid_before("2025-04-30"), "100.00", "-1.00");
    CHECK(b.ask(negative) == "invalid-value");
    CHECK(b.ask(with(paid_before("2025-04-30"), kReg, kPrep)) == "role-not-permitted");
    Ask twice = paid_before(11, "2025-04-30");
    twice.lines = twice.lines.substr(0, twice.lines.size() - 1) + "," + twice.lines.substr(1);
    CHECK(b.ask(twice) == "duplicate-line");
    Ask unnamed = paid_before("2025-04-30");
    unnamed.policy = "";
    CHECK(b.ask(unnamed) == "policy-required");
    unnamed.policy = "wj@1";
    CHECK(b.ask(unnamed) == "unknown-programme");
  }
  check_replay(b);
}

TEST_CASE("where whole months are paid, whole months were paid before; once is once") {
  Json policy = scheme("homecare-district");
  auto& terms = policy["programmes"][0]["entitlement"];
  SECTION("months") {
    terms["proration"] = "months";
    terms["basis"] = "approved";
    Books b = homecare(policy);
    CHECK(b.ask(paid_before("2025-04-29")) == "invalid-value");
    CHECK(b.refusal().detail == "= 2025-04-30");
    CHECK(b.ask(paid_before("2025-04-30")) == "ok");
  }
  SECTION("once") {
    terms["cycle"] = "once";
    terms["basis"] = "approved";
    Books b = homecare(policy);
    must(b, paid_before("2024-12-31"));
    CHECK(now(b, 11, "2025-04").due.amount.is_zero());
    CHECK(now(b, 11, "2025-04").why->reason == Reason::paid_before);
  }
}
