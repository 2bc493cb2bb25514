// The last day on which something is allowed, and the first on which it is not.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Ask end(int n, const std::string& on, const std::string& recorded = "2008-12-31") {
  return {"reg.registrar", recorded, "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'" + on +
              "','evidence':'e','reason':'moved'}"};
}
Ask elder(int n, const std::string& birth, const std::string& from) {
  return {"reg.registrar", "2008-04-01", "beneficiary_registration",
          "{'beneficiary':'" + person(n) +
              "','category':'low-income','channel':'home','commitment':'" +
              std::string(64, 'a') + "','entitled_from':'" + from + "','region':'320412001'}",
          "", "wj@1", false, id_number(birth, n)};
}
Ask on(Ask ask, const std::string& date) {
  ask.date = date;
  return ask;
}

}  // namespace

TEST_CASE("a voucher is good on its first and its last day") {
  Books b = funded();
  must(b, on(issue(5, 1, {1, 2}), "2008-04-28"));
  CHECK(b.ask(on(redeem("2008-04-30", {1}), "2008-06-05")) == "voucher-not-yet-valid");
  CHECK(b.ask(on(redeem("2008-05-01", {1}), "2008-06-05")) == "ok");
  CHECK(b.ask(on(redeem("2008-06-01", {2}), "2008-06-05")) == "voucher-past-validity");
  CHECK(b.ask(on(redeem("2008-05-31", {2}), "2008-06-05")) == "ok");
}

TEST_CASE("a contract covers its first and its last day, and no other") {
  Books b = funded();
  must(b, {"reg.registrar", "2008-04-01", "provider_registration",
           "{'bank':{'bank':'b','holder':'p','number':'72000001'},'contract':{'from':'2008-05-10',"
           "'number':'c','to':'2008-05-12'},'name':'p','provider':'p3',"
           "'uscc':'11341730003260406Y'}"});
  must(b, issue(5, 1, {1, 2}));
  CHECK(b.ask(redeem("2008-05-09", {1}, "p3")) == "contract-not-valid");
  CHECK(b.ask(redeem("2008-05-10", {1}, "p3")) == "ok");
  CHECK(b.ask(redeem("2008-05-13", {2}, "p3")) == "contract-not-valid");
  CHECK(b.ask(redeem("2008-05-12", {2}, "p3")) == "ok");
}

TEST_CASE("whoever is entitled within a month gets its voucher, and uses it from that day") {
  Books b = funded();
  must(b, elder(20, "19300101", "2008-05-31"));
  must(b, elder(21, "19300101", "2008-06-01"));
  CHECK(b.ask(issue(5, 1, {21})) == "not-yet-entitled");
  must(b, issue(5, 1, {20}));
  CHECK(b.ask(redeem("2008-05-30", {1})) == "not-yet-entitled");
  CHECK(b.ask(redeem("2008-05-31", {1})) == "ok");
}

TEST_CASE("whoever reaches the age on the first day of entitlement is old enough") {
  Books b = funded();
  CHECK(b.ask(elder(20, "19480502", "2008-05-01")) == "under-age");
  CHECK(b.refusal().subject == "60");
  CHECK(b.ask(elder(20, "19480501", "2008-05-01")) == "ok");
  CHECK(b.ask(elder(21, "20300101", "2008-05-01")) == "under-age");  // not born yet
}

TEST_CASE("no voucher after the end of an entitlement, nor for a month that begins after it") {
  Books b = funded();
  must(b, end(1, "2008-06-10"));
  CHECK(b.ask(on(issue(6, 1, {1}), "2008-06-11")) == "entitlement-ended");
  CHECK(b.ask(on(issue(7, 1, {1}), "2008-06-10")) == "entitlement-ended");
  CHECK(b.ask(on(issue(6, 1, {1}), "2008-06-10")) == "ok");
  CHECK(b.ask(redeem("2008-06-11", {1})) == "entitlement-ended");
  CHECK(b.ask(redeem("2008-06-10", {1})) == "ok");
}

TEST_CASE("an end that lies ahead is not recorded yet") {
  Books b = funded();
  CHECK(b.ask(end(1, "2008-06-11", "2008-06-10")) == "date-in-future");
  CHECK(b.ask(end(1, "2008-06-10", "2008-06-10")) == "ok");
}

TEST_CASE("a policy is in force on its first and its last day") {
  Books b = funded();
  const auto allot = [](const std::string& date) {
    return Ask{"li.preparer", date, "allotment",
               "{'amount':'1.00','document_no':'d','from_counterpart':false,'fund':'f1',"
               "'programme':'services','region':'320412001'}",
               "", "wj@1"};
  };
  CHECK(b.ask(allot("2008-03-31")) == "policy-not-in-force");
  CHECK(b.ask(allot("2008-04-01")) == "ok");
  CHECK(b.ask(allot("2009-12-31")) == "ok");
  CHECK(b.ask(allot("2010-01-01")) == "policy-not-in-force");
}

TEST_CASE("a close counts what is undecided in all the months it closes") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  const auto first = must(b, redeem("2008-04-10", {1}));
  const auto settle = [](const std::string& id, std::uint64_t entry, const std::string& date) {
    return Ask{"li.preparer", date, "settlement_preparation",
               "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(entry) +
                   "],'settlement':'" + id + "','total':'100.00'}"};
  };
  must(b, settle("s1", first, "2008-04-11"));
  must(b, settle("s2", must(b, redeem("2008-04-10", {2})), "2008-06-01"));
  const auto close_may = [] {
    return Ask{"wu.reviewer", "2008-06-02", "period_close", "{'period':'2008-05'}"};
  };
  CHECK(b.ask(close_may()) == "drafts-open");
  CHECK(b.refusal().detail == "1");
  must(b, {"wu.reviewer", "2008-06-02", "settlement_return", "{'reason':'r','settlement':'s1'}"});
  CHECK(b.ask(close_may()) == "ok");  // s2 was prepared later
}

TEST_CASE("with more vouchers a month and a longer validity the policy decides") {
  Books b = funded();
  std::string policy = policy_json(2);
  const auto set = [&](const std::string& from, const std::string& to) {
    policy.replace(policy.find(from), from.size(), to);
  };
  set("'max_per_month':1", "'max_per_month':2");
  set("'validity_months':1", "'validity_months':3");
  must(b, {"reg.registrar", "2008-04-01", "policy_registration", policy});
  auto two = issue(4, 1, {1, 1});
  two.policy = "wj@2";
  CHECK(b.ask(two) == "wrong-validity");
  two.doc.replace(two.doc.find("2008-04-30"), 10, "2008-06-30");
  must(b, two);
  auto third = two;
  third.lines = issue(4, 3, {1}).lines;
  CHECK(b.ask(third) == "already-issued");
  third.lines = issue(4, 3, {2, 2, 2}).lines;
  CHECK(b.ask(third) == "duplicate-line");
  CHECK(b.ask(redeem("2008-06-30", {1})) == "ok");
  CHECK(b.ask(redeem("2008-07-01", {2})) == "voucher-past-validity");
}
