// Business dates run forwards: nothing is dated before what it follows from, no balance is short on
// any day, and the edges of the calendar are answers, not accidents.
#include <catch2/catch.hpp>

#include "ledger/rules/packing.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Ask on(Ask ask, const std::string& date) {
  ask.date = date;
  return ask;
}
Ask replaced(Ask ask, const std::string& from, const std::string& to) {
  for (std::string* text : {&ask.doc, &ask.lines}) {
    for (auto at = text->find(from); at != std::string::npos;
         at = text->find(from, at + to.size())) {
      text->replace(at, from.size(), to);
    }
  }
  return ask;
}
Ask receipt(const std::string& amount, const std::string& date) {
  return {"li.preparer", date, "fund_receipt",
          "{'account':'a1','amount':'" + amount + "','bank_reference':'" + date + amount +
              "','document_no':'d','fund':'f1','source':'district'}"};
}
Ask allot(const std::string& amount, const std::string& date) {
  return {"li.preparer", date, "allotment",
          "{'amount':'" + amount +
              "','document_no':'d','from_counterpart':false,'fund':'f1','programme':'services',"
              "'region':'320412001'}",
          "", "wj@1"};
}
Ask step(const std::string& who, const std::string& kind, const std::string& date,
         const std::string& what = "'settlement':'s1'") {
  return {who, date, kind, "{" + what + "}"};
}
Ask close_month(const std::string& month, const std::string& date) {
  return {"wu.reviewer", date, "period_close", "{'period':'" + month + "'}"};
}

}  // namespace

TEST_CASE("the last month of the calendar is a month like any other") {
  CHECK(Month::parse("2999-12")->last_day().str() == "2999-12-31");
  CHECK(Month::parse("2999-12")->plus(1).first_day().str() == "3000-01-01");
  CHECK_FALSE(Month::parse("2999-12")->plus(1).in_calendar());
  CHECK(Month::parse("1900-01")->in_calendar());
  CHECK_FALSE(Month::parse("1900-01")->plus(-1).in_calendar());
  CHECK(Month::parse("2008-02")->last_day().str() == "2008-02-29");
  Books b = funded();
  CHECK(b.ask(close_month("2999-12", "2008-05-01")) == "invalid-period");
  auto late = replaced(issue(4, 1, {1}), "2008-04", "2999-12");
  late.lines = issue(4, 1, {1}).lines;
  CHECK(b.ask(late) != "ok");
  std::string policy = policy_json(2);
  const std::string one = "'validity_months':1";
  auto register_policy = [&](const std::string& months) {
    std::string doc = policy;
    doc.replace(doc.find(one), one.size(), "'validity_months':" + months);
    return Ask{"reg.registrar", "2008-04-01", "policy_registration", doc};
  };
  CHECK(b.ask(register_policy("121")) == "invalid-value");
  must(b, register_policy("120"));
  late.policy = "wj@2";
  CHECK(b.ask(late) == "invalid-value");
  CHECK(b.refusal().field == "doc.month");
}

TEST_CASE("no step of a settlement or a payment lies before the one it follows") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  const auto entry = std::to_string(must(b, redeem("2008-04-10", {1, 2})));
  const Ask prepare = {"li.preparer", "2008-04-09", "settlement_preparation",
                       "{'basis':'redemptions','provider':'p1','redemptions':[" + entry +
                           "],'settlement':'s1','total':'200.00'}"};
  // Each step is refused a day before the one before it, and taken on the same day.
  const auto refused_then_taken = [&](const Ask& ask, const std::string& day_before,
                                      const std::string& day) {
    INFO(ask.kind << ask.doc);
    CHECK(b.ask(on(ask, day_before)) == "date-too-early");
    CHECK(b.ask(on(ask, day)) == "ok");
  };
  const auto steps_to_approval = [&](const std::string& d, const std::string& before,
                                     const std::string& day) {
    const std::string id = "'disbursement':'" + d + "'";
    refused_then_taken({"li.preparer", "", "disbursement_preparation",
                        "{'account':'a1','amount':'200.00'," + id +
                            ",'method':'transfer','payee':{'bank':'b','holder':'p1',"
                            "'number':'72000001'},'settlement':'s1'}"},
                       before, day);
  };
  refused_then_taken(prepare, "2008-04-09", "2008-04-10");
  refused_then_taken(step("wu.reviewer", "settlement_review", ""), "2008-04-09", "2008-04-11");
  CHECK(b.ask(step("chen.approver", "settlement_return", "2008-04-10",
                   "'reason':'x','settlement':'s1'")) == "date-too-early");
  refused_then_taken(step("chen.approver", "settlement_approval", ""), "2008-04-10", "2008-04-12");
  steps_to_approval("d1", "2008-04-11", "2008-04-12");
  refused_then_taken(step("chen.approver", "disbursement_approval", "", "'disbursement':'d1'"),
                     "2008-04-11", "2008-04-13");
  const auto pay = [&](const std::string& d) {
    return step("qian.cashier", "disbursement_payment", "",
                "'bank_reference':'" + d + "','disbursement':'" + d + "'");
  };
  refused_then_taken(pay("d1"), "2008-04-12", "2008-04-14");
  refused_then_taken(step("qian.cashier", "disbursement_bounce", "",
                          "'bank_reference':'b','disbursement':'d1','reason':'x'"),
                     "2008-04-13", "2008-04-15");
  steps_to_approval("d2", "2008-04-14", "2008-04-15");
  const auto cancel = step("chen.approver", "disbursement_cancellation", "",
                           "'disbursement':'d2','reason':'x'");
  refused_then_taken(cancel, "2008-04-14", "2008-04-16");
  steps_to_approval("d3", "2008-04-15", "2008-04-16");
  must(b, step("chen.approver", "disbursement_approval", "2008-04-16", "'disbursement':'d3'"));
  must(b, on(pay("d3"), "2008-04-17"));
  const Ask decision = {"li.preparer", "2008-04-16", "recovery_decision",
                        "{'amount':'50.00','fund':'f1','programme':'services','provider':'p1',"
                        "'reason':'x','recovery':'r1','region':'320412001'}"};
  CHECK(b.ask(decision) == "insufficient-balance");  // nothing was paid on that day yet
  must(b, on(decision, "2008-04-20"));
  refused_then_taken({"li.preparer", "", "recovery_receipt",
                      "{'account':'a1','amount':'50.00','bank_reference':'z','recovery':'r1'}"},
                     "2008-04-19", "2008-04-20");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("money is not taken before it was there, nor where it was used since") {
  Books b = funded();  // 3000.00 available since 1 April
  must(b, receipt("500.00", "2008-05-10"));
  CHECK(b.ask(allot("3000.01", "2008-05-09")) == "insufficient-balance");
  CHECK(b.refusal().subject == "available/f1 2008-05-09");
  CHECK(b.refusal().detail == "0.01");
  must(b, allot("3500.00", "2008-05-10"));
  must(b, receipt("1000.00", "2008-06-01"));
  // 3000.00 lay there in early May, but were allotted on the 10th.
  CHECK(b.ask(allot("0.01", "2008-05-01")) == "insufficient-balance");
  CHECK(b.refusal().subject == "available/f1 2008-05-10");
  must(b, receipt("100.00", "2008-05-05"));
  CHECK(b.ask(allot("100.01", "2008-05-05")) == "insufficient-balance");
  CHECK(b.ask(allot("100.00", "2008-05-05")) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("days that can no longer be dated before are forgotten") {
  Books b = funded();
  for (int month = 4; month <= 9; ++month) {
    const Month m = Month::from_ordinal(2008 * 12 + month - 1);
    for (int day = 2; day <= 9; ++day) must(b, receipt("1.00", (m.first_day() + day).str()));
    must(b, close_month(m.str(), m.last_day().str()));
  }
  must(b, receipt("1.00", "2008-10-05"));
  must(b, receipt("1.00", "2008-10-03"));
  std::size_t days = 0;
  for (const auto& [key, row] : b.state().rows) {
    if (key[0] == 'b') days = std::max(days, row.size() / 4);
  }
  CHECK(days == 2);
  CHECK(b.ask(allot("3049.01", "2008-10-03")) == "insufficient-balance");
  CHECK(b.ask(allot("3049.00", "2008-10-03")) == "ok");
}

TEST_CASE("a voucher is issued in its time and serves nobody before that") {
  Books b = funded();
  CHECK(b.ask(on(issue(5, 1, {1}), "2008-03-31")) != "ok");
  CHECK(b.ask(on(issue(5, 1, {1}), "2008-06-01")) == "invalid-value");
  CHECK(b.refusal().en() ==
        "The date of issue 2008-06-01 is not acceptable: it must be 2008-04-01 to 2008-05-31.");
  CHECK(b.refusal().zh() == "发券日期 2008-06-01 不可接受：须为 2008-04-01 至 2008-05-31。");
  CHECK(b.refusal().field == "date");
  must(b, on(issue(5, 1, {1, 2}), "2008-05-20"));
  CHECK(b.ask(on(redeem("2008-05-19", {1}), "2008-05-25")) == "voucher-not-yet-valid");
  CHECK(b.ask(on(redeem("2008-05-20", {1}), "2008-05-25")) == "ok");
  CHECK(b.ask({"li.preparer", "2008-05-19", "voucher_return", "{'reason':'x'}",
               "[{'voucher':'" + voucher(2) + "'}]"}) == "date-too-early");
  must(b, on(issue(7, 3, {1}), "2008-06-01"));
  CHECK(b.ask(on(issue(7, 4, {2}), "2008-05-31")) == "invalid-value");
}

TEST_CASE("hours of a service are more than none and no more than a day has") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  for (const auto* hours : {"0.00", "24.01", "999999999.99"}) {
    CHECK(b.ask(replaced(redeem("2008-04-10", {1}), "'2.00'", std::string("'") + hours + "'")) ==
          "invalid-value");
    CHECK(b.refusal().field == "lines[0].hours");
  }
  CHECK(b.ask(replaced(redeem("2008-04-10", {1}), "'2.00'", "'24.00'")) == "ok");
  CHECK(b.ask(replaced(redeem("2008-04-10", {2}), "'2.00'", "'0.01'")) == "ok");
}
