// Which version of a policy counts on which days, and what of it a programme needs.
#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/rows.h"

namespace fundtrail::rules {
namespace {

// Versions follow one another without gaps. Those further away from the named one do not count.
constexpr std::size_t kMaxVersions = 1000;
const Date kFirstDay = Date::from_days(INT32_MIN);
const Date kLastDay = *Date::from_ymd(2999, 12, 31);

bool pays_whole_months(const EntitlementTerms& terms) { return terms.proration == Proration::months; }

// Terms of a voucher programme that names none: month by month.
const EntitlementTerms& plain_terms() {
  static const EntitlementTerms terms;
  return terms;
}

const EntitlementTerms* terms_of(const Programme& programme) {
  if (programme.entitlement) return &*programme.entitlement;
  return programme.instrument == Instrument::voucher ? &plain_terms() : nullptr;
}

Date last_served(const Policy& policy) {
  Date last = policy.in_force_to.value_or(kLastDay);
  if (policy.transition) last = std::max(last, policy.transition->serves_until);
  return last;
}

// What is given once for what was found on a day has no months that could be cut.
bool is_of_a_day(const EntitlementTerms& terms) {
  return terms.cycle == Cycle::once && terms.assessment.has_value();
}

// A policy that ends is nobody's death: where days are paid, none after its last one is. Of a month that is
// paid whole or not at all, `stop` says which.
Date last_paid(const EntitlementTerms& terms, Date to) {
  return pays_whole_months(terms) && !is_of_a_day(terms) ? last_of(terms, to) : to;
}

bool asks_age(const Eligibility& rule) { return rule.min_age > 0 || rule.max_age.has_value(); }

// Eligibility of those who need an approval was judged when it was given.
bool asks_age(const Policy& policy, const EntitlementTerms& terms, bool needs_grant) {
  if (!needs_grant && asks_age(policy.eligibility)) return true;
  if (!needs_grant && terms.eligibility && asks_age(*terms.eligibility)) return true;
  return std::any_of(terms.tariff.begin(), terms.tariff.end(),
                     [](const TariffBand& band) { return band.age_from || band.age_to; });
}

// Beginnings of region codes that any version tells apart, the longest first, the empty one last:
// regions with the same longest beginning are shared alike by every version.
std::vector<std::string> prefixes_of(const std::vector<const EntitlementTerms*>& all) {
  std::vector<std::string> prefixes{""};
  for (const auto* terms : all) {
    for (const auto& rule : items(terms->cost_shares)) {
      for (const auto& first : items(rule.regions)) prefixes.push_back(first.str());
    }
  }
  std::sort(prefixes.begin(), prefixes.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  return prefixes;
}

// The levels that bear costs in a region under some version, those of the first one first.
std::vector<Code> levels_in(const std::vector<const EntitlementTerms*>& all,
                            const std::string& region) {
  std::vector<Code> levels;
  const auto add = [&](const Code& level) {
    if (std::find(levels.begin(), levels.end(), level) == levels.end()) levels.push_back(level);
  };
  for (const auto* terms : all) {
    const auto& rules = items(terms->cost_shares);
    const auto fits = [&](const ShareRule& rule) {
      const auto& regions = items(rule.regions);
      return regions.empty() || std::any_of(regions.begin(), regions.end(), [&](const Code& first) {
               return region.starts_with(first.str());
             });
    };
    const auto rule = std::find_if(rules.begin(), rules.end(), fits);
    if (rule == rules.end()) {
      add(*Code::parse("all"));
    } else {
      for (const auto& part : rule->parts) add(part.level);
    }
  }
  return levels;
}

bool is_computed(Instrument instrument) {
  return instrument != Instrument::grant && instrument != Instrument::points;
}

}  // namespace

StartRule start_rule(const EntitlementTerms& terms) {
  return pays_whole_months(terms) && terms.start == StartRule::same_day ? StartRule::same_month
                                                                         : terms.start;
}

Date begin_of(const EntitlementTerms& terms, Date from) {
  const StartRule rule = start_rule(terms);
  const bool waits = rule == StartRule::next_month || rule == StartRule::next_quarter;
  return effective_day(rule, waits ? from + -1 : from);
}

RateRule rate_rule(const EntitlementTerms& terms) {
  if (terms.rates) return *terms.rates;
  if (is_of_a_day(terms)) return RateRule::same_day;
  switch (terms.start) {
    case StartRule::same_day:
    case StartRule::next_day:
    case StartRule::same_month:
      return pays_whole_months(terms) ? RateRule::next_month : RateRule::same_day;
    case StartRule::next_month: return RateRule::next_month;
    case StartRule::next_quarter: return RateRule::next_quarter;
  }
  FT_CHECK(false);
}

Date rate_begin(const EntitlementTerms& terms, Date from) {
  switch (rate_rule(terms)) {
    case RateRule::same_day: return from;
    case RateRule::next_month: return effective_day(StartRule::next_month, from + -1);
    case RateRule::next_quarter: return effective_day(StartRule::next_quarter, from + -1);
  }
  FT_CHECK(false);
}

Date last_of(const EntitlementTerms& terms, Date to) {
  const Month month = Month::of(to);
  switch (terms.stop) {
    case StopRule::same_day: return pays_whole_months(terms) ? month.last_day() : to;
    case StopRule::same_month: return month.last_day();
    case StopRule::month_before:
      return to == month.last_day() ? to : month.first_day() + -1;
  }
  FT_CHECK(false);
}

PolicyVersions::PolicyVersions(const StateSource& state, const PolicyRef& named) {
  const auto add = [&](std::uint64_t number) {
    const PolicyRef ref{named.name, static_cast<std::uint32_t>(number)};
    const std::string* row = state.find(policy_key(ref));
    if (row) versions_.push_back(decode_policy(*row));
    return row != nullptr;
  };
  // The reference comes from outside: nothing is looked for around a version that does not exist.
  std::uint64_t number = named.version;
  while (number > 0 && named.version - number < kMaxVersions && add(number)) --number;
  if (versions_.empty()) return;
  std::reverse(versions_.begin(), versions_.end());
  named_ = versions_.size() - 1;
  for (number = std::uint64_t(named.version) + 1; versions_.size() < 2 * kMaxVersions && add(number);
       ++number) {
  }
}

const Policy* PolicyVersions::begun_by(Date day) const {
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
    if (version->in_force_from <= day) return &*version;
  }
  return nullptr;
}

const Policy* PolicyVersions::begun_by(Date day, const ProgrammeId& programme) const {
  for (auto version = versions_.rbegin(); version != versions_.rend(); ++version) {
    if (version->in_force_from <= day && version->programme(programme)) return &*version;
  }
  return nullptr;
}

const Policy* PolicyVersions::on(Date day) const {
  const Policy* version = begun_by(day);
  return version && day <= last_served(*version) ? version : nullptr;
}

EntitlementRules::EntitlementRules(const StateSource& state, const PolicyRef& policy,
                                   const ProgrammeId& programme)
    : state_(state), versions_(state, policy) {
  if (versions_.empty()) {
    problem_ = Rejection{Reason::unknown_policy, "policy", policy.str()};
    return;
  }
  programme_ = versions_.named().programme(programme);
  if (!programme_) {
    problem_ = Rejection{Reason::unknown_programme, "doc.programme", programme.str(), policy.str()};
    return;
  }
  terms_ = terms_of(*programme_);
  if (programme_->instrument == Instrument::points) {
    problem_ = Rejection{Reason::points_not_money, "doc.programme", programme.str()};
  } else if (!terms_ || !is_computed(programme_->instrument)) {
    problem_ = Rejection{Reason::instrument_mismatch, "doc.programme", programme.str()};
  }
  if (problem_) return;
  std::vector<const EntitlementTerms*> all{terms_};
  for (auto version = versions_.all().rbegin(); version != versions_.all().rend(); ++version) {
    const Programme* same = version->programme(programme);
    const EntitlementTerms* terms = same ? terms_of(*same) : nullptr;
    if (terms && terms != terms_) all.push_back(terms);
  }
  for (const auto& prefix : prefixes_of(all)) {
    LevelsOf of{{}, levels_in(all, prefix)};
    if (auto code = Code::parse(prefix)) of.regions.push_back(std::move(*code));
    levels_.push_back(std::move(of));
  }
  known_sources_ = ProgrammeRow::find(state, programme).sources;
  cutover_ = CutoverRow::find(state, programme);
  build_eras();
}

// A version counts from its first day by its own rule for rates until the next one does, or until its
// end; a later version has precedence over an earlier one whatever its dates. Where one version
// follows upon another without a gap, the first serves until the second counts, or has ended. A version
// without the programme ends it with the day before its first one, as the policy's own end would.
void EntitlementRules::build_eras() {
  const Date never = kLastDay + 1;
  Date later_counts = never, later_begins = never, later_ends = kLastDay, dropped = never;
  RealDays in_force{never, kLastDay};
  std::vector<RealDays> taking{in_force};  // of a version that nothing follows: as if one did that never begins
  for (auto version = versions_.all().rbegin(); version != versions_.all().rend(); ++version) {
    const Programme* programme = version->programme(programme_->id);
    const bool same = programme && programme->instrument == programme_->instrument;
    const EntitlementTerms* terms = same ? terms_of(*programme) : nullptr;
    if (!terms) {
      dropped = version->in_force_from;
      continue;
    }
    const bool ended = dropped < later_begins;
    if (ended && dropped <= version->in_force_from) continue;  // it was never in force
    Era era;
    era.from = rate_begin(*terms, version->in_force_from);
    const Date end = ended ? dropped + -1 : kLastDay;
    const Date last = std::min(last_served(*version), end);
    const Date new_until = std::min(version->in_force_to.value_or(kLastDay), end);
    const bool followed = !ended && later_begins <= last + 1;
    if (followed) {
      for (auto& later : eras_) {
        if (later.in_force.from == in_force.from) later.in_force.from = version->in_force_from;
      }
      taking.front().from = later_begins;
    } else {
      later_ends = last_paid(*terms, last);
      in_force.to = last;
      taking.clear();
    }
    in_force.from = version->in_force_from;
    era.in_force = in_force;
    era.takes_until = new_until;
    taking.insert(taking.begin(), {kFirstDay, followed ? std::min(new_until, later_begins + -1) : new_until});
    era.taking = taking;
    later_begins = version->in_force_from;
    dropped = never;
    if (later_counts <= era.from) continue;
    era.to = std::min(later_counts + -1, later_ends);
    later_counts = era.from;
    era.policy = &*version;
    era.terms = terms;
    era.needs_grant = needs_approval(*version, *programme);
    era.needs_age = asks_age(*version, *terms, era.needs_grant);
    for (const auto& band : terms->tariff) {
      if (band.from) era.rate_changes.push_back(rate_begin(*terms, *band.from));
      if (band.to) era.rate_changes.push_back(rate_begin(*terms, *band.to + 1));
      era.by_region = era.by_region || band.regions.has_value();
    }
    std::sort(era.rate_changes.begin(), era.rate_changes.end());
    needs_ages_ = needs_ages_ || era.needs_age;
    if (era.from <= era.to) eras_.push_back(std::move(era));
  }
  std::reverse(eras_.begin(), eras_.end());
}

const EntitlementTerms& EntitlementRules::terms_in(Month period) const {
  const Date day = period.first_day();
  const EntitlementTerms* found = eras_.empty() ? terms_ : eras_.front().terms;
  for (const auto& era : eras_) {
    if (era.from <= day) found = era.terms;
  }
  return *found;
}

const std::vector<Code>& EntitlementRules::levels(const RegionCode& region) const {
  const auto fits = [&](const LevelsOf& of) {
    return of.regions.empty() ||
           std::any_of(of.regions.begin(), of.regions.end(),
                       [&](const Code& first) { return region.str().starts_with(first.str()); });
  };
  return std::find_if(levels_.begin(), levels_.end(), fits)->levels;
}

// Rows may name a fund that was added to the programme's row since.
const std::vector<ProgrammeRow::Source>& EntitlementRules::known_sources(
    std::size_t at_least) const {
  if (known_sources_.size() < at_least) {
    known_sources_ = ProgrammeRow::find(state_, programme_->id).sources;
  }
  return known_sources_;
}

Money EntitlementRules::borne_by(const Assessment& found, std::size_t level,
                                 const FundId& fund) const {
  Money sum;
  for (const auto& borne : found.borne) {
    const auto& source = known_sources_[borne.source];
    if (borne.level == level && source.is(source.level, fund)) sum += borne.amount;
  }
  return sum;
}

std::optional<Date> EntitlementRules::paid_through(Pseudonym person) const {
  if (cutover_.of_persons) {
    person_cutover_key(key_, person, programme_->id);
    if (const std::string* row = state_.find(key_)) return decode_cutover(*row);
  }
  return cutover_.paid_through;
}

Month EntitlementRules::last_month(Month period) const {
  return period.plus(months_in(terms_in(period).cycle) - 1);
}

}  // namespace fundtrail::rules
