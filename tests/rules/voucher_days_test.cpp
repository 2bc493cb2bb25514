// What must hold for a month's voucher must hold on one and the same day of it: entitled, approved, in the channel. And what
// is recorded for a day before the entitlement begins.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

const std::string kReg = "reg.registrar";
constexpr int kWho = 20;

// ap@1: wj@1 with an approval that counts from its day.
std::string approved_policy(int version = 1, const std::string& from = "2008-04-01", const std::string& to = "2009-12-31") {
  return changed(policy_json(version),
                 {{"'in_force_from':'2008-04-01'", "'in_force_from':'" + from + "'"},
                  {"'in_force_to':'2009-12-31'", "'in_force_to':'" + to + "'"},
                  {"'name':'wj'", "'name':'ap'"},
                  {"'attachments'", "'approval':{'effective':'same_day','programmes':['services'],'steps':[{'id':'ok','kind':"
                                    "'approval','title':'t'}]},'attachments'"}});
}

Books approving() {
  Books b = funded();
  must(b, {kReg, "2008-04-01", "policy_registration", approved_policy()});
  return b;
}
void entitle(Books& b, const std::string& from, const std::string& channel = "home") {
  must(b, {kReg, "2008-04-01", "beneficiary_registration",
           "{'beneficiary':'" + person(kWho) + "','category':'low-income','channel':'" + channel + "','commitment':'" +
               std::string(64, 'a') + "','entitled_from':'" + from + "','region':'320412001'}",
           "", "wj@1", false, id_number("19300101", kWho)});
}
void approve(Books& b, const std::string& applied, const std::string& approved, const std::string& channel = "home",
             const std::string& id = "A") {
  Ask ask{"li.preparer", applied, "entitlement_application",
          "{'application':'" + id + "','beneficiary':'" + person(kWho) + "','category':'low-income','channel':'" + channel +
              "','documents':[],'programme':'services'}",
          "", "ap@1"};
  ask.birth = "1930-01-01";
  must(b, ask);
  must(b, {"c.approver", approved, "application_step", "{'application':'" + id + "','outcome':'passed','step':'ok'}"});
}
void withdraw(Books& b, const std::string& last) {
  Ask ask{"c.approver", last, "application_step",
          "{'application':'A','outcome':'rejected','reason':'r','step':'ok','to':'" + last + "'}"};
  ask.time = last + "T17:00:00+08:00";
  must(b, ask);
}
void away(Books& b, const std::string& ended, const std::string& back) {
  must(b, {kReg, ended, "entitlement_end",
           "{'beneficiary':'" + person(kWho) + "','ended_on':'" + ended + "','evidence':'e','reason':'moved'}"});
  must(b, {kReg, back, "entitlement_reinstatement",
           "{'beneficiary':'" + person(kWho) + "','evidence':'e','from':'" + back + "','reason':'returned'}"});
}
void amend(Books& b, const std::string& date, const std::string& what) {
  must(b, {kReg, date, "beneficiary_amendment",
           "{'beneficiary':'" + person(kWho) + "'," + what + ",'evidence':'e'}", "", "wj@1"});
}
std::string may(Books& b, int month, const std::string& date, const std::string& policy = "ap@1") {
  Ask ask = issue(month, 1, {kWho});
  ask.date = date;
  ask.policy = policy;
  return b.ask(ask);
}

}  // namespace

TEST_CASE("a day of the approval on which the person was entitled") {
  Books b = approving();
  entitle(b, "2008-05-24");
  approve(b, "2008-04-05", "2008-04-10");
  withdraw(b, "2008-05-10");
  CHECK(may(b, 5, "2008-05-26") == "not-granted");

  Books back = approving();
  entitle(back, "2008-04-01");
  approve(back, "2008-04-02", "2008-04-02");
  away(back, "2008-05-10", "2008-06-20");
  withdraw(back, "2008-06-25");
  CHECK(may(back, 6, "2008-06-26") == "ok");
  Books gone = approving();
  entitle(gone, "2008-04-01");
  approve(gone, "2008-04-02", "2008-04-02");
  must(gone, {kReg, "2008-05-10", "entitlement_end",
              "{'beneficiary':'" + person(kWho) + "','ended_on':'2008-05-10','evidence':'e','reason':'moved'}"});
  withdraw(gone, "2008-06-05");
  must(gone, {kReg, "2008-06-20", "entitlement_reinstatement",
              "{'beneficiary':'" + person(kWho) + "','evidence':'e','from':'2008-06-20','reason':'returned'}"});
  CHECK(may(gone, 6, "2008-06-26") == "not-granted");
}

TEST_CASE("a day in the channel on which the person was entitled and approved") {
  Books late = approving();
  entitle(late, "2008-04-01");
  approve(late, "2008-05-02", "2008-05-20");
  amend(late, "2008-05-18", "'channel':'institution'");
  CHECK(may(late, 5, "2008-05-26") == "channel-not-voucher");

  Books absent = funded();
  entitle(absent, "2008-04-01");
  away(absent, "2008-05-10", "2008-06-20");
  amend(absent, "2008-06-10", "'channel':'institution'");
  CHECK(may(absent, 6, "2008-06-26", "wj@1") == "channel-not-voucher");
  CHECK(may(absent, 5, "2008-05-31", "wj@1") == "ok");
}

TEST_CASE("an approval has the channel of its application, and what was recorded anew since") {
  const auto asked = [](const std::string& registered, const std::string& applied, const std::string& amended) {
    Books b = approving();
    entitle(b, "2008-04-01", registered);
    approve(b, "2008-04-05", "2008-04-10", applied);
    if (!amended.empty()) amend(b, "2008-04-20", "'channel':'" + amended + "'");
    return may(b, 5, "2008-05-02");
  };
  CHECK(asked("home", "home", "") == "ok");
  CHECK(asked("institution", "home", "") == "ok");
  CHECK(asked("home", "institution", "") == "channel-not-voucher");
  CHECK(asked("home", "home", "institution") == "channel-not-voucher");
  CHECK(asked("institution", "institution", "home") == "ok");
}

TEST_CASE("of two approvals that a month touches one of which gives the voucher is enough") {
  const auto asked = [](const std::string& first, const std::string& second) {
    Books b = approving();
    entitle(b, "2008-04-01");
    approve(b, "2008-04-02", "2008-04-02", first, "A");
    approve(b, "2008-05-19", "2008-05-20", second, "B");
    const std::string of_may = may(b, 5, "2008-05-22");
    return of_may + " " + may(b, 6, "2008-05-22");
  };
  CHECK(asked("home", "institution") == "ok channel-not-voucher");
  CHECK(asked("institution", "home") == "ok serial-taken");  // of June the same number
  CHECK(asked("institution", "institution") == "channel-not-voucher channel-not-voucher");
}

TEST_CASE("what is recorded between the application and the first day of entitlement counts against the approval") {
  const auto asked = [](const std::string& dated) {
    Books b = approving();
    must(b, {kReg, "2008-04-01", "policy_registration",
             changed(policy_json(), {{"'name':'wj'", "'name':'other'"},
                                     {"'categories':['three-no','low-income']", "'categories':['none','three-no']"}})});
    entitle(b, "2008-06-01");
    approve(b, "2008-04-10", "2008-04-12");
    must(b, {kReg, dated, "beneficiary_amendment",
             "{'beneficiary':'" + person(kWho) + "','category':'none','evidence':'e'}", "", "other@1"});
    return may(b, 6, "2008-06-02");
  };
  CHECK(asked("2008-04-08") == "ok");  // the application says otherwise, and is later
  CHECK(asked("2008-05-01") == "category-not-eligible");
  CHECK(asked("2008-06-01") == "category-not-eligible");
}

TEST_CASE("of what is recorded for days before the entitlement the latest day counts, in whatever order it was recorded") {
  Books b = funded();
  entitle(b, "2008-06-01");
  amend(b, "2008-05-20", "'region':'320412002'");
  amend(b, "2008-05-10", "'region':'320412001'");
  CHECK(may(b, 6, "2008-06-02", "wj@1") == "region-mismatch");
  CHECK(b.refused_lines().at(0).detail == "320412002");
}

TEST_CASE("nobody is taken by an approval after the policy's end, or after the programme's, whatever version was named") {
  const auto asked = [](const std::string& second, const std::string& day) {
    Books b = approving();
    entitle(b, "2008-04-01");
    Ask ask{"li.preparer", "2008-05-02", "entitlement_application",
            "{'application':'A','beneficiary':'" + person(kWho) +
                "','category':'low-income','channel':'home','documents':[],'programme':'services'}",
            "", "ap@1"};
    ask.birth = "1930-01-01";
    must(b, ask);
    must(b, {kReg, "2008-05-02", "policy_registration", second});
    return b.ask({"c.approver", day, "application_step", "{'application':'A','outcome':'passed','step':'ok'}"});
  };
  const auto ends = approved_policy(2, "2008-05-10", "2008-06-15");
  CHECK(asked(ends, "2008-05-09") == "ok");
  CHECK(asked(ends, "2008-06-15") == "ok");
  CHECK(asked(ends, "2008-06-16") == "policy-closed");
  const auto drops = changed(approved_policy(2, "2008-06-15"), {{"'id':'services'", "'id':'visits'"}, {"['services']", "['visits']"}});
  CHECK(asked(drops, "2008-06-14") == "ok");
  CHECK(asked(drops, "2008-06-15") == "policy-closed");
}

TEST_CASE("a version without the programme closes it to whoever comes later") {
  const auto asked = [](const std::string& entitled) {
    Books b = funded();
    must(b, {kReg, "2008-04-01", "policy_registration", changed(policy_json(), {{"'name':'wj'", "'name':'dr'"}})});
    must(b, {kReg, "2008-04-01", "policy_registration",
             changed(policy_json(2), {{"'name':'wj'", "'name':'dr'"},
                                      {"'in_force_from':'2008-04-01'", "'in_force_from':'2008-05-15'"},
                                      {"'id':'services'", "'id':'visits'"}})});
    entitle(b, entitled);
    const auto answer = may(b, 5, "2008-05-20", "dr@1");
    if (answer == "policy-closed") {
      CHECK(b.refused_lines().at(0).subject == "dr@1");
      CHECK(b.refused_lines().at(0).detail == "2008-05-14");
    }
    return answer;
  };
  CHECK(asked("2008-05-14") == "ok");
  CHECK(asked("2008-05-15") == "policy-closed");
}

TEST_CASE("of several lost vouchers of a month the one that was lost last is waited for") {
  Books b = funded();
  must(b, {kReg, "2008-04-01", "policy_registration",
           changed(policy_json(), {{"'name':'wj'", "'name':'lo'"},
                                   {"'max_per_month':1", "'max_per_month':2,'replaced_after_working_days':3"},
                                   {"'attachments'", "'calendar':{'from':'2008-01-01','holidays':[],'to':'2008-12-31','workdays':[]},'attachments'"}})});
  entitle(b, "2008-04-01");
  Ask two = issue(5, 1, {kWho, kWho});
  two.policy = "lo@1";
  two.date = "2008-05-02";
  must(b, two);
  const auto lose = [&](int serial, const std::string& date) {
    must(b, {"li.preparer", date, "voucher_void", "{'reason':'lost'}", "[{'voucher':'" + voucher(serial) + "'}]"});
  };
  lose(1, "2008-05-16");
  lose(2, "2008-05-05");
  const auto again = [&](const std::string& date) {
    Ask ask = issue(5, 3, {kWho});
    ask.policy = "lo@1";
    ask.date = date;
    return b.ask(ask);
  };
  CHECK(again("2008-05-20") == "date-too-early");
  CHECK(again("2008-05-21") == "ok");  // Friday 16 May, and three working days
}
