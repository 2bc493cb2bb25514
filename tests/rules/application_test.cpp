// From an application to a grant under a policy like that of the anonymous district (HC-01, HC-02,
// HC-07 to HC-13, HC-17) and of Yizhou (YZ-06): what is refused, and from when a grant counts.
#include <catch2/catch.hpp>
#include <random>

#include "ledger/core/work_calendar.h"
#include "ledger/rules/person.h"
#include "tests/rules/approval_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Date day(const std::string& text) { return Date::parse(text).value(); }
Pseudonym who(int n) { return Pseudonym::parse(person(n)).value(); }

const std::string kSingleStep = "[{'id':'bureau','kind':'approval','title':'b'}]";

std::string grants(const Books& b, int n) {
  std::string text;
  for (const auto& grant : grants_of(b.state(), who(n))) {
    text += grant.application.str() + " " + grant.from.str() + ".." +
            (grant.to ? grant.to->str() : "") + ";";
  }
  return text;
}

}  // namespace

TEST_CASE("HC-01: an application with every clause met is accepted, and each clause negated is not") {
  struct Row {
    const char* answer;
    const char* field;
    void (*change)(Apply&);
  };
  const Row rows[] = {
      {"ok", "", [](Apply&) {}},
      {"condition-not-met", "doc.facts", [](Apply& a) { a.facts = "'children-elsewhere'"; }},
      {"under-age", "doc.beneficiary", [](Apply& a) { a.birth = "1965-03-04"; }},
      {"under-age", "doc.beneficiary", [](Apply& a) { a.birth = ""; }},  // nobody knows
      {"category-not-eligible", "doc.category", [](Apply& a) { a.category = "rich"; }},
      {"condition-not-met", "doc.facts", [](Apply& a) { a.facts = "'household'"; }},
      // HC-02: either alternative, and nothing else.
      {"ok", "", [](Apply& a) { a.facts = "'household','children-incapable'"; }},
      {"condition-not-met", "doc.facts", [](Apply& a) { a.facts = "'household','widowed'"; }},
      // Around it.
      {"policy-required", "policy", [](Apply& a) { a.policy = ""; }},
      {"unknown-programme", "doc.programme", [](Apply& a) { a.programme = "dinners"; }},
      {"instrument-mismatch", "doc.programme", [](Apply& a) { a.programme = "building"; }},
      {"unknown-beneficiary", "doc.beneficiary", [](Apply& a) { a.n = 99; }},
      {"unknown-provider", "doc.provider", [](Apply& a) { a.extra = "'provider':'p9',"; }},
      {"missing-field", "doc.provider", [](Apply& a) { a.extra = ""; }},
  };
  for (const auto& row : rows) {
    Books b = approving();
    Apply a;
    row.change(a);
    INFO(row.answer << " " << row.field);
    CHECK(ask(b, a) == row.answer);
    if (std::string(row.answer) != "ok") CHECK(b.refusal().field == row.field);
    CHECK(b.replay().rows == b.state().rows);
  }
}

TEST_CASE("YZ-06: the 60th birthday, 29 February too, and the care level") {
  struct Row {
    const char* birth;
    const char* date;
    const char* answer;
  };
  const Row rows[] = {
      {"1965-03-04", "2025-03-03", "under-age"},  // 59 years and 364 days
      {"1965-03-04", "2025-03-04", "ok"},
      {"1964-02-29", "2024-02-28", "under-age"},
      {"1964-02-29", "2024-02-29", "ok"},
      {"1964-02-29", "2025-02-28", "ok"},
      {"1965-03-01", "2025-02-28", "under-age"},
      {"1968-02-29", "2028-02-28", "under-age"},
  };
  for (const auto& row : rows) {
    Books b = wujin();
    auto text = approval_policy("yz", kSteps, "2030-12-31");
    const std::string all = "'conditions':['household','lives-alone']";
    text.replace(text.find(all), all.size(), "'conditions':[]");
    text.insert(text.find("'categories'"), "'care_levels':['dependent','half-dependent'],");
    must(b, {"reg.registrar", "2024-01-01", "policy_registration", text});
    Apply a;
    a.policy = "yz@1";
    a.birth = row.birth;
    a.date = row.date;
    INFO(row.birth << " " << row.date);
    const std::string provider = a.extra;
    a.extra = provider + "'care_level':'independent',";
    CHECK(ask(b, a) != "ok");
    a.extra = provider;
    CHECK(ask(b, a) != "ok");
    if (std::string(row.answer) == "ok") CHECK(b.refusal().reason == Reason::care_level_not_eligible);
    a.extra = provider + "'care_level':'half-dependent',";
    CHECK(ask(b, a) == row.answer);
  }
}

TEST_CASE("a birthday on 29 February counts from 1 March in other years") {
  Books b = wujin();
  must(b, {"reg.registrar", "2024-01-01", "policy_registration", approval_policy("hc")});
  Apply a;
  a.birth = "1964-02-29";
  a.date = "2024-02-28";
  CHECK(ask(b, a) == "under-age");
  auto text = approval_policy("old");
  text.replace(text.find("'min_age':60"), 12, "'min_age':61");
  b = wujin();
  must(b, {"reg.registrar", "2024-01-01", "policy_registration", text});
  a.policy = "old@1";
  a.date = "2025-02-28";
  CHECK(ask(b, a) == "under-age");
  a.date = "2025-03-01";
  CHECK(ask(b, a) == "ok");
}

TEST_CASE("HC-07: four papers, four and three; the first that is missing is named") {
  struct Row {
    const char* category;
    std::vector<std::string> needed;
  };
  const Row rows[] = {{"low-income", {"form", "card", "id-copy", "apart"}},
                      {"low-edge", {"form", "proof", "id-copy", "apart"}},
                      {"three-no", {"form", "card", "id-copy"}}};
  for (const auto& row : rows) {
    for (std::size_t missing = 0; missing <= row.needed.size(); ++missing) {
      Books b = approving();
      Apply a;
      a.category = row.category;
      a.documents = "'something-else'";
      for (std::size_t i = 0; i < row.needed.size(); ++i) {
        if (i != missing) a.documents += ",'" + row.needed[i] + "'";
      }
      INFO(row.category << " without paper " << missing);
      const bool complete = missing == row.needed.size();
      CHECK(ask(b, a) == (complete ? "ok" : "documents-missing"));
      if (!complete) CHECK(b.refusal().subject == row.needed[missing]);
    }
  }
}

TEST_CASE("HC-09: a notice of five days, both ends counted, over before the next step") {
  Books b = approving();
  REQUIRE(ask(b, {}) == "ok");
  must(b, step("v.preparer", "2025-03-06", "visit"));
  const auto put_up = [&](const std::string& from, const std::string& to) {
    return step("n.preparer", "2025-03-11", "notice", notice(from, to));
  };
  CHECK(b.ask(put_up("2025-03-07", "2025-03-12")) == "date-in-future");  // nobody knows yet whether it passed
  CHECK(b.ask(put_up("2025-03-07", "2025-03-10")) == "notice-too-short");
  CHECK(b.refusal().subject == "4");
  CHECK(b.refusal().detail == "5");
  CHECK(b.ask(put_up("2025-03-11", "2025-03-07")) == "invalid-period");
  CHECK(b.ask(put_up("2025-03-05", "2025-03-11")) == "date-too-early");
  CHECK(b.ask(step("n.preparer", "2025-03-11", "notice", ",'from':'2025-03-07'")) ==
        "missing-field");
  CHECK(b.ask(step("n.preparer", "2025-03-11", "notice")) == "missing-field");
  CHECK(b.refusal().field == "doc.from");
  must(b, put_up("2025-03-07", "2025-03-11"));
  CHECK(b.ask(step("s.reviewer", "2025-03-11", "street", kSigned)) == "date-too-early");
  CHECK(b.refusal().detail == "2025-03-12");
  CHECK(b.ask(step("s.reviewer", "2025-03-12", "street", kSigned + notice("2025-03-12", "2025-03-13"))) ==
        "unknown-field");
  CHECK(b.ask(step("s.reviewer", "2025-03-12", "street", kSigned)) == "ok");
}

TEST_CASE("a notice counted in working days leaves out weekends and holidays") {
  auto steps = kSteps;
  steps.insert(steps.find("'title':'n'"), "'notice_in_working_days':true,");
  Books b = approving(steps);
  Apply a;
  a.date = "2025-04-01";
  REQUIRE(ask(b, a) == "ok");
  must(b, step("v.preparer", "2025-04-01", "visit"));
  // Friday 04-04 is a holiday: 04-01, 02, 03, 07, 08.
  CHECK(b.ask(step("n.preparer", "2025-04-08", "notice", notice("2025-04-01", "2025-04-07"))) ==
        "notice-too-short");
  CHECK(b.refusal().subject == "4");
  CHECK(b.ask(step("n.preparer", "2025-04-08", "notice", notice("2025-04-01", "2025-04-08"))) ==
        "ok");
}

TEST_CASE("HC-12: what is approved in a quarter counts from the next one") {
  for (const auto& [approved, from] : {std::pair("2025-03-18", "2025-04-01"),
                                       {"2025-03-31", "2025-04-01"},
                                       {"2025-04-01", "2025-07-01"},
                                       {"2025-04-09", "2025-07-01"},
                                       {"2025-12-31", "2026-01-01"}}) {
    Books b = approving();
    Apply a;
    a.extra += "'care_level':'half',";
    approve(b, a, approved);
    CHECK(grants(b, 1) == "A1 " + std::string(from) + "..;");
    const auto all = grants_of(b.state(), who(1));
    REQUIRE(all.size() == 1);
    CHECK(all[0].policy.str() == "hc@1");
    CHECK(all[0].programme.str() == "care");
    CHECK(all[0].category.str() == "low-income");
    CHECK(all[0].care_level->str() == "half");
    CHECK(all[0].facts.size() == 2);
    CHECK(all[0].provider.str() == "p1");
    CHECK(all[0].exclusive_group->str() == "home-care");
    CHECK(grant_on(all, all[0].programme, day(from)) == &all[0]);
    CHECK(grant_on(all, all[0].programme, day(from) + -1) == nullptr);
    CHECK(b.replay().rows == b.state().rows);
  }
}

TEST_CASE("HC-13: three people sign beside the one who records it") {
  Books b = approving();
  REQUIRE(ask(b, {}) == "ok");
  must(b, step("v.preparer", "2025-03-06", "visit"));
  must(b, step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11")));
  for (const auto* signers : {"", ",'signers':[]", ",'signers':['d1','d2']",
                              ",'signers':['d1','d2','D2']", ",'signers':['d1','d2','S']"}) {
    INFO(signers);
    CHECK(b.ask(step("s.reviewer", "2025-03-12", "street", signers)) == "signers-missing");
    CHECK(b.refusal().detail == "3");
  }
  CHECK(b.ask(step("s.reviewer", "2025-03-12", "street", ",'signers':['d1','d2','S','d3']")) ==
        "ok");
}

TEST_CASE("the steps come in their order, each by another person of the right role") {
  Books b = approving();
  CHECK(b.ask(step("v.preparer", "2025-03-06", "visit")) == "unknown-application");
  REQUIRE(ask(b, {}) == "ok");
  CHECK(ask(b, {}) == "already-registered");
  CHECK(b.ask(step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11"))) ==
        "wrong-step");
  CHECK(b.refusal().detail == "open");
  CHECK(b.refusal().zh() == "“A1”当前状态为“办理中”，不能办理此步骤。");
  CHECK(b.ask(step("v.preparer", "2025-03-02", "visit")) == "date-too-early");
  CHECK(b.ask(step("v.approver", "2025-03-06", "visit")) == "role-not-permitted");
  CHECK(b.ask(step("v.registrar", "2025-03-06", "visit")) == "role-not-permitted");
  CHECK(b.ask(step("Xu.preparer", "2025-03-06", "visit")) == "same-person");
  CHECK(b.refusal().detail == "entitlement_application");
  CHECK(b.ask(step("v.reviewer", "2025-03-06", "visit")) == "ok");  // a reviewer may
  CHECK(b.ask(step("w.preparer", "2025-03-06", "visit")) == "wrong-step");
  CHECK(b.refusal().detail == "visit");
  CHECK(b.ask(step("V.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11"))) ==
        "same-person");
  CHECK(b.refusal().detail == "visit");
  must(b, step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11")));
  CHECK(b.ask(step("n.reviewer", "2025-03-12", "street", kSigned)) == "same-person");
  must(b, step("s.reviewer", "2025-03-30", "street", kSigned));  // late: recorded, not refused
  CHECK(b.ask(step("c.reviewer", "2025-03-31", "bureau")) == "role-not-permitted");
  CHECK(b.ask(step("s.approver", "2025-03-31", "bureau")) == "same-person");
  CHECK(b.refusal().detail == "street");
  auto other = step("c.approver", "2025-03-31", "bureau");
  other.policy = "wj@1";
  CHECK(b.ask(other) != "ok");
  other.policy = "hc@1";
  CHECK(b.ask(other) == "ok");
  CHECK(b.ask(other) == "wrong-step");
  CHECK(b.refusal().detail == "approved");
}

TEST_CASE("a rejected step ends an application; its reason is for the applicant") {
  Books b = approving();
  REQUIRE(ask(b, {}) == "ok");
  CHECK(b.ask(rejected(step("v.preparer", "2025-03-06", "visit"), "")) == "missing-field");
  must(b, rejected(step("v.preparer", "2025-03-06", "visit")));
  CHECK(b.ask(step("n.preparer", "2025-03-11", "notice", notice("2025-03-07", "2025-03-11"))) ==
        "wrong-step");
  CHECK(b.refusal().detail == "rejected");
  CHECK(grants(b, 1).empty());
  // An objection ends a notice before its time.
  Apply again;
  again.id = "A2";
  REQUIRE(ask(b, again) == "ok");
  must(b, step("v.preparer", "2025-03-06", "visit", "", "A2"));
  must(b, rejected(step("n.preparer", "2025-03-08", "notice", "", "A2")));
}

TEST_CASE("HC-17: a change is a new application, which takes the place of the grant before") {
  Books b = approving();
  approve(b, {}, "2025-03-18");
  Apply change;
  change.id = "A2";
  change.extra = "'provider':'p2',";
  approve(b, change, "2025-04-09");
  CHECK(grants(b, 1) == "A1 2025-04-01..2025-06-30;A2 2025-07-01..;");
  const auto all = grants_of(b.state(), who(1));
  CHECK(grant_on(all, all[0].programme, day("2025-06-30"))->provider.str() == "p1");
  CHECK(grant_on(all, all[0].programme, day("2025-07-01"))->provider.str() == "p2");
  // One that is approved afterwards with an earlier date leaves the later grant alone.
  change.id = "A3";
  approve(b, change, "2025-03-20");
  CHECK(grants(b, 1) == "A1 2025-04-01..2025-03-31;A3 2025-04-01..2025-06-30;A2 2025-07-01..;");
  // Another programme is not touched.
  change.id = "M1";
  change.programme = "meals";
  approve(b, change, "2025-03-20");
  CHECK(grants(b, 1) == "A1 2025-04-01..2025-03-31;A3 2025-04-01..2025-06-30;"
                        "M1 2025-04-01..;A2 2025-07-01..;");
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("one person, one scheme of a group at a time, until the grant is withdrawn") {
  Books b = approving();
  Apply other;
  other.id = "B1";
  other.programme = "other-care";
  REQUIRE(ask(b, other) == "ok");  // both are open: the first approval counts
  before_approval(b, "B1");
  approve(b, {}, "2025-03-18");
  CHECK(b.ask(step("c.approver", "2025-03-18", "bureau", "", "B1")) == "exclusive-scheme");
  CHECK(b.refusal().detail == "care");
  other.id = "B2";
  CHECK(ask(b, other) == "exclusive-scheme");
  other.n = 2;
  CHECK(ask(b, other) == "ok");

  auto back = rejected(step("c.approver", "2025-05-10", "bureau"), ",'reason':'r'");
  CHECK(b.ask(back) == "missing-field");
  CHECK(b.refusal().field == "doc.to");
  back.doc.insert(back.doc.size() - 1, ",'to':'2025-06-30'");
  back.who = "c.registrar";
  CHECK(b.ask(back) == "role-not-permitted");
  back.who = "c.approver";
  back.date = "2025-03-17";
  back.time = "2025-06-30T23:59:59+08:00";
  CHECK(b.ask(back) == "date-too-early");
  back.date = "2025-05-10";
  must(b, back);
  CHECK(grants(b, 1) == "A1 2025-04-01..2025-06-30;");
  CHECK(b.ask(back) == "wrong-step");
  CHECK(b.refusal().detail == "withdrawn");
  CHECK(b.ask(step("c.approver", "2025-03-18", "bureau", "", "B1")) == "exclusive-scheme");
  CHECK(b.ask(step("c.approver", "2025-04-01", "bureau", "", "B1")) == "ok");  // from 07-01
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("an approval that reaches back over the end of another scheme of the group is no second one") {
  // Granted from the first of the month of the approval, which is the only step.
  std::string policy = approval_policy("hc", "[{'id':'bureau','kind':'approval','title':'b'}]");
  const std::string quarter = "'effective':'next_quarter'";
  policy.replace(policy.find(quarter), quarter.size(), "'effective':'same_month'");
  const auto scene = [&](const char* granted) {
    Books b = wujin();
    must(b, {"reg.registrar", "2024-01-01", "policy_registration", policy});
    REQUIRE(ask(b, {}) == "ok");
    must(b, step("c.approver", granted, "bureau"));
    Ask back = rejected(step("c.approver", "2025-05-17", "bureau"), ",'reason':'r','to':'2025-05-17'");
    back.time = "2025-05-17T17:00:00+08:00";
    must(b, back);
    Apply other;
    other.id = "B1";
    other.programme = "other-care";
    other.date = "2025-05-19";
    REQUIRE(ask(b, other) == "ok");
    return b.ask(step("c.approver", "2025-05-30", "bureau", "", "B1"));
  };
  CHECK(scene("2025-04-18") == "ok");
  CHECK(scene("2025-05-02") == "ok");  // of the same month: the one that was approved earlier has its days
}

TEST_CASE("days that were granted are taken back by two people, as they were granted") {
  Books b = approving();
  approve(b, {}, "2025-03-18");
  const auto back = [](const std::string& who, const std::string& to) {
    Ask ask = rejected(step(who, "2025-05-10", "bureau"), ",'reason':'r','to':'" + to + "'");
    ask.time = "2025-05-10T17:00:00+08:00";
    return ask;
  };
  CHECK(b.ask(back("c.approver", "2025-05-09")) == "withdrawal-not-proposed");
  CHECK(b.refusal().field == "doc.to");
  SECTION("from today on the approver needs nobody") {
    CHECK(b.ask(back("c.approver", "2025-05-10")) == "ok");
    CHECK(b.ask(back("s.reviewer", "2025-04-30")) == "wrong-step");
  }
  SECTION("nor does an early business date make a day in the past today") {
    Ask early = back("c.approver", "2025-04-30");
    early.date = "2025-04-30";
    CHECK(b.ask(early) == "withdrawal-not-proposed");
    CHECK(b.refusal().detail == "2025-05-10");  // the day of recording
    must(b, back("s.reviewer", "2025-04-30"));
    early.date = "2025-05-10";
    CHECK(b.ask(early) == "ok");
  }
  SECTION("backdated it is proposed with the same day, by somebody else") {
    must(b, back("s.reviewer", "2025-04-30"));
    CHECK(grants(b, 1) == "A1 2025-04-01..;");  // a proposal changes nothing
    CHECK(b.ask(back("c.approver", "2025-04-15")) == "withdrawal-not-proposed");
    CHECK(b.ask(back("s.approver", "2025-04-30")) == "same-person");
    CHECK(b.ask(step("c.approver", "2025-05-10", "bureau")) == "wrong-step");
    CHECK(b.refusal().detail == "withdrawal_proposed");
    must(b, back("v.preparer", "2025-04-15"));  // a later proposal takes the place of it
    CHECK(b.ask(back("c.approver", "2025-04-30")) == "withdrawal-not-proposed");
    must(b, back("c.approver", "2025-04-15"));
    CHECK(grants(b, 1) == "A1 2025-04-01..2025-04-15;");
    CHECK(b.ask(back("s.reviewer", "2025-04-10")) == "wrong-step");
  }
  SECTION("a proposal does not keep the approver from ending it today") {
    must(b, back("s.reviewer", "2025-04-30"));
    CHECK(b.ask(back("c.approver", "2025-06-30")) == "ok");
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("vouchers of a policy with approval go to those who are approved for the month") {
  Books b = funded();
  auto text = policy_json(2);
  text.insert(text.find("'attachments'"), "'approval':{'effective':'next_month','programmes':["
              "'services'],'steps':[{'id':'bureau','kind':'approval','title':'b'}]},");
  must(b, {"reg.registrar", "2008-04-01", "policy_registration", text});
  auto may = issue(5, 1, {1});
  may.policy = "wj@2";
  CHECK(b.ask(may) == "not-granted");
  CHECK(b.refused_lines()[0].field == "lines[0].beneficiary");
  Apply a;
  a.programme = "services";
  a.policy = "wj@2";
  a.date = "2008-04-01";
  a.facts = a.extra = "";
  REQUIRE(ask(b, a) == "ok");
  must(b, step("c.approver", "2008-04-10", "bureau"));
  CHECK(b.ask(may) == "ok");
  auto april = issue(4, 2, {1});
  april.policy = "wj@2";
  CHECK(b.ask(april) == "not-granted");
  auto last = rejected(step("c.approver", "2008-06-01", "bureau"), ",'reason':'r','to':'2008-06-01'");
  last.time = "2008-06-01T17:00:00+08:00";
  must(b, last);
  auto june = issue(6, 2, {1}), july = issue(7, 3, {1});
  june.policy = july.policy = "wj@2";
  CHECK(b.ask(july) == "not-granted");
  CHECK(b.ask(june) == "ok");
}

TEST_CASE("vouchers after an approval stop when what it found is recorded otherwise") {
  auto text = policy_json(2);
  text.insert(text.find("'attachments'"), "'approval':{'effective':'same_month','programmes':["
              "'services'],'steps':[{'id':'bureau','kind':'approval','title':'b'}]},");
  // Another policy knows the category that the person comes into.
  auto other = policy_json(1);
  const auto replace = [](std::string& in, const std::string& from, const std::string& to) {
    REQUIRE(in.find(from) != in.npos);
    in.replace(in.find(from), from.size(), to);
  };
  replace(other, "'name':'wj'", "'name':'other'");
  replace(other, "'categories':['three-no','low-income']", "'categories':['none','three-no']");
  const auto may_after = [&](const std::string& change, const std::string& day) {
    Books b = funded();
    must(b, {"reg.registrar", "2008-04-01", "policy_registration", text});
    must(b, {"reg.registrar", "2008-04-01", "policy_registration", other});
    Apply a;
    a.programme = "services";
    a.policy = "wj@2";
    a.date = "2008-04-05";
    a.facts = a.extra = "";
    REQUIRE(ask(b, a) == "ok");
    must(b, step("c.approver", "2008-04-10", "bureau"));
    must(b, {"reg.registrar", day, "beneficiary_amendment",
             "{'beneficiary':'" + person(1) + "','category':'" + change + "','evidence':'e'}", "", "other@1"});
    auto may = issue(5, 1, {1});
    may.policy = "wj@2";
    may.date = "2008-05-20";
    return b.ask(may);
  };
  CHECK(may_after("three-no", "2008-05-10") == "ok");
  CHECK(may_after("none", "2008-05-10") == "category-not-eligible");
  CHECK(may_after("none", "2008-04-03") == "ok");  // the application, which is later, says otherwise
}

TEST_CASE("grants agree with a list that is searched day by day") {
  struct Naive {
    std::string id;
    Date from;
    std::optional<Date> withdrawn;
  };
  std::mt19937 random(20250401);
  for (int round = 0; round < 8; ++round) {
    Books b = approving(kSingleStep);
    std::vector<Naive> approved;
    for (int i = 0; i < 12; ++i) {
      const Date date = day("2025-01-01") + static_cast<std::int32_t>(random() % 700);
      Apply a;
      a.id = "A" + std::to_string(i);
      a.date = "2025-01-01";
      REQUIRE(ask(b, a) == "ok");
      if (!approved.empty() && random() % 4 == 0) {
        auto& old = approved[random() % approved.size()];
        if (old.withdrawn) continue;
        old.withdrawn = old.from + static_cast<std::int32_t>(random() % 300);
        for (const auto* who : {"s.reviewer", "c.approver"}) {
          must(b, rejected(step(who, "2026-12-31", "bureau", "", old.id),
                           ",'reason':'r','to':'" + old.withdrawn->str() + "'"));
        }
      } else {
        must(b, step("c.approver", date.str(), "bureau", "", a.id));
        approved.push_back({a.id, effective_day(StartRule::next_quarter, date), {}});
      }
    }
    const auto grants = grants_of(b.state(), who(1));
    for (Date date = day("2024-12-31"); date < day("2027-06-01"); date = date + 1) {
      const Naive* counts = nullptr;
      for (const auto& one : approved) {
        if (one.from <= date && (!counts || counts->from <= one.from)) counts = &one;
      }
      const Grant* found = grant_on(grants, *ProgrammeId::parse("care"), date);
      const bool none = !counts || (counts->withdrawn && *counts->withdrawn < date);
      INFO(round << " " << date.str());
      REQUIRE((found ? found->application.str() : "") == (none ? "" : counts->id));
    }
    CHECK(b.replay().rows == b.state().rows);
  }
}

TEST_CASE("nobody new under a policy out of force, and nobody whose entitlement has ended") {
  Books b = wujin();
  must(b, {"reg.registrar", "2024-01-01", "policy_registration", approval_policy("hc", kSteps, "2025-03-15")});
  Apply late;
  late.date = "2025-03-16";
  CHECK((ask(b, late) == "policy-not-in-force" || ask(b, late) == "policy-closed"));
  REQUIRE(ask(b, {}) == "ok");
  before_approval(b);
  CHECK(b.ask(step("c.approver", "2025-03-16", "bureau")) == "policy-closed");
  CHECK(b.refusal().detail == "2025-03-15");
  CHECK(b.ask(step("c.approver", "2025-03-15", "bureau")) == "ok");

  Apply second;
  second.n = 2;
  second.id = "A2";
  REQUIRE(ask(b, second) == "ok");
  must(b, {"reg.registrar", "2025-03-04", "entitlement_end",
           "{'beneficiary':'" + person(2) + "','ended_on':'2025-03-04','evidence':'e',"
           "'reason':'death'}"});
  CHECK(b.ask(step("v.preparer", "2025-03-06", "visit", "", "A2")) == "entitlement-ended");
  CHECK(b.ask(rejected(step("v.preparer", "2025-03-06", "visit", "", "A2"))) == "ok");
  second.id = "A3";
  CHECK(ask(b, second) == "entitlement-ended");
}
