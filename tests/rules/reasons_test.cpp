// A table of refusals: each reason that decide() can give, from the smallest command that earns it.
// The last test checks that no reason is missing from the table.
#include <catch2/catch.hpp>
#include <functional>
#include <set>

#include "tests/rules/approval_scene.h"
#include "tests/rules/homecare_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

const std::string kReg = "reg.registrar";

Ask receipt(const std::string& amount = "10.00", const std::string& date = "2008-04-20") {
  return {kPrep, date, "fund_receipt",
          "{'account':'a1','amount':'" + amount +
              "','bank_reference':'r','document_no':'d','fund':'f1','source':'district'}"};
}
Ask allot(const std::string& amount, const std::string& programme = "services",
          const std::string& region = kTown) {
  return {kPrep, "2008-04-20", "allotment",
          "{'amount':'" + amount +
              "','document_no':'d','from_counterpart':false,'fund':'f1','programme':'" +
              programme + "','region':'" + region + "'}",
          "", "wj@1"};
}
Ask elder(int n, const std::string& id_number, const std::string& category = "low-income") {
  return {kReg, "2008-04-20", "beneficiary_registration",
          "{'beneficiary':'" + person(n) + "','category':'" + category +
              "','channel':'home','commitment':'" + std::string(64, 'a') +
              "','entitled_from':'2008-05-01','region':'320412001'}",
          "", "wj@1", false, id_number};
}
Ask end(int n, const std::string& on, const std::string& reason = "death") {
  return {kReg, "2008-06-30", "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'" + on +
              "','evidence':'e','reason':'" + reason + "'}"};
}
Ask release(const std::string& kind, int serial, const std::string& date,
            const std::string& doc) {
  return {kPrep, date, kind, doc, "[{'voucher':'" + voucher(serial) + "'}]"};
}
Ask give_back(int serial) {
  return release("voucher_return", serial, "2008-04-20", "{'reason':'moved'}");
}
Ask expire(int serial, const std::string& date) {
  return release("voucher_expiry", serial, date, "{'month':'2008-04'}");
}
Ask settle(const std::string& id, const std::string& entries, const std::string& total,
           const std::string& provider = "p1") {
  return {kPrep, "2008-05-05", "settlement_preparation",
          "{'basis':'redemptions','provider':'" + provider + "','redemptions':[" + entries +
              "],'settlement':'" + id + "','total':'" + total + "'}"};
}
Ask grant(const std::string& id, const std::string& total, const std::string& invoice = "i1",
          const std::string& programme = "building", const std::string& code = "31001") {
  return {kPrep, "2008-05-05", "settlement_preparation",
          "{'basis':'grant','grant':{'economic_code':'" + code +
              "','fund':'f1','invoice_no':'" + invoice + "','programme':'" + programme +
              "','region':'320412001'},'provider':'p1','redemptions':[],'settlement':'" + id +
              "','total':'" + total + "'}",
          "", "wj@1"};
}
Ask step(const std::string& who, const std::string& kind, const std::string& id) {
  return {who, "2008-05-10", kind, "{'settlement':'" + id + "'}"};
}
Ask pay(const std::string& id, const std::string& amount = "200.00",
        const std::string& number = "72000001", const std::string& method = "transfer") {
  return {kPrep, "2008-05-12", "disbursement_preparation",
          "{'account':'a1','amount':'" + amount + "','disbursement':'" + id + "','method':'" +
              method + "','payee':{'bank':'b','holder':'p1','number':'" + number +
              "'},'settlement':'s1'}"};
}
Ask approve_payment(const std::string& who) {
  return {who, "2008-05-12", "disbursement_approval", "{'disbursement':'d1'}"};
}
Ask pay_out(const std::string& who) {
  return {who, "2008-05-12", "disbursement_payment",
          "{'bank_reference':'t','disbursement':'d1'}"};
}
Ask correct(std::uint64_t entry, const std::string& corrected, const std::string& method,
            const std::string& date = "2008-06-01") {
  return {kPrep, date, "correction",
          "{'corrects':" + std::to_string(entry) + corrected + ",'method':'" + method +
              "','reason':'typing error'}"};
}
const std::string kRightReceipt =
    ",'fund_receipt':{'account':'a1','amount':'12.00','bank_reference':'r','document_no':'d',"
    "'fund':'f1','source':'district'}";
Ask close_month(const std::string& month, const std::string& date) {
  return {"wu.reviewer", date, "period_close", "{'period':'" + month + "'}"};
}
Ask statement(const std::string& closing, const std::string& date = "2008-04-10") {
  return {kPrep, "2008-04-30", "bank_statement",
          "{'account':'a1','closing':'" + closing + "','opening':'5.00','period':'2008-04'}",
          "[{'amount':'7.00','date':'" + date + "','direction':'in','reference':'x'}]"};
}

const std::string kPublicKey = "MCowBQYDK2VwAyEAZa6HXhwE20dArgMEughcyHoO66+QHPKzQpe6wwBLuX0=";
const std::string kOtherKey = "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEMfb5+c2mhv5BLhnENATNhr+unEfqS5ImD9stbJv69cnL0qL+UpZ7vsrX/wqiAhkOdBLCwoXvb7ztCxZKVpP/sw==";
const std::string kThirdKey = "MCowBQYDK2VwAyEACbADZa6HXhwE20dArgMEughcyHoO66+QHPKzQpe6wwA=";

// The id of "zhang.preparer".
std::string kOf(const std::string& who) { return who.substr(0, who.rfind('.')); }
Ask key(const std::string& id, const std::string& actor, const std::string& public_key) {
  return {kReg, "2008-04-01", "actor_key_registration",
          "{'actor':'" + actor + "','algorithm':'" +
              (public_key.size() > 100 ? "sm2" : "ed25519") + "','from':'2008-04-01','key':'" + id +
              "','proof':'cHJvb2Y=','public_key':'" + public_key + "','required':true}"};
}
// The preparer has to sign with k1; k2 is somebody else's.
Books obliged() {
  Books b = funded();
  must(b, key("k1", kOf(kPrep), kPublicKey));
  must(b, key("k2", "somebody", kOtherKey));
  return b;
}
Ask by_key(Ask ask, const std::string& id, const std::string& public_key) {
  ask.signed_by = id;
  ask.signed_with = public_key;
  return ask;
}
// With the consent of a key that its actor has.
Ask consented(Ask ask, const std::string& id, const std::string& public_key) {
  ask.doc.insert(1, "'consent':{'key':'" + id + "','value':'Y29uc2VudA=='},");
  ask.consented_with = public_key;
  return ask;
}
Ask end_of_key(const std::string& id) {
  return {kReg, "2008-04-20", "actor_key_end", "{'key':'" + id + "','reason':'lost'}"};
}
Ask erase(int n) {
  return {kReg, "2008-06-30", "person_erasure",
          "{'beneficiary':'" + person(n) +
              "','ground':'ordered','ordered_by':'head','reference':'no 1'}"};
}
Ask restoration(const std::string& known, const std::string& restored) {
  return {kReg, "2008-06-30", "ledger_restoration",
          "{'known_root':'" + std::string(64, 'a') + "','known_signature':'s','known_size':" + known +
              ",'ordered_by':'head','reason':'the disk is gone','restored_root':'" +
              std::string(64, 'b') + "','restored_size':" + restored + "}"};
}

// Vouchers 1 to 3 of April to elders 1 to 3.
Books issued() {
  Books b = funded();
  must(b, issue(4, 1, {1, 2, 3}));
  return b;
}
// Vouchers 1 and 2 redeemed by p1; the entry is b.last().
Books redeemed() {
  Books b = issued();
  must(b, redeem("2008-04-10", {1, 2}));
  return b;
}
Books prepared() {
  Books b = redeemed();
  must(b, settle("s1", std::to_string(b.last()), "200.00"));
  return b;
}
Books settled() {
  Books b = prepared();
  must(b, step("wu.reviewer", "settlement_review", "s1"));
  must(b, step("chen.approver", "settlement_approval", "s1"));
  return b;
}
Books paid_out() {
  Books b = settled();
  must(b, pay("d1"));
  must(b, approve_payment("chen.approver"));
  must(b, pay_out("qian.cashier"));
  return b;
}

Ask with(Ask ask, const std::function<void(Ask&)>& change) {
  change(ask);
  return ask;
}
Ask replaced(Ask ask, const std::string& from, const std::string& to) {
  for (std::string* text : {&ask.doc, &ask.lines}) {
    for (auto at = text->find(from); at != std::string::npos; at = text->find(from, at + to.size())) {
      text->replace(at, from.size(), to);
    }
  }
  return ask;
}

Books approving_hc() { return approving(); }

Books homecare_books() { return homecare(); }
Books needs_grant() { return homecare(scheme("homecare-district"), true); }
// Approved as low-income; then a version that pays the three-no alone, as which the person is registered by now.
Books other_categories() {
  Books b = approving();
  approve(b, {}, "2025-03-18");
  must(b, {kReg, "2008-04-20", "provider_amendment", "{'contract':{'from':'2025-01-01','number':'c','to':'2025-12-31'},'provider':'p1','reason':'x'}"});
  must(b, {kPrep, "2025-03-20", "fund_receipt", "{'account':'a1','amount':'1.00','bank_reference':'r9','document_no':'d','fund':'f1','source':'district'}"});
  auto text = approval_policy("hc");
  text.replace(text.find("'version':1"), 11, "'version':2");
  text.replace(text.find("2024-01-01','in_force_to"), 10, "2025-04-01");
  for (auto at = text.find("'id':'all'"); at != text.npos; at = text.find("'id':'all'", at + 40)) text.insert(at, "'categories':['three-no'],");
  must(b, {kReg, "2025-03-20", "policy_registration", text});
  must(b, {kPrep, "2025-04-01", "allotment", "{'amount':'1.00','document_no':'d','from_counterpart':false,'fund':'f1','programme':'care','region':'320412001'}", "", "hc@2"});
  must(b, {kReg, "2025-04-01", "beneficiary_amendment", "{'beneficiary':'" + person(1) + "','category':'three-no','evidence':'e'}", "", "hc@2"});
  return b;
}
// The second programme pays 10.00 a bed.
Books with_beds() {
  Json policy = scheme("homecare-district");
  auto& second = policy["programmes"][1];
  second["instrument"] = "bed_subsidy";
  auto& terms = second["entitlement"];
  terms["assessment"] = "verified_beds";
  terms["payee"] = "claimant";
  terms["tariff"] = Json::array({{{"amount", "10.00"}, {"id", "bed"}, {"title", "t"}}});
  for (const auto* part : {"cost_shares", "eligibility", "exclusive_group"}) terms.erase(part);
  Books b = homecare(policy);
  must(b, {kPrep, "2024-01-03", "fund_receipt",
           "{'account':'a1','amount':'1.00','bank_reference':'r9','document_no':'d','fund':'f1',"
           "'source':'district'}"});
  must(b, {kPrep, "2024-01-03", "allotment",
           "{'amount':'1.00','document_no':'d','from_counterpart':false,'fund':'f1','programme':"
           "'institution','region':'320412001'}",
           "", "homecare-district@1"});
  return b;
}
Ask beds() {
  return {kPrep, "2025-04-01", "entitlement_calculation",
          "{'funds':[{'fund':'f1','level':'all'}],'payee':'p1','period':'2025-04','programme':"
          "'institution','region':'320412001'}",
          "[{'amount':'10.00','shares':['10.00'],'units':'1.00'}]", "homecare-district@1"};
}
// Homecare under a tariff without amounts; with a total of 2,729.99 for its life.
Books rateless() {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["tariff"][1].erase("amount");
  return homecare(policy);
}
Books limited() {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["max_total"] = "2729.99";
  return homecare(policy);
}
// tb@1: a programme of points, and a duty.
Books pointed() {
  Books b = funded();
  Ask ask{kReg, "2008-04-01", "policy_registration",
          policy_json(1, ",'duties':[{'every':'week','id':'visit','kind':'recurring','title':'t'}]")};
  must(b, replaced(replaced(ask, "'name':'wj'", "'name':'tb'"), "'instrument':'grant'", "'instrument':'points'"));
  return b;
}

Ask paid_before(const std::string& day) {
  return {kReg, "2025-07-01", "programme_cutover",
          "{'evidence':'e','paid_through':'" + day + "','programme':'homecare'}", "",
          "homecare-district@1"};
}
Ask withdraw(const std::string& date) {
  return {kPrep, "2025-07-01", "service_withdrawal",
          "{'programme':'homecare','provider':'p1','reason':'r'}",
          "[{'beneficiary':'" + person(11) + "','date':'" + date + "','item':'bathing','worker':'w1'}]"};
}
Ask billed(const std::string& date, int n) {
  return replaced(services(date, n), "'date'", "'bill':'30.00','bill_no':'B-1','date'");
}

struct Row {
  const char* reason;
  const char* field;  // where it is found
  std::function<Books()> scene;
  std::function<Ask(const Books&)> ask;
};
#define ASK [](const Books& b) -> Ask { (void)b; return

const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      {"missing-field", "identity", funded, ASK elder(20, ""); }},
      {"missing-field", "doc.contract", funded, ASK {kReg, "2008-04-20", "provider_amendment", "{'provider':'p1','reason':'x'}"}; }},
      {"missing-field", "doc.fund_receipt", funded, ASK correct(16, "", "difference"); }},
      {"unknown-field", "doc.grant", redeemed, ASK replaced(settle("s1", std::to_string(b.last()), "200.00"), "'provider'", "'grant':{'economic_code':'1','fund':'f1','invoice_no':'i','programme':'building','region':'320412001'},'provider'"); }},
      {"no-lines", "lines", funded, ASK with(redeem("2008-04-10", {1}), [](Ask& a) { a.lines = "[]"; }); }},
      {"duplicate-line", "lines[1].voucher", issued, ASK redeem("2008-04-10", {1, 1}); }},
      {"duplicate-line", "lines[1].beneficiary", funded, ASK issue(4, 1, {1, 1}); }},
      {"role-not-permitted", "actor", funded, ASK with(receipt(), [](Ask& a) { a.who = "eve.inspector"; }); }},
      {"not-own-provider", "doc.provider", issued, ASK with(redeem("2008-04-10", {1}), [](Ask& a) { a.who = "p2.provider"; }); }},
      {"same-person", "actor", prepared, ASK step("li.reviewer", "settlement_review", "s1"); }},
      {"already-open", "", opened, ASK {kReg, "2008-04-01", "ledger_opening", "{'account_mode':'unit_account','book':'statutory','name':'n','public_key':'k','region':'320412','suite':'sm3-sm2'}"}; }},
      {"already-registered", "doc.fund", funded, ASK {kReg, "2008-04-01", "fund_registration", "{'fiscal_year':2008,'functional_code':'1','fund':'f1','name':'x'}"}; }},
      {"already-registered", "doc.beneficiary", funded, ASK elder(1, id_number("19300101", 1)); }},
      {"not-open", "", [] { return Books(); }, ASK receipt(); }},
      {"date-in-future", "date", funded, ASK with(receipt(), [](Ask& a) { a.time = "2008-04-19T23:59:59+08:00"; }); }},
      {"date-in-future", "lines[0].service_date", issued, ASK replaced(redeem("2008-04-10", {1}), "2008-04-10", "2008-04-11"); }},
      {"period-closed", "date", [] { Books b = funded(); must(b, close_month("2008-04", "2008-05-01")); return b; }, ASK receipt(); }},
      {"period-not-next", "doc.period", [] { Books b = funded(); must(b, close_month("2008-04", "2008-05-01")); return b; }, ASK close_month("2008-06", "2008-06-30"); }},
      {"period-not-next", "doc.period", funded, ASK close_month("2008-03", "2008-05-01"); }},
      {"drafts-open", "doc.period", prepared, ASK close_month("2008-05", "2008-06-01"); }},
      {"unknown-fund", "doc.fund", funded, ASK replaced(receipt(), "'f1'", "'f2'"); }},
      {"unknown-policy", "policy", funded, ASK with(allot("1.00"), [](Ask& a) { a.policy = "wj@2"; }); }},
      {"unknown-programme", "doc.programme", funded, ASK allot("1.00", "dinners"); }},
      {"unknown-region", "doc.region", funded, ASK allot("1.00", "services", "320412009"); }},
      {"unknown-provider", "doc.provider", issued, ASK redeem("2008-04-10", {1}, "p9"); }},
      {"unknown-account", "doc.account", funded, ASK replaced(receipt(), "'a1'", "'a2'"); }},
      {"unknown-beneficiary", "lines[0].beneficiary", funded, ASK issue(4, 1, {99}); }},
      {"unknown-voucher", "lines[0].voucher", issued, ASK redeem("2008-04-10", {4}); }},
      {"unknown-redemption", "doc.redemptions[0]", redeemed, ASK settle("s1", std::to_string(b.last()), "200.00", "p2"); }},
      {"unknown-settlement", "doc.settlement", funded, ASK step("wu.reviewer", "settlement_review", "s9"); }},
      {"unknown-disbursement", "doc.disbursement", funded, ASK approve_payment("chen.approver"); }},
      {"unknown-recovery", "doc.recovery", funded, ASK {kPrep, "2008-05-01", "recovery_receipt", "{'account':'a1','amount':'1.00','bank_reference':'r','recovery':'r9'}"}; }},
      {"unknown-entry", "doc.corrects", funded, ASK correct(999, kRightReceipt, "red_blue"); }},
      {"invalid-id-number", "identity.id_number", funded, ASK elder(20, "320412194001010010"); }},
      {"invalid-uscc", "doc.uscc", funded, ASK {kReg, "2008-04-20", "provider_registration", "{'bank':{'bank':'b','holder':'p','number':'72000001'},'contract':{'from':'2008-01-01','number':'c','to':'2008-12-31'},'name':'p','provider':'p3','uscc':'11341730003260406A'}"}; }},
      {"invalid-period", "doc.contract.to", funded, ASK {kReg, "2008-04-20", "provider_amendment", "{'contract':{'from':'2008-02-02','number':'c','to':'2008-02-01'},'provider':'p1','reason':'x'}"}; }},
      {"invalid-period", "doc.period", funded, ASK close_month("2008-04", "2008-04-29"); }},
      {"invalid-value", "doc.amount", funded, ASK replaced(receipt("999999999999999.99"), "'r'", "'r9'"); }},
      {"invalid-value", "lines[0].date", funded, ASK statement("12.00", "2008-05-01"); }},
      {"amount-not-positive", "doc.amount", funded, ASK receipt("0.00"); }},
      {"amount-not-positive", "doc.amount", funded, ASK receipt("-1.00"); }},
      {"policy-required", "policy", funded, ASK with(issue(4, 1, {1}), [](Ask& a) { a.policy = ""; }); }},
      {"policy-not-in-force", "policy", funded, ASK with(allot("1.00"), [](Ask& a) { a.date = "2010-01-01"; }); }},
      {"under-age", "doc.entitled_from", funded, ASK elder(20, id_number("19480502", 20)); }},
      {"category-not-eligible", "doc.category", funded, ASK elder(20, id_number("19300101", 20), "rich"); }},
      {"programme-not-voucher", "doc.programme", funded, ASK replaced(issue(4, 1, {1}), "'services'", "'building'"); }},
      {"programme-not-grant", "doc.grant.programme", funded, ASK grant("s1", "1.00", "i1", "services"); }},
      {"purpose-not-allowed", "doc.grant.programme", wujin, ASK grant("s1", "1.00"); }},
      {"economic-code-banned", "doc.grant.economic_code", funded, ASK grant("s1", "1.00", "i1", "building", "30201"); }},
      {"channel-not-voucher", "lines[0].beneficiary", funded, ASK issue(4, 1, {8}); }},
      {"wrong-face-value", "lines[0].face", funded, ASK replaced(issue(4, 1, {1}), "100.00", "200.00"); }},
      {"wrong-validity", "doc.valid_to", funded, ASK replaced(issue(4, 1, {1}), "2008-04-30", "2008-05-31"); }},
      {"payment-in-cash", "doc.method", settled, ASK pay("d1", "200.00", "72000001", "cash"); }},
      {"contract-not-valid", "lines[0].service_date", [] { Books b = issued(); must(b, {kReg, "2008-04-01", "provider_registration", "{'bank':{'bank':'b','holder':'p','number':'72000001'},'contract':{'from':'2008-04-11','number':'c','to':'2008-12-31'},'name':'p','provider':'p3','uscc':'11341730003260406Y'}"}); return b; }, ASK redeem("2008-04-10", {1}, "p3"); }},
      {"not-yet-entitled", "lines[0].beneficiary", [] { Books b = funded(); must(b, elder(20, id_number("19300101", 20))); return b; }, ASK issue(4, 1, {20}); }},
      {"entitlement-ended", "lines[0].beneficiary", [] { Books b = funded(); must(b, end(1, "2008-05-20")); return b; }, ASK issue(6, 1, {1}); }},
      {"entitlement-ended", "lines[0].service_date", [] { Books b = issued(); must(b, end(1, "2008-04-09")); return b; }, ASK redeem("2008-04-10", {1}); }},
      {"entitlement-ended", "doc.beneficiary", [] { Books b = funded(); must(b, end(1, "2008-05-20")); return b; }, ASK end(1, "2008-05-21"); }},
      {"already-issued", "lines[0].beneficiary", issued, ASK issue(4, 4, {1}); }},
      {"region-mismatch", "lines[0].beneficiary", funded, ASK issue(4, 1, {7}); }},
      {"serial-not-consecutive", "lines[1].voucher", funded, ASK replaced(issue(4, 1, {1, 2}), voucher(2), voucher(3)); }},
      {"serial-taken", "lines[0].voucher", issued, ASK issue(5, 3, {1}); }},
      {"holder-mismatch", "lines[0].beneficiary", issued, ASK replaced(redeem("2008-04-10", {1}), "{'hours'", "{'beneficiary':'" + person(2) + "','hours'"); }},
      {"voucher-already-redeemed", "lines[0].voucher", redeemed, ASK redeem("2008-04-11", {1}); }},
      {"voucher-not-redeemed", "lines[0].voucher", redeemed, ASK Ask{"zhang.preparer", "2008-04-11", "redemption_withdrawal", "{'provider':'p1','reason':'r','redemption':" + std::to_string(b.last()) + "}", "[{'voucher':'" + voucher(3) + "'}]"}; }},
      {"voucher-returned", "lines[0].voucher", [] { Books b = issued(); must(b, give_back(1)); return b; }, ASK redeem("2008-04-21", {1}); }},
      {"voucher-voided", "lines[0].voucher", [] { Books b = issued(); must(b, release("voucher_void", 1, "2008-04-20", "{'reason':'lost'}")); return b; }, ASK redeem("2008-04-21", {1}); }},
      {"voucher-expired", "lines[0].voucher", [] { Books b = issued(); must(b, expire(1, "2008-05-01")); return b; }, ASK redeem("2008-04-21", {1}); }},
      {"voucher-not-yet-valid", "lines[0].service_date", [] { Books b = funded(); must(b, with(issue(5, 1, {1}), [](Ask& a) { a.date = "2008-04-28"; })); return b; }, ASK redeem("2008-04-30", {1}); }},
      {"voucher-past-validity", "lines[0].service_date", issued, ASK redeem("2008-05-01", {1}); }},
      {"invalid-value", "lines[0].voucher", issued, ASK release("voucher_expiry", 1, "2008-05-01", "{'month':'2008-05'}"); }},
      {"voucher-not-past-validity", "lines[0].voucher", issued, ASK expire(1, "2008-04-30"); }},
      {"wrong-step", "doc.settlement", prepared, ASK step("chen.approver", "settlement_approval", "s1"); }},
      {"wrong-step", "doc.settlement", prepared, ASK pay("d1"); }},
      {"wrong-step", "doc.settlement", paid_out, ASK pay("d2"); }},
      {"date-too-early", "date", prepared, ASK with(step("wu.reviewer", "settlement_review", "s1"), [](Ask& a) { a.date = "2008-05-04"; }); }},
      {"already-settled", "doc.redemptions[0]", prepared, ASK settle("s2", std::to_string(b.last() - 1), "200.00"); }},
      {"payee-mismatch", "doc.payee", settled, ASK pay("d1", "200.00", "72000002"); }},
      {"amount-mismatch", "doc.total", redeemed, ASK settle("s1", std::to_string(b.last()), "200.01"); }},
      {"amount-mismatch", "doc.amount", settled, ASK pay("d1", "199.99"); }},
      {"amount-mismatch", "doc.closing", funded, ASK statement("12.01"); }},
      {"duplicate-invoice", "doc.grant.invoice_no", [] { Books b = funded(); must(b, grant("s1", "1.00")); return b; }, ASK grant("s2", "1.00"); }},
      {"duplicate-bank-reference", "doc.bank_reference", [] { Books b = funded(); must(b, receipt()); return b; }, ASK receipt("11.00"); }},
      {"duplicate-statement", "doc.period", [] { Books b = funded(); must(b, statement("12.00")); return b; }, ASK statement("12.00"); }},
      {"not-correctable", "doc.corrects", funded, ASK correct(0, kRightReceipt, "red_blue"); }},
      {"already-corrected", "doc.corrects", [] { Books b = funded(); const auto at = must(b, receipt()); must(b, correct(at, kRightReceipt, "red_blue")); return b; }, ASK correct(b.last() - 1, kRightReceipt, "red_blue"); }},
      {"not-correctable", "doc.corrects", [] { Books b = funded(); const auto at = must(b, receipt()); must(b, correct(at, "", "red_blue")); return b; }, ASK correct(b.last(), kRightReceipt, "red_blue"); }},
      {"wrong-correction-method", "doc.method", [] { Books b = funded(); must(b, receipt()); return b; }, ASK correct(b.last(), kRightReceipt, "prior_year_blue"); }},
      {"wrong-correction-method", "doc.method", [] { Books b = funded(); must(b, receipt()); return b; }, ASK correct(b.last(), kRightReceipt, "red_blue", "2009-01-01"); }},
      {"correction-kind-mismatch", "doc.allotment", funded, ASK correct(b.last(), kRightReceipt, "red_blue"); }},
      {"insufficient-balance", "doc.amount", funded, ASK allot("3000.01"); }},
      {"unknown-application", "doc.application", approving_hc, ASK rules::step("v.preparer", "2025-03-06", "visit"); }},
      {"policy-closed", "policy", [] { Books b = wujin(); must(b, {kReg, "2024-01-01", "policy_registration", approval_policy("hc", kSteps, "2025-03-15")}); must(b, application({})); before_approval(b); return b; }, ASK rules::step("c.approver", "2025-03-16", "bureau"); }},
      {"over-age", "doc.entitled_from", [] { Books b = funded(); auto text = policy_json(2); text.replace(text.find("'min_age'"), 9, "'max_age':79,'min_age'"); must(b, {kReg, "2008-04-01", "policy_registration", text}); return b; }, ASK with(elder(20, id_number("19280501", 20)), [](Ask& a) { a.policy = "wj@2"; }); }},
      {"care-level-not-eligible", "doc.care_level", [] { Books b = funded(); auto text = policy_json(2); text.insert(text.find("'categories'"), "'care_levels':['half'],"); must(b, {kReg, "2008-04-01", "policy_registration", text}); return b; }, ASK with(elder(20, id_number("19300101", 20)), [](Ask& a) { a.policy = "wj@2"; }); }},
      {"condition-not-met", "doc.facts", approving_hc, ASK replaced(application({}), "'household',", ""); }},
      {"unknown-duty", "doc.duty", pointed, ASK {kReg, "2008-04-20", "duty_record", "{'duty':'call','evidence':'e','outcome':'done'}", "", "tb@1"}; }},
      {"points-not-money", "doc.programme", pointed, ASK with(allot("1.00", "building"), [](Ask& a) { a.policy = "tb@1"; }); }},
      {"points-insufficient", "lines[0].points", pointed, ASK {kPrep, "2008-04-20", "points_journal", "{'programme':'building','reference':'r'}", "[{'beneficiary':'" + person(1) + "','date':'2008-04-20','direction':'spent','item':'i','points':'0.01'}]", "tb@1"}; }},
      {"documents-missing", "doc.documents", approving_hc, ASK replaced(application({}), "'card',", ""); }},
      {"exclusive-scheme", "doc.beneficiary", [] { Books b = approving(); approve(b, {}, "2025-03-18"); return b; }, ASK replaced(replaced(application({}), "'care'", "'other-care'"), "'A1'", "'A2'"); }},
      {"instrument-mismatch", "doc.programme", approving_hc, ASK replaced(application({}), "'care'", "'building'"); }},
      {"notice-too-short", "doc.to", [] { Books b = approving(); must(b, application({})); must(b, rules::step("v.preparer", "2025-03-06", "visit")); return b; }, ASK rules::step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-10")); }},
      {"signers-missing", "doc.signers", [] { Books b = approving(); must(b, application({})); must(b, rules::step("v.preparer", "2025-03-06", "visit")); must(b, rules::step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11"))); return b; }, ASK rules::step("s.reviewer", "2025-03-12", "street"); }},
      {"unknown-calculation", "doc.calculations[0]", homecare_books, ASK {kPrep, "2025-07-10", "settlement_preparation", "{'basis':'entitlements','calculations':[3],'provider':'p1','redemptions':[],'settlement':'s1','total':'1.00'}"}; }},
      {"rate-not-set", "lines[0].amount", rateless, ASK calculate("2025-04-01", "2025-04", {kFull}); }},
      {"item-out-of-scope", "lines[0].item", homecare_books, ASK services("2025-05-11", 11, "2.00", "w1", "massage"); }},
      {"certificate-not-valid", "lines[0].worker", homecare_books, ASK services("2025-06-01", 11); }},
      {"assessment-missing", "lines[0].amount", with_beds, ASK beds(); }},
      {"not-granted", "lines[0].beneficiary", needs_grant, ASK calculate("2025-04-01", "2025-04", {kFull}); }},
      {"more-than-approved", "lines[0].beneficiary", other_categories, ASK {kPrep, "2025-07-01", "entitlement_calculation", "{'funds':[{'fund':'f1','level':'all'}],'payee':'p1','period':'2025-04','programme':'care','region':'320412001'}", "[{'amount':'2730.00','beneficiary':'" + person(1) + "','shares':['2730.00'],'units':'182.00'}]", "hc@2"}; }},
      {"not-granted", "lines[0].date", needs_grant, ASK services("2025-05-11", 11); }},
      {"share-mismatch", "lines[0].shares", homecare_books, ASK calculate("2025-04-01", "2025-04", {{11, "2730.00", "1638.01", "1091.99", "182.00"}}); }},
      {"share-mismatch", "doc.funds", homecare_books, ASK replaced(calculate("2025-04-01", "2025-04", {kFull}), "street", "town"); }},
      {"signature-required", "signature", obliged, ASK receipt(); }},
      {"signature-wrong", "signature.value", obliged, ASK by_key(receipt(), "k1", ""); }},
      {"key-of-another", "signature.key", obliged, ASK by_key(give_back(1), "k2", kOtherKey); }},
      {"key-not-valid", "signature.key", [] { Books b = obliged(); must(b, {kReg, "2008-04-20", "actor_key_end", "{'key':'k1','reason':'lost'}"}); return b; }, ASK by_key(receipt(), "k1", kPublicKey); }},
      {"key-not-confirmed", "signature.key", [] { Books b = obliged(); must(b, key("k3", kOf(kPrep), kThirdKey)); return b; }, ASK by_key(receipt(), "k3", kThirdKey); }},
      {"signature-expired", "signature.not_after", obliged, ASK with(by_key(receipt(), "k1", kPublicKey), [](Ask& a) { a.not_after = "2029-12-31"; }); }},
      {"signature-wrong", "doc.proof", obliged, ASK with(key("k3", "other", kThirdKey), [](Ask& a) { a.proven = false; }); }},
      {"signature-wrong", "doc.consent.value", obliged, ASK consented(key("k3", kOf(kPrep), kThirdKey), "k1", ""); }},
      {"key-of-another", "doc.consent.key", obliged, ASK consented(key("k3", kOf(kPrep), kThirdKey), "k2", kOtherKey); }},
      {"unknown-key", "doc.consent.key", obliged, ASK consented(end_of_key("k1"), "k9", kPublicKey); }},
      {"key-not-valid", "doc.consent.key", [] { Books b = obliged(); must(b, end_of_key("k1")); return b; }, ASK consented(key("k3", kOf(kPrep), kThirdKey), "k1", kPublicKey); }},
      {"same-person", "actor", [] { Books b = obliged(); must(b, key("k3", kOf(kPrep), kThirdKey)); return b; }, ASK key("k3", kOf(kPrep), kThirdKey); }},
      {"same-person", "actor", [] { Books b = obliged(); must(b, end_of_key("k1")); return b; }, ASK end_of_key("k1"); }},
      {"already-registered", "doc.key", [] { Books b = obliged(); must(b, key("k3", kOf(kPrep), kThirdKey)); return b; }, ASK with(replaced(key("k3", kOf(kPrep), kThirdKey), "true", "false"), [](Ask& a) { a.who = "second.registrar"; }); }},
      {"unknown-key", "signature.key", obliged, ASK by_key(receipt(), "k9", kPublicKey); }},
      {"unknown-key", "doc.key", obliged, ASK {kReg, "2008-04-20", "actor_key_end", "{'key':'k9','reason':'lost'}"}; }},
      {"already-registered", "doc.public_key", obliged, ASK key("k3", kOf(kPrep), kPublicKey); }},
      {"already-registered", "doc.key", obliged, ASK key("k1", "somebody", kThirdKey); }},
      {"same-person", "actor", obliged, ASK key("k3", kOf(kReg), kThirdKey); }},
      {"invalid-value", "doc.public_key", obliged, ASK key("k3", "somebody", "MCowBQYDK2VwAyEA"); }},
      {"invalid-value", "doc.public_key", obliged, ASK replaced(key("k3", "somebody", kThirdKey), "ed25519", "sm2"); }},
      {"invalid-period", "doc.until", obliged, ASK replaced(key("k3", "somebody", kThirdKey), "'required':true", "'required':true,'until':'2008-03-31'"); }},
      {"invalid-value", "mode", obliged, ASK with(by_key(receipt(), "k1", kPublicKey), [](Ask& a) { a.line_by_line = true; }); }},
      {"already-erased", "doc.beneficiary", [] { Books b = issued(); must(b, with(end(1, "2008-06-30"), [](Ask& a) { a.who = "other.registrar"; })); must(b, erase(1)); return b; }, ASK erase(1); }},
      {"wrong-step", "doc.beneficiary", issued, ASK erase(1); }},
      {"unknown-beneficiary", "doc.beneficiary", issued, ASK erase(99); }},
      {"same-person", "actor", issued, ASK replaced(erase(1), "head", kOf(kReg)); }},
      {"invalid-value", "doc.restored_size", issued, ASK restoration("7", "7"); }},
      {"same-person", "actor", issued, ASK replaced(restoration("9", "7"), "head", "REG"); }},
      {"missing-field", "doc.known_signature", issued, ASK replaced(restoration("9", "7"), "'known_signature':'s',", ""); }},
      {"malformed-field", "doc.known_root", issued, ASK replaced(restoration("9", "7"), "'known_root':'aa", "'known_root':'"); }},
      {"net-negative", "lines", [] { Books b = homecare_books(); must(b, calculate("2025-04-01", "2025-04", {kFull})); return b; }, ASK calculate("2025-07-01", "2025-07", {{11, "-2730.00", "-1638.00", "-1092.00", "0.00", "2025-04"}}); }},
      {"fund-of-other-level", "doc.funds[1].fund", homecare_books, ASK replaced(calculate("2025-04-01", "2025-04", {kFull}), "'fund':'f2'", "'fund':'f1'"); }},
      {"fund-did-not-bear", "doc.fund", [] { Books b = homecare_books(); must(b, calculate("2025-04-01", "2025-04", {kFull})); return b; }, ASK {kPrep, "2025-07-20", "recovery_decision", "{'amount':'1.00','entitlement':{'beneficiary':'" + person(11) + "','level':'district','period':'2025-04'},'fund':'f2','programme':'homecare','provider':'p1','reason':'r','recovery':'v1','region':'320412001'}", "", "homecare-district@1"}; }},
      {"already-calculated", "doc.programme", [] { Books b = homecare_books(); must(b, calculate("2025-04-01", "2025-04", {kFull})); return b; }, ASK paid_before("2025-03-31"); }},
      {"paid-before", "lines[0].beneficiary", [] { Books b = homecare_books(); must(b, paid_before("2025-06-30")); return b; }, ASK calculate("2025-07-01", "2025-04", {kFull}); }},
      {"unknown-service", "lines[0].item", homecare_books, ASK withdraw("2025-05-11"); }},
      {"duplicate-bill", "lines[0].bill_no", [] { Books b = homecare_books(); must(b, billed("2025-05-11", 11)); return b; }, ASK billed("2025-05-12", 13); }},
      {"bill-calculated", "lines[0].item", [] { Books b = homecare_books(); must(b, billed("2025-05-11", 11)); must(b, calculate("2025-07-01", "2025-07", {{11, "30.00", "18.00", "12.00", "2.00", "2025-04"}})); return b; }, ASK with(withdraw("2025-05-11"), [](Ask& a) { a.who = "p1.provider"; }); }},
      {"withdrawal-not-proposed", "doc.to", [] { Books b = approving(); approve(b, {}, "2025-03-18"); return b; }, ASK rejected(rules::step("c.approver", "2025-05-10", "bureau"), ",'reason':'r','to':'2025-05-09'"); }},
      {"programme-limit", "lines", limited, ASK calculate("2025-04-01", "2025-04", {kFull}); }},
      {"insufficient-balance", "doc.total", funded, ASK grant("s1", "2000.01"); }},
      {"insufficient-balance", "lines", wujin, ASK issue(4, 1, {1}); }},
  };
  return rows;
}

}  // namespace

TEST_CASE("every refusal names its reason and its field") {
  for (const auto& row : table()) {
    Books books = row.scene();
    const Ask ask = row.ask(books);
    INFO(row.reason << " expected of " << ask.kind << " " << ask.doc << " " << ask.lines);
    const auto answer = books.ask(ask);
    CHECK(answer == row.reason);
    if (answer == row.reason) CHECK(books.refusal().field == row.field);
    // No gap is left in the sentences people read.
    CHECK(books.refusal().en().find("\"\"") == std::string::npos);
  }
}

// What no document through the codec can earn: it is answered by the codec or by the engine, or
// (too many lines, no approval number) by decide() for callers without a codec.
TEST_CASE("the table of refusals is complete") {
  std::set<std::string> expected;
  for (std::size_t i = 0; i < kReasons; ++i) {
    expected.emplace(info(static_cast<Reason>(i)).code);
  }
  for (const auto* elsewhere : {"malformed-command", "unknown-kind",
                                "command-id-reused", "too-many-lines", "approval-missing"}) {
    expected.erase(elsewhere);
  }
  std::set<std::string> found;
  for (const auto& row : table()) found.insert(row.reason);
  CHECK(found == expected);
}

TEST_CASE("documents that the codec never lets through are refused as well") {
  Books b = issued();
  Command command = Books::command_of(redeem("2008-04-10", {1}));
  auto& lines = std::get<Redemption>(command.document).lines;
  lines.resize(kMaxLines + 1, lines[0]);
  CHECK(b.run(command) == "too-many-lines");

  Command account = Books::command_of(
      {kReg, "2008-04-20", "designated_account_registration",
       "{'account':'a2','approval_no':'n','bank':{'bank':'b','holder':'h','number':'620000'},"
       "'mode':'unit_account'}"});
  std::get<DesignatedAccountRegistration>(account.document).approval_no = Text();
  CHECK(b.run(account) == "approval-missing");
}

TEST_CASE("the reason that stands first is given, whatever else is wrong") {
  Books b = issued();
  // Unknown fund (exists not) before the amount, before the shortfall.
  CHECK(b.ask(replaced(allot("-1.00"), "'f1'", "'f9'")) == "unknown-fund");
  CHECK(b.ask(allot("-1.00")) == "amount-not-positive");
  CHECK(b.ask(allot("99999.00")) == "insufficient-balance");
  // Of the lines of a document the first reason by precedence, not by line.
  CHECK(b.ask(redeem("2008-05-01", {1, 77})) == "unknown-voucher");
  CHECK(b.refusal().line == 1u);
  CHECK(b.refused_lines().size() == 2);
}

TEST_CASE("somebody who may not record a document learns nothing from its lines") {
  Books b = issued();
  auto probe = redeem("2008-05-01", {1, 77});
  probe.who = "p2.provider";
  CHECK(b.ask(probe) == "not-own-provider");
  CHECK(b.refused_lines().empty());
}

TEST_CASE("an identity number is never repeated") {
  Books b = funded();
  for (const auto& [number, what] :
       {std::pair("320412194001010010", "check_digit"), std::pair("3204121940010100", "length"),
        std::pair("320412194013010010", "birth_date"),
        std::pair("32041219400101001A", "characters")}) {
    CHECK(b.ask(elder(20, number)) == "invalid-id-number");
    CHECK(b.refusal().subject.empty());
    CHECK(b.refusal().detail == what);
    CHECK(b.refusal().zh().find(number) == std::string::npos);
  }
}
