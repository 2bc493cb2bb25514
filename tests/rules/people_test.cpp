// Who may do what in one case, to whom it is paid, and what may change about people and providers.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Ask step(const std::string& who, const std::string& kind, const std::string& what) {
  return {who, "2008-05-10", kind, "{" + what + "}"};
}
Ask of_s1(const std::string& who, const std::string& kind) {
  return step(who, kind, "'settlement':'s1'");
}
Ask of_d(const std::string& who, const std::string& kind, const std::string& id = "d1",
         const std::string& extra = "") {
  return step(who, kind, extra + "'disbursement':'" + id + "'");
}
Ask prepare_payment(const std::string& who, const std::string& id = "d1",
                    const std::string& number = "72000001") {
  return step(who, "disbursement_preparation",
              "'account':'a1','amount':'100.00','disbursement':'" + id +
                  "','method':'transfer','payee':{'bank':'b','holder':'p1','number':'" + number +
                  "'},'settlement':'s1'");
}
Ask pay(const std::string& who, const std::string& id = "d1") {
  return of_d(who, "disbursement_payment", id, "'bank_reference':'" + id + "',");
}
// Prepared by li, reviewed by wu, approved by chen.
Books settled() {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  const auto entry = must(b, redeem("2008-04-10", {1}));
  must(b, {"li.preparer", "2008-05-05", "settlement_preparation",
           "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(entry) +
               "],'settlement':'s1','total':'100.00'}"});
  must(b, of_s1("wu.reviewer", "settlement_review"));
  must(b, of_s1("chen.approver", "settlement_approval"));
  return b;
}
Ask amend_provider(const std::string& what) {
  return {"reg.registrar", "2008-05-10", "provider_amendment",
          "{" + what + ",'provider':'p1','reason':'x'}"};
}
Ask grant(const std::string& id, const std::string& invoice, const std::string& code = "31001") {
  return {"li.preparer", "2008-05-10", "settlement_preparation",
          "{'basis':'grant','grant':{'economic_code':'" + code + "','fund':'f1','invoice_no':'" +
              invoice + "','programme':'building','region':'320412001'},'provider':'p1',"
              "'redemptions':[],'settlement':'" + id + "','total':'1.00'}",
          "", "wj@1"};
}
Ask about_person(const std::string& kind, int n, const std::string& what) {
  return {"reg.registrar", "2008-05-10", kind,
          "{'beneficiary':'" + person(n) + "'," + what + ",'evidence':'e'}"};
}

}  // namespace

TEST_CASE("the duties of a settlement and of its payment do not meet in one person") {
  Books b = settled();
  CHECK(b.ask(prepare_payment("chen.preparer")) == "same-person");
  CHECK(b.ask(prepare_payment("wu.preparer")) == "same-person");
  must(b, prepare_payment("sun.preparer"));
  CHECK(b.ask(of_d("li.approver", "disbursement_approval")) == "same-person");
  CHECK(b.ask(of_d("sun.approver", "disbursement_approval")) == "same-person");
  must(b, of_d("chen.approver", "disbursement_approval"));  // may approve both
  must(b, pay("qian.cashier"));
  CHECK(b.ask(of_d("li.cashier", "disbursement_bounce", "d1",
                   "'bank_reference':'z','reason':'x',")) == "same-person");
  must(b, of_d("qian.cashier", "disbursement_bounce", "d1", "'bank_reference':'z','reason':'x',"));
  CHECK(b.ask(prepare_payment("qian.preparer", "d2")) == "same-person");
  must(b, prepare_payment("li.preparer", "d2"));
  CHECK(b.ask(of_d("qian.approver", "disbursement_approval", "d2")) == "same-person");
}

TEST_CASE("a person is the same in capital letters") {
  Books b = settled();
  must(b, prepare_payment("Sun.preparer"));
  CHECK(b.ask(of_d("sUN.approver", "disbursement_approval")) == "same-person");
  CHECK(b.ask(of_d("LI.approver", "disbursement_approval")) == "same-person");
}

TEST_CASE("a payment goes to the account of its day, or is cancelled and prepared again") {
  Books b = settled();
  must(b, prepare_payment("li.preparer"));
  must(b, amend_provider("'bank':{'bank':'b','holder':'p1','number':'72000099'}"));
  CHECK(b.ask(of_d("chen.approver", "disbursement_approval")) == "payee-mismatch");
  const std::string why = "'reason':'account changed',";
  CHECK(b.ask(of_d("li.preparer", "disbursement_cancellation", "d1", why)) ==
        "role-not-permitted");
  must(b, of_d("chen.approver", "disbursement_cancellation", "d1", why));
  CHECK(b.ask(of_d("chen.approver", "disbursement_cancellation", "d1", why)) == "wrong-step");
  CHECK(b.ask(of_d("chen.approver", "disbursement_approval")) == "wrong-step");
  must(b, prepare_payment("li.preparer", "d2", "72000099"));
  must(b, of_d("chen.approver", "disbursement_approval", "d2"));
  must(b, amend_provider("'bank':{'bank':'b','holder':'p1','number':'72000098'}"));
  CHECK(b.ask(pay("qian.cashier", "d2")) == "payee-mismatch");
  must(b, of_d("chen.approver", "disbursement_cancellation", "d2", why));  // approved already
  must(b, prepare_payment("li.preparer", "d3", "72000098"));
  must(b, of_d("chen.approver", "disbursement_approval", "d3"));
  must(b, pay("qian.cashier", "d3"));
  CHECK(b.ask(of_d("chen.approver", "disbursement_cancellation", "d3", why)) == "wrong-step");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("a contract can be shortened, and grants need one as well") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  must(b, grant("g0", "i0"));
  must(b, amend_provider("'contract':{'from':'2008-01-01','number':'c','to':'2008-04-15'}"));
  CHECK(b.ask(redeem("2008-04-16", {1})) == "contract-not-valid");
  CHECK(b.ask(redeem("2008-04-15", {1})) == "ok");
  CHECK(b.ask(grant("g1", "i1")) == "contract-not-valid");
  must(b, amend_provider("'contract':{'from':'2008-05-01','number':'c2','to':'2008-12-31'}"));
  CHECK(b.ask(redeem("2008-04-16", {2})) == "contract-not-valid");
  CHECK(b.ask(redeem("2008-04-14", {2})) == "ok");  // under the first contract
  CHECK(b.ask(grant("g1", "i1")) == "ok");
}

TEST_CASE("an invoice is the same however it is spelt, and a banned code bans what is under it") {
  Books b = funded();
  must(b, grant("g1", "INV1"));
  for (const auto* spelling : {"inv1", "ＩＮＶ１", "IN V1", "I\u3000NV1", "Inv\u00A01"}) {
    INFO(spelling);
    CHECK(b.ask(grant("g2", spelling)) == "duplicate-invoice");
  }
  CHECK(b.ask(grant("g2", "INV11")) == "ok");
  CHECK(b.ask(grant("g3", "i3", "3020101")) == "economic-code-banned");
  CHECK(b.ask(grant("g3", "i3", "3020")) == "ok");
}

TEST_CASE("the limit of a month counts each programme on its own") {
  Books b = funded();
  std::string policy = policy_json();
  policy.replace(policy.find("'wj'"), 4, "'wk'");
  const std::string grants = "{'id':'building','instrument':'grant'";
  policy.replace(policy.find(grants), grants.size(), "{'id':'building','instrument':'voucher'");
  must(b, {"reg.registrar", "2008-04-01", "policy_registration", policy});
  must(b, issue(4, 1, {1, 2}));
  auto other = issue(4, 3, {1, 2});
  other.policy = "wk@1";
  other.doc.replace(other.doc.find("'services'"), 10, "'building'");
  must(b, other);
  auto again = issue(4, 5, {1});
  CHECK(b.ask(again) == "already-issued");
  again.doc = other.doc;
  again.policy = "wk@1";
  CHECK(b.ask(again) == "already-issued");
  must(b, {"li.preparer", "2008-04-20", "voucher_return", "{'reason':'x'}",
           "[{'voucher':'" + voucher(3) + "'}]"});
  CHECK(b.ask(issue(4, 5, {1})) == "already-issued");
  CHECK(b.ask(again) == "ok");
  for (int month : {9, 6, 12}) must(b, issue(month, 10 * month, {1}));
  CHECK(b.ask(issue(6, 200, {1})) == "already-issued");
  CHECK(b.ask(issue(7, 200, {1})) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("somebody who moves is served in the new town from the next month; a wrong end is taken back") {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  must(b, about_person("beneficiary_amendment", 7, "'region':'320412001'"));
  CHECK(b.ask(issue(5, 2, {7})) == "region-mismatch");
  CHECK(b.ask(issue(6, 2, {7})) == "ok");
  CHECK(b.ask(about_person("beneficiary_amendment", 1, "'region':'320412009'")) ==
        "unknown-region");
  CHECK(b.ask({"reg.registrar", "2008-05-10", "beneficiary_amendment",
               "{'beneficiary':'" + person(1) + "','evidence':'e'}"}) == "missing-field");
  auto category = about_person("beneficiary_amendment", 1, "'category':'rich'");
  CHECK(b.ask(category) == "policy-required");
  category.policy = "wj@1";
  CHECK(b.ask(category) == "category-not-eligible");
  must(b, about_person("beneficiary_amendment", 1, "'channel':'institution'"));
  CHECK(b.ask(issue(6, 3, {1})) == "channel-not-voucher");
  must(b, about_person("beneficiary_amendment", 1, "'channel':'home','region':'320412'"));
  CHECK(b.ask(issue(6, 3, {1})) == "region-mismatch");
  must(b, about_person("beneficiary_amendment", 1, "'region':'320412001'"));
  CHECK(b.ask(issue(4, 3, {1})) == "already-issued");  // the months are kept

  must(b, about_person("entitlement_end", 2, "'ended_on':'2008-04-02','reason':'death'"));
  CHECK(b.ask(issue(5, 3, {2})) == "entitlement-ended");
  const Ask back = {"reg.registrar", "2008-05-11", "entitlement_reinstatement",
                    "{'beneficiary':'" + person(2) + "','evidence':'e','reason':'error'}"};
  must(b, back);
  CHECK(b.ask(back) == "wrong-step");
  CHECK(b.ask(issue(5, 3, {2})) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}
