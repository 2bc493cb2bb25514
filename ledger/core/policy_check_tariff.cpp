// The part of the policy check that is about the bands of a tariff: each by itself, their order, and who finds none.
#include <algorithm>

#include "ledger/core/policy_findings.h"

namespace fundtrail::policy_findings {
namespace {

constexpr std::uint64_t kMaxBands = 1000;

template <class T>
bool subset(const OptionalList<T>& inner, const OptionalList<T>& outer) {
  if (!outer) return true;
  if (!inner) return false;
  return std::all_of(inner->begin(), inner->end(), [&](const T& item) {
    return std::find(outer->begin(), outer->end(), item) != outer->end();
  });
}
template <class T>
bool meets(const OptionalList<T>& a, const OptionalList<T>& b) {
  if (!a || !b) return true;
  return std::any_of(a->begin(), a->end(), [&](const T& item) {
    return std::find(b->begin(), b->end(), item) != b->end();
  });
}

std::uint64_t youngest(const TariffBand& band) { return band.age_from.value_or(0); }
std::uint64_t oldest(const TariffBand& band) { return band.age_to.value_or(kMaxAge); }
constexpr std::int32_t kFirstDay = INT32_MIN, kLastDay = INT32_MAX;
std::int32_t first_day(const TariffBand& band) { return band.from ? band.from->days() : kFirstDay; }
std::int32_t last_day(const TariffBand& band) { return band.to ? band.to->days() : kLastDay; }

// Whether a region that begins with one of `inner` begins with one of `outer`.
bool region_within(const OptionalList<Code>& inner, const OptionalList<Code>& outer) {
  if (!outer) return true;
  if (!inner) return false;
  return std::all_of(inner->begin(), inner->end(), [&](const Code& region) {
    return std::any_of(outer->begin(), outer->end(),
                       [&](const Code& first) { return region.str().starts_with(first.str()); });
  });
}
bool regions_meet(const OptionalList<Code>& a, const OptionalList<Code>& b) {
  if (!a || !b) return true;
  return std::any_of(a->begin(), a->end(), [&](const Code& one) {
    return std::any_of(b->begin(), b->end(), [&](const Code& other) {
      return one.str().starts_with(other.str()) || other.str().starts_with(one.str());
    });
  });
}

// Whoever fits `inner` fits `outer` too.
bool covers(const TariffBand& outer, const TariffBand& inner) {
  return youngest(outer) <= youngest(inner) && oldest(inner) <= oldest(outer) &&
         first_day(outer) <= first_day(inner) && last_day(inner) <= last_day(outer) &&
         subset(inner.care_levels, outer.care_levels) &&
         subset(inner.categories, outer.categories) && subset(inner.channels, outer.channels) &&
         // All conditions must hold: whoever meets more meets fewer.
         (!outer.conditions || (inner.conditions && subset(outer.conditions, inner.conditions))) &&
         region_within(inner.regions, outer.regions) &&
         (!outer.rating || outer.rating == inner.rating);
}

// Somebody may fit both, but for age and day.
bool of_the_same(const TariffBand& a, const TariffBand& b) {
  return meets(a.care_levels, b.care_levels) && meets(a.categories, b.categories) &&
         meets(a.channels, b.channels) && regions_meet(a.regions, b.regions) &&
         (!a.rating || !b.rating || a.rating == b.rating);
}
bool overlaps(const TariffBand& a, const TariffBand& b) {
  return youngest(a) <= oldest(b) && youngest(b) <= oldest(a) && first_day(a) <= last_day(b) &&
         first_day(b) <= last_day(a) && of_the_same(a, b);
}

// Why a band can never apply: the token of the sentence, and what else stands in it beside the band's id.
struct NeverApplies {
  const char* token;
  std::string about;
};

template <class T>
std::optional<NeverApplies> not_among(const char* field, const OptionalList<T>& wanted, const OptionalList<T>& let_in) {
  if (!wanted || wanted->empty() || meets(wanted, let_in)) return std::nullopt;
  std::string about = std::string(field) + ", ";
  for (const auto& item : *wanted) {
    if (&item != &wanted->front()) about += ", ";
    if constexpr (std::is_same_v<T, Code>) about += item.str();
    else about += name_of(item);
  }
  return NeverApplies{"policy.band_not_let_in", about};
}

OptionalList<Code> categories_of(const Eligibility& rule) {
  if (rule.categories.empty()) return std::nullopt;
  return rule.categories;
}

// Nobody whom the rule lets in fits the band.
std::optional<NeverApplies> shut_out(const TariffBand& band, const Eligibility& rule) {
  const bool somebody = rule.min_age <= rule.max_age.value_or(kMaxAge);  // else that is the fault
  if (somebody && oldest(band) < rule.min_age) return NeverApplies{"policy.band_too_young", std::to_string(rule.min_age)};
  if (somebody && rule.max_age && *rule.max_age < youngest(band)) {
    return NeverApplies{"policy.band_too_old", std::to_string(*rule.max_age)};
  }
  auto why = not_among("care_levels", band.care_levels, rule.care_levels);
  if (!why) why = not_among("categories", band.categories, categories_of(rule));
  if (!why) why = not_among("channels", band.channels, rule.channels);
  return why;
}

// What is at fault in the band itself, and is told there: the band is compared with nothing.
bool contradicts_itself(const TariffBand& band) {
  const auto empty = [](const auto& list) { return list && list->empty(); };
  return oldest(band) < youngest(band) || last_day(band) < first_day(band) || empty(band.care_levels) ||
         empty(band.categories) || empty(band.channels) || empty(band.regions);
}

std::optional<NeverApplies> why_never(const Policy& policy, const Programme& programme, const TariffBand& band) {
  if (contradicts_itself(band)) return std::nullopt;
  if (band.to && *band.to < policy.in_force_from) return NeverApplies{"policy.band_over", band.to->str()};
  if (band.from && policy.in_force_to && *policy.in_force_to < *band.from && policy.in_force_from <= *policy.in_force_to) {
    return NeverApplies{"policy.band_too_late", band.from->str()};
  }
  const auto& own = programme.entitlement->eligibility;
  auto why = shut_out(band, policy.eligibility);
  if (!why && own) why = shut_out(band, *own);
  return why;
}
void check_amount(const Finder& f, const TariffBand& band) {
  if (band.amount) return f.positive("amount", *band.amount);
  f.warn("amount", band.id.str(), "policy.amount_absent");
}

// The fields that a band needs and may not have, by instrument.
void check_band_fields(const Finder& f, Instrument instrument, const TariffBand& band) {
  const bool bill = instrument == Instrument::bill_share;
  if (bill) {
    if (!band.percent) f.missing("percent");
    if (band.percent) f.range("percent", *band.percent, 1, 100);
    if (!band.cap) f.missing("cap");
    if (band.cap) f.positive("cap", *band.cap);
    f.absent("amount", band.amount, "policy.bill_has_percent");
  } else {
    check_amount(f, band);
    f.absent("percent", band.percent, "policy.only_bill");
    f.absent("cap", band.cap, "policy.only_bill");
  }
  if (instrument == Instrument::service_hours) {
    if (!band.per_day && !band.per_month) f.fault(Reason::missing_field, "per_day", "per_day | per_month");
    if (band.per_day && (*band.per_day <= Quantity() || Quantity(2400) < *band.per_day)) {
      f.bad("per_day", band.per_day->str(), "0.01-24.00");
    }
    if (band.per_month && (*band.per_month <= Quantity() || Quantity(74400) < *band.per_month)) {
      f.bad("per_month", band.per_month->str(), "0.01-744.00");
    }
  } else {
    f.absent("per_day", band.per_day, "policy.only_hours");
    f.absent("per_month", band.per_month, "policy.only_hours");
  }
  if (instrument != Instrument::award && instrument != Instrument::bed_subsidy) {
    f.absent("rating", band.rating, "policy.only_assessed");
  }
  if (instrument == Instrument::award || instrument == Instrument::bed_subsidy) {
    f.absent("age_from", band.age_from, "policy.provider_has_none");
    f.absent("age_to", band.age_to, "policy.provider_has_none");
    f.absent("care_levels", band.care_levels, "policy.provider_has_none");
    f.absent("categories", band.categories, "policy.provider_has_none");
    f.absent("channels", band.channels, "policy.provider_has_none");
    f.absent("conditions", band.conditions, "policy.provider_has_none");
    f.absent("regions", band.regions, "policy.provider_has_none");
  }
}

void check_band(const Finder& f, const Policy& policy, const Programme& programme,
                const TariffBand& band) {
  check_band_fields(f, programme.instrument, band);
  if (band.age_from) f.range("age_from", *band.age_from, 0, kMaxAge);
  if (band.age_to) f.range("age_to", *band.age_to, 0, kMaxAge);
  if (band.age_from && band.age_to && *band.age_to < *band.age_from) {
    f.bad("age_to", std::to_string(*band.age_to) + ", " + std::to_string(*band.age_from), "policy.age_order");
  }
  if (band.from && band.to && *band.to < *band.from) {
    f.fault(Reason::invalid_period, "to", band.from->str(), band.to->str());
  }
  f.code_list("care_levels", band.care_levels);
  f.code_list("categories", band.categories);
  f.not_empty("channels", band.channels);
  f.code_list("conditions", band.conditions);
  f.code_list("regions", band.regions);
  for (std::size_t k = 0; k < items(band.regions).size(); ++k) {
    check_region_digits(f, Finder::element("regions", k), (*band.regions)[k]);
  }
  const auto& own = programme.entitlement->eligibility;
  const auto min_age = std::max(policy.eligibility.min_age, own ? own->min_age : 0);
  if (band.age_from && *band.age_from < min_age) {
    f.warn("age_from", std::to_string(*band.age_from) + ", " + std::to_string(min_age), "policy.age_below_min");
  }
  if (const auto why = why_never(policy, programme, band)) {
    f.bad("id", band.id.str() + ", " + why->about, why->token);
  }
}

// Ages that the eligibility of policy and programme let in.
bool lets_in(const Policy& policy, const Programme& programme, std::uint64_t age) {
  const auto in = [&](const Eligibility& rule) {
    return rule.min_age <= age && age <= rule.max_age.value_or(kMaxAge);
  };
  const auto& own = programme.entitlement->eligibility;
  return in(policy.eligibility) && (!own || in(*own));
}

bool nobody_fits(const std::vector<TariffBand>& tariff, const TariffBand& band) {
  return std::none_of(tariff.begin(), tariff.end(), [&](const TariffBand& other) { return overlaps(band, other); });
}

// Where the next band for the same people begins.
template <class T>
std::optional<T> next_begin(const std::vector<TariffBand>& tariff, const TariffBand& band, T after,
                            T (*begin)(const TariffBand&)) {
  std::optional<T> next;
  for (const auto& other : tariff) {
    const T at = begin(other);
    if (of_the_same(band, other) && after < at && (!next || at < *next)) next = at;
  }
  return next;
}

// Whoever leaves a band by age, or when its rate ends, finds another, or the band says that nothing is
// paid from then on: an age or a day that was forgotten must not be a person who is forgotten. Bands that
// fit nobody of the first one do not count.
void check_gaps(const Finder& f, const Policy& policy, const Programme& programme,
                const TariffBand& band) {
  const auto& tariff = programme.entitlement->tariff;
  const bool said = band.nothing_after.value_or(false);
  bool gap = false;
  const auto found = [&](const char* field, const std::string& from, const char* token) {
    gap = true;
    if (!said) f.bad(field, band.id.str() + ", " + from, token);
  };
  if (band.age_to && *band.age_to < kMaxAge && lets_in(policy, programme, *band.age_to + 1)) {
    TariffBand older = band;
    older.age_from = older.age_to = *band.age_to + 1;
    if (nobody_fits(tariff, older)) {
      const std::string from = std::to_string(*older.age_to);
      const auto next = next_begin(tariff, band, *band.age_to, youngest);
      found("age_to", next ? from + ", " + std::to_string(*next) : from, next ? "policy.age_gap" : "policy.age_end");
    }
  }
  if (band.to && policy.in_force_from <= *band.to &&
      (!policy.in_force_to || *band.to < *policy.in_force_to)) {
    TariffBand later = band;
    later.from = later.to = *band.to + 1;
    if (nobody_fits(tariff, later)) {
      const std::string from = later.to->str();
      const auto next = next_begin(tariff, band, band.to->days(), first_day);
      const std::string day = next ? Date::from_days(*next).str() : "";
      found("to", next ? from + ", " + day : from, next ? "policy.date_gap" : "policy.date_end");
    }
  }
  if (band.nothing_after && !gap) f.warn("nothing_after", band.id.str(), "policy.something_after");
}

// The other ends of the bands, which may be meant: nobody grows into a band younger than its first age, and no rate
// is paid before its first day.
void note_beginnings(const Finder& f, const Policy& policy, const Programme& programme, const TariffBand& band) {
  const auto& tariff = programme.entitlement->tariff;
  const auto& own = programme.entitlement->eligibility;
  // Of several programmes the policy's own age is the least of all, and says nothing of this one.
  const std::uint64_t of_all = policy.programmes.size() == 1 ? policy.eligibility.min_age : 0;
  const std::uint64_t least = std::max(of_all, own ? own->min_age : 0);
  const bool first = std::none_of(tariff.begin(), tariff.end(), [&](const TariffBand& other) {
    return of_the_same(band, other) && youngest(other) < youngest(band);
  });
  if (least > 0 && least < youngest(band) && first) {  // 0: nobody was asked for an age
    f.warn("age_from", band.id.str() + ", " + std::to_string(youngest(band)) + ", " + std::to_string(least) + ", " +
                           std::to_string(youngest(band) - 1), "policy.too_young");
  }
  if (band.from && policy.in_force_from < *band.from) {
    TariffBand earlier = band;
    earlier.from = policy.in_force_from;
    earlier.to = *band.from + (-1);
    if (nobody_fits(tariff, earlier)) {
      f.warn("from", band.id.str() + ", " + band.from->str() + ", " + policy.in_force_from.str(), "policy.starts_late");
    }
  }
}

// Codes of both lists; those of one where the other leaves it open.
std::vector<Code> let_in_by_both(const OptionalList<Code>& a, const OptionalList<Code>& b) {
  if (!a || !b) return a ? *a : items(b);
  std::vector<Code> both;
  std::copy_if(a->begin(), a->end(), std::back_inserter(both), [&](const Code& code) {
    return std::find(b->begin(), b->end(), code) != b->end();
  });
  return both;
}

// Categories and care levels that the eligibility lets in by name, and no band pays for. Which pairs a band fits is
// marked, so that it takes as long as the lists are and not their product with all bands.
void note_left_out(const Finder& f, const Policy& policy, const Programme& programme) {
  const auto& own = programme.entitlement->eligibility;
  const auto& rule = policy.eligibility;
  const auto categories = let_in_by_both(categories_of(rule), own ? categories_of(*own) : std::nullopt);
  const auto levels = let_in_by_both(rule.care_levels, own ? own->care_levels : std::nullopt);
  if (categories.empty() && levels.empty()) return;
  const std::size_t rows = std::max<std::size_t>(categories.size(), 1), columns = std::max<std::size_t>(levels.size(), 1);
  std::vector<bool> row_taken(rows), column_taken(columns), taken(rows * columns);  // as a whole, and one by one
  std::vector<bool> row_met(rows), column_met(columns);                             // some of it is taken
  bool row_whole = false, column_whole = false;
  const auto places = [](const std::vector<Code>& codes, const OptionalList<Code>& list) {
    std::vector<std::size_t> found;
    for (const auto& code : items(list)) {
      const auto at = std::find(codes.begin(), codes.end(), code);
      if (at != codes.end()) found.push_back(static_cast<std::size_t>(at - codes.begin()));
    }
    return found;
  };
  for (const auto& band : programme.entitlement->tariff) {
    // A list that the eligibility leaves open may hold anybody.
    const bool any_category = !band.categories || categories.empty(), any_level = !band.care_levels || levels.empty();
    if (any_category && any_level) return;
    const auto of_categories = places(categories, band.categories), of_levels = places(levels, band.care_levels);
    for (const auto row : of_categories) {
      if (any_level) row_taken[row] = row_whole = true;
      row_met[row] = true;
    }
    for (const auto column : of_levels) {
      if (any_category) column_taken[column] = column_whole = true;
      column_met[column] = true;
    }
    if (any_level || any_category) continue;
    for (const auto row : of_categories) {
      for (const auto column : of_levels) taken[row * columns + column] = true;
    }
  }
  const auto none_of = [&](std::size_t row) { return !categories.empty() && !row_met[row] && !column_whole; };
  const auto none_at = [&](std::size_t column) { return !levels.empty() && !column_met[column] && !row_whole; };
  std::size_t told = 0;
  for (std::size_t row = 0; row < categories.size(); ++row) {
    if (none_of(row)) f.warn("tariff", categories[row].str(), "policy.no_band");
  }
  for (std::size_t column = 0; column < levels.size(); ++column) {
    if (none_at(column)) f.warn("tariff", levels[column].str(), "policy.no_band");
  }
  for (std::size_t row = 0; row < categories.size(); ++row) {
    if (row_taken[row] || none_of(row)) continue;
    for (std::size_t column = 0; column < levels.size(); ++column) {
      if (column_taken[column] || none_at(column) || taken[row * columns + column]) continue;
      f.warn("tariff", categories[row].str() + ", " + levels[column].str(), "policy.no_band_pair");
      if (++told == kMaxPolicyFindings) return;
    }
  }
}

}  // namespace

void check_tariff(const Finder& f, const Policy& policy, const Programme& programme) {
  const auto& tariff = programme.entitlement->tariff;
  if (tariff.empty()) return f.bad("tariff", "[]", ">= 1");
  if (tariff.size() > kMaxBands) return f.range("tariff", tariff.size(), 1, kMaxBands);
  f.unique("tariff", tariff, [](const TariffBand& b) { return b.id.str(); }, "id");
  // What a band that can never apply leaves open only follows from it.
  bool sound = true;
  for (std::size_t i = 0; i < tariff.size(); ++i) {
    const Finder at = f.in("tariff", i);
    check_band(at, policy, programme, tariff[i]);
    const bool never = contradicts_itself(tariff[i]) || why_never(policy, programme, tariff[i]);
    sound = sound && !never;
    for (std::size_t k = 0; k < i && !never; ++k) {
      if (covers(tariff[k], tariff[i])) {
        at.bad("id", tariff[i].id.str() + ", " + tariff[k].id.str(), "policy.band_taken");
        break;
      }
      // The narrower before the wider is how an exception is written; anything else may be a slip.
      if (overlaps(tariff[k], tariff[i]) && !covers(tariff[i], tariff[k])) {
        at.warn("id", tariff[k].id.str() + ", " + tariff[i].id.str(), "policy.bands_overlap");
      }
    }
  }
  if (!sound) return;
  const bool persons = programme.instrument != Instrument::award && programme.instrument != Instrument::bed_subsidy;
  for (std::size_t i = 0; i < tariff.size(); ++i) {
    const Finder at = f.in("tariff", i);
    check_gaps(at, policy, programme, tariff[i]);
    if (persons) note_beginnings(at, policy, programme, tariff[i]);
  }
  if (persons) note_left_out(f, policy, programme);
}

}  // namespace fundtrail::policy_findings
