// An identity is destroyed by two people, of somebody whose entitlement has ended, and when no money of
// the person's programmes is open.
#include <catch2/catch.hpp>

#include "tests/rules/homecare_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Books approved_only() {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  return homecare(policy);
}
Ask end(int n, const std::string& who = "one.registrar") {
  return {who, "2025-07-02", "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'2025-06-30','evidence':'e',"
          "'reason':'moved'}"};
}
Ask erase(int n, const std::string& who = "two.registrar",
          const std::string& ground = "purpose_fulfilled") {
  return {who, "2025-07-31", "person_erasure",
          "{'beneficiary':'" + person(n) + "','ground':'" + ground +
              "','ordered_by':'head','reference':'no 1'}"};
}
void pay(Books& b) {
  must(b, {"wu.reviewer", "2025-07-11", "settlement_review", "{'settlement':'s1'}"});
  must(b, {"chen.approver", "2025-07-12", "settlement_approval", "{'settlement':'s1'}"});
  CHECK(b.ask(erase(11)) == "wrong-step");
  CHECK(b.refusal().detail == "payable f1/homecare/320412001/p1");
  must(b, {kPrep, "2025-07-13", "disbursement_preparation",
           "{'account':'a1','amount':'2730.00','disbursement':'d1','method':'transfer','payee':{"
           "'bank':'b','holder':'p1','number':'72000001'},'settlement':'s1'}"});
  must(b, {"chen.approver", "2025-07-14", "disbursement_approval", "{'disbursement':'d1'}"});
  must(b, {"qian.cashier", "2025-07-15", "disbursement_payment",
           "{'bank_reference':'t1','disbursement':'d1'}"});
}

}  // namespace

TEST_CASE("one ends an entitlement and another destroys the identity") {
  Books b = approved_only();
  CHECK(b.ask(erase(11)) == "wrong-step");
  CHECK(b.refusal().detail == "entitled");
  CHECK(b.ask(erase(11, "two.registrar", "ordered")) == "wrong-step");
  must(b, end(11));
  CHECK(b.ask(erase(11, "one.registrar")) == "same-person");
  CHECK(b.ask(erase(11, "ONE.registrar", "ordered")) == "same-person");
  CHECK(b.ask(erase(11)) == "ok");
  CHECK(b.ask(erase(11)) == "already-erased");
  // Nobody is entitled of whom nobody can say who it is, whatever the end was.
  for (const std::string why : {"'reason':'error'", "'from':'2025-07-02','reason':'returned'"}) {
    CHECK(b.ask({"reg.registrar", "2025-07-03", "entitlement_reinstatement",
                 "{'beneficiary':'" + person(11) + "','evidence':'e'," + why + "}"}) == "already-erased");
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("whoever came back is entitled again, and another end counts") {
  Books b = approved_only();
  must(b, end(11));
  must(b, {"reg.registrar", "2025-07-03", "entitlement_reinstatement",
           "{'beneficiary':'" + person(11) + "','evidence':'e','reason':'error'}"});
  CHECK(b.ask(erase(11)) == "wrong-step");
  must(b, end(11, "two.registrar"));
  CHECK(b.ask(erase(11)) == "same-person");
  CHECK(b.ask(erase(11, "one.registrar")) == "ok");
}

TEST_CASE("no identity goes while money is open, but on an order") {
  Books b = approved_only();
  const auto entry = must(b, calculate("2025-07-01", "2025-04", {kFull}));
  for (const int n : {11, 12}) must(b, end(n));
  CHECK(b.ask(erase(12)) == "ok");  // nothing was ever calculated
  CHECK(b.ask(erase(11)) == "wrong-step");
  CHECK(b.refusal().detail == "accrued f1/homecare/320412001/p1");
  SECTION("a court does not wait") {
    CHECK(b.ask(erase(11, "two.registrar", "ordered")) == "ok");
  }
  SECTION("settled, paid, recovered") {
    must(b, {kPrep, "2025-07-10", "settlement_preparation",
             "{'basis':'entitlements','calculations':[" + std::to_string(entry) +
                 "],'provider':'p1','redemptions':[],'settlement':'s1','total':'2730.00'}"});
    CHECK(b.ask(erase(11)) == "wrong-step");
    pay(b);
    SECTION("then it may go") { CHECK(b.ask(erase(11)) == "ok"); }
    SECTION("not while something is to come back") {
      must(b, {"reg.registrar", "2025-07-16", "entitlement_reinstatement",
               "{'beneficiary':'" + person(11) + "','evidence':'e','reason':'error'}"});
      Ask died = end(11);
      died.date = "2025-07-16";
      died.doc.replace(died.doc.find("2025-06-30"), 10, "2025-05-10");
      must(b, died);  // 1,530.00 too much, of which the district bore 918.00
      must(b, {kPrep, "2025-07-20", "recovery_decision",
               "{'amount':'918.00','entitlement':{'beneficiary':'" + person(11) +
                   "','level':'district','period':'2025-04'},'fund':'f1','programme':'homecare',"
                   "'provider':'p1','reason':'r','recovery':'v1','region':'" + kTown + "'}",
               "", "homecare-district@1"});
      CHECK(b.ask(erase(11)) == "wrong-step");
      CHECK(b.refusal().detail == "in_recovery v1");
      const auto back = [](const std::string& amount, const std::string& reference) {
        return Ask{kPrep, "2025-07-25", "recovery_receipt",
                   "{'account':'a1','amount':'" + amount + "','bank_reference':'" + reference +
                       "','recovery':'v1'}"};
      };
      must(b, back("900.00", "b1"));
      CHECK(b.ask(erase(11)) == "wrong-step");
      must(b, back("18.00", "b2"));
      CHECK(b.ask(erase(11)) == "ok");
    }
  }
  CHECK(b.replay().rows == b.state().rows);
}
