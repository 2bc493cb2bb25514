#include "ledger/rules/entitlement_amounts.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "ledger/core/check.h"

namespace fundtrail::rules {

std::int64_t rounded(std::int64_t amount, std::int64_t times, std::int64_t divisor) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(amount, times, &product) && product < INT64_MAX - divisor) {
    return (product + divisor / 2) / divisor;
  }
  Money::Fen exact = amount;
  exact = (exact * times + divisor / 2) / divisor;
  if (exact > INT64_MAX) throw std::overflow_error("an entitlement beyond all limits");
  return exact.convert_to<std::int64_t>();
}

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) {
    throw std::overflow_error("an entitlement beyond all limits");
  }
  return sum;
}

// Who is paid: those who served, or whom the grant names; a paying agent is nobody in particular.
std::string_view PieceMaker::payee_of(const Stretch& stretch, std::string_view served_by) const {
  switch (payee_) {
    case PayeeKind::serving_provider: return served_by;
    case PayeeKind::assigned_provider:
      if (stretch.grant && !stretch.grant->provider.empty()) return stretch.grant->provider.str();
      return served_by;
    case PayeeKind::paying_agent:
    case PayeeKind::claimant: return {};
  }
  FT_CHECK(false);
}

void PieceMaker::put(const Stretch& stretch, std::string_view payee, std::int64_t fen,
                     std::int64_t units) {
  for (auto& piece : pieces_) {
    if (piece.era != stretch.era || piece.payee != payee) continue;
    piece.fen = plus(piece.fen, fen);
    piece.units = plus(piece.units, units);
    return;
  }
  pieces_.push_back({stretch.era, payee, fen, units});
}

bool PieceMaker::rate_is_set(const Stretch& stretch) {
  const TariffBand& band = *stretch.band;
  bool set = band.amount.has_value();
  if (programme_.instrument == Instrument::bill_share) set = band.percent.has_value();
  if (programme_.instrument == Instrument::service_hours) set = set && (band.per_day || band.per_month);
  if (!set && !problem_) {
    problem_ = Rejection{Reason::rate_not_set, "amount", band.id.str(),
                         stretch.era->policy->ref().str(), {}};
  }
  return set;
}

void PieceMaker::add(const std::vector<Stretch>& stretches) {
  if (programme_.instrument == Instrument::service_hours) find_limits(stretches);
  for (const auto& stretch : stretches) add(stretch);
}

void PieceMaker::add(const Stretch& stretch) {
  if (programme_.instrument == Instrument::voucher) {
    const auto months = Month::of(stretch.to).ordinal() - Month::of(stretch.from).ordinal() + 1;
    return put(stretch, {}, 0, months * 100);
  }
  if (!rate_is_set(stretch)) return;
  switch (programme_.instrument) {
    case Instrument::allowance: return add_months(stretch);
    case Instrument::service_hours:
      return delivered_ ? add_delivered_hours(stretch) : add_approved_hours(stretch);
    case Instrument::bill_share: return add_bills(stretch);
    case Instrument::bed_subsidy:
    case Instrument::award:  // of a provider: entitlement.cpp
    case Instrument::voucher:
    case Instrument::grant:
    case Instrument::points: return;
  }
}

// Whole months count as one; what is left at either end counts by the days of its month.
void PieceMaker::add_months(const Stretch& stretch) {
  const std::int64_t amount = fen_of(*stretch.band->amount);
  std::int64_t fen = 0, units = 0, whole = 0;
  int before = goes_on(stretch, amount) ? static_cast<int>(so_far_.total) : 0;
  for (Date day = stretch.from; day <= stretch.to;) {
    const Month month = Month::of(day);
    if (day == month.first_day()) before = 0;
    const Date last = std::min(month.last_day(), stretch.to);
    const int days = last - day + 1, of = month.last_day() - month.first_day() + 1;
    if (days == of) {
      ++whole;
    } else {
      fen = plus(fen, rounded(amount, before + days, of) - rounded(amount, before, of));
      units += rounded(100, before + days, of) - rounded(100, before, of);
    }
    before += days;
    day = last + 1;
  }
  so_far_ = {amount, stretch.to, before};
  put(stretch, payee_of(stretch, {}), plus(fen, rounded(amount, whole, 1)), units + whole * 100);
}

std::int64_t PieceMaker::MonthOfHours::part(int of_days) const {
  return rounded(per_month, of_days, month.last_day() - month.first_day() + 1);
}

PieceMaker::MonthOfHours* PieceMaker::limit_of(const Stretch& stretch, Month month) {
  if (!stretch.band->per_month) return nullptr;
  const std::int64_t per_month = stretch.band->per_month->hundredths();
  const auto same = [&](const MonthOfHours& limit) {
    return limit.month == month && limit.per_month == per_month;
  };
  const auto found = std::find_if(limits_.begin(), limits_.end(), same);
  if (found != limits_.end()) return &*found;
  limits_.push_back({month, per_month});
  return &limits_.back();
}

void PieceMaker::find_limits(const std::vector<Stretch>& stretches) {
  for (const auto& stretch : stretches) {
    for (Date day = stretch.from, last; day <= stretch.to; day = last + 1) {
      last = std::min(Month::of(day).last_day(), stretch.to);
      if (auto* limit = limit_of(stretch, Month::of(day))) limit->days += last - day + 1;
    }
  }
}

// So many hours a day until the month has its hours; without hours a day, each day its part of the month's.
std::int64_t PieceMaker::approved_hours(const Stretch& stretch, Date from, Date to) {
  const auto& per_day = stretch.band->per_day;
  const int days = to - from + 1;
  auto* limit = limit_of(stretch, Month::of(from));
  if (!limit) return per_day->hundredths() * days;
  std::int64_t hours = limit->part(limit->past + days) - limit->part(limit->past);
  limit->past += days;
  if (per_day) hours = per_day->hundredths() * days;
  hours = std::min(hours, limit->left());
  limit->used += hours;
  return hours;
}

void PieceMaker::add_approved_hours(const Stretch& stretch) {
  std::int64_t hours = 0;
  for (Date day = stretch.from; day <= stretch.to;) {
    const Date last = std::min(Month::of(day).last_day(), stretch.to);
    hours = plus(hours, approved_hours(stretch, day, last));
    day = last + 1;
  }
  const std::int64_t rate = fen_of(*stretch.band->amount);
  const std::int64_t before = goes_on(stretch, rate) ? so_far_.total : 0;
  so_far_ = {rate, stretch.to, plus(before, hours)};
  put(stretch, payee_of(stretch, {}),
      rounded(rate, so_far_.total, 100) - rounded(rate, before, 100), hours);
}

const std::string* PieceMaker::row_of(Month month) {
  delivered_key(key_, person_.id, programme_.id, month);
  return state_.find(key_);
}

// However long an entitlement runs on after its end, nobody is served after it: a service that was
// recorded before the death was is not paid.
Date PieceMaker::last_delivery(const Stretch& stretch) const {
  if (!person_.ended_on) return stretch.to;
  const bool payable = !person_.died || stretch.era->policy->death_day_payable;
  return std::min(stretch.to, payable ? *person_.ended_on : *person_.ended_on + -1);
}

bool PieceMaker::away_on(Date day) const {
  const auto covers = [&](const Absence& absence) { return absence.covers(day); };
  return std::any_of(person_.absences.begin(), person_.absences.end(), covers);
}

// What was recorded first counts first, day by day up to what is paid a day, and month by month up to
// what is paid for it. The hours at one rate are rounded to fen together; each provider has what its hours
// added.
void PieceMaker::add_delivered_hours(const Stretch& stretch) {
  const std::int64_t rate = fen_of(*stretch.band->amount);
  const auto& band = *stretch.band;
  const std::int64_t per_day = band.per_day ? band.per_day->hundredths() : INT64_MAX;
  const Date last = last_delivery(stretch);
  std::int64_t total = goes_on(stretch, rate) ? so_far_.total : 0;
  for (Month month = Month::of(stretch.from); month.first_day() <= last; month = month.plus(1)) {
    const std::string* row = row_of(month);
    if (!row) continue;
    const Date first = month.first_day();
    std::array<std::int64_t, 32> used{};
    auto* limit = limit_of(stretch, month);
    Delivered service;
    for (DeliveredRow rows(*row); rows.next(service);) {
      const Date day = first + (static_cast<std::int32_t>(service.day) - 1);
      if (day < stretch.from || last < day || service.day >= used.size() || away_on(day)) continue;
      const std::int64_t left = limit ? limit->left() : INT64_MAX;
      const std::int64_t counted = std::min({service.hours, per_day - used[service.day], left});
      if (counted <= 0) continue;
      used[service.day] += counted;
      if (limit) limit->used += counted;
      const std::int64_t before = rounded(rate, total, 100);
      total += counted;
      put(stretch, payee_of(stretch, service.provider), rounded(rate, total, 100) - before,
          counted);
    }
  }
  so_far_ = {rate, stretch.to, total};
}

// A percentage of what insurance left of the bills, up to the cap of the month, which its stretches
// share; again what was recorded first counts first.
void PieceMaker::add_bills(const Stretch& stretch) {
  const auto percent = static_cast<std::int64_t>(*stretch.band->percent);
  const auto& cap = stretch.band->cap;
  const Date last = last_delivery(stretch);
  if (!goes_on(stretch, percent)) bills_.own = 0;
  so_far_ = {percent, stretch.to};
  for (Month month = Month::of(stretch.from); month.first_day() <= last; month = month.plus(1)) {
    const std::string* row = row_of(month);
    if (!row) continue;
    if (bills_.month != month) bills_ = {month};
    if (cap) bills_.cap = std::max(bills_.cap, fen_of(*cap));
    const Date first = month.first_day();
    std::int64_t& own = bills_.own;
    Delivered service;
    for (DeliveredRow rows(*row); rows.next(service);) {
      const Date day = first + (static_cast<std::int32_t>(service.day) - 1);
      if (day < stretch.from || last < day || away_on(day)) continue;
      const std::int64_t before = rounded(own, percent, 100);
      own = plus(own, std::max<std::int64_t>(0, service.bill - service.insurance));
      std::int64_t share = rounded(own, percent, 100) - before;
      if (cap) share = std::clamp<std::int64_t>(bills_.cap - bills_.paid, 0, share);
      bills_.paid = plus(bills_.paid, share);
      if (share > 0) put(stretch, payee_of(stretch, service.provider), share, 0);
    }
  }
}

}  // namespace fundtrail::rules
