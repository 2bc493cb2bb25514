// R-FND-03 counterpart funding missing, R-FND-14 allotted without an assessment, R-FND-16 awards
// beyond the plan: what an authority planned itself and did not keep to.
#include <algorithm>
#include <map>
#include <set>

#include "audit/indicators/rules.h"
#include "audit/legal_figures.h"

namespace fundtrail::audit {
namespace {

using Kind = FundMoneyFact::Kind;

const Policy* policy_of(const Facts& facts, const PolicyRef& ref) {
  for (const auto& policy : facts.policies) {
    if (policy.ref() == ref) return &policy;
  }
  return nullptr;
}

// What is known of one fund.
struct Fund {
  std::vector<const Policy*> policies;  // that its documents name
  Money received;                       // but for interest
  Money matched;
  std::set<std::string> promised;  // regions
  std::vector<Evidence> receipts, matches;
  std::map<std::string, std::vector<Evidence>> allotments;  // by region, of money from above
};

std::map<std::string, Fund> funds_of(const Facts& facts) {
  std::map<std::string, Fund> funds;
  for (const auto& money : facts.fund_money) {
    Fund& fund = funds[money.fund];
    if (money.policy) {
      if (const Policy* policy = policy_of(facts, *money.policy)) fund.policies.push_back(policy);
    }
    const Money amount = money.amount.value_or(Money());
    if (!amount.is_positive()) continue;
    const auto add = [&](std::vector<Evidence>& list) {
      list.insert(list.end(), money.at.begin(), money.at.end());
    };
    if (money.kind == Kind::receipt && !money.interest) {
      fund.received += amount;
      add(fund.receipts);
    } else if (money.kind == Kind::counterpart) {
      fund.matched += amount;
      fund.promised.insert(money.region);
      add(fund.matches);
    } else if (money.kind == Kind::pledge) {
      fund.promised.insert(money.region);
    } else if (money.kind == Kind::allotment && !money.from_counterpart) {
      add(fund.allotments[money.region]);
    }
  }
  return funds;
}

// The terms that ask for most, of the policies that the documents of a fund name.
std::optional<CounterpartTerms> terms_of(const Fund& fund) {
  std::optional<CounterpartTerms> found;
  for (const Policy* policy : fund.policies) {
    if (!policy->counterpart.required) continue;
    if (!found || found->ratio_percent < policy->counterpart.ratio_percent)
      found = policy->counterpart;
  }
  return found;
}

void too_little(const std::string& name, const Fund& fund, const CounterpartTerms& terms,
                std::vector<Indicator>& found) {
  const Money missing = counterpart_short(terms, fund.received, fund.matched);
  if (!missing.is_positive()) return;
  const std::string ratio = std::to_string(*terms.ratio_percent) + "%";
  Indicator indicator{
      RuleId::fnd_03,
      "资金" + name + "到账" + fund.received.grouped() + "元，方案要求配套不少于其" + ratio +
          "，实际到账配套" + fund.matched.grouped() + "元，尚差" + missing.grouped() + "元。",
      "The fund " + name + " received " + fund.received.grouped() +
          " yuan; the plan asks for counterpart money of at least " + ratio + " of it; " +
          fund.matched.grouped() + " yuan came, " + missing.grouped() + " are missing.",
      name,
      missing,
      fund.receipts};
  indicator.evidence.insert(indicator.evidence.end(), fund.matches.begin(), fund.matches.end());
  found.push_back(std::move(indicator));
}

// Without a ratio only nothing at all is too little: neither promised nor received.
void nothing_at_all(const std::string& name, const Fund& fund, std::vector<Indicator>& found) {
  for (const auto& [region, entries] : fund.allotments) {
    if (fund.promised.contains(region)) continue;
    found.push_back(
        {RuleId::fnd_03,
         "区划" + region + "使用资金" + name + "，方案要求相应配套，既无承诺也无到账。",
         "Region " + region + " spends of the fund " + name +
             "; the plan asks for counterpart money, and none was promised or received.",
         region, std::nullopt, entries});
  }
}

}  // namespace

// By the end of the fund's fiscal year.
void counterpart_missing(const Facts& facts, const IndicatorOptions&,
                         std::vector<Indicator>& found) {
  for (const auto& [name, fund] : funds_of(facts)) {
    const auto year = facts.fiscal_years.find(name);
    if (year == facts.fiscal_years.end() || !facts.until) continue;
    const auto end = Date::from_ymd(static_cast<int>(year->second), 12, 31);
    if (!end || *facts.until < *end) continue;
    const auto terms = terms_of(fund);
    if (!terms) continue;
    if (terms->ratio_percent) {
      too_little(name, fund, *terms, found);
    } else {
      nothing_at_all(name, fund, found);
    }
  }
}

void allotted_unassessed(const Facts& facts, const IndicatorOptions&,
                         std::vector<Indicator>& found) {
  for (const auto& money : facts.fund_money) {
    if (money.kind != Kind::allotment || money.from_counterpart || money.assessed ||
        !money.policy) {
      continue;
    }
    const Policy* policy = policy_of(facts, *money.policy);
    if (!policy || !policy->performance ||
        !policy->performance->allotment_by_assessment.value_or(false) ||
        !money.amount.value_or(Money()).is_positive()) {
      continue;
    }
    found.push_back({RuleId::fnd_14,
                     "向区划" + money.region + "下达" + money.amount->grouped() + "元（记录" +
                         money.doc + "），未注明所依据的考核结果。",
                     "The allotment of " + money.amount->grouped() + " yuan to region " +
                         money.region + " (entry " + money.doc +
                         ") names no assessment that it rests on.",
                     money.region, money.amount, money.at});
  }
}

namespace {

// The awards of one programme that stand: what was lowered or recovered to nothing does not.
class StandingAwards {
 public:
  void add(const AwardFact& fact) {
    Award& award = awards_[fact.provider];
    const bool stood = award.sum.is_positive();
    award.sum += fact.amount;
    if (stood || !award.sum.is_positive()) return;
    award.since = ++last_;
    award.at = fact.at;
  }

  // Those that came after `planned` others.
  void beyond(const std::string& programme, std::uint64_t planned,
              std::vector<Indicator>& found) const {
    std::map<std::size_t, const std::string*> standing;
    for (const auto& [provider, award] : awards_) {
      if (award.sum.is_positive()) standing[award.since] = &provider;
    }
    std::uint64_t place = 0;
    for (const auto& [since, provider] : standing) {
      if (++place > planned) report(programme, planned, *provider, place, found);
    }
  }

 private:
  struct Award {
    Money sum;
    std::size_t since = 0;
    Evidence at;
  };

  void report(const std::string& programme, std::uint64_t planned, const std::string& provider,
              std::uint64_t number, std::vector<Indicator>& found) const {
    const Award& award = awards_.at(provider);
    const std::string place = std::to_string(number), plan = std::to_string(planned);
    found.push_back({RuleId::fnd_16,
                     "项目" + programme + "计划奖补" + plan + "个，" + provider + "为第" + place +
                         "个。",
                     "The programme " + programme + " planned " + plan + " awards; that of " +
                         provider + " is number " + place + ".",
                     provider,
                     award.sum,
                     {award.at}});
  }

  std::map<std::string, Award> awards_;  // by provider
  std::size_t last_ = 0;
};

}  // namespace

void awards_beyond_the_plan(const Facts& facts, const IndicatorOptions&,
                            std::vector<Indicator>& found) {
  std::map<std::string, std::uint64_t> planned;  // by programme, of the newest version
  for (const auto& policy : facts.policies) {
    for (const auto& programme : policy.programmes) {
      if (programme.instrument != Instrument::award || !programme.entitlement) continue;
      planned.erase(programme.id.str());
      if (const auto count = programme.entitlement->planned_count)
        planned[programme.id.str()] = *count;
    }
  }
  std::map<std::string, StandingAwards> given;
  for (const auto& award : facts.awards) {
    if (planned.contains(award.programme)) given[award.programme].add(award);
  }
  for (const auto& [programme, awards] : given) {
    awards.beyond(programme, planned.at(programme), found);
  }
}

}  // namespace fundtrail::audit
