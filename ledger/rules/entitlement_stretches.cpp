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
                    EntitlementRules::RealDays& real, Date& until) {
  if (contracts.empty()) return true;
  const bool months = proration == Proration::months;
  std::optional<EntitlementRules::RealDays> under;
  const auto join = [&](const ProviderRow::Period& contract) {
    const auto before = under;
    under = under ? EntitlementRules::RealDays{std::min(under->from, contract.from), std::max(under->to, contract.to)}
                  : EntitlementRules::RealDays{contract.from, contract.to};
    return !before || before->from != under->from || before->to != under->to;
  };
  for (const auto& contract : contracts) {
    const Date from = months ? Month::of(contract.from).first_day() : contract.from;
    const Date to = months ? Month::of(contract.to).last_day() : contract.to;
    if (day < from) {
      until = std::min(until, from + -1);
    } else if (day <= to) {
      until = std::min(until, to);
      join(contract);
    }
  }
  if (!under) return false;
  // Contracts that follow one another without a gap are one.
  for (bool more = true; more;) {
    more = false;
    for (const auto& contract : contracts) {
      const bool next = contract.from <= under->to + 1 && under->from <= contract.to + 1;
      more = (next && join(contract)) || more;
    }
  }
  return real.narrow(*under);
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
    const EntitlementTerms& terms = *nearest(absence.returned).terms;
    Date back = begin_of(terms, absence.returned);
    // `start` gives nobody the days of the absence, but for those of a month that is paid whole.
    if (terms.proration == Proration::days) back = std::max(back, absence.returned);
    gaps_.push_back({last + 1, back + -1, absence});
  }
}

// The real days of the entitlement that the day belongs to: before an absence, or after it.
StretchFinder::RealDays StretchFinder::entitled_on(Date day, Date& until) const {
  RealDays days{person_.entitled_from, person_.ended_on.value_or(eras_.back().in_force.to)};
  for (const auto& gap : gaps_) {
    const bool ends = day < gap.from, begins = gap.to < day;
    if (ends && !begins) days.to = std::min(days.to, gap.absence.ended_on);
    if (begins && !ends) days.from = std::max(days.from, gap.absence.returned);
    for (const Date edge : {gap.from, gap.to + 1}) {
      if (day < edge) until = std::min(until, edge + -1);
    }
  }
  return days;
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

const Grant* StretchFinder::grant_on(const Era& era, Date day, Day& found) const {
  const Grant* grant = nullptr;
  for (const auto& other : person_.grants) {
    // An approval may count from the first of its month: what was applied for after the end began after it.
    if (other.applied_on <= found.real.to && counts(era, other.from, day, found)) grant = &other;
  }
  if (!grant) return nullptr;
  RealDays days{grant->from, found.real.to};
  const auto follows = [&](const Grant& other) { return other.from == *grant->to + 1; };
  if (grant->to && std::none_of(person_.grants.begin(), person_.grants.end(), follows)) {
    const Date last = last_of(*era.terms, *grant->to);
    if (last < day) return nullptr;
    found.until = std::min(found.until, last);
    days.to = *grant->to;
  }
  return found.real.narrow(days) ? grant : nullptr;
}

bool StretchFinder::counts(const Era& era, Date from, Date day, Day& found) const {
  if (found.real.to < from) return false;
  const Date first = begin_of(*era.terms, from);
  if (first <= day) return true;
  found.until = std::min(found.until, first + -1);
  return false;
}

// What was recorded for a day before the entitlement began counts from its first day, as the registration does.
bool StretchFinder::began(const Era& era, const PersonFacts& facts, Date day, Day& found) const {
  return facts.from == person_.facts.front().from || counts(era, facts.from, day, found);
}

const PersonFacts& StretchFinder::recorded_on(const Era& era, Date day, Day& found) const {
  const PersonFacts* facts = &person_.facts.front();
  for (std::size_t i = 1; i < person_.facts.size(); ++i) {
    if (began(era, person_.facts[i], day, found)) facts = &person_.facts[i];
  }
  return *facts;
}

// Of an approval what the application showed, and whatever of it was recorded anew since.
CountingFacts StretchFinder::facts_on(const Era& era, Date day, Day& found) const {
  if (!found.grant) return CountingFacts(recorded_on(era, day, found));
  CountingFacts facts(*found.grant);
  for (std::size_t i = 1; i < person_.facts.size(); ++i) {
    const PersonFacts& change = person_.facts[i];
    if (found.grant->applied_on < change.dated && began(era, change, day, found)) facts.amend(change, change.said);
  }
  if (era.by_region) facts.region = &recorded_on(era, day, found).region;
  return facts;
}

// Nobody grows older than on the last of the real days, even where the month of a birthday counts.
std::optional<int> StretchFinder::age_on(const Era& era, Date day, Day& found) {
  if (!era.needs_age) return std::nullopt;
  if (!person_.birth) {
    age_unknown_ = true;  // whatever else there is to say
    why_ = Rejection{Reason::missing_field, "beneficiary", "birth", {}, {}};
    return std::nullopt;
  }
  const StartRule rule = start_rule(*era.terms);
  const int age = fundtrail::age_on(*person_.birth, std::min(age_day(rule, day), found.real.to));
  const Date next = birthday(*person_.birth, age + 1);
  if (next <= found.real.to) found.until = std::min(found.until, effective_day(rule, next) + -1);
  return age;
}

// What an approval found stands until the approval ends, but for what was amended since.
bool StretchFinder::eligible(const Era& era, const CountingFacts& facts, std::optional<int> age,
                             bool granted) {
  auto no = refusal_of(era, facts, age, granted);
  if (no && !why_) why_ = std::move(no);
  return !no;
}

std::optional<Rejection> StretchFinder::refusal_of(const Era& era, const CountingFacts& facts, std::optional<int> age,
                                                   bool granted) const {
  if (granted && !facts.amended.any()) return std::nullopt;
  for (const Eligibility* rule :
       {&era.policy->eligibility,
        era.terms->eligibility ? &*era.terms->eligibility : nullptr}) {
    if (!rule) continue;
    auto no = ineligible(*era.policy, granted ? asked_of(facts.amended, *rule) : *rule, facts, age);
    if (no) return no;
  }
  return std::nullopt;
}

// Whom a grant names can be paid while under contract.
bool StretchFinder::served(const Era& era, Date day, Day& found) {
  const Grant& grant = *found.grant;
  if (era.terms->payee != PayeeKind::assigned_provider || grant.provider.empty()) return true;
  if (provider_ != grant.provider) {
    provider_ = grant.provider;
    const std::string* row = state_.find(provider_key(provider_));
    contracts_ = row ? contracts_of(*row) : std::vector<ProviderRow::Period>();
  }
  if (under_contract(contracts_, era.terms->proration, day, found.real, found.until)) return true;
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
    if (other.application == grant.application) break;  // those behind it are later
    if (other.programme == grant.programme || other.exclusive_group != group ||
        (other.to && *other.to < other.from)) {
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

// Whether the person was entitled on some day on which the policy was in force, and was not new in its transition.
bool StretchFinder::begun(const Era& era, Date day, Day& found) {
  const RealDays entitled = entitled_on(day, found.until);
  found.real = era.in_force;
  if (!found.real.narrow(entitled)) {
    if (entitled.to < era.in_force.from) {
      because(Reason::entitlement_ended, "beneficiary", person_.id.str(), entitled.to.str());
    } else {
      because(Reason::policy_not_in_force, "period", era.policy->ref().str(), entitled.from.str());
    }
    return false;
  }
  if (era.needs_grant || era.takes(person_.entitled_from)) return true;
  because(Reason::policy_closed, "beneficiary", era.policy->ref().str(), era.takes_until.str());
  return false;
}

bool StretchFinder::granted(const Era& era, Date day, Day& found) {
  if (!era.needs_grant) return true;
  found.grant = grant_on(era, day, found);
  if (!found.grant) {
    because(Reason::not_granted, "beneficiary", person_.id.str(), day.str());
    return false;
  }
  return served(era, day, found) && alone(era, *found.grant, day, found.until);
}

StretchFinder::Day StretchFinder::look(const Era& era, Date day, Date to) {
  Day result;
  result.until = std::min(to, era.to);
  if (!begun(era, day, result) || !granted(era, day, result)) return result;
  const CountingFacts facts = facts_on(era, day, result);
  const auto age = age_on(era, day, result);
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
        because(Reason::entitlement_ended, "beneficiary", person_.id.str(), gap.absence.ended_on.str());
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
