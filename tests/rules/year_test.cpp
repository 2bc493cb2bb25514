// The ordinary course of a fund and its ordinary mess, with the balances that must come out.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "ledger/rules/regions.h"
#include "ledger/rules/rows.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

const std::string kServices = "f1/services/320412001";

void check_replay(const Books& books) { CHECK(books.replay().rows == books.state().rows); }

Ask settle(const std::string& id, std::uint64_t redemption, const std::string& total,
           const std::string& date = "2008-05-05") {
  return {"li.preparer", date, "settlement_preparation",
          "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(redemption) +
              "],'settlement':'" + id + "','total':'" + total + "'}"};
}
Ask grant(const std::string& id, const std::string& date = "2008-05-05") {
  return {"li.preparer", date, "settlement_preparation",
          "{'basis':'grant','grant':{'economic_code':'31001','fund':'f1','invoice_no':'i1',"
          "'programme':'building','region':'320412001'},'provider':'p1','redemptions':[],"
          "'settlement':'" + id + "','total':'800.00'}",
          "", "wj@1"};
}
Ask step(const std::string& who, const std::string& kind, const std::string& id,
         const std::string& extra = "") {
  return {who, "2008-05-06", kind, "{" + extra + "'settlement':'" + id + "'}"};
}
Ask pay(const std::string& id, const std::string& amount) {
  return {"li.preparer", "2008-05-08", "disbursement_preparation",
          "{'account':'a1','amount':'" + amount + "','disbursement':'" + id +
              "','method':'transfer','payee':{'bank':'b','holder':'p1','number':'72000001'},"
              "'settlement':'s1'}"};
}
Ask on_payment(const std::string& who, const std::string& kind, const std::string& id,
               const std::string& extra = "") {
  return {who, "2008-05-09", kind, "{" + extra + "'disbursement':'" + id + "'}"};
}
void settle_and_pay(Books& b, std::uint64_t redemption, const std::string& amount) {
  must(b, settle("s1", redemption, amount));
  must(b, step("wu.reviewer", "settlement_review", "s1"));
  must(b, step("chen.approver", "settlement_approval", "s1"));
  must(b, pay("d1", amount));
  must(b, on_payment("chen.approver", "disbursement_approval", "d1"));
  must(b, on_payment("qian.cashier", "disbursement_payment", "d1", "'bank_reference':'t1',"));
}
Ask receipt(const std::string& amount, const std::string& date, const std::string& ref = "r") {
  return {"li.preparer", date, "fund_receipt",
          "{'account':'a1','amount':'" + amount +
              "','bank_reference':'" + ref +
              "','document_no':'d','fund':'f1','source':'municipal'}"};
}
Ask correct(std::uint64_t entry, const std::string& corrected, const std::string& method,
            const std::string& date) {
  return {"li.preparer", date, "correction",
          "{'corrects':" + std::to_string(entry) + corrected + ",'method':'" + method +
              "','reason':'typing error'}"};
}
std::string right_receipt(const std::string& amount, const std::string& source = "municipal",
                          const std::string& ref = "r") {
  return ",'fund_receipt':{'account':'a1','amount':'" + amount +
         "','bank_reference':'" + ref + "','document_no':'d','fund':'f1','source':'" + source +
         "'}";
}
std::string counterpart(const std::string& amount, const std::string& ref = "r") {
  return "{'account':'a1','amount':'" + amount +
         "','bank_reference':'" + ref +
         "','document_no':'d','fund':'f1','region':'320412001'}";
}
Ask pledge(const std::string& amount) {
  return {"li.preparer", "2008-04-03", "counterpart_pledge",
          "{'amount':'" + amount +
              "','document_no':'d','due':'2008-12-31','fund':'f1','region':'320412001'}"};
}
Ask counterpart_receipt(const std::string& amount, const std::string& ref = "r") {
  return {"li.preparer", "2008-04-04", "counterpart_receipt", counterpart(amount, ref)};
}
Ask give_back(const std::string& kind, int serial, const std::string& date,
              const std::string& doc) {
  return {"li.preparer", date, kind, doc, "[{'voucher':'" + voucher(serial) + "'}]"};
}

// The row of a case in fixtures/worked-cases.csv.
std::string worked_case(const std::string& name) {
  std::ifstream file(SOURCE_DIR "/fixtures/worked-cases.csv");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ",", 0) == 0) return line;
  }
  FAIL("no case " << name);
  return {};
}
bool says(const std::string& row, const std::string& text) {
  return row.find(text) != std::string::npos;
}

// Twelve months of one voucher a month for elder 1, under a policy from the first month on.
Books with_twelve_vouchers() {
  Books b = funded();
  for (int month = 4; month <= 15; ++month) must(b, issue(month, month - 3, {1}));
  return b;
}

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

TEST_CASE("WJ-YEAR: twelve months of 100.00 are 1,200.00") {
  REQUIRE(says(worked_case("WJ-YEAR"), "1,200.00"));
  Books b = with_twelve_vouchers();
  CHECK(b.balance(committed, kServices) == "1200.00");
}

TEST_CASE("WJ-EXPIRE: 12 issued = 9 redeemed + 1 returned + 2 expired") {
  const std::string row = worked_case("WJ-EXPIRE");
  REQUIRE(says(row, "12=9+1+2+0"));
  REQUIRE(says(row, "payable 900.00"));
  REQUIRE(says(row, "release commitment 300.00"));
  Books b = with_twelve_vouchers();
  const std::string before = b.balance(allotted, kServices);
  REQUIRE(before == "3800.00");
  std::string entries, separator;
  for (int serial = 1; serial <= 9; ++serial) {
    const Month month = Month::from_ordinal(2008 * 12 + serial + 2);
    const auto entry = must(b, redeem(month.first_day().str(), {serial}));
    entries += separator + std::to_string(entry);
    separator = ",";
  }
  must(b, give_back("voucher_return", 10, "2009-01-15", "{'reason':'left'}"));
  must(b, give_back("voucher_expiry", 11, "2009-04-01", "{'month':'2009-02'}"));
  must(b, give_back("voucher_expiry", 12, "2009-04-01", "{'month':'2009-03'}"));
  must(b, {"li.preparer", "2009-04-02", "settlement_preparation",
           "{'basis':'redemptions','provider':'p1','redemptions':[" + entries +
               "],'settlement':'s1','total':'900.00'}"});
  must(b, {"wu.reviewer", "2009-04-02", "settlement_review", "{'settlement':'s1'}"});
  must(b, {"chen.approver", "2009-04-02", "settlement_approval", "{'settlement':'s1'}"});
  CHECK(b.balance(payable, kServices + "/p1") == "900.00");
  CHECK(b.balance(committed, kServices) == "0.00");
  CHECK(b.balance(allotted, kServices) == "4100.00");  // 300.00 released
  const auto totals = FundTotals::decode(b.state().find(fund_totals_key(*FundId::parse("f1"))));
  using V = VoucherStatus;
  const auto count = [&](V status) { return totals.vouchers[std::size_t(status)]; };
  CHECK(count(V::none) == 12);
  CHECK(count(V::redeemed) == 9);
  CHECK(count(V::returned) == 1);
  CHECK(count(V::expired) == 2);
  CHECK(count(V::outstanding) == 0);
  check_replay(b);
}

TEST_CASE("line by line: what is right is recorded, what is wrong is reported") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2, 3}));
  auto upload = redeem("2008-04-10", {1, 1, 2, 9});
  CHECK(b.ask(upload) == "duplicate-line");
  CHECK(b.refused_lines().size() == 2);
  CHECK(b.balance(accrued, kServices + "/p1") == "0.00");
  upload.line_by_line = true;
  must(b, upload);
  REQUIRE(b.refused_lines().size() == 2);
  CHECK(b.refused_lines()[0].line == 1u);
  CHECK(b.refused_lines()[0].reason == Reason::duplicate_line);
  CHECK(b.refused_lines()[1].line == 3u);
  CHECK(b.refused_lines()[1].reason == Reason::unknown_voucher);
  CHECK(b.balance(accrued, kServices + "/p1") == "200.00");
  CHECK(b.ask(upload) == "duplicate-line");  // now nothing is right any more
  CHECK(b.refused_lines().size() == 4);
  check_replay(b);
}

TEST_CASE("vouchers of an issue stand or fall together") {
  Books b = funded();
  auto half_wrong = issue(4, 1, {1, 8});
  CHECK(b.ask(half_wrong) == "channel-not-voucher");
  auto whole = issue(4, 1, {1, 2});
  whole.line_by_line = true;  // not offered: nobody is left to believe that a wrong line would stay out
  CHECK(b.ask(whole) == "invalid-value");
  CHECK(b.refusal().en() == "\"line_by_line\" is not acceptable: documents of this kind are recorded whole: mode atomic.");
  CHECK(b.balance(committed, kServices) == "0.00");
}

TEST_CASE("a voucher that came back frees the month, an expired one does not") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2, 3}));
  must(b, give_back("voucher_void", 1, "2008-04-20", "{'reason':'lost'}"));
  must(b, give_back("voucher_return", 2, "2008-04-20", "{'reason':'ill'}"));
  must(b, give_back("voucher_expiry", 3, "2008-05-01", "{'month':'2008-04'}"));
  must(b, issue(4, 4, {1, 2}));
  CHECK(b.ask(issue(4, 6, {3})) == "already-issued");
  check_replay(b);
}

TEST_CASE("a service on the day of death is paid as the policy says") {
  for (const bool payable_then : {true, false}) {
    Books b = funded();
    std::string policy = policy_json(2);
    if (!payable_then) {
      const std::string setting = "'death_day_payable':true";
      policy.replace(policy.find(setting), setting.size(), "'death_day_payable':false");
    }
    must(b, {"reg.registrar", "2008-04-01", "policy_registration", policy});
    auto of_april = issue(4, 1, {1});
    of_april.policy = "wj@2";
    must(b, of_april);
    must(b, {"reg.registrar", "2008-04-11", "entitlement_end",
             "{'beneficiary':'" + person(1) +
                 "','ended_on':'2008-04-10','evidence':'e','reason':'death'}"});
    CHECK(b.ask(redeem("2008-04-10", {1})) == (payable_then ? "ok" : "entitlement-ended"));
  }
}

TEST_CASE("an old service is judged by the contract of its day") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  must(b, {"reg.registrar", "2008-04-20", "provider_amendment",
           "{'contract':{'from':'2009-01-01','number':'c2','to':'2009-12-31'},'provider':'p1',"
           "'reason':'renewed'}"});
  CHECK(b.ask(redeem("2008-04-20", {1})) == "ok");
}

TEST_CASE("a returned settlement frees its redemptions and its invoice") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  const auto redemption = must(b, redeem("2008-04-10", {1, 2}));
  must(b, settle("s1", redemption, "200.00"));
  must(b, grant("g1"));
  CHECK(b.ask(grant("g2")) == "duplicate-invoice");
  const std::string why = "'reason':'receipt missing',";
  must(b, step("wu.reviewer", "settlement_return", "s1", why));
  must(b, step("chen.approver", "settlement_return", "g1", why));
  CHECK(b.ask(step("wu.reviewer", "settlement_review", "s1")) == "wrong-step");
  // Not on a day on which it was in the one that was returned.
  CHECK(b.ask(settle("s2", redemption, "200.00")) == "date-too-early");
  CHECK(b.refusal().field == "doc.redemptions[0]");
  CHECK(b.refusal().detail == "2008-05-06");
  CHECK(b.ask(grant("g2")) == "date-too-early");
  CHECK(b.refusal().field == "doc.grant.invoice_no");
  must(b, settle("s2", redemption, "200.00", "2008-05-06"));
  must(b, grant("g2", "2008-05-06"));
  CHECK(b.ask(settle("s3", redemption, "200.00", "2008-05-07")) == "already-settled");
  CHECK(b.refusal().detail == "s2");
  CHECK(b.ask(grant("g3", "2008-05-07")) == "duplicate-invoice");
  CHECK(SettlementRow::decode(*b.state().find(settlement_key(*SettlementId::parse("s1")))).stepped_on.str() ==
        "2008-05-06");
  check_replay(b);
}

// Takes vouchers out of a redemption.
Ask withdraw(std::uint64_t redemption, const std::vector<int>& serials, const std::string& date,
             const std::string& who = "zhang.preparer", const std::string& provider = "p1") {
  std::string lines;
  for (const int serial : serials) lines += (lines.empty() ? "{'voucher':'" : ",{'voucher':'") + voucher(serial) + "'}";
  return {who, date, "redemption_withdrawal",
          "{'provider':'" + provider + "','reason':'wrong number','redemption':" + std::to_string(redemption) + "}", "[" + lines + "]"};
}

TEST_CASE("what was redeemed by mistake is withdrawn until a settlement claims it") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2, 3}));
  const auto first = must(b, redeem("2008-04-10", {1, 2}));
  const auto refused = [&](const Ask& ask) { return b.ask(ask) + " " + b.refusal().field; };
  CHECK(refused(withdraw(first, {1}, "2008-04-09")) == "date-too-early date");
  CHECK(refused(withdraw(first, {1}, "2008-04-12", "p2.provider")) == "not-own-provider doc.provider");
  CHECK(refused(withdraw(first, {1}, "2008-04-12", "p2.provider", "p2")) == "unknown-redemption doc.redemption");
  CHECK(refused(withdraw(first - 1, {1}, "2008-04-12")) == "unknown-redemption doc.redemption");
  CHECK(refused(withdraw(first, {1, 3}, "2008-04-12")) == "voucher-not-redeemed lines[1].voucher");
  CHECK(b.refusal().zh() == "记录 " + std::to_string(first) + " 没有核销券“" + voucher(3) + "”，或该券的核销已撤回。");
  CHECK(refused(withdraw(first, {1, 1}, "2008-04-12")) == "duplicate-line lines[1].voucher");
  CHECK(refused(withdraw(first, {99}, "2008-04-12")) == "unknown-voucher lines[0].voucher");
  CHECK(refused(withdraw(first, {1}, "2008-04-12", "wu.reviewer")) == "role-not-permitted actor");

  must(b, withdraw(first, {1}, "2008-04-12", "p1.provider"));
  CHECK(b.balance(accrued, kServices + "/p1") == "100.00");
  CHECK(b.balance(committed, kServices) == "200.00");
  CHECK(refused(withdraw(first, {1}, "2008-04-12")) == "voucher-not-redeemed lines[0].voucher");
  // On the days before it was redeemed.
  CHECK(refused(redeem("2008-04-11", {1})) == "date-too-early lines[0].voucher");
  CHECK(b.refusal().detail == "2008-04-12");
  CHECK(refused(settle("s1", first, "200.00")) == "amount-mismatch doc.total");

  // A report as of a day between would show a claim of more than its settlement.
  CHECK(refused(settle("s1", first, "100.00", "2008-04-11")) == "date-too-early doc.redemptions[0]");
  SECTION("what is left of it keeps its region when nothing is") {
    must(b, withdraw(first, {2}, "2008-04-13"));
    const auto row = RedemptionRow::decode(*b.state().find(redemption_key(first)));
    REQUIRE(row.groups.size() == 1);
    CHECK(row.groups[0].amount.is_zero());
    const auto claiming = Books::command_of(settle("s1", first, "1.00")).document;
    CHECK(regions_of(b.state(), claiming, {}) == std::set{*RegionCode::parse("320412001")});
    CHECK(refused(settle("s1", first, "1.00")) == "amount-not-positive doc.redemptions[0]");
    const auto entry = std::to_string(first);
    CHECK(b.refusal().zh() == "记录 " + entry + " 已全部撤回或冲减，没有可结算的金额。");
    CHECK(b.refusal().en() == "Entry " + entry + " was taken back in full: nothing is left of it to settle.");
  }
  SECTION("the voucher is redeemed anew, by another provider too, and withdrawn again") {
    const auto second = must(b, redeem("2008-04-12", {1}, "p2"));
    CHECK(b.ask(redeem("2008-04-13", {1})) == "voucher-already-redeemed");
    CHECK(b.ask(withdraw(first, {1}, "2008-04-13")) == "voucher-not-redeemed");
    must(b, withdraw(second, {1}, "2008-04-14", "zhang.preparer", "p2"));
    CHECK(b.balance(accrued, kServices + "/p2") == "0.00");
    CHECK(b.ask(redeem("2008-04-13", {1})) == "date-too-early");
    must(b, redeem("2008-04-14", {1}));
  }
  SECTION("it is given back, or expires, as others do") {
    CHECK(b.ask({"zhang.preparer", "2008-04-11", "voucher_return", "{'reason':'r'}", "[{'voucher':'" + voucher(1) + "'}]"}) ==
          "date-too-early");
    must(b, {"zhang.preparer", "2008-05-01", "voucher_expiry", "{'month':'2008-04'}",
             "[{'voucher':'" + voucher(1) + "'},{'voucher':'" + voucher(3) + "'}]"});
    CHECK(b.balance(committed, kServices) == "0.00");
  }
  SECTION("not what a settlement claims, before that is returned") {
    must(b, settle("s1", first, "100.00"));
    CHECK(refused(withdraw(first, {2}, "2008-05-06")) == "already-settled doc.redemption");
    must(b, step("wu.reviewer", "settlement_return", "s1", "'reason':'r',"));
    CHECK(refused(withdraw(first, {2}, "2008-05-05")) == "date-too-early doc.redemption");
    must(b, withdraw(first, {2}, "2008-05-06"));
    CHECK(b.total(accrued) == "0.00");
    CHECK(b.ask(settle("s2", first, "0.00", "2008-05-06")) == "amount-not-positive");
  }
  check_replay(b);
}

TEST_CASE("an approval is taken back by an approver as long as nobody pays") {
  Books b = funded();
  must(b, issue(4, 1, {1, 2}));
  const auto redemption = must(b, redeem("2008-04-10", {1, 2}));
  const auto approve = [&](const std::string& id) {
    must(b, step("wu.reviewer", "settlement_review", id));
    must(b, step("chen.approver", "settlement_approval", id));
  };
  const auto take_back = [](const std::string& id, const std::string& who = "chen.approver") {
    return step(who, "settlement_return", id, "'reason':'wrong provider',");
  };
  must(b, settle("s1", redemption, "200.00"));
  must(b, grant("g1"));
  approve("s1");
  approve("g1");
  CHECK(b.ask(take_back("s1", "wu.reviewer")) == "role-not-permitted");
  CHECK(b.refusal().en().find("may not record \"Return of an approved settlement") != std::string::npos);
  CHECK(b.refusal().zh().find("已批准结算单的退回") != std::string::npos);
  CHECK(b.ask(take_back("s1", "li.approver")) == "same-person");
  SECTION("what was payable is as it was before") {
    must(b, take_back("s1"));
    must(b, take_back("g1", "zhao.approver"));
    CHECK(b.total(payable) == "0.00");
    CHECK(b.balance(accrued, kServices + "/p1") == "200.00");
    CHECK(b.balance(allotted, "f1/building/320412001") == "2000.00");
    CHECK(b.ask(take_back("s1")) == "wrong-step");
    CHECK(b.ask(pay("d1", "200.00")) == "wrong-step");
    must(b, settle("s2", redemption, "200.00", "2008-05-06"));
    must(b, grant("g2", "2008-05-06"));
    CHECK(b.ask({"wu.reviewer", "2008-05-31", "period_close", "{'period':'2008-05'}"}) == "drafts-open");
    approve("s2");
    approve("g2");
    CHECK(b.ask({"wu.reviewer", "2008-05-31", "period_close", "{'period':'2008-05'}"}) == "ok");
  }
  SECTION("a payment stands in the way until it is cancelled, or has bounced") {
    must(b, pay("d1", "200.00"));
    CHECK(b.ask(take_back("s1")) == "wrong-step");
    CHECK(b.refusal().detail == "disbursement d1");
    must(b, on_payment("chen.approver", "disbursement_cancellation", "d1", "'reason':'r',"));
    auto again = pay("d2", "200.00");
    again.date = "2008-05-09";
    must(b, again);
    must(b, on_payment("chen.approver", "disbursement_approval", "d2"));
    must(b, on_payment("qian.cashier", "disbursement_payment", "d2", "'bank_reference':'t2',"));
    auto late = take_back("s1");
    late.date = "2008-05-09";
    CHECK(b.ask(late) == "wrong-step");
    must(b, on_payment("qian.cashier", "disbursement_bounce", "d2", "'bank_reference':'t3','reason':'r',"));
    CHECK(b.ask(take_back("s1")) == "date-too-early");
    must(b, late);
    CHECK(b.total(paid) == "0.00");
    CHECK(b.balance(accrued, kServices + "/p1") == "200.00");
  }
  check_replay(b);
}

TEST_CASE("a grant takes its money when it is approved") {
  Books b = funded();
  must(b, grant("g1"));
  CHECK(b.balance(allotted, "f1/building/320412001") == "2000.00");
  must(b, step("wu.reviewer", "settlement_review", "g1"));
  CHECK(b.ask(step("wu.approver", "settlement_approval", "g1")) == "same-person");
  must(b, step("chen.approver", "settlement_approval", "g1"));
  CHECK(b.balance(allotted, "f1/building/320412001") == "1200.00");
  CHECK(b.balance(payable, "f1/building/320412001/p1") == "800.00");
}

TEST_CASE("preparer, reviewer, approver and cashier are different people") {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  must(b, settle("s1", must(b, redeem("2008-04-10", {1})), "100.00"));
  CHECK(b.ask(step("li.reviewer", "settlement_review", "s1")) == "same-person");
  must(b, step("wu.reviewer", "settlement_review", "s1"));
  CHECK(b.ask(step("li.approver", "settlement_approval", "s1")) == "same-person");
  must(b, step("chen.approver", "settlement_approval", "s1"));
  auto preparation = pay("d1", "100.00");
  preparation.who = "sun.preparer";
  must(b, preparation);
  // Who prepared the payment, and who prepared or reviewed its settlement.
  for (const auto* who : {"sun", "li", "wu"}) {
    INFO(who);
    CHECK(b.ask(on_payment(std::string(who) + ".approver", "disbursement_approval", "d1")) ==
          "same-person");
  }
  must(b, on_payment("zhou.approver", "disbursement_approval", "d1"));
  for (const auto* who : {"sun", "zhou", "li", "wu", "chen"}) {
    INFO(who);
    CHECK(b.ask(on_payment(std::string(who) + ".cashier", "disbursement_payment", "d1",
                           "'bank_reference':'t',")) == "same-person");
  }
  must(b, on_payment("qian.cashier", "disbursement_payment", "d1", "'bank_reference':'t',"));
}

TEST_CASE("a bounced payment may be prepared again, and only then") {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  settle_and_pay(b, must(b, redeem("2008-04-10", {1})), "100.00");
  auto again = pay("d2", "100.00");
  again.date = "2008-05-12";
  CHECK(b.ask(again) == "wrong-step");
  must(b, on_payment("qian.cashier", "disbursement_bounce", "d1",
                     "'bank_reference':'t2','reason':'closed',"));
  CHECK(b.balance(payable, kServices + "/p1") == "100.00");
  CHECK(b.ask(on_payment("qian.cashier", "disbursement_payment", "d1",
                         "'bank_reference':'t3',")) == "wrong-step");
  CHECK(b.ask(pay("d2", "100.00")) == "date-too-early");  // before the bounce
  must(b, again);
  check_replay(b);
}

TEST_CASE("recovered money is spent again or goes to the treasury, as the policy says") {
  for (const bool reuse : {true, false}) {
    Books b = funded();
    std::string policy = policy_json();
    policy.replace(policy.find("'wj'"), 4, "'wk'");
    if (!reuse) policy.replace(policy.find("'reuse'"), 7, "'treasury'");
    must(b, {"reg.registrar", "2008-04-01", "policy_registration", policy});
    must(b, issue(4, 1, {1}));
    settle_and_pay(b, must(b, redeem("2008-04-10", {1})), "100.00");
    const Ask decision = {"chen.approver", "2008-06-01", "recovery_decision",
                          "{'amount':'60.00','fund':'f1','programme':'services','provider':'p1',"
                          "'reason':'not delivered','recovery':'r1','region':'320412001'}",
                          "", "wk@1"};
    must(b, decision);
    CHECK(b.balance(in_recovery, kServices + "/p1") == "60.00");
    CHECK(b.balance(paid, kServices + "/p1") == "40.00");
    const auto received = [](const std::string& amount) {
      return Ask{"li.preparer", "2008-06-10", "recovery_receipt",
                 "{'account':'a1','amount':'" + amount +
                     "','bank_reference':'" + amount + "','recovery':'r1'}"};
    };
    must(b, received("25.00"));
    CHECK(b.ask(received("35.01")) == "amount-mismatch");
    must(b, received("35.00"));
    CHECK(b.balance(available, "f1") == (reuse ? "3060.00" : "3000.00"));
    CHECK(b.total(due_to_treasury) == (reuse ? "0.00" : "60.00"));
    CHECK(b.total(in_recovery) == "0.00");
    check_replay(b);
  }
}

TEST_CASE("a recovery without a policy of its own follows the allotment's") {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  settle_and_pay(b, must(b, redeem("2008-04-10", {1})), "100.00");
  const auto recovery = [](const std::string& id, const std::string& amount) {
    return Ask{"li.preparer", "2008-06-01", "recovery_decision",
               "{'amount':'" + amount + "','fund':'f1','programme':'services','provider':'p1',"
               "'reason':'x','recovery':'" + id + "','region':'320412001'}"};
  };
  must(b, recovery("r1", "100.00"));
  CHECK(b.ask(recovery("r1", "1.00")) == "already-registered");
  CHECK(b.ask(recovery("r2", "0.01")) == "insufficient-balance");
  check_replay(b);
}

TEST_CASE("counterpart money releases the promise it fulfils") {
  Books b = funded();
  must(b, pledge("500.00"));
  CHECK(b.balance(pledged, "f1//320412001") == "500.00");
  must(b, counterpart_receipt("300.00"));
  CHECK(b.balance(pledged, "f1//320412001") == "200.00");
  CHECK(b.balance(available, "f1//320412001") == "300.00");
  CHECK(b.balance(source, "f1//320412001/counterpart") == "300.00");
  must(b, counterpart_receipt("250.00", "r2"));
  CHECK(b.balance(pledged, "f1//320412001") == "0.00");
  CHECK(b.balance(pledge_source, "f1//320412001") == "0.00");
  must(b, {"li.preparer", "2008-04-20", "allotment",
           "{'amount':'550.00','document_no':'d','from_counterpart':true,'fund':'f1',"
           "'programme':'services','region':'320412001'}",
           "", "wj@1"});
  CHECK(b.balance(available, "f1//320412001") == "0.00");
  CHECK(b.balance(available, "f1") == "3000.00");
  check_replay(b);
}

TEST_CASE("corrections leave the balances that the right document would have left") {
  Books b = funded();
  SECTION("red and blue") {
    const auto wrong = must(b, receipt("100.00", "2008-05-01"));
    must(b, correct(wrong, right_receipt("10.00", "provincial"), "red_blue", "2008-05-02"));
    CHECK(b.last_postings()[0].amount == -Money::of_fen(10000));
    CHECK(b.balance(source, "f1///municipal") == "0.00");
    CHECK(b.balance(source, "f1///provincial") == "10.00");
    CHECK(b.balance(available, "f1") == "3010.00");
  }
  SECTION("only cancelled") {
    const auto wrong = must(b, receipt("100.00", "2008-05-01"));
    must(b, correct(wrong, "", "red_blue", "2008-05-02"));
    CHECK(b.balance(available, "f1") == "3000.00");
  }
  SECTION("the difference, less and more") {
    const auto wrong = must(b, receipt("100.00", "2008-05-01"));
    CHECK(b.ask(correct(wrong, right_receipt("-90.00", "provincial"), "difference",
                        "2008-05-02")) == "wrong-correction-method");
    CHECK(b.ask(correct(wrong, right_receipt("-100.00"), "difference", "2008-05-02")) ==
          "amount-not-positive");
    CHECK(b.ask(correct(wrong, right_receipt("0.00"), "difference", "2008-05-02")) ==
          "invalid-value");
    must(b, correct(wrong, right_receipt("-90.00"), "difference", "2008-05-02"));
    CHECK(b.balance(available, "f1") == "3010.00");
    const auto low = must(b, receipt("1.00", "2008-05-01", "r2"));
    must(b, correct(low, right_receipt("9.00", "municipal", "r2"), "difference", "2008-05-02"));
    CHECK(b.balance(available, "f1") == "3020.00");
  }
  SECTION("an earlier year in blue, with nothing red") {
    const auto wrong = must(b, receipt("100.00", "2008-05-01"));
    CHECK(b.ask(correct(wrong, right_receipt("10.00"), "red_blue", "2009-01-05")) ==
          "wrong-correction-method");
    must(b, correct(wrong, right_receipt("10.00"), "prior_year_blue", "2009-01-05"));
    for (const auto& posting : b.last_postings()) CHECK(posting.amount.is_positive());
    CHECK(b.balance(available, "f1") == "3010.00");
    CHECK(b.balance(source, "f1///municipal") == "10.00");
  }
  SECTION("not when the money has been passed on") {
    const auto wrong = must(b, receipt("100.00", "2008-05-01"));
    must(b, {"li.preparer", "2008-05-01", "allotment",
             "{'amount':'3050.00','document_no':'d','from_counterpart':false,'fund':'f1',"
             "'programme':'services','region':'320412001'}",
             "", "wj@1"});
    CHECK(b.ask(correct(wrong, "", "red_blue", "2008-05-02")) == "insufficient-balance");
    must(b, correct(wrong, right_receipt("50.00"), "red_blue", "2008-05-02"));
    CHECK(b.balance(available, "f1") == "0.00");
  }
  SECTION("an allotment follows the policy of its day") {
    const auto wrong = b.last();  // 2,000.00 to building
    const std::string right =
        ",'allotment':{'amount':'1500.00','document_no':'d2','from_counterpart':false,"
        "'fund':'f1','programme':'services','region':'320412002'}";
    must(b, correct(wrong, right, "red_blue", "2008-12-31"));
    CHECK(b.total(allotted) == "6500.00");
    CHECK(b.balance(allotted, "f1/services/320412002") == "1500.00");
  }
  check_replay(b);
}

TEST_CASE("a corrected counterpart receipt leaves the promise right as well") {
  Books b = funded();
  must(b, pledge("300.00"));
  const auto wrong = must(b, counterpart_receipt("400.00"));  // releases 300.00
  const auto corrected = [](const std::string& amount) {
    return ",'counterpart_receipt':" + counterpart(amount);
  };
  SECTION("red and blue") {
    must(b, correct(wrong, corrected("250.00"), "red_blue", "2008-05-01"));
  }
  SECTION("by the difference") {
    must(b, correct(wrong, corrected("-150.00"), "difference", "2008-05-01"));
  }
  SECTION("in blue") {
    must(b, correct(wrong, corrected("250.00"), "prior_year_blue", "2009-05-01"));
  }
  CHECK(b.balance(available, "f1//320412001") == "250.00");
  CHECK(b.balance(pledged, "f1//320412001") == "50.00");
  check_replay(b);
}

TEST_CASE("months close one after the other, and facts from outside still come in") {
  Books b = funded();
  const auto close_month = [](const std::string& month, const std::string& date) {
    return Ask{"wu.reviewer", date, "period_close", "{'period':'" + month + "'}"};
  };
  must(b, close_month("2008-05", "2008-06-02"));  // April and May at once
  CHECK(b.ask(close_month("2008-05", "2008-06-02")) == "period-not-next");
  CHECK(b.refusal().detail == "2008-06");
  CHECK(b.ask(receipt("1.00", "2008-05-31")) == "period-closed");
  must(b, receipt("1.00", "2008-06-01"));
  must(b, {"li.preparer", "2008-04-30", "bank_statement",
           "{'account':'a1','closing':'12.00','opening':'5.00','period':'2008-04'}",
           "[{'amount':'7.00','date':'2008-04-10','direction':'in','reference':'x'}]"});
  must(b, {"reg.registrar", "2007-12-31", "imported_record",
           "{'file_digest':'" + std::string(64, '0') + "','source':'old.xls','table':'payments'}",
           "[{'amount':'whatever'}]"});
  must(b, close_month("2008-06", "2008-06-30"));
  check_replay(b);
}
