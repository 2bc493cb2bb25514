// The ordinary course of a fund, from receipt to payment, with its balances.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

void check_replay(const Books& books) { CHECK(books.replay().rows == books.state().rows); }

}  // namespace

TEST_CASE("every step moves every yuan to exactly one state") {
  Books b = funded();
  CHECK(b.balance(available, "f1") == "3000.00");
  CHECK(b.balance(source, "f1///district") == "10000.00");
  CHECK(b.balance(allotted, "f1/services/320412001") == "5000.00");

  must(b, issue(4, 1, {1, 2, 3}));
  CHECK(b.balance(committed, "f1/services/320412001") == "300.00");
  CHECK(b.balance(allotted, "f1/services/320412001") == "4700.00");

  const auto redemption = must(b, redeem("2008-04-10", {1, 2}));
  CHECK(b.balance(accrued, "f1/services/320412001/p1") == "200.00");
  CHECK(b.balance(committed, "f1/services/320412001") == "100.00");

  must(b, {"li.preparer", "2008-05-05", "settlement_preparation",
           "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(redemption) +
               "],'settlement':'s1','total':'200.00'}",
           "", "wj@1"});
  must(b, {"wu.reviewer", "2008-05-06", "settlement_review", "{'settlement':'s1'}"});
  CHECK(b.balance(payable, "f1/services/320412001/p1") == "0.00");
  must(b, {"chen.approver", "2008-05-07", "settlement_approval", "{'settlement':'s1'}"});
  CHECK(b.balance(payable, "f1/services/320412001/p1") == "200.00");

  must(b, {"li.preparer", "2008-05-08", "disbursement_preparation",
           "{'account':'a1','amount':'200.00','disbursement':'d1','method':'transfer',"
           "'payee':{'bank':'b','holder':'p1','number':'72000001'},'settlement':'s1'}"});
  must(b, {"chen.approver", "2008-05-09", "disbursement_approval", "{'disbursement':'d1'}"});
  must(b, {"qian.cashier", "2008-05-10", "disbursement_payment",
           "{'bank_reference':'t1','disbursement':'d1'}"});
  CHECK(b.balance(paid, "f1/services/320412001/p1") == "200.00");
  CHECK(b.balance(payable, "f1/services/320412001/p1") == "0.00");
  must(b, {"qian.cashier", "2008-05-12", "disbursement_bounce",
           "{'bank_reference':'t2','disbursement':'d1','reason':'no such account'}"});
  CHECK(b.balance(payable, "f1/services/320412001/p1") == "200.00");
  check_replay(b);
}
