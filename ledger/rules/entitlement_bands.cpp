// Which band of the tariff counts for somebody on a day.
#include <algorithm>

#include "ledger/rules/entitlement_stretches.h"

namespace fundtrail::rules {
namespace {

bool contains(const OptionalList<Code>& list, const Code& code) {
  return std::find(list->begin(), list->end(), code) != list->end();
}

void add(std::vector<Code>& list, const Code& code) {
  if (std::find(list.begin(), list.end(), code) == list.end()) list.push_back(code);
}

// The hours that a band gives at most, whichever way it says so.
std::int64_t most_hours(const std::optional<Quantity>& limit, std::int64_t otherwise) {
  return limit ? std::min(limit->hundredths(), otherwise) : otherwise;
}
std::int64_t hours_a_month(const TariffBand& band) {
  return most_hours(band.per_month, 31 * most_hours(band.per_day, 2400));
}
std::int64_t hours_a_day(const TariffBand& band) {
  return most_hours(band.per_day, most_hours(band.per_month, 2400));
}

// Whether a band gives more than another in any respect.
bool gives_more(const TariffBand& a, const TariffBand& b) {
  return b.amount < a.amount || b.percent < a.percent || hours_a_day(b) < hours_a_day(a) ||
         hours_a_month(b) < hours_a_month(a) || (b.cap && (!a.cap || *b.cap < *a.cap));
}

}  // namespace

// Nobody is paid more than was approved because of what somebody recorded since; less, from its day. Where
// the terms give nothing for what was approved, that is nothing.
const TariffBand* StretchFinder::approved_band(const Era& era, const CountingFacts& facts, const Grant* grant,
                                               std::optional<int> age, Date day) {
  const TariffBand* band = band_of(era, facts, age, day);
  if (!band) no_band(era, age);
  if (band && grant) note_recorded(era, facts, *grant, age, day, *band);
  if (!band || !grant || !facts.amended.any()) return band;
  CountingFacts applied(*grant);
  applied.region = facts.region;
  const TariffBand* approved = band_of(era, applied, age, day);
  if (approved && !gives_more(*band, *approved)) return band;
  because(Reason::more_than_approved, "beneficiary", person_.id.str(), day.str());
  return approved;
}

// What was recorded for the day of the application or an earlier one counts for nothing. Where it would give
// more, somebody expects more: that is told, once the application is the one that says it wrongly.
void StretchFinder::note_recorded(const Era& era, const CountingFacts& facts, const Grant& grant, std::optional<int> age,
                                  Date day, const TariffBand& band) {
  if (noted_) return;
  CountingFacts recorded = facts;
  std::optional<Date> since_when;  // the amendment from which on it does
  for (std::size_t i = 1; i < person_.facts.size() && person_.facts[i].dated <= grant.applied_on; ++i) {
    const PersonFacts& change = person_.facts[i];
    recorded.amend(change, change.said.without(facts.amended));
    const TariffBand* more = band_of(era, recorded, age, day);
    if (!more || !gives_more(*more, band) || refusal_of(era, recorded, age, true)) {
      since_when.reset();
    } else if (!since_when) {
      since_when = change.dated;
    }
  }
  if (!since_when) return;
  noted_ = Rejection{Reason::more_than_approved, "beneficiary", person_.id.str(), since_when->str(), {}};
}

const TariffBand* StretchFinder::band_of(const Era& era, const CountingFacts& facts,
                                         std::optional<int> age, Date day) const {
  for (const auto& band : era.terms->tariff) {
    if (band.age_from && !(age && *age >= 0 && std::uint64_t(*age) >= *band.age_from)) continue;
    if (band.age_to && !(age && *age >= 0 && std::uint64_t(*age) <= *band.age_to)) continue;
    if (band.care_levels &&
        !(*facts.care_level && contains(band.care_levels, **facts.care_level))) {
      continue;
    }
    if (band.categories && !contains(band.categories, *facts.category)) continue;
    if (band.channels && std::find(band.channels->begin(), band.channels->end(),
                                   facts.channel) == band.channels->end()) {
      continue;
    }
    if (!std::all_of(items(band.conditions).begin(), items(band.conditions).end(),
                     [&](const Code& c) { return holds(*era.policy, c, *facts.facts); })) {
      continue;
    }
    if (band.regions &&
        std::none_of(band.regions->begin(), band.regions->end(), [&](const Code& first) {
          return facts.region->str().starts_with(first.str());
        })) {
      continue;
    }
    if (band.from && day < rate_begin(*era.terms, *band.from)) continue;
    if (band.to && rate_begin(*era.terms, *band.to + 1) <= day) continue;
    return &band;
  }
  return nullptr;
}

// Why no line of the tariff fits: by age, else by care level, category, facts or region, whichever the
// tariff asks for.
void StretchFinder::no_band(const Era& era, std::optional<int> age) {
  if (why_) return;
  const auto& tariff = era.terms->tariff;
  std::optional<std::uint64_t> youngest;
  for (const auto& band : tariff) {
    const std::uint64_t from = band.age_from.value_or(0);
    youngest = youngest ? std::min(*youngest, from) : from;
  }
  if (youngest && age && *age < int(*youngest)) {
    return because(Reason::under_age, "beneficiary", std::to_string(*youngest), {});
  }
  std::vector<Code> levels, categories, others;
  for (const auto& band : tariff) {
    for (const auto& level : items(band.care_levels)) add(levels, level);
    for (const auto& category : items(band.categories)) add(categories, category);
    for (const auto& condition : items(band.conditions)) add(others, condition);
    for (const auto& region : items(band.regions)) add(others, region);
  }
  if (!levels.empty()) {
    because(Reason::care_level_not_eligible, "beneficiary", listed(levels), {});
  } else if (!categories.empty()) {
    because(Reason::category_not_eligible, "beneficiary", listed(categories), {});
  } else {
    because(Reason::condition_not_met, "beneficiary", others.empty() ? era.policy->ref().str() : listed(others), {});
  }
}

}  // namespace fundtrail::rules
