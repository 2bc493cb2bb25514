// What a policy says over time and beside money: expiry and transition, versions, denominations and
// lost vouchers, filing of targets, points, duties.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

const std::string kReg = "reg.registrar", kPrep = "li.preparer", kTown = "320412001";

Ask registered(const std::string& policy) {
  return {kReg, "2008-04-01", "policy_registration", policy};
}
Ask with_policy(Ask ask, const std::string& policy, const std::string& date = {}) {
  ask.policy = policy;
  if (!date.empty()) ask.date = date;
  return ask;
}
Ask elder(int n, const std::string& from, const std::string& policy) {
  return {kReg, from, "beneficiary_registration",
          "{'beneficiary':'" + person(n) + "','category':'low-income','channel':'home','commitment':'" +
              std::string(64, 'a') + "','entitled_from':'" + from + "','region':'320412001'}",
          "", policy, false, id_number("19300101", n)};
}
Ask allot(const std::string& date, const std::string& policy,
          const std::string& programme = "services") {
  return {kPrep, date, "allotment",
          "{'amount':'10.00','document_no':'d','from_counterpart':false,'fund':'f1','programme':'" +
              programme + "','region':'320412001'}",
          "", policy};
}

// tr@1: expired after June, serves to the end of the year.
Books expired() {
  Books b = funded();
  must(b, registered(changed(policy_json(), {{"'in_force_to':'2009-12-31'", "'in_force_to':'2008-06-30'"},
                                             {"'name':'wj'", "'name':'tr'"},
                                             {"'version':1", "'transition':{'note_en':'n','note_zh':'n',"
                                                             "'serves_until':'2008-12-31'},'version':1"}})));
  return b;
}

}  // namespace

TEST_CASE("[YA-01] an expired policy serves those taken before and nobody new") {
  Books b = expired();
  CHECK(b.ask(elder(20, "2008-06-30", "tr@1")) == "ok");
  CHECK(b.ask(elder(21, "2008-07-01", "tr@1")) == "policy-closed");
  CHECK(b.refusal().detail == "2008-06-30");
  CHECK(b.ask(elder(21, "2009-01-01", "tr@1")) == "policy-not-in-force");
  CHECK(b.ask(allot("2008-07-01", "tr@1")) == "policy-closed");
  CHECK(b.ask(allot("2008-03-31", "tr@1")) == "policy-not-in-force");

  // Person 1 was registered in April; 22 comes in July, under another policy.
  must(b, elder(22, "2008-07-05", "wj@1"));
  CHECK(b.ask(with_policy(issue(7, 1, {1}), "tr@1")) == "ok");
  CHECK(b.ask(with_policy(issue(7, 2, {22}), "tr@1")) == "policy-closed");
  CHECK(b.refused_lines().size() == 1);
  CHECK(b.ask(with_policy(redeem("2008-07-10", {1}), "tr@1")) == "ok");
  CHECK(b.ask(with_policy(issue(12, 2, {1}), "tr@1", "2008-12-31")) == "ok");
  CHECK(b.ask(with_policy(issue(12, 3, {2}), "tr@1", "2008-12-01")) == "ok");
  Books late = expired();
  Ask january = issue(13, 1, {1});
  CHECK(late.ask(with_policy(january, "tr@1", "2009-01-01")) == "policy-not-in-force");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("an expired policy without a transition serves nobody") {
  Books b = funded();
  must(b, registered(changed(policy_json(), {{"'in_force_to':'2009-12-31'", "'in_force_to':'2008-06-30'"},
                                             {"'name':'wj'", "'name':'x'"}})));
  CHECK(b.ask(with_policy(issue(7, 1, {1}), "x@1")) == "policy-not-in-force");
}

TEST_CASE("a newer version takes the place of the older one from its first day") {
  Books b = funded();
  must(b, registered(changed(policy_json(2), {{"2008-04-01", "2008-06-01"}})));
  CHECK(b.ask(allot("2008-05-31", "wj@1")) == "ok");
  CHECK(b.ask(allot("2008-06-01", "wj@1")) == "policy-not-in-force");
  CHECK(b.ask(allot("2008-05-31", "wj@2")) == "policy-not-in-force");
  CHECK(b.ask(allot("2008-06-01", "wj@2")) == "ok");
  // Vouchers of May were issued under the first version; what becomes of them may name it.
  must(b, issue(5, 1, {1}));
  CHECK(b.ask(with_policy(redeem("2008-05-10", {1}), "wj@1", "2008-06-02")) == "ok");
  CHECK(b.ask(with_policy(issue(6, 2, {1}), "wj@1")) == "policy-not-in-force");
  // A correction obeys the policy of the day that it corrects.
  CHECK(b.ask({kPrep, "2008-06-05", "correction",
               "{'allotment':{'amount':'5.00','document_no':'d','from_counterpart':false,'fund':'f1',"
               "'programme':'services','region':'320412001'},'corrects':" + std::to_string(18) +
                   ",'method':'red_blue','reason':'typing error'}"}) == "ok");
}

TEST_CASE("versions follow each other without gaps, none earlier than the one before") {
  Books b = wujin();
  CHECK(b.ask(registered(policy_json(3))) == "unknown-policy");
  CHECK(b.refusal().subject == "wj@2");
  CHECK(b.ask(registered(changed(policy_json(2), {{"2008-04-01", "2008-03-31"}}))) == "invalid-value");
  CHECK(b.refusal().field == "doc.policy.in_force_from");
  CHECK(b.ask(registered(policy_json(2))) == "ok");
  CHECK(b.ask(registered(policy_json(3))) == "ok");
}

TEST_CASE("[YA-02] targets are filed so many days after the money came") {
  Books b = wujin();
  must(b, registered(changed(policy_json(), {{"'name':'wj'", "'name':'ya','performance':{'filing_days':60}"},
                                             {"'in_force_to':'2009-12-31'", "'in_force_to':'2029-12-31'"}})));
  const auto receipt = [](const std::string& due) {
    return Ask{kPrep, "2019-10-20", "fund_receipt",
               "{'account':'a1','amount':'10.00','bank_reference':'r" + due +
                   "','document_no':'cai-she-2019-154','fund':'f1'" +
                   (due.empty() ? "" : ",'performance_due':'" + due + "'") +
                   ",'project_code':'Z175080060004','source':'central'}",
               "", "ya@1"};
  };
  CHECK(b.ask(receipt("")) == "missing-field");
  CHECK(b.refusal().field == "doc.performance_due");
  CHECK(b.ask(receipt("2019-12-20")) == "invalid-value");
  CHECK(b.refusal().detail == "2019-12-19");
  CHECK(b.ask(receipt("2019-12-19")) == "ok");
  // Corrected later, the day stays that of the money.
  const std::string entry = std::to_string(b.last());
  const auto corrected = [&](const std::string& due) {
    return Ask{kPrep, "2019-11-02", "correction",
               "{'corrects':" + entry + ",'fund_receipt':{'account':'a1','amount':'12.00',"
               "'bank_reference':'r2019-12-19','document_no':'cai-she-2019-154','fund':'f1',"
               "'performance_due':'" + due + "','project_code':'Z175080060004','source':'central'},"
               "'method':'red_blue','reason':'amount'}"};
  };
  CHECK(b.ask(corrected("2020-01-01")) == "invalid-value");
  CHECK(b.ask(corrected("2019-12-19")) == "ok");
}

namespace {

// bj@1: 100.00 a month in notes of 5, 10 and 20; lost ones again after 3 working days; vouchers of
// April and May are valid to 15 June.
Books notes() {
  Books b = funded();
  must(b, registered(changed(
              policy_json(),
              {{"'name':'wj'", "'name':'bj'"},
               {"'voucher':{'channel'",
                "'voucher':{'batches':[{'first':'2008-04','last':'2008-05','valid_to':'2008-06-15'}],"
                "'channel'"},
               {"'face':'100.00'", "'denominations':['5.00','10.00','20.00'],'face':'100.00'"},
               {"'max_per_month':1", "'max_per_month':1,'replaced_after_working_days':3"}})));
  return b;
}
Ask give(int first, int count, const std::string& face, const std::string& date = "2008-04-01",
         int who = 1) {
  Ask ask = issue(4, first, std::vector<int>(std::size_t(count), who));
  for (std::size_t at = 0; (at = ask.lines.find("100.00", at)) != std::string::npos;) {
    ask.lines.replace(at, 6, face);
    at += face.size();
  }
  ask.doc = changed(ask.doc, {{"'valid_to':'2008-04-30'", "'valid_to':'2008-06-15'"}});
  return with_policy(ask, "bj@1", date);
}
Ask lost(int serial, const std::string& date, const std::string& reason = "lost") {
  return {kPrep, date, "voucher_void", "{'reason':'" + reason + "'}",
          "[{'voucher':'" + voucher(serial) + "'}]"};
}

}  // namespace

TEST_CASE("[BJ] vouchers of several face values add up to the month's limit") {
  Books b = notes();
  CHECK(b.ask(give(1, 3, "20.00")) == "ok");
  CHECK(b.ask(give(4, 3, "10.00")) == "ok");
  CHECK(b.ask(give(7, 3, "5.00")) == "already-issued");  // 105 in all
  CHECK(b.ask(give(7, 1, "20.00")) == "already-issued");
  CHECK(b.ask(give(7, 2, "5.00")) == "ok");
  CHECK(b.ask(give(9, 1, "5.00")) == "already-issued");
  CHECK(b.ask(give(9, 1, "50.00")) == "wrong-face-value");
  CHECK(b.ask(give(9, 1, "100.00", "2008-04-01", 2)) == "ok");
  Ask mixed = give(10, 2, "20.00", "2008-04-01", 3);
  mixed.lines.replace(mixed.lines.find("20.00"), 5, "10.00");
  CHECK(b.ask(mixed) == "wrong-face-value");  // one face a document
  CHECK(b.balance(FundAccount::committed, "f1/services/320412001") == "200.00");
  // What comes back may be given again, in other notes.
  CHECK(b.ask({kPrep, "2008-04-05", "voucher_return", "{'reason':'r'}",
               "[{'voucher':'" + voucher(1) + "'}]"}) == "ok");
  CHECK(b.ask(give(10, 5, "5.00", "2008-04-06")) == "already-issued");
  CHECK(b.ask(give(10, 4, "5.00", "2008-04-06")) == "ok");
  // A batch has one last day; no change is given, a note is redeemed as a whole.
  CHECK(b.ask(redeem("2008-06-15", {2})) == "ok");
  CHECK(b.balance(FundAccount::accrued, "f1/services/320412001/p1") == "20.00");
  CHECK(b.ask(redeem("2008-06-16", {3})) == "voucher-past-validity");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("units of another version count for the same month") {
  Books b = notes();
  must(b, with_policy(issue(4, 1, {1}), "wj@1"));  // one of 100.00 under another policy
  CHECK(b.ask(give(2, 1, "5.00")) == "already-issued");
  must(b, give(2, 1, "5.00", "2008-04-01", 2));
  CHECK(b.ask(with_policy(issue(4, 3, {2}), "wj@1")) == "already-issued");
}

namespace {

// two@1: vouchers for those of 80 and above, and for the disabled below; one person, one of them.
Books two_programmes() {
  Books b = funded();
  const std::string terms =
      "'basis':'approved','cycle':'month','exclusive_group':'voucher','payee':'paying_agent',"
      "'proration':'months','start':'same_month','stop':'same_month','tariff':[]";
  must(b, registered(changed(
              policy_json(),
              {{"'name':'wj'", "'name':'two'"},
               {"'programmes':[",
                "'programmes':[{'entitlement':{'eligibility':{'categories':[],'min_age':80}," + terms +
                    "},'id':'elder','instrument':'voucher','name':'e','purpose':'e'},{'entitlement':{"
                    "'eligibility':{'categories':[],'conditions':['disabled'],'max_age':79,"
                    "'min_age':16}," + terms +
                    "},'id':'disabled','instrument':'voucher','name':'d','purpose':'d'},"}})));
  for (const std::string programme : {"elder", "disabled"}) {
    Ask money = allot("2008-04-01", "two@1", programme);
    money.doc = changed(money.doc, {{"'10.00'", "'900.00'"}});
    must(b, money);
  }
  return b;
}
Ask hand_out(int month, int serial, int who, const std::string& programme, const std::string& birth) {
  Ask ask = with_policy(issue(month, serial, {who}), "two@1");
  ask.doc = changed(ask.doc, {{"'services'", "'" + programme + "'"}});
  ask.birth = birth;
  return ask;
}
Ask now_disabled(int who, const std::string& date) {
  return {kReg, date, "beneficiary_amendment",
          "{'beneficiary':'" + person(who) + "','facts':['disabled'],'evidence':'assessed'}"};
}

}  // namespace

TEST_CASE("[BJ] a voucher programme's own conditions are asked of each person and month") {
  Books b = two_programmes();
  CHECK(b.ask(hand_out(4, 1, 1, "elder", "1978-01-01")) == "under-age");
  CHECK(b.refused_lines().at(0).field == "lines[0].beneficiary");
  CHECK(b.ask(hand_out(4, 1, 1, "elder", "1928-05-01")) == "under-age");
  CHECK(b.ask(hand_out(4, 1, 1, "elder", "")) == "under-age");  // nobody knows the age
  CHECK(b.ask(hand_out(4, 1, 1, "elder", "1928-04-30")) == "ok");  // in the month of the birthday
  CHECK(b.ask(hand_out(4, 2, 2, "disabled", "1940-01-01")) == "condition-not-met");
  must(b, now_disabled(2, "2008-04-30"));
  must(b, now_disabled(3, "2008-04-30"));
  CHECK(b.ask(hand_out(4, 2, 2, "disabled", "1940-01-01")) == "ok");
  CHECK(b.ask(hand_out(4, 3, 3, "disabled", "1928-04-01")) == "over-age");
  CHECK(b.ask(hand_out(4, 3, 3, "disabled", "1928-04-02")) == "ok");  // 79 for one day of April
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("[BJ] one person has vouchers of one programme of a group in a month") {
  Books b = two_programmes();
  must(b, now_disabled(1, "2008-04-01"));
  must(b, hand_out(4, 1, 1, "disabled", "1928-04-15"));
  CHECK(b.ask(hand_out(4, 2, 1, "elder", "1928-04-15")) == "exclusive-scheme");
  CHECK(b.refused_lines().at(0).detail == "disabled");
  CHECK(b.ask(hand_out(5, 2, 1, "elder", "1928-04-15")) == "ok");
  CHECK(b.ask(hand_out(4, 3, 1, "services", "1928-04-15")) == "ok");  // not of the group
}

TEST_CASE("vouchers of a month follow the policy of its first day, whenever they are issued") {
  Books b = expired();  // serves to 2008-12-31
  CHECK(b.ask(with_policy(issue(12, 1, {1}), "tr@1", "2008-12-31")) == "ok");
  Ask january = issue(12, 2, {1});
  january.doc = changed(january.doc, {{"'2008-12'", "'2009-01'"}, {"2008-12-01", "2009-01-01"},
                                      {"2008-12-31", "2009-01-31"}});
  CHECK(b.ask(with_policy(january, "tr@1", "2008-12-31")) == "policy-not-in-force");
  Books newer = funded();
  must(newer, registered(changed(policy_json(2), {{"2008-04-01", "2008-06-01"}})));
  CHECK(newer.ask(with_policy(issue(6, 1, {1}), "wj@1", "2008-05-31")) == "policy-not-in-force");
  CHECK(newer.ask(with_policy(issue(6, 1, {1}), "wj@2", "2008-06-01")) == "ok");
}

TEST_CASE("[BJ] a lost voucher is replaced after the working days of the policy") {
  Books b = notes();
  must(b, give(1, 5, "20.00"));
  must(b, lost(1, "2008-04-10"));  // a Thursday
  CHECK(b.ask(give(6, 1, "20.00", "2008-04-14")) == "date-too-early");
  CHECK(b.refusal().en() ==
        "A lost voucher is replaced after 3 working days, from 2008-04-15 on; 2008-04-14 is too early.");
  CHECK(b.refusal().zh() == "券遗失后须满 3 个工作日，自 2008-04-15 起方可补发，2008-04-14 尚早。");
  CHECK(b.ask(give(6, 1, "20.00", "2008-04-15")) == "ok");
  // Damaged ones are replaced at once.
  must(b, lost(2, "2008-04-16", "damaged"));
  CHECK(b.ask(give(7, 1, "20.00", "2008-04-16")) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

namespace {

// tb@1: a journal of points beside the vouchers, and the duties of HC-20 and HC-21.
Books pointed(const std::string& ends = "2009-12-31") {
  Books b = funded();
  must(b, registered(changed(
              policy_json(),
              {{"'document_no':'41'",
                "'document_no':'41','duties':[{'every':'month','id':'visit','kind':'recurring',"
                "'region_digits':9,'title':'t'},{'count':3,'every':'month','id':'complaint','kind':"
                "'complaint','title':'t'}]"},
               {"'name':'wj'", "'name':'tb'"},
               {"'in_force_to':'2009-12-31'", "'in_force_to':'" + ends + "'"},
               {"'programmes':[", "'programmes':[{'id':'timebank','instrument':'points','name':'t',"
                                  "'purpose':'points'},"}})));
  return b;
}
Ask points(const std::string& lines, const std::string& programme = "timebank") {
  return {kPrep, "2008-05-01", "points_journal",
          "{'programme':'" + programme + "','reference':'r'}", "[" + lines + "]", "tb@1"};
}
std::string line(int who, const std::string& direction, const std::string& amount,
                 const std::string& date = "2008-04-30") {
  return "{'beneficiary':'" + person(who) + "','date':'" + date + "','direction':'" + direction +
         "','item':'meals','points':'" + amount + "'}";
}
Ask duty(const std::string& id, const std::string& more, const std::string& outcome = "done") {
  return {kReg, "2008-05-01", "duty_record",
          "{'duty':'" + id + "','evidence':'e','outcome':'" + outcome + "'" + more + "}", "", "tb@1"};
}

}  // namespace

TEST_CASE("what follows may name a policy that has ended, what is new may not") {
  Books b = pointed("2008-05-01");
  must(b, points(line(1, "earned", "10.00")));
  Ask late = points(line(1, "spent", "4.00"));
  late.date = "2008-05-02";
  CHECK(b.ask(late) == "ok");
  late = points(line(1, "spent", "1.00") + "," + line(1, "earned", "1.00"));
  late.date = "2008-05-02";
  CHECK(b.ask(late) == "policy-not-in-force");
  // What becomes of recovered money is not chosen by naming a policy that ended and never gave it.
  const auto recover = [](const std::string& policy) {
    return Ask{kPrep, "2008-05-02", "recovery_decision",
               "{'amount':'1.00','fund':'f1','programme':'services','provider':'p1','reason':'r','recovery':'v',"
               "'region':'320412001'}", "", policy};
  };
  CHECK(b.ask(recover("tb@1")) == "policy-not-in-force");
  CHECK(b.ask(recover("wj@1")) == "insufficient-balance");  // nothing was paid
}

TEST_CASE("[YZ-12] points are a journal of their own, never negative and never money") {
  Books b = pointed();
  const auto before = b.balance(FundAccount::allotted, "f1/services/320412001");
  CHECK(b.ask(points(line(1, "earned", "10.00") + "," + line(1, "spent", "4.50"))) == "ok");
  CHECK(b.last_postings().empty());
  CHECK(b.ask(points(line(1, "spent", "5.51"))) == "points-insufficient");
  CHECK(b.refusal().detail == "0.01");
  CHECK(b.ask(points(line(2, "spent", "1.00"))) == "points-insufficient");  // whose account it is
  CHECK(b.ask(points(line(1, "spent", "5.50"))) == "ok");
  CHECK(b.ask(points(line(1, "spent", "0.01"))) == "points-insufficient");
  CHECK(b.ask(points(line(1, "earned", "0.00"))) == "invalid-value");
  CHECK(b.ask(points(line(1, "earned", "1.00", "2008-05-02"))) == "date-in-future");
  CHECK(b.ask(points(line(50, "earned", "1.00"))) == "unknown-beneficiary");
  CHECK(b.ask(points(line(1, "earned", "1.00"), "services")) == "instrument-mismatch");
  // No document that moves money may name the programme.
  CHECK(b.ask(allot("2008-05-01", "tb@1", "timebank")) == "points-not-money");
  Ask vouchers = issue(5, 1, {1});
  vouchers.doc = changed(vouchers.doc, {{"'services'", "'timebank'"}});
  CHECK(b.ask(with_policy(vouchers, "tb@1")) == "points-not-money");
  CHECK(b.ask({kPrep, "2008-05-01", "settlement_preparation",
               "{'basis':'grant','grant':{'economic_code':'31001','fund':'f1','invoice_no':'i',"
               "'programme':'timebank','region':'320412001'},'provider':'p1','redemptions':[],"
               "'settlement':'s','total':'1.00'}", "", "tb@1"}) == "programme-not-grant");
  CHECK(b.ask({kPrep, "2008-05-01", "recovery_decision",
               "{'amount':'1.00','fund':'f1','programme':'timebank','provider':'p1','reason':'r',"
               "'recovery':'v','region':'320412001'}", "", "tb@1"}) == "points-not-money");
  CHECK(b.balance(FundAccount::allotted, "f1/services/320412001") == before);
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("[HC-21] duties are recorded by the policy that imposes them") {
  Books b = pointed();
  CHECK(b.ask(duty("visit", ",'region':'320412001'")) == "ok");
  CHECK(b.ask(duty("visits", ",'region':'320412001'")) == "unknown-duty");
  CHECK(b.ask(duty("visit", "")) == "missing-field");
  CHECK(b.ask(duty("visit", ",'region':'320412'")) == "invalid-value");
  CHECK(b.ask(duty("visit", ",'region':'320412009'")) == "unknown-region");
  CHECK(b.ask(duty("visit", ",'region':'320412001'", "complaint")) == "invalid-value");
  CHECK(b.ask(duty("complaint", ",'provider':'p1','worker':'w1'", "complaint")) == "ok");
  CHECK(b.ask(duty("complaint", ",'provider':'p9'", "complaint")) == "unknown-provider");
  CHECK(b.ask(duty("complaint", ",'beneficiary':'" + person(50) + "','provider':'p1'", "complaint")) ==
        "unknown-beneficiary");
  CHECK(b.ask(duty("complaint", "", "complaint")) == "missing-field");
  CHECK(b.ask(duty("complaint", ",'provider':'p1'", "done")) == "invalid-value");
  CHECK(b.last_postings().empty());
}

TEST_CASE("[WJ-02] vouchers are for home elders, and nothing is paid in cash") {
  Books b = funded();
  CHECK(b.ask(issue(4, 1, {1})) == "ok");
  CHECK(b.ask(issue(4, 2, {8})) == "channel-not-voucher");
  const std::uint64_t claim = must(b, redeem("2008-04-10", {1}));
  must(b, {kPrep, "2008-05-05", "settlement_preparation",
           "{'basis':'redemptions','provider':'p1','redemptions':[" + std::to_string(claim) +
               "],'settlement':'s1','total':'100.00'}"});
  must(b, {"wu.reviewer", "2008-05-06", "settlement_review", "{'settlement':'s1'}"});
  must(b, {"chen.approver", "2008-05-06", "settlement_approval", "{'settlement':'s1'}"});
  CHECK(b.ask({kPrep, "2008-05-07", "disbursement_preparation",
               "{'account':'a1','amount':'100.00','disbursement':'d1','method':'cash','payee':{'bank':"
               "'b','holder':'p1','number':'72000001'},'settlement':'s1'}"}) == "payment-in-cash");
}

TEST_CASE("[WJ-03] one entitlement of a month, not two") {
  Books b = funded();
  must(b, issue(4, 1, {1}));
  CHECK(b.ask(issue(4, 2, {1})) == "already-issued");
}
