#include "ledger/rules/entitlement_stretches.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"

namespace fundtrail::rules {
namespace {

// The day up to which a birthday counts on `day`: somebody has the age of that day.
Date age_day(StartRule rule, Date day) {
  const Month month = Month::of(day);
  switch (rule) {
    case StartRule::same_day: return day;
    case StartRule::next_day: return day + -1;
    case StartRule::same_month: return month.last_day();
    case StartRule::next_month: return month.first_day() + -1;
    case StartRule::next_quarter: return cycle_start(Cycle::quarter, month).first_day() + -1;
  }
  FT_CHECK(false);
}

// The day on which somebody turns `age`: of a 29 February, 1 March in other years.
Date birthday(Date birth, int age) {
  const int year = birth.year() + age;
  if (auto date = Date::from_ymd(year, birth.month(), birth.day())) return *date;
  return Month::from_ordinal(year * 12 + int(birth.month()) - 1).last_day() + 1;
}

Date last_day_of(const EntitlementTerms& terms, Date event, bool died, bool death_day_payable) {
  const bool whole_months = terms.proration == Proration::months;
  switch (terms.stop) {
    case StopRule::same_day:
      if (whole_months) return Month::of(event).last_day();
      return died && !death_day_payable ? event + -1 : event;
    case StopRule::same_month: return Month::of(event).last_day();
    case StopRule::month_before: return Month::of(event).first_day() + -1;
  }
  FT_CHECK(false);
}

// Of a grant nothing but the provider matters to what is paid, and to whom.
bool same_grant(const Grant* a, const Grant* b) {
  return a == b || (a && b && a->provider == b->provider);
}

// A birthday or another approval that changes nothing does not cut: amounts are rounded once a stretch.
void append(std::vector<EntitlementRules::Stretch>& stretches,
            const EntitlementRules::Stretch& next) {
  if (!stretches.empty()) {
    auto& last = stretches.back();
    if (last.to + 1 == next.from && last.era == next.era && last.band == next.band &&
        same_grant(last.grant, next.grant)) {
      last.to = next.to;
      return;
    }
  }
  stretches.push_back(next);
}

}  // namespace

bool under_contract(const std::vector<ProviderRow::Period>& contracts, Proration proration, Date day,
                    Date& until) {
  if (contracts.empty()) return true;
  const bool months = proration == Proration::months;
  std::optional<Date> last;
  Date next = until + 1;
  // Contracts that follow one another without a gap are one: they are gone through until none is
  // left that goes on where the last one ends.
  for (bool found = true; found;) {
    found = false;
    for (const auto& contract : contracts) {
      const Date from = months ? Month::of(contract.from).first_day() : contract.from;
      const Date to = months ? Month::of(contract.to).last_day() : contract.to;
      if (from <= (last ? *last + 1 : day) && day <= to && (!last || *last < to)) {
        last = to;
        found = true;
      } else if (day < from) {
        next = std::min(next, from);
      }
    }
  }
  until = std::min(until, last ? *last : next + -1);
  return last.has_value();
}

void StretchFinder::because(Reason reason, const char* field, std::string subject,
                            std::string detail) {
  if (!why_) why_ = Rejection{reason, field, std::move(subject), std::move(detail), {}};
}

const EntitlementRules::Era* StretchFinder::era_on(Date day) const {
  for (const auto& era : eras_) {
    if (day <= era.to) return era.from <= day ? &era : nullptr;
  }
  return nullptr;
}

const EntitlementRules::Era& StretchFinder::nearest(Date day) const {
  const Era* found = era_on(day);
  if (found) return *found;
  return day < eras_.front().from ? eras_.front() : eras_.back();
}

void StretchFinder::find_gaps() {
  gaps_.clear();
  for (const auto& absence : person_.absences) {
    const Era& left = nearest(absence.ended_on);
    const Date last = last_day_of(*left.terms, absence.ended_on, false, true);
    const Date back = begin_of(*nearest(absence.returned).terms, absence.returned);
    if (last + 1 < back) gaps_.push_back({last + 1, back + -1, absence.ended_on});
  }
}

// What is given once was given to whoever was entitled while somebody else paid.
bool StretchFinder::given_before() const {
  const Date through = *person_.paid_through;
  if (nearest(through).terms->cycle != Cycle::once) return false;
  if (person_.grants.empty()) return first_ <= through;
  return std::any_of(person_.grants.begin(), person_.grants.end(),
                     [&](const Grant& grant) { return grant.from <= through; });
}

// Beginning and end are judged by the version of their own day, or the nearest one.
void StretchFinder::find_limits(Date from, Date to) {
  first_ = begin_of(*nearest(person_.entitled_from).terms, person_.entitled_from);
  last_ = to;
  if (person_.ended_on) {
    const Era& era = nearest(*person_.ended_on);
    const Date last =
        last_day_of(*era.terms, *person_.ended_on, person_.died, era.policy->death_day_payable);
    last_ = *person_.ended_on < to ? last : std::min(to, last);
  }
  find_gaps();
  if (from < first_) {
    because(Reason::not_yet_entitled, "beneficiary", person_.id.str(),
            person_.entitled_from.str());
  }
  if (last_ < to) {
    because(Reason::entitlement_ended, "beneficiary", person_.id.str(), person_.ended_on->str());
  }
}

const Grant* StretchFinder::grant_on(const Era& era, Date day, Date& until) const {
  const Grant* found = nullptr;
  for (const auto& grant : person_.grants) {
    const Date from = begin_of(*era.terms, grant.from);
    if (from <= day) {
      found = &grant;
    } else {
      until = std::min(until, from + -1);
    }
  }
  if (!found || !found->to) return found;
  const auto follows = [&](const Grant& other) { return other.from == *found->to + 1; };
  if (std::any_of(person_.grants.begin(), person_.grants.end(), follows)) return found;
  const Date last = last_of(*era.terms, *found->to);
  if (last < day) return nullptr;
  until = std::min(until, last);
  return found;
}

StretchFinder::Facts StretchFinder::facts_on(const Era& era, const Grant* grant, Date day,
                                             Date& until) const {
  if (grant) return facts_of(era, *grant, day, until);
  const PersonFacts* found = &person_.facts.front();
  for (std::size_t i = 1; i < person_.facts.size(); ++i) {
    const Date from = begin_of(*era.terms, person_.facts[i].from);
    if (from <= day) {
      found = &person_.facts[i];
    } else {
      until = std::min(until, from + -1);
    }
  }
  return {found->channel, &found->category, &found->care_level, &found->facts};
}

// What the application showed, and whatever of it was recorded anew since.
StretchFinder::Facts StretchFinder::facts_of(const Era& era, const Grant& grant, Date day,
                                             Date& until) const {
  Facts facts{grant.channel, &grant.category, &grant.care_level, &grant.facts};
  for (std::size_t i = 1; i < person_.facts.size(); ++i) {
    const PersonFacts& change = person_.facts[i];
    if (change.from <= grant.applied_on) continue;
    const Date from = begin_of(*era.terms, change.from);
    if (day < from) {
      until = std::min(until, from + -1);
      continue;
    }
    if (change.said.channel) facts.channel = change.channel;
    if (change.said.category) facts.category = &change.category;
    if (change.said.care_level) facts.care_level = &change.care_level;
    if (change.said.facts) facts.facts = &change.facts;
    facts.amended.channel |= change.said.channel;
    facts.amended.category |= change.said.category;
    facts.amended.care_level |= change.said.care_level;
    facts.amended.facts |= change.said.facts;
  }
  return facts;
}

const RegionCode& StretchFinder::region_on(const Era& era, Date day, Date& until) const {
  const PersonFacts* found = &person_.facts.front();
  for (const auto& change : person_.facts) {
    const Date from = begin_of(*era.terms, change.from);
    if (from <= day) {
      found = &change;
    } else {
      until = std::min(until, from + -1);
    }
  }
  return found->region;
}

std::optional<int> StretchFinder::age_on(const Era& era, Date day, Date& until) {
  if (!era.needs_age) return std::nullopt;
  if (!person_.birth) {
    age_unknown_ = true;  // whatever else there is to say
    why_ = Rejection{Reason::missing_field, "beneficiary", "birth", {}, {}};
    return std::nullopt;
  }
  const StartRule rule = start_rule(*era.terms);
  const int age = fundtrail::age_on(*person_.birth, age_day(rule, day));
  until = std::min(until, effective_day(rule, birthday(*person_.birth, age + 1)) + -1);
  return age;
}

// What an approval found stands until the approval ends, but for what was amended since.
bool StretchFinder::eligible(const Era& era, const Facts& facts, std::optional<int> age,
                             bool granted) {
  auto no = refusal_of(era, facts, age, granted);
  if (no && !why_) why_ = std::move(no);
  return !no;
}

std::optional<Rejection> StretchFinder::refusal_of(const Era& era, const Facts& facts, std::optional<int> age,
                                                   bool granted) const {
  const auto& amended = facts.amended;
  if (granted && !amended.any()) return std::nullopt;
  for (const Eligibility* rule :
       {&era.policy->eligibility,
        era.terms->eligibility ? &*era.terms->eligibility : nullptr}) {
    if (!rule) continue;
    Eligibility part;
    if (granted) {
      if (amended.category) part.categories = rule->categories;
      if (amended.care_level) part.care_levels = rule->care_levels;
      if (amended.channel) part.channels = rule->channels;
      if (amended.facts) part.conditions = rule->conditions;
    }
    auto no = ineligible(*era.policy, granted ? part : *rule, facts.channel, *facts.category, *facts.care_level,
                         *facts.facts, age, "");
    if (!no) continue;
    no->field = "beneficiary";
    return no;
  }
  return std::nullopt;
}

// Whom a grant names can be paid while under contract.
bool StretchFinder::served(const Era& era, const Grant& grant, Date day, Date& until) {
  if (era.terms->payee != PayeeKind::assigned_provider || grant.provider.empty()) return true;
  if (provider_ != grant.provider) {
    provider_ = grant.provider;
    const std::string* row = state_.find(provider_key(provider_));
    contracts_ = row ? contracts_of(*row) : std::vector<ProviderRow::Period>();
  }
  if (under_contract(contracts_, era.terms->proration, day, until)) return true;
  because(Reason::contract_not_valid, "beneficiary", provider_.str(), day.str());
  return false;
}

// The last day of a grant of another programme, by its own rule: that of the version of the day, or of the
// grant's where that one is another policy's or has the programme no more.
Date StretchFinder::last_of_other(const Era& era, const Grant& other) const {
  const bool same = other.policy.name == era.policy->name;
  const Programme* programme = same ? era.policy->programme(other.programme) : nullptr;
  std::optional<Policy> granted;
  if (!programme) {
    const std::string* row = state_.find(policy_key(other.policy));
    if (row) granted = decode_policy(*row);
    if (granted) programme = granted->programme(other.programme);
  }
  const bool months = !programme || !programme->entitlement;  // vouchers
  return months ? Month::of(*other.to).last_day() : last_of(*programme->entitlement, *other.to);
}

// No day belongs to two grants of an exclusive group: it is the earlier one's, by the rule for its
// last day; and so is a month that the later one could only be paid as a whole.
bool StretchFinder::alone(const Era& era, const Grant& grant, Date day, Date& until) {
  const auto& group = era.terms->exclusive_group;
  if (!group) return true;
  if (!all_grants_) all_grants_ = grants_of(state_, person_.id);
  for (const auto& other : *all_grants_) {
    if (other.programme == grant.programme || other.exclusive_group != group ||
        grant.from <= other.from || (other.to && *other.to < other.from)) {
      continue;
    }
    if (other.to) {
      Date last = last_of_other(era, other);
      if (era.terms->proration == Proration::months) last = Month::of(last).last_day();
      if (last < day) continue;
      until = std::min(until, last);
    }
    because(Reason::exclusive_scheme, "beneficiary", person_.id.str(), other.programme.str());
    return false;
  }
  return true;
}

StretchFinder::Day StretchFinder::look(const Era& era, Date day, Date to) {
  Day result;
  result.until = std::min(to, era.to);
  if (era.needs_grant) {
    result.grant = grant_on(era, day, result.until);
    if (!result.grant) {
      because(Reason::not_granted, "beneficiary", person_.id.str(), day.str());
      return result;
    }
    if (!served(era, *result.grant, day, result.until)) return result;
    if (!alone(era, *result.grant, day, result.until)) return result;
  } else if (era.serves_new_until < day && !era.takes(person_.entitled_from)) {
    because(Reason::policy_closed, "beneficiary", era.policy->ref().str(),
            era.serves_new_until.str());
    return result;
  }
  Facts facts = facts_on(era, result.grant, day, result.until);
  if (era.by_region) facts.region = &region_on(era, day, result.until);
  const auto age = age_on(era, day, result.until);
  if (!eligible(era, facts, age, result.grant != nullptr)) return result;
  for (const Date change : era.rate_changes) {
    if (day < change) result.until = std::min(result.until, change + -1);
  }
  if (programme_.instrument != Instrument::voucher) {
    result.band = approved_band(era, facts, result.grant, age, day);
    if (!result.band) return result;
  }
  result.entitled = true;
  return result;
}

void StretchFinder::find(Date from, Date to, std::vector<Stretch>& stretches) {
  if (eras_.empty()) {
    return because(Reason::policy_not_in_force, "period", programme_.id.str(), from.str());
  }
  find_limits(from, to);
  const Date end = last_;
  Date begin = std::max(from, first_);
  if (person_.paid_through && (begin <= *person_.paid_through || given_before())) {
    because(Reason::paid_before, "beneficiary", person_.id.str(), person_.paid_through->str());
    begin = given_before() ? end + 1 : *person_.paid_through + 1;
  }
  for (Date day = begin; day <= end;) {
    Date until = end;
    bool away = false;
    for (const auto& gap : gaps_) {
      if (gap.from <= day && day <= gap.to) {
        because(Reason::entitlement_ended, "beneficiary", person_.id.str(), gap.ended_on.str());
        day = gap.to + 1;
        away = true;
      } else if (day < gap.from) {
        until = std::min(until, gap.from + -1);
      }
    }
    if (away) continue;
    const Era* era = era_on(day);
    if (!era) {
      because(Reason::policy_not_in_force, "period", nearest(day).policy->ref().str(), day.str());
      Date next = end + 1;
      for (const auto& later : eras_) {
        if (day < later.from) next = std::min(next, later.from);
      }
      day = next;
      continue;
    }
    const Day found = look(*era, day, until);
    if (found.entitled) append(stretches, {day, found.until, era, found.band, found.grant});
    day = found.until + 1;
  }
}

}  // namespace fundtrail::rules
