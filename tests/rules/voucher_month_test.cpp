// What a month's vouchers follow, on whatever day they are issued: the version of the policy, the channel and
// the region of the month, and the earlier of two schemes that exclude each other.
#include <catch2/catch.hpp>

#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

const std::string kReg = "reg.registrar";

Ask on(Ask ask, const std::string& date, const std::string& policy = "wj@1") {
  ask.date = date;
  ask.policy = policy;
  return ask;
}
// A month's voucher of that face, valid for two months.
Ask worth(int month, int serial, int who, const std::string& face, const std::string& date,
          const std::string& policy) {
  Ask ask = on(issue(month, serial, {who}), date, policy);
  ask.lines = changed(ask.lines, {{"100.00", face}});
  const Month last = Month::from_ordinal(2008 * 12 + month);
  const auto at = ask.doc.find("'valid_to':'") + 12;
  ask.doc.replace(at, 10, last.last_day().str());
  return ask;
}
std::string version(int number, const std::string& from, const std::string& face, const std::string& to = "2009-12-31") {
  return changed(policy_json(number), {{"'in_force_from':'2008-04-01'", "'in_force_from':'" + from + "'"},
                                       {"'in_force_to':'2009-12-31'", "'in_force_to':'" + to + "'"},
                                       {"'name':'wj'", "'name':'fv'"},
                                       {"'face':'100.00'", "'face':'" + face + "'"},
                                       {"'validity_months':1", "'validity_months':2"}});
}
Ask registered(const std::string& policy) { return {kReg, "2008-04-01", "policy_registration", policy}; }
// fv@1: 200.00 a month; fv@2: 260.00 from a day on.
Books two_versions(const std::string& second, const std::string& first_ends = "2009-12-31") {
  Books b = funded();
  must(b, registered(version(1, "2008-04-01", "200.00", first_ends)));
  must(b, registered(version(2, second, "260.00")));
  return b;
}
Ask amend(int who, const std::string& date, const std::string& what) {
  return {kReg, date, "beneficiary_amendment",
          "{'beneficiary':'" + person(who) + "'," + what + ",'evidence':'e'}"};
}

}  // namespace

TEST_CASE("vouchers of a month have the terms of its first day, on whatever day they are issued") {
  Books b = two_versions("2008-05-15");
  CHECK(b.ask(worth(5, 1, 1, "200.00", "2008-05-02", "fv@1")) == "ok");
  CHECK(b.ask(worth(5, 2, 2, "200.00", "2008-05-15", "fv@1")) == "ok");  // a neighbour, approved late
  CHECK(b.ask(worth(5, 3, 3, "200.00", "2008-06-30", "fv@1")) == "ok");
  CHECK(b.ask(worth(5, 4, 4, "260.00", "2008-05-15", "fv@2")) == "policy-not-in-force");
  CHECK(b.refusal().field == "doc.month");
  CHECK(b.refusal().detail == "2008-05-01");
  CHECK(b.ask(worth(5, 4, 4, "260.00", "2008-05-15", "fv@1")) == "wrong-face-value");
  CHECK(b.ask(worth(6, 4, 4, "200.00", "2008-06-01", "fv@1")) == "policy-not-in-force");
  CHECK(b.ask(worth(6, 4, 4, "260.00", "2008-05-20", "fv@2")) == "ok");
  CHECK(b.ask(worth(6, 5, 5, "260.00", "2008-05-10", "fv@2")) == "ok");  // ahead of its day, as of its month
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("a version of the first of a month leaves the month before to the older one") {
  Books b = two_versions("2008-05-01");
  CHECK(b.ask(worth(4, 1, 1, "200.00", "2008-05-02", "fv@1")) == "ok");
  CHECK(b.ask(worth(4, 2, 2, "260.00", "2008-05-02", "fv@2")) == "policy-not-in-force");
  CHECK(b.ask(worth(5, 2, 2, "260.00", "2008-05-02", "fv@2")) == "ok");
}

TEST_CASE("the month in which a policy begins or ends is its own, later months are not") {
  Books b = funded();
  must(b, registered(version(1, "2008-05-10", "200.00", "2008-06-15")));
  CHECK(b.ask(worth(4, 1, 1, "200.00", "2008-05-10", "fv@1")) == "policy-not-in-force");
  CHECK(b.ask(worth(5, 1, 1, "200.00", "2008-05-10", "fv@1")) == "ok");
  CHECK(b.ask(worth(6, 2, 1, "200.00", "2008-06-20", "fv@1")) == "ok");
  CHECK(b.ask(worth(7, 3, 1, "200.00", "2008-06-10", "fv@1")) == "policy-not-in-force");
  CHECK(b.ask(worth(7, 3, 1, "200.00", "2008-07-01", "fv@1")) == "policy-not-in-force");
}

TEST_CASE("of two versions that begin in a policy's first month the first gives it") {
  Books b = funded();
  must(b, registered(version(1, "2008-05-10", "200.00")));
  must(b, registered(version(2, "2008-05-20", "260.00")));
  CHECK(b.ask(worth(5, 1, 1, "260.00", "2008-05-20", "fv@2")) == "policy-not-in-force");
  CHECK(b.ask(worth(5, 1, 1, "200.00", "2008-05-20", "fv@1")) == "ok");
}

TEST_CASE("whoever comes after a policy's end is new, unless the next version takes him") {
  const auto late = [](Books& b) {
    must(b, {kReg, "2008-05-20", "beneficiary_registration",
             "{'beneficiary':'" + person(20) + "','category':'low-income','channel':'home','commitment':'" +
                 std::string(64, 'a') + "','entitled_from':'2008-05-20','region':'320412001'}",
             "", "wj@1", false, id_number("19300101", 20)});
  };
  Books followed = two_versions("2008-05-15", "2008-05-14");
  late(followed);
  CHECK(followed.ask(worth(5, 1, 20, "200.00", "2008-05-20", "fv@1")) == "ok");
  Books over = funded();
  must(over, registered(version(1, "2008-04-01", "200.00", "2008-05-14")));
  late(over);
  CHECK(over.ask(worth(5, 1, 20, "200.00", "2008-05-20", "fv@1")) == "policy-closed");
  CHECK(over.refusal().detail == "2008-05-14");
  CHECK(over.ask(worth(5, 1, 1, "200.00", "2008-05-20", "fv@1")) == "ok");
}

TEST_CASE("one day of the month in the channel is enough, whatever was recorded since") {
  Books b = funded();
  const std::string home = "'channel':'home'", institution = "'channel':'institution'";
  must(b, amend(1, "2008-06-13", institution));
  must(b, amend(8, "2008-06-13", home));
  CHECK(b.ask(on(issue(5, 1, {1}), "2008-05-31")) == "ok");
  CHECK(b.ask(on(issue(5, 2, {8}), "2008-05-31")) == "channel-not-voucher");
  CHECK(b.ask(on(issue(6, 2, {1, 8}), "2008-06-20")) == "ok");
  CHECK(b.ask(on(issue(7, 4, {1}), "2008-06-20")) == "channel-not-voucher");
  CHECK(b.ask(on(issue(7, 4, {8}), "2008-06-20")) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("whom the policy is for is asked of each month, whoever registered him") {
  const std::string eligibility = "'eligibility':{'categories':['three-no','low-income'],'min_age':60}";
  const auto policy = [&](const std::string& only) {
    return changed(version(1, "2008-04-01", "200.00"), {{eligibility, "'eligibility':{" + only + ",'min_age':60}"}});
  };
  const auto asked = [&](const std::string& only) {
    Books b = funded();  // everybody is low-income, by wj@1
    must(b, registered(policy(only)));
    return b.ask(worth(5, 1, 1, "200.00", "2008-05-02", "fv@1"));
  };
  CHECK(asked("'categories':[]") == "ok");
  CHECK(asked("'categories':['low-income']") == "ok");
  CHECK(asked("'categories':['three-no']") == "category-not-eligible");
  CHECK(asked("'care_levels':['severe'],'categories':[]") == "care-level-not-eligible");
  CHECK(asked("'categories':[],'conditions':['disabled']") == "condition-not-met");

  // Who is another one from 10 May on has none of May, and what was given before stays.
  Books b = funded();
  must(b, registered(policy("'categories':['low-income']")));
  CHECK(b.ask(worth(4, 1, 1, "200.00", "2008-04-20", "fv@1")) == "ok");
  Ask other = amend(1, "2008-05-10", "'category':'three-no'");
  other.policy = "wj@1";
  must(b, other);
  CHECK(b.ask(worth(5, 2, 1, "200.00", "2008-05-12", "fv@1")) == "category-not-eligible");
  CHECK(b.refused_lines()[0].field == "lines[0].beneficiary");
  CHECK(b.ask(worth(5, 2, 2, "200.00", "2008-05-12", "fv@1")) == "ok");
}

TEST_CASE("days at home after the end of an entitlement are none of the month") {
  Books b = funded();
  must(b, {kReg, "2008-06-20", "entitlement_end",
           "{'beneficiary':'" + person(8) + "','ended_on':'2008-06-10','evidence':'e','reason':'moved'}"});
  must(b, amend(8, "2008-06-15", "'channel':'home'"));
  CHECK(b.ask(on(issue(6, 1, {8}), "2008-06-10")) == "channel-not-voucher");
}

TEST_CASE("the voucher of a month is charged to the region of its first day") {
  Books b = funded();
  must(b, amend(1, "2008-05-31", "'region':'320412002'"));
  const auto there = [](Ask ask) {
    ask.doc = changed(ask.doc, {{"320412001", "320412002"}});
    return ask;
  };
  CHECK(b.ask(there(on(issue(5, 1, {1}), "2008-05-31"))) == "region-mismatch");
  CHECK(b.refused_lines().at(0).detail == "320412001");
  CHECK(b.ask(on(issue(5, 1, {1}), "2008-05-31")) == "ok");
  CHECK(b.ask(on(issue(6, 2, {1}), "2008-06-01")) == "region-mismatch");
  // Of somebody who is entitled from a later day: of that day.
  must(b, {kReg, "2008-06-10", "beneficiary_registration",
           "{'beneficiary':'" + person(20) + "','category':'low-income','channel':'home','commitment':'" +
               std::string(64, 'a') + "','entitled_from':'2008-06-10','region':'320412001'}",
           "", "wj@1", false, id_number("19300101", 20)});
  must(b, amend(20, "2008-06-20", "'region':'320412002'"));
  CHECK(b.ask(on(issue(6, 2, {20}), "2008-06-25")) == "ok");
}

namespace {

// mod@1 and sev@1: vouchers by approval, which exclude each other.
Books two_schemes() {
  Books b = funded();
  for (const std::string name : {"mod", "sev"}) {
    const std::string programme =
        "'programmes':[{'entitlement':{'basis':'approved','cycle':'month','exclusive_group':'g','payee':"
        "'serving_provider','proration':'months','start':'same_month','stop':'same_month','tariff':[]},'id':'" +
        name + "-v','instrument':'voucher','name':'n','purpose':'p'},";
    must(b, registered(changed(policy_json(),
                               {{"'attachments'", "'approval':{'effective':'next_day','steps':[{'id':'ok','kind':"
                                                  "'approval','title':'t'}]},'attachments'"},
                                {"'name':'wj'", "'name':'" + name + "'"},
                                {"'programmes':[", programme}})));
    must(b, {"li.preparer", "2008-04-01", "allotment",
             "{'amount':'500.00','document_no':'d','from_counterpart':false,'fund':'f1','programme':'" + name +
                 "-v','region':'320412001'}",
             "", name + "@1"});
  }
  return b;
}
void apply(Books& b, const std::string& scheme, const std::string& date, const std::string& approved) {
  Ask ask{"li.preparer", date, "entitlement_application",
          "{'application':'" + scheme + "','beneficiary':'" + person(1) +
              "','category':'low-income','channel':'home','documents':[],'programme':'" + scheme + "-v'}",
          "", scheme + "@1"};
  ask.birth = "1930-01-01";
  must(b, ask);
  must(b, {"c.approver", approved, "application_step",
           "{'application':'" + scheme + "','outcome':'passed','step':'ok'}"});
}
void withdraw(Books& b, const std::string& scheme, const std::string& last) {
  Ask ask{"c.approver", last, "application_step",
          "{'application':'" + scheme + "','outcome':'rejected','reason':'r','step':'ok','to':'" + last + "'}"};
  ask.time = last + "T17:00:00+08:00";
  must(b, ask);
}
Ask of(const std::string& scheme, int month, int serial, const std::string& date) {
  Ask ask = on(issue(month, serial, {1}), date, scheme + "@1");
  ask.doc = changed(ask.doc, {{"'services'", "'" + scheme + "-v'"}});
  return ask;
}

}  // namespace

TEST_CASE("a month that two schemes of a group touch is the earlier one's") {
  Books b = two_schemes();
  apply(b, "mod", "2008-04-01", "2008-04-02");
  withdraw(b, "mod", "2008-05-15");
  apply(b, "sev", "2008-05-16", "2008-05-18");
  CHECK(b.ask(of("sev", 5, 1, "2008-05-20")) == "exclusive-scheme");
  CHECK(b.refused_lines().at(0).detail == "mod-v");
  CHECK(b.ask(of("mod", 5, 1, "2008-05-20")) == "ok");
  CHECK(b.ask(of("sev", 5, 2, "2008-05-20")) == "exclusive-scheme");
  CHECK(b.ask(of("mod", 6, 2, "2008-06-01")) == "exclusive-scheme");
  CHECK(b.ask(of("sev", 6, 2, "2008-06-01")) == "ok");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("whoever holds a month's vouchers of another scheme of the group gets no others") {
  Books b = two_schemes();
  apply(b, "mod", "2008-04-01", "2008-04-02");
  must(b, of("mod", 5, 1, "2008-05-01"));
  // Withdrawn for the time before: May is no longer its own, but its voucher is out.
  Ask back{"s.reviewer", "2008-05-15", "application_step",
           "{'application':'mod','outcome':'rejected','reason':'r','step':'ok','to':'2008-04-30'}"};
  back.time = "2008-05-15T17:00:00+08:00";
  must(b, back);
  back.who = "c.approver";
  must(b, back);
  apply(b, "sev", "2008-05-16", "2008-05-18");
  CHECK(b.ask(of("sev", 5, 1, "2008-05-20")) == "exclusive-scheme");
  must(b, {"li.preparer", "2008-05-20", "voucher_return", "{'reason':'r'}", "[{'voucher':'" + voucher(1) + "'}]"});
  CHECK(b.ask(of("sev", 5, 2, "2008-05-20")) == "ok");
}
