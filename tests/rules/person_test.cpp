// What is known about a person on a day, and who is eligible.
#include <catch2/catch.hpp>

#include "ledger/rules/person.h"
#include "tests/rules/books.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Date day(const std::string& text) { return Date::parse(text).value(); }
Pseudonym who(int n) { return Pseudonym::parse(person(n)).value(); }

Ask elder(int n, const std::string& extra = "") {
  return {"reg.registrar", "2008-04-01", "beneficiary_registration",
          "{'beneficiary':'" + person(n) + "','category':'low-income','channel':'home'," + extra +
              "'commitment':'" + std::string(64, 'a') +
              "','entitled_from':'2008-05-01','region':'320412001'}",
          "", "wj@1", false, id_number("19300101", n)};
}
Ask amend(int n, const std::string& date, const std::string& what) {
  return {"reg.registrar", date, "beneficiary_amendment",
          "{'beneficiary':'" + person(n) + "','evidence':'e'," + what + "}", "", "wj@1"};
}
std::string told(const PersonFacts& facts) {
  std::string text = facts.from.str() + " " + std::string(name_of(facts.channel)) + " " +
                     facts.category.str() + " " +
                     (facts.care_level ? facts.care_level->str() : "-") + " " + facts.region.str();
  for (const auto& fact : facts.facts) text += " +" + fact.str();
  return text;
}
std::string history(const Books& b, int n) {
  std::string text;
  for (const auto& facts : facts_of(b.state(), who(n))) text += told(facts) + "\n";
  return text;
}
bool has_row(const Books& b, char kind) {
  const auto at = b.state().rows.lower_bound(std::string(1, kind));
  return at != b.state().rows.end() && at->first[0] == kind;
}
std::vector<Code> codes(std::initializer_list<const char*> texts) {
  std::vector<Code> result;
  for (const auto* text : texts) result.push_back(Code::parse(text).value());
  return result;
}

}  // namespace

TEST_CASE("a plain registration counts from the beginning and needs no row of its own") {
  Books b = funded();
  CHECK(!has_row(b, 'f'));
  CHECK(history(b, 1) == "2008-04-01 home low-income - 320412001\n");
  CHECK(facts_of(b.state(), who(99)).empty());
  must(b, elder(20, "'care_level':'half','facts':['alone'],"));
  CHECK(has_row(b, 'f'));
  CHECK(history(b, 20) == "2008-05-01 home low-income half 320412001 +alone\n");
}

TEST_CASE("an amendment counts from its date, and changes nothing else") {
  Books b = funded();
  must(b, amend(1, "2008-06-10", "'care_level':'half'"));
  must(b, amend(1, "2008-08-01", "'facts':['alone','poor']"));
  must(b, amend(1, "2008-08-01", "'region':'320412002'"));
  // Recorded last, dated between: what a later amendment said stays.
  must(b, amend(1, "2008-07-01", "'category':'three-no','facts':['x']"));
  CHECK(history(b, 1) ==
        "2008-04-01 home low-income - 320412001\n"
        "2008-06-10 home low-income half 320412001\n"
        "2008-07-01 home three-no half 320412001 +x\n"
        "2008-08-01 home three-no half 320412002 +alone +poor\n");
  const auto all = facts_of(b.state(), who(1));
  for (const auto& [on, expected] : {std::pair("2008-01-01", 0), {"2008-06-09", 0},
                                     {"2008-06-10", 1}, {"2008-07-31", 2}, {"2009-01-01", 3}}) {
    CHECK(&facts_on(all, day(on)) == &all[static_cast<std::size_t>(expected)]);
  }
  CHECK(b.replay().rows == b.state().rows);
}

TEST_CASE("amendments before the first day of entitlement count from that day, the latest of them last") {
  Books b = funded();
  must(b, elder(20));
  must(b, amend(20, "2008-04-10", "'channel':'institution'"));
  must(b, amend(20, "2008-04-05", "'channel':'home','region':'320412002'"));
  CHECK(history(b, 20) ==
        "2008-05-01 home low-income - 320412001\n"
        "2008-05-01 home low-income - 320412002\n"
        "2008-05-01 institution low-income - 320412002\n");
  const auto all = facts_of(b.state(), who(20));
  CHECK(&facts_on(all, day("2008-05-01")) == &all[2]);
  CHECK(all[1].dated == day("2008-04-05"));
}

TEST_CASE("care level and facts are recorded as they are; an empty amendment is none") {
  Books b = funded();
  auto nothing = amend(1, "2008-06-10", "'care_level':'none'");
  nothing.policy = "";
  CHECK(b.ask(nothing) == "ok");
  nothing.doc = "{'beneficiary':'" + person(1) + "','evidence':'e'}";
  CHECK(b.ask(nothing) == "missing-field");
}

TEST_CASE("registration asks for care level, conditions and ages of the policy") {
  Books b = funded();
  auto text = policy_json(2);
  text.replace(text.find("'min_age':60"), 12, "'conditions':['alone'],'max_age':79,'min_age':60");
  text.insert(text.find("'categories'"), "'care_levels':['half','full'],");
  must(b, {"reg.registrar", "2008-04-01", "policy_registration", text});
  const auto ask = [&](const std::string& extra, const std::string& birth = "19300101") {
    auto command = elder(20, extra);
    command.policy = "wj@2";
    command.id_number = id_number(birth, 20);
    return b.ask(command);
  };
  const std::string good = "'care_level':'half','facts':['alone'],";
  CHECK(ask("'facts':['alone'],") == "care-level-not-eligible");
  CHECK(ask("'care_level':'none','facts':['alone'],") == "care-level-not-eligible");
  CHECK(ask("'care_level':'half',") == "condition-not-met");
  CHECK(b.refusal().subject == "alone");
  CHECK(ask(good, "19280501") == "over-age");  // 80 on that day
  CHECK(b.refusal().field == "doc.entitled_from");
  CHECK(ask(good, "19480502") == "under-age");
  CHECK(ask(good, "19280502") == "ok");  // 79
}

TEST_CASE("who is eligible: each part, an unknown age, and definitions with alternatives") {
  Policy policy;
  Definition alone;
  alone.id = *Code::parse("alone");
  alone.any_of = codes({"elsewhere", "incapable"});
  policy.definitions.emplace({alone});
  Eligibility rule;
  const auto judge = [&](std::optional<int> age, const std::vector<Code>& facts = {},
                         Channel channel = Channel::home) -> std::string {
    const auto found = ineligible(policy, rule, channel, *Code::parse("low"), std::nullopt, facts,
                                  age, "lines[3].");
    return found ? std::string(info(found->reason).code) + " " + found->field + " " + found->subject
                 : "ok";
  };
  CHECK(judge(std::nullopt) == "ok");  // no limit, no question
  rule.min_age = 60;
  CHECK(judge(std::nullopt) == "under-age lines[3].beneficiary 60");
  CHECK(judge(-1) == "under-age lines[3].beneficiary 60");
  CHECK(judge(59) == "under-age lines[3].beneficiary 60");
  CHECK(judge(60) == "ok");
  rule.min_age = 0;
  rule.max_age = 89;
  CHECK(judge(std::nullopt) == "over-age lines[3].beneficiary 89");
  CHECK(judge(89) == "ok");
  CHECK(judge(90) == "over-age lines[3].beneficiary 89");
  rule.conditions = codes({"alone"});
  CHECK(judge(70) == "condition-not-met lines[3].facts alone");
  CHECK(judge(70, codes({"x", "incapable"})) == "ok");
  CHECK(judge(70, codes({"alone"})) == "ok");
  rule.channels.emplace({Channel::institution});
  CHECK(judge(70, codes({"alone"})) == "condition-not-met lines[3].channel institution");
  CHECK(judge(70, codes({"alone"}), Channel::institution) == "ok");
}

TEST_CASE("an approval is for persons only, and for the programmes that the policy names") {
  Policy policy;
  Programme programme;
  programme.id = *ProgrammeId::parse("x");
  CHECK(!needs_approval(policy, programme));
  policy.approval.emplace();
  CHECK(!needs_approval(policy, programme));  // no steps, nothing to approve by
  policy.approval->steps.resize(1);
  for (const auto& [instrument, expected] :
       {std::pair(Instrument::voucher, true), {Instrument::grant, false},
        {Instrument::allowance, true}, {Instrument::service_hours, true},
        {Instrument::bill_share, true}, {Instrument::bed_subsidy, false},
        {Instrument::award, false}, {Instrument::points, false}}) {
    programme.instrument = instrument;
    CHECK(needs_approval(policy, programme) == expected);
  }
  programme.instrument = Instrument::allowance;
  programme.entitlement.emplace();
  CHECK(needs_approval(policy, programme));
  programme.entitlement->payee = PayeeKind::claimant;
  CHECK(!needs_approval(policy, programme));
  programme.entitlement->payee = PayeeKind::paying_agent;
  policy.approval->programmes.emplace({*ProgrammeId::parse("y")});
  CHECK(!needs_approval(policy, programme));
  policy.approval->programmes->push_back(programme.id);
  CHECK(needs_approval(policy, programme));
}
