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

// The latest assessment that counts on the day by the policy's start rule.
const AssessmentRow* found_on(const std::vector<AssessmentRow>& history,
                              const EntitlementTerms& terms, Date day, Date& until) {
  const AssessmentRow* found = nullptr;
  for (const auto& assessment : history) {
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
// and nothing more: what was found in it counts where it brings less.
const AssessmentRow* counted_on(const std::vector<AssessmentRow>& history, const Era& era, Date day,
                                Date& until) {
  const AssessmentRow* found = found_on(history, *era.terms, day, until);
  if (!found || era.takes(found->effective)) return found;
  const AssessmentRow* before = nullptr;
  for (const auto& assessment : history) {
    if (era.takes(assessment.effective) && begin_of(*era.terms, assessment.effective) <= day) before = &assessment;
  }
  if (!before) return nullptr;
  const auto now = worth(*era.terms, *found, day), then = worth(*era.terms, *before, day);
  return now && (!then || *now < *then) ? found : before;
}

Rejection rate_not_set(const Era& era, const TariffBand& band) {
  return {Reason::rate_not_set, "amount", band.id.str(), era.policy->ref().str(), {}};
}

// Assessed, but not so that anything is given for it.
Rejection no_rating_fits(const EntitlementTerms& terms) {
  std::vector<Code> ratings;
  for (const auto& band : terms.tariff) {
    if (band.rating) ratings.push_back(*band.rating);
  }
  return {Reason::condition_not_met, "amount", listed(ratings), {}, {}};
}

// The part of a cycle that some days are: months where whole months are paid, else days.
struct Part {
  std::int64_t of = 0;
  std::int64_t whole = 1;
};
Part part_of(Date from, Date to, Date first, Date last, Proration proration) {
  const Month begin = Month::of(from), end = Month::of(to);
  if (proration == Proration::months && from == begin.first_day() && to == end.last_day()) {
    return {end.ordinal() - begin.ordinal() + 1,
            Month::of(last).ordinal() - Month::of(first).ordinal() + 1};
  }
  return {to - from + 1, last - first + 1};
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

// Days under contract that follow one another with one value and one rate count together for their part of the
// cycle, whatever else changes between them. The units are the beds at the end.
std::optional<Rejection> EntitlementRules::add_beds(
    const std::vector<AssessmentRow>& history,
    const std::vector<ProviderRow::Period>& contracts, Month period) const {
  const Date first = period.first_day(), last = last_month(period).last_day();
  const auto& through = cutover_.paid_through;
  struct Run {
    Date from, to;
    std::int64_t rate = -1, beds = 0, fen = 0;
  } run;
  for (Date day = through ? std::max(first, *through + 1) : first, until; day <= last;
       day = until + 1) {
    until = last;
    const Era* era = era_on(day);
    if (!era) {
      for (const auto& later : eras_) {
        if (day < later.from) until = std::min(until, later.from + -1);
      }
      continue;
    }
    until = std::min(until, era->to);
    for (const Date change : era->rate_changes) {
      if (day < change) until = std::min(until, change + -1);
    }
    if (!under_contract(contracts, era->terms->proration, day, until)) continue;
    const AssessmentRow* assessment = counted_on(history, *era, day, until);
    if (!assessment || !assessment->value) continue;
    const TariffBand* band = band_of(*era->terms, assessment->rating, day);
    if (!band) continue;
    if (!band->amount) return rate_not_set(*era, *band);
    const std::int64_t beds = assessment->value->hundredths(), rate = fen_of(*band->amount);
    if (run.rate != rate || run.beds != beds || run.to + 1 != day) run = {day, until, rate, beds};
    const Part part = part_of(run.from, until, first, last, era->terms->proration);
    const std::int64_t fen = rounded(rate, beds * part.of, 100 * part.whole);
    // What counted in whole months may come to more than that and some days do: then those before have less.
    std::int64_t more = fen - run.fen;
    for (auto piece = pieces_.rbegin(); more < 0; ++piece) {
      const std::int64_t less = std::min(piece->fen, -more);
      piece->fen -= less;
      more += less;
    }
    for (auto& piece : pieces_) piece.units = 0;
    pieces_.push_back({era, {}, more, beds});
    run.to = until;
    run.fen = fen;
  }
  return std::nullopt;
}

const EntitlementRules::Era* EntitlementRules::first_counted(
    Date effective, const std::vector<ProviderRow::Period>& contracts, Date until, Date& day) const {
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
    if (under_contract(contracts, era->terms->proration, day, to)) return era;
  }
  return nullptr;
}

// Each bed once, at the rate of the day on which it first counts: the beds of an assessment beyond the
// most that counted before. Fewer beds later take nothing back; an assessment that replaces one of the
// same day does.
std::optional<Rejection> EntitlementRules::add_new_beds(
    const std::vector<AssessmentRow>& history,
    const std::vector<ProviderRow::Period>& contracts, Date until, std::int64_t& before) const {
  std::int64_t counted = 0;
  for (const auto& assessment : history) {
    const std::int64_t beds = assessment.value.value_or(Quantity()).hundredths();
    if (beds <= counted || until < assessment.effective) continue;
    if (cutover_.paid_through && assessment.effective <= *cutover_.paid_through) {
      counted = before = beds;
      continue;
    }
    Date day;
    const Era* era = first_counted(assessment.effective, contracts, until, day);
    const TariffBand* band = era ? band_of(*era->terms, assessment.rating, day) : nullptr;
    if (!band) continue;
    if (!band->amount) return rate_not_set(*era, *band);
    const std::int64_t more = beds - counted;
    pieces_.push_back({era, {}, rounded(fen_of(*band->amount), more, 100), more});
    counted = beds;
  }
  return std::nullopt;
}

// The best that was reached while the policy was in force, less what was paid for the best until the
// cutover: an award is given once, and only its rise follows. A rating that is lost later takes no award
// back.
std::optional<Rejection> EntitlementRules::add_award(const std::vector<AssessmentRow>& history,
                                                     Date until, std::int64_t& before) const {
  std::optional<Piece> best;
  for (const auto& assessment : history) {
    if (until < assessment.effective) continue;
    const bool paid = cutover_.paid_through && assessment.effective <= *cutover_.paid_through;
    const Era* era = era_on(assessment.effective);
    // Paid by rules that nobody registered here: it is worth what the first ones say.
    if (!era && paid && !eras_.empty()) era = &eras_.front();
    if (!era || (!paid && !era->takes(assessment.effective))) continue;
    const TariffBand* band =
        band_of(*era->terms, assessment.rating, std::max(assessment.effective, era->from));
    if (!band) continue;
    if (!band->amount) return rate_not_set(*era, *band);
    const std::int64_t fen = fen_of(*band->amount);
    if (paid) {
      before = std::max(before, fen);
    } else if (!best || best->fen < fen) {
      best = Piece{era, {}, fen, 100};
    }
  }
  if (!best || best->fen <= before) return std::nullopt;
  best->fen -= before;
  pieces_.push_back(*best);
  return std::nullopt;
}

// Why nothing is due to whoever was assessed in a transition.
std::optional<Rejection> EntitlementRules::closed_for(const std::vector<AssessmentRow>& history,
                                                      Date until) const {
  for (const auto& assessment : history) {
    const Era* era = assessment.effective <= until ? era_on(assessment.effective) : nullptr;
    if (!era || era->takes(assessment.effective)) continue;
    return Rejection{Reason::policy_closed, "amount", era->policy->ref().str(), era->takes_until.str(), {}};
  }
  return std::nullopt;
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
  const auto history = assessments_of(state_, provider, *terms.assessment);
  const std::string* registered = state_.find(provider_key(provider));
  const auto contracts = registered ? contracts_of(*registered) : std::vector<ProviderRow::Period>();
  const bool award = programme_->instrument == Instrument::award;
  const Date end = last_month(period).last_day(), until = std::min(as_of, end);
  std::int64_t before = 0;
  const auto judge_until = [&](Date day) {
    pieces_.clear();
    before = 0;
    return award          ? add_award(history, day, before)
           : once(period) ? add_new_beds(history, contracts, day, before)
                          : add_beds(history, contracts, period);
  };
  const auto problem = judge_until(until);
  if (problem) {
    result.unknown = true;
    result.why = problem;
    return result;
  }
  const auto& through = cutover_.paid_through;
  if (pieces_.empty() && through && (before > 0 || last_month(period).last_day() <= *through)) {
    result.why = Rejection{Reason::paid_before, "amount", provider.str(), through->str(), {}};
  } else if (const auto closed = closed_for(history, until); pieces_.empty() && closed) {
    result.why = closed;
  } else if (pieces_.empty() && award && !history.empty() && history.front().effective <= until) {
    result.why = no_rating_fits(terms);
  } else if (pieces_.empty()) {
    result.why = Rejection{Reason::assessment_missing, "amount", provider.str(),
                           terms.assessment->str(), {}};
  }
  share.add_up(pieces_);
  // Whoever looks back sees less than was earned, and calculated, since: no mistake that is taken back.
  if (until < end && result.due.amount < result.calculated()) {
    const std::int64_t then = sum_of(pieces_);
    const auto later = judge_until(end);
    if (later || then < sum_of(pieces_)) {
      Date enough = end;
      for (const auto& assessment : history) {
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
