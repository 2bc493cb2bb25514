// No transaction of the bank counts twice, and no account pays what it does not hold, on any day.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Ask receipt(const std::string& amount, const std::string& reference,
            const std::string& account = "a1", const std::string& date = "2008-04-02") {
  return {"li.preparer", date, "fund_receipt",
          "{'account':'" + account + "','amount':'" + amount + "','bank_reference':'" + reference +
              "','document_no':'d','fund':'f1','source':'district'}"};
}
std::string right(const std::string& amount, const std::string& reference,
                  const std::string& account = "a1") {
  return ",'fund_receipt':" + receipt(amount, reference, account).doc;
}
Ask correct(std::uint64_t entry, const std::string& corrected, const std::string& method,
            const std::string& date = "2008-06-01") {
  return {"li.preparer", date, "correction",
          "{'corrects':" + std::to_string(entry) + corrected + ",'method':'" + method +
              "','reason':'typing error'}"};
}
Ask second_account() {
  return {"reg.registrar", "2008-04-01", "designated_account_registration",
          "{'account':'a2','approval_no':'n2','bank':{'bank':'b','holder':'h',"
          "'number':'62000002'},'mode':'treasury_single_account'}"};
}
Ask on_payment(const std::string& who, const std::string& kind, const std::string& id,
               const std::string& extra = "", const std::string& date = "2008-05-12") {
  return {who, date, kind, "{" + extra + "'disbursement':'" + id + "'}"};
}
// 200.00 settled with p1, payable since 2008-05-10.
void settle(Books& b) {
  must(b, issue(4, 1, {1, 2}));
  const auto entry = must(b, redeem("2008-04-10", {1, 2}));
  must(b, {"li.preparer", "2008-05-05", "settlement_preparation",
           "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(entry) +
               "],'settlement':'s1','total':'200.00'}"});
  must(b, {"wu.reviewer", "2008-05-10", "settlement_review", "{'settlement':'s1'}"});
  must(b, {"chen.approver", "2008-05-10", "settlement_approval", "{'settlement':'s1'}"});
}
void prepare(Books& b, const std::string& account, const std::string& id = "d1",
             const std::string& date = "2008-05-12") {
  must(b, {"li.preparer", date, "disbursement_preparation",
           "{'account':'" + account + "','amount':'200.00','disbursement':'" + id +
               "','method':'transfer','payee':{'bank':'b','holder':'p1','number':'72000001'},"
               "'settlement':'s1'}"});
  must(b, on_payment("chen.approver", "disbursement_approval", id, "", date));
}
Ask pay(const std::string& reference, const std::string& id = "d1",
        const std::string& date = "2008-05-12") {
  return on_payment("qian.cashier", "disbursement_payment", id,
                    "'bank_reference':'" + reference + "',", date);
}

}  // namespace

TEST_CASE("a bank reference counts once in each account and direction") {
  Books b = funded();
  must(b, second_account());
  must(b, receipt("10.00", "B7"));
  CHECK(b.ask(receipt("10.00", "B7")) == "duplicate-bank-reference");
  CHECK(b.refusal().detail == std::to_string(b.last()));
  CHECK(b.ask(receipt("99.00", "b7", "a1", "2008-09-01")) == "duplicate-bank-reference");
  CHECK(b.ask({"li.preparer", "2008-04-04", "counterpart_receipt",
               "{'account':'a1','amount':'1.00','bank_reference':'B7','document_no':'d',"
               "'fund':'f1','region':'320412001'}"}) == "duplicate-bank-reference");
  CHECK(b.ask(receipt("10.00", "B7", "a2")) == "ok");
  settle(b);
  prepare(b, "a1");
  must(b, pay("B7"));  // money out is another transaction
  CHECK(b.ask(on_payment("qian.cashier", "disbursement_bounce", "d1",
                         "'bank_reference':'B7','reason':'closed',")) ==
        "duplicate-bank-reference");
  must(b, on_payment("qian.cashier", "disbursement_bounce", "d1",
                     "'bank_reference':'B8','reason':'closed',"));
  prepare(b, "a1", "d2");
  CHECK(b.ask(pay("B7", "d2")) == "duplicate-bank-reference");
  CHECK(b.ask(pay("B9", "d2")) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("a correction keeps the reference, changes it, or gives it back") {
  Books b = funded();
  must(b, receipt("5.00", "other"));
  const auto wrong = must(b, receipt("10.00", "B7"));
  SECTION("kept") {
    must(b, correct(wrong, right("12.00", "B7"), "red_blue"));
    CHECK(b.ask(receipt("10.00", "B7")) == "duplicate-bank-reference");
  }
  SECTION("kept by the difference") {
    must(b, correct(wrong, right("2.00", "B7"), "difference"));
    CHECK(b.ask(receipt("10.00", "B7")) == "duplicate-bank-reference");
  }
  SECTION("changed") {
    CHECK(b.ask(correct(wrong, right("10.00", "other"), "red_blue")) ==
          "duplicate-bank-reference");
    CHECK(b.refusal().field == "doc.fund_receipt.bank_reference");
    must(b, correct(wrong, right("10.00", "B8"), "red_blue"));
    CHECK(b.ask(receipt("10.00", "B8")) == "duplicate-bank-reference");
    CHECK(b.ask(receipt("10.00", "B7")) == "ok");
  }
  SECTION("given back") {
    must(b, correct(wrong, "", "red_blue"));
    CHECK(b.ask(receipt("10.00", "B7")) == "ok");
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("an account pays only what it holds itself") {
  Books b = funded();
  must(b, second_account());
  settle(b);
  prepare(b, "a2");
  CHECK(b.ask(pay("t1")) == "insufficient-balance");
  CHECK(b.refusal().subject == "a2");
  CHECK(b.refusal().detail == "200.00");
  must(b, receipt("199.99", "x1", "a2"));
  CHECK(b.ask(pay("t1")) == "insufficient-balance");
  CHECK(b.refusal().detail == "0.01");
  must(b, receipt("0.01", "x2", "a2", "2008-05-13"));  // the day after
  CHECK(b.ask(pay("t1")) == "insufficient-balance");
  CHECK(b.refusal().subject == "a2 2008-05-12");
  CHECK(b.ask(pay("t1", "d1", "2008-05-13")) == "ok");
  // What was paid cannot be corrected away, and a bounce brings it back to that account.
  const auto in_a2 = b.last() - 2;
  CHECK(b.ask(correct(in_a2, "", "red_blue")) == "insufficient-balance");
  must(b, on_payment("qian.cashier", "disbursement_bounce", "d1",
                     "'bank_reference':'x3','reason':'closed',", "2008-05-14"));
  CHECK(b.ask(correct(in_a2, right("199.99", "x1", "a1"), "red_blue")) == "ok");
  prepare(b, "a2", "d2", "2008-06-02");
  CHECK(b.ask(pay("t2", "d2", "2008-06-02")) == "insufficient-balance");
  CHECK(b.refusal().detail == "199.99");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("a correction can be corrected in its turn") {
  Books b = funded();
  const auto wrong = must(b, receipt("100.00", "B7"));
  const auto once = must(b, correct(wrong, right("-90.00", "B7"), "difference"));
  CHECK(b.balance(FundAccount::available, "f1") == "3010.00");
  CHECK(b.ask(correct(wrong, right("12.00", "B7"), "red_blue")) == "already-corrected");
  const auto twice = must(b, correct(once, right("12.00", "B7"), "red_blue"));
  CHECK(b.balance(FundAccount::available, "f1") == "3012.00");
  must(b, correct(twice, right("1.00", "B8"), "prior_year_blue", "2009-02-01"));
  CHECK(b.balance(FundAccount::available, "f1") == "3001.00");
  for (const auto& posting : b.last_postings()) CHECK(posting.amount.is_positive());
  CHECK(b.ask(correct(b.last(), "", "red_blue", "2009-01-31")) == "date-too-early");
  const auto gone = must(b, correct(b.last(), "", "red_blue", "2009-02-02"));
  CHECK(b.balance(FundAccount::available, "f1") == "3000.00");
  CHECK(b.balance(FundAccount::source, "f1///district") == "10000.00");
  CHECK(b.ask(correct(gone, right("1.00", "B9"), "red_blue", "2009-02-03")) ==
        "not-correctable");
  CHECK(b.replay().rows == b.state().rows);
}
