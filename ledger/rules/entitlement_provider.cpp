// What is due to a provider in its own right: so much a bed and cycle, or once after a rating.
#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/entitlement_amounts.h"
#include "ledger/rules/entitlement_stretches.h"
#include "ledger/rules/payee_share.h"

namespace fundtrail::rules {
namespace {

using Era = EntitlementRules::Era;

// The latest assessment that counts on the day by the policy's start rule, and was made by the last of the real
// days: an institution whose contract has ended has no new beds.
const AssessmentRow* found_on(const std::vector<AssessmentRow>& history,
                              const EntitlementTerms& terms, Date day, Date last, Date& until) {
  const AssessmentRow* found = nullptr;
  for (const auto& assessment : history) {
    if (last < assessment.effective) break;
    const Date from = begin_of(terms, assessment.effective);
    if (from <= day) {
      found = &assessment;
    } else {
      until = std::min(until, from + -1);
    }
  }
  return found;
}

// Bands of a provider ask for a rating at most: those of persons never fit.
const TariffBand* band_of(const EntitlementTerms& terms, const std::optional<Code>& rating,
                          Date day) {
  for (const auto& band : terms.tariff) {
    if (band.age_from || band.age_to || band.care_levels || band.categories || band.conditions ||
        band.regions) {
      continue;
    }
    if (band.rating && band.rating != rating) continue;
    if (band.from && day < rate_begin(terms, *band.from)) continue;
    if (band.to && rate_begin(terms, *band.to + 1) <= day) continue;
    return &band;
  }
  return nullptr;
}

// What a value and rating come to on the day; nothing: the rate of their band is not set.
std::optional<std::int64_t> worth(const EntitlementTerms& terms, const AssessmentRow& assessment, Date day) {
  const TariffBand* band = assessment.value ? band_of(terms, assessment.rating, day) : nullptr;
  if (!band) return 0;
  if (!band->amount) return std::nullopt;
  return rounded(fen_of(*band->amount), assessment.value->hundredths(), 100);
}

// The assessment that counts on the day. The transition of a policy that has ended serves who was assessed before,
// and nothing more: what was found in it counts where it brings less, and is `ignored` where it would bring more.
const AssessmentRow* counted_on(const std::vector<AssessmentRow>& history, const Era& era, Date day, Date last,
                                Date& until, const AssessmentRow*& ignored) {
  const AssessmentRow* found = found_on(history, *era.terms, day, last, until);
  if (!found || era.takes(found->effective)) return found;
  const AssessmentRow* before = nullptr;
  for (const auto& assessment : history) {
    if (era.takes(assessment.effective) && begin_of(*era.terms, assessment.effective) <= day) before = &assessment;
  }
  const auto now = worth(*era.terms, *found, day), then = before ? worth(*era.terms, *before, day) : 0;
  if (before && now && (!then || *now < *then)) return found;
  if (!now || *now != *then) ignored = found;
  return before;
}

Rejection rate_not_set(const Era& era, const TariffBand& band) {
  return {Reason::rate_not_set, "amount", band.id.str(), era.policy->ref().str(), {}};
}

// Assessed, but not so that anything is given for it.
Rejection no_rating_fits(const Era& era) {
  std::vector<Code> ratings;
  for (const auto& band : era.terms->tariff) {
    if (band.rating) ratings.push_back(*band.rating);
  }
  return {Reason::condition_not_met, "amount", ratings.empty() ? era.policy->ref().str() : listed(ratings), {}, {}};
}

Rejection no_contract(const ProviderId& provider, Date day) {
  return {Reason::contract_not_valid, "amount", provider.str(), day.str(), {}};
}

// The part of a cycle that some days are, by its months or by its days: all parts of it add up to one.
struct Part {
  std::int64_t of = 0;
  std::int64_t whole = 1;
};
Part part_of(Date from, Date to, Date first, Date last, Proration proration) {
  if (proration == Proration::days) return {to - from + 1, last - first + 1};
  Part part;
  each_month(from, to, [&](const DaysOfMonth& days) {
    if (days.whole()) {
      part.of += part.whole;
    } else {
      part = {part.of * days.of() + part.whole * days.count(), part.whole * days.of()};
    }
  });
  part.whole *= Month::of(last).ordinal() - Month::of(first).ordinal() + 1;
  return part;
}

// An award is nothing to whoever is under contract no more, nor is a contract that begins after the policy.
bool may_be_rewarded(const std::vector<ProviderRow::Period>& contracts, const Era& era, Date effective) {
  return contracts.empty() || std::any_of(contracts.begin(), contracts.end(), [&](const auto& contract) {
           return effective <= contract.to && contract.from <= era.in_force.to;
         });
}

std::int64_t sum_of(const std::vector<EntitlementRules::Piece>& pieces) {
  std::int64_t fen = 0;
  for (const auto& piece : pieces) fen = plus(fen, piece.fen);
  return fen;
}

}  // namespace

const EntitlementRules::Era* EntitlementRules::era_on(Date day) const {
  for (const auto& era : eras_) {
    if (day <= era.to) return era.from <= day ? &era : nullptr;
  }
  return nullptr;
}

Rejection EntitlementRules::not_in_force(Date day) const {
  const Policy* policy = eras_.empty() ? &versions_.named() : eras_.front().policy;
  for (const auto& era : eras_) {
    if (era.from <= day) policy = era.policy;
  }
  return {Reason::policy_not_in_force, "amount", policy->ref().str(), day.str(), {}};
}

Rejection EntitlementRules::too_late(const Judged& judged, Date effective) const {
  const Era* era = era_on(effective);
  if (!era || era->in_force.to < effective) return not_in_force(effective);
  if (era->takes(effective)) return no_contract(judged.provider, effective);
  // Long after it nobody is served any more, new or not.
  if (era->in_force.to < judged.period.first_day()) return not_in_force(judged.period.first_day());
  return {Reason::policy_closed, "amount", era->policy->ref().str(), era->takes_until.str(), {}};
}

std::optional<std::int64_t> EntitlementRules::Judged::rate(const Era& era, const std::optional<Code>& rating, Date day) {
  const TariffBand* band = band_of(*era.terms, rating, day);
  if (band && band->amount) return fen_of(*band->amount);
  if (band) {
    problem = rate_not_set(era, *band);
  } else {
    because(no_rating_fits(era));
  }
  return std::nullopt;
}

// Days under contract that follow one another with one value and one rate count together for their part of the
// cycle, whatever else changes between them. The units are the beds at the end. How a cycle is parted, by months or
// by days, its first version says.
void EntitlementRules::add_beds(Judged& judged) const {
  const auto& history = judged.history;
  const Date first = judged.period.first_day(), last = last_month(judged.period).last_day();
  const Proration proration = terms_in(judged.period).proration;
  const auto& through = cutover_.paid_through;
  if (history.empty() || last < history.front().effective) return;
  struct Run {
    Date from, to;
    std::int64_t rate = -1, beds = 0, fen = 0;
  } run;
  for (Date day = through ? std::max(first, *through + 1) : first, until; day <= last;
       day = until + 1) {
    until = last;
    const Era* era = era_on(day);
    if (!era) {
      judged.because(not_in_force(day));
      for (const auto& later : eras_) {
        if (day < later.from) until = std::min(until, later.from + -1);
      }
      continue;
    }
    until = std::min(until, era->to);
    for (const Date change : era->rate_changes) {
      if (day < change) until = std::min(until, change + -1);
    }
    RealDays real = era->in_force;
    if (!under_contract(judged.contracts, era->terms->proration, day, real, until)) {
      judged.because(no_contract(judged.provider, day));
      continue;
    }
    const AssessmentRow* ignored = nullptr;
    const AssessmentRow* assessment = counted_on(history, *era, day, real.to, until, ignored);
    if (ignored) judged.ignore(too_late(judged, ignored->effective));
    if (!assessment && real.to < history.front().effective) judged.because(too_late(judged, history.front().effective));
    if (!assessment || !assessment->value) continue;
    const auto rate = judged.rate(*era, assessment->rating, day);
    if (judged.problem) return;
    if (!rate) continue;
    const std::int64_t beds = assessment->value->hundredths();
    if (run.rate != *rate || run.beds != beds || run.to + 1 != day) run = {day, until, *rate, beds};
    const Part part = part_of(run.from, until, first, last, proration);
    const std::int64_t fen = rounded(*rate, beds * part.of, 100 * part.whole);
    for (auto& piece : pieces_) piece.units = 0;
    pieces_.push_back({era, {}, fen - run.fen, beds});
    run.to = until;
    run.fen = fen;
  }
}

const EntitlementRules::Era* EntitlementRules::first_counted(const Judged& judged, Date effective, Date until,
                                                             Date& day) const {
  Date to;
  for (day = effective; day <= until; day = to + 1) {
    to = until;
    const Era* era = era_on(day);
    if (!era) {
      for (const auto& later : eras_) {
        if (day < later.from) to = std::min(to, later.from + -1);
      }
      continue;
    }
    to = std::min(to, era->to);
    if (!era->takes(effective)) continue;  // a later version may
    if (const Date from = begin_of(*era->terms, effective); day < from) {
      to = std::min(to, from + -1);
      continue;
    }
    RealDays real = era->in_force;
    const bool under = under_contract(judged.contracts, era->terms->proration, day, real, to);
    if (under && effective <= real.to) return era;
  }
  return nullptr;
}

// Each bed once, at the rate of the day on which it first counts: the beds of an assessment beyond the
// most that counted before. Fewer beds later take nothing back; an assessment that replaces one of the
// same day does.
void EntitlementRules::add_new_beds(Judged& judged, Date until) const {
  std::int64_t counted = 0;
  for (const auto& assessment : judged.history) {
    const std::int64_t beds = assessment.value.value_or(Quantity()).hundredths();
    if (beds <= counted || until < assessment.effective) continue;
    if (cutover_.paid_through && assessment.effective <= *cutover_.paid_through) {
      counted = beds;
      judged.paid_before = true;
      continue;
    }
    Date day;
    const Era* era = first_counted(judged, assessment.effective, until, day);
    if (!era) {
      const Era* then = era_on(assessment.effective);
      // It may only wait for a later day.
      if (then && until < begin_of(*then->terms, assessment.effective)) continue;
      judged.ignore(too_late(judged, assessment.effective));
      continue;
    }
    const auto rate = judged.rate(*era, assessment.rating, day);
    if (judged.problem) return;
    if (!rate) continue;
    const std::int64_t more = beds - counted;
    pieces_.push_back({era, {}, rounded(*rate, more, 100), more});
    counted = beds;
  }
}

// A rating brings what it is worth more than the best one that was rewarded before, both by the version of its own
// day; what that one does not name any more is worth what it brought. A rating that is confirmed brings nothing, and
// so does one that is lost, whatever rates have become since. What was rewarded until the cutover was paid elsewhere.
void EntitlementRules::add_award(Judged& judged, Date until) const {
  struct Rewarded {
    std::optional<Code> rating;
    std::int64_t fen = 0;
  };
  std::vector<Rewarded> rewarded;
  for (const auto& assessment : judged.history) {
    const Date effective = assessment.effective;
    if (until < effective) continue;
    const bool paid = cutover_.paid_through && effective <= *cutover_.paid_through;
    const Era* era = era_on(effective);
    // Paid by rules that nobody registered here: it is worth what the first ones say.
    if (!era && paid && !eras_.empty()) era = &eras_.front();
    const bool counts = era && (paid || (era->takes(effective) && may_be_rewarded(judged.contracts, *era, effective)));
    const Date day = era ? std::max(effective, era->from) : effective;
    const auto band_for = [&](const std::optional<Code>& rating) {
      const TariffBand* band = era ? band_of(*era->terms, rating, day) : nullptr;
      if (counts && band && !band->amount) judged.problem = rate_not_set(*era, *band);
      return band && band->amount ? band : nullptr;
    };
    const TariffBand* band = band_for(assessment.rating);
    const std::int64_t fen = band ? fen_of(*band->amount) : 0;
    std::int64_t best = 0;
    for (const auto& former : rewarded) {
      const TariffBand* now = band_for(former.rating);
      best = std::max(best, now ? fen_of(*now->amount) : former.fen);
    }
    if (judged.problem) return;
    if (!counts && (!era || best < fen)) judged.ignore(too_late(judged, effective));
    if (counts && !band) judged.because(no_rating_fits(*era));
    if (!counts || fen <= best) continue;
    if (!paid) pieces_.push_back({era, {}, fen - best, pieces_.empty() ? 100 : 0});
    judged.paid_before = judged.paid_before || paid;
    rewarded.push_back({assessment.rating, fen});
  }
}

Assessment EntitlementRules::of_provider(const ProviderId& provider, Month period,
                                         const RegionCode& region, Date as_of) const {
  Assessment result;
  result.region = region;
  PayeeShare share(*this, provider.str(), result);
  calculated_key(key_, subject_of(provider), programme_->id, row_year(period));
  const std::string* row = state_.find(key_);
  period = judged_in(row, period);
  if (row) share.read(*row, row_period(period));
  const EntitlementTerms& terms = terms_in(period);
  if (!terms.assessment) {
    result.unknown = true;
    result.why = Rejection{Reason::instrument_mismatch, "amount", programme_->id.str()};
    return result;
  }
  const std::string* registered = state_.find(provider_key(provider));
  const Judged asked{assessments_of(state_, provider, *terms.assessment),
                     registered ? contracts_of(*registered) : std::vector<ProviderRow::Period>(), provider, period};
  const bool award = programme_->instrument == Instrument::award;
  const Date end = last_month(period).last_day(), until = std::min(as_of, end);
  const auto judge_until = [&](Date day) {
    Judged judged = asked;
    pieces_.clear();
    if (award) {
      add_award(judged, day);
    } else if (once(period)) {
      add_new_beds(judged, day);
    } else {
      add_beds(judged);
    }
    return judged;
  };
  auto judged = judge_until(until);
  if (judged.problem) {
    result.unknown = true;
    result.why = judged.problem;
    return result;
  }
  const auto& through = cutover_.paid_through;
  if (!pieces_.empty()) {
    result.noted = std::move(judged.ignored);
  } else if (through && (judged.paid_before || end <= *through)) {
    result.why = Rejection{Reason::paid_before, "amount", provider.str(), through->str(), {}};
  } else if (judged.why) {
    result.why = std::move(judged.why);
  } else {
    result.why = Rejection{Reason::assessment_missing, "amount", provider.str(),
                           terms.assessment->str(), {}};
  }
  share.add_up(pieces_);
  // Whoever looks back sees less than was earned, and calculated, since: no mistake that is taken back.
  if (until < end && result.due.amount < result.calculated()) {
    const std::int64_t then = sum_of(pieces_);
    const auto later = judge_until(end).problem;
    if (later || then < sum_of(pieces_)) {
      Date enough = end;
      for (const auto& assessment : asked.history) {
        const Date day = award ? assessment.effective
                               : std::max(assessment.effective, begin_of(terms, assessment.effective));
        if (until < day) enough = std::min(enough, day);
      }
      result.unknown = true;
      result.why = later ? *later
                         : Rejection{Reason::date_too_early, "date", as_of.str(), enough.str(), {}};
    }
  }
  return result;
}

}  // namespace fundtrail::rules
