// What is settled already is told at once, and is never more than a look at each period says.
#include <catch2/catch.hpp>
#include <random>

#include "ledger/core/work_calendar.h"
#include "ledger/rules/calculation.h"
#include "tests/rules/scheme_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

const ProgrammeId kProgramme = *ProgrammeId::parse("old_age");

// Everybody through whom a person is or was paid for a period, as a run asks for them.
std::vector<ProviderId> payees(const Scheme& scene, const EntitlementRules& rules,
                               const Elder& elder, std::optional<Date> birth, Month period,
                               const std::optional<ProviderId>& agent) {
  auto list = rules.payees_of(elder.id, birth, period, true);
  const auto add = [&](const ProviderId& payee) {
    if (std::find(list.begin(), list.end(), payee) == list.end()) list.push_back(payee);
  };
  for (const auto& c :
       calculated_in(scene.state, subject_of(elder.id), kProgramme, period.first_day().year())) {
    if (c.period == period) add(c.payee);
  }
  if (agent && rules.terms_in(period).payee == PayeeKind::paying_agent) add(*agent);
  return list;
}

// The slow way: each period by itself.
EntitlementRules::Settled naive(const Scheme& scene, const EntitlementRules& rules,
                                const Elder& elder, std::optional<Date> birth, Month since,
                                Month until, const std::optional<ProviderId>& agent) {
  EntitlementRules::Settled result{since, {}};
  while (result.until < until) {
    Money calculated;
    for (const auto& payee : payees(scene, rules, elder, birth, result.until, agent)) {
      const auto found = rules.of_person(elder.id, birth, result.until, payee, true);
      if (found.unknown || !found.settled()) return result;
      calculated += found.calculated();
    }
    result.calculated = calculated;
    result.until = result.until.plus(months_in(rules.terms_in(result.until).cycle));
  }
  return result;
}

// What a run would record for a period.
void calculate(Scheme& scene, const EntitlementRules& rules, const Elder& elder,
               std::optional<Date> birth, Month period, bool final_basis, const ProviderId& agent) {
  auto list = rules.payees_of(elder.id, birth, period, final_basis);
  if (rules.terms_in(period).payee == PayeeKind::paying_agent) list = {agent};
  for (const auto& payee : list) {
    const auto found = rules.of_person(elder.id, birth, period, payee, final_basis);
    if (found.unknown || found.settled()) continue;
    Overlay overlay(scene.state);
    std::vector<ShareFund> funds;
    for (const auto& level : rules.levels(found.region)) {
      funds.push_back({*FundId::parse("fund-" + level.str()), level});
    }
    CalculationWriter writer(overlay, rules, funds);
    writer.add(subject_of(elder.id), period, payee, final_basis, found.share_differences());
    writer.finish();
    scene.state.take(overlay);
  }
}

}  // namespace

TEST_CASE("a property: what is settled in one pass is what each period by itself says") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto pick = [&](int low, int high) {
    return low + int(random() % unsigned(high - low + 1));
  };
  const auto one = [&](std::vector<std::string> list) {
    return list[std::size_t(pick(0, int(list.size()) - 1))];
  };
  int all = 0, cut_short = 0, in_vain = 0;
  for (int n = 0; n < 300; ++n) {
    const bool hours = pick(0, 1) == 1, group = pick(0, 3) == 0,
               by_provider = hours && pick(0, 1) == 1;
    Json policy = scheme("yueqing-2015");
    policy.erase("in_force_to");
    policy["in_force_from"] = "2014-01-01";
    policy["eligibility"] = Json{{"categories", Json::array({"dibao", "other"})}, {"min_age", 0}};
    policy["programmes"].erase(1);
    policy["programmes"][0]["instrument"] = hours ? "service_hours" : "allowance";
    auto& terms = policy["programmes"][0]["entitlement"];
    terms["cycle"] = one({"month", "quarter"});
    terms["start"] = one({"same_day", "same_month", "next_month", "next_quarter"});
    terms["stop"] = one({"same_day", "same_month", "month_before"});
    terms["proration"] = one({"months", "days"});
    terms["payee"] = by_provider ? "serving_provider" : "paying_agent";
    terms["basis"] = by_provider ? "delivered"
                     : hours     ? one({"approved", "approved_then_delivered"})
                                 : "approved";
    if (!group) terms.erase("exclusive_group");
    if (pick(0, 1) == 1) {
      terms["cost_shares"] =
          Json::array({Json{{"parts", Json::array({Json{{"level", "a"}, {"weight", 6}},
                                                   Json{{"level", "b"}, {"weight", 4}}})}}});
    }
    const auto tariff = [&] {
      Json old{{"id", "old"},
               {"title", "o"},
               {"amount", Money::of_fen(pick(1, 99999)).str()},
               {"age_from", 80}};
      Json young{{"id", "young"}, {"title", "y"}, {"amount", Money::of_fen(pick(1, 99999)).str()}};
      if (pick(0, 2) == 0) young["categories"] = Json::array({"dibao"});
      if (hours) old["per_day"] = young["per_day"] = "1.50";
      return Json::array({old, young});
    };
    terms["tariff"] = tariff();
    Scheme scene(policy);
    Elder elder;
    elder.entitled_from =
        Date::from_ymd(pick(2013, 2014), unsigned(pick(1, 12)), unsigned(pick(1, 28)))->str();
    elder.birth =
        Date::from_ymd(pick(1933, 1936), unsigned(pick(1, 12)), unsigned(pick(1, 28)))->str();
    scene.add(elder, "old_age");
    if (pick(0, 3) == 0) {
      scene.paid_before("old_age", month("2014-01").plus(pick(0, 8)).last_day().str());
    }
    const auto birth = day(elder.birth);
    int version = 1;
    for (int q = 0; q < 10; ++q) {
      const Month current = month("2014-01").plus(3 * q);
      const Date today = current.first_day() + pick(0, 80);
      Overlay overlay(scene.state);
      switch (pick(0, 9)) {
        case 0: {  // later facts, perhaps of long ago
          BeneficiaryAmendment d;
          d.beneficiary = elder.id;
          d.category = code(one({"dibao", "other"}));
          record_facts(overlay, today + -pick(0, 300), d);
          break;
        }
        case 1: {
          if (pick(0, 1) == 0) break;
          EntitlementEnd end;
          end.beneficiary = elder.id;
          end.ended_on = std::max(day(elder.entitled_from), today + -pick(0, 200));
          BeneficiaryView::end(overlay.edit(beneficiary_key(elder.id)), end);
          if (pick(0, 1) == 0) break;
          // ... who came back.
          add_absence(overlay, elder.id, {end.ended_on, end.ended_on + pick(1, 150)});
          BeneficiaryView::reinstate(overlay.edit(beneficiary_key(elder.id)), true);
          break;
        }
        case 2: {  // another version, perhaps from before
          policy["version"] = ++version;
          const Date before = day(policy["in_force_from"]);
          policy["in_force_from"] = std::max(before, today + -pick(0, 200)).str();
          policy["programmes"][0]["entitlement"]["tariff"] = tariff();
          scene.add(policy);
          break;
        }
        case 3:
          if (group)
            mark_group(overlay, subject_of(elder.id), code("allowance"),
                       *ProgrammeId::parse("other"), current, 3, true);
          break;
        default:
          break;
      }
      scene.state.take(overlay);
      for (int k = hours ? pick(0, 3) : 0; k > 0; --k) {
        scene.deliver(elder.id, "old_age", one({"p1", "p2"}), (today + -pick(0, 120)).str(),
                      one({"1.00", "2.00"}));
      }
      const EntitlementRules rules(scene.state, scene.ref(), kProgramme);
      REQUIRE_FALSE(rules.problem());
      const Month since = cycle_start(rules.terms_in(month("2014-01")).cycle, month("2014-01"));
      const std::optional<ProviderId> agent = *ProviderId::parse(pick(0, 9) == 0 ? "p2" : "p1");
      const auto slow = naive(scene, rules, elder, birth, since, current, agent);
      const auto fast = rules.settled(elder.id, birth, since, current, agent);
      INFO("case " << n << " quarter " << q << " " << policy.dump());
      REQUIRE(fast.until <= slow.until);
      // Another scheme of the group is left to the look at each period.
      if (!group) REQUIRE(fast.until == slow.until);
      if (fast.until == slow.until) REQUIRE(fast.calculated == slow.calculated);
      ++(fast.until == current ? all : cut_short);
      in_vain += fast.until == since && q > 0;
      if (pick(0, 4) == 0) continue;  // nobody runs this quarter
      for (Month period = since; period < current;
           period = period.plus(months_in(rules.terms_in(period).cycle))) {
        calculate(scene, rules, elder, birth, period, true, *agent);
      }
      calculate(scene, rules, elder, birth, current, false, *agent);
    }
  }
  // The property was asked about both: histories that are settled, and those that are not.
  CHECK(all > 300);
  CHECK(cut_short > 300);
  CHECK(in_vain < cut_short);
}
