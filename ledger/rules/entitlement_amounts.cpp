#include "ledger/rules/entitlement_amounts.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "ledger/core/check.h"

namespace fundtrail::rules {
namespace {

bool same_amounts(const EntitlementRules::Stretch& a, const EntitlementRules::Stretch& b) {
  if (a.band == b.band) return true;
  return a.band && b.band && a.band->amount == b.band->amount && a.band->percent == b.band->percent &&
         a.band->cap == b.band->cap && a.band->per_day == b.band->per_day &&
         a.band->per_month == b.band->per_month;
}

}  // namespace

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
  const AtOneBand all(stretches);
  for (std::size_t from = 0, to; from < all.size(); from = to) {
    to = from + 1;
    while (to < all.size() && all[to - 1].to + 1 == all[to].from && same_amounts(all[to - 1], all[to])) ++to;
    add(all.subspan(from, to - from));
  }
}

void PieceMaker::add(AtOneBand days) {
  for (const auto& stretch : days) {
    if (programme_.instrument == Instrument::voucher) {
      const auto months = Month::of(stretch.to).ordinal() - Month::of(stretch.from).ordinal() + 1;
      put(stretch, {}, 0, months * 100);
    } else if (!rate_is_set(stretch)) {
      return;
    }
  }
  switch (programme_.instrument) {
    case Instrument::allowance:
      for (const auto& stretch : days) add_months(stretch);
      return;
    case Instrument::service_hours:
      if (delivered_) return add_delivered_hours(days);
      for (const auto& stretch : days) add_approved_hours(stretch);
      return;
    case Instrument::bill_share: return add_bills(days);
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
  each_month(stretch.from, stretch.to, [&](const DaysOfMonth& days) {
    if (days.begin_it()) before = 0;
    if (days.whole()) {
      ++whole;
    } else {
      fen = plus(fen, rounded(amount, before + days.count(), days.of()) - rounded(amount, before, days.of()));
      units += rounded(100, before + days.count(), days.of()) - rounded(100, before, days.of());
    }
    before += days.count();
  });
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
    each_month(stretch.from, stretch.to, [&](const DaysOfMonth& days) {
      if (auto* limit = limit_of(stretch, Month::of(days.from))) limit->days += days.count();
    });
  }
}

// So many hours a day until the month has its hours; without hours a day, each day its part of the month's.
std::int64_t PieceMaker::approved_hours(const Stretch& stretch, const DaysOfMonth& days) {
  const auto& per_day = stretch.band->per_day;
  auto* limit = limit_of(stretch, Month::of(days.from));
  if (!limit) return per_day->hundredths() * days.count();
  std::int64_t hours = limit->part(limit->past + days.count()) - limit->part(limit->past);
  limit->past += days.count();
  if (per_day) hours = per_day->hundredths() * days.count();
  hours = std::min(hours, limit->left());
  limit->used += hours;
  return hours;
}

void PieceMaker::add_approved_hours(const Stretch& stretch) {
  std::int64_t hours = 0;
  each_month(stretch.from, stretch.to, [&](const DaysOfMonth& days) {
    hours = plus(hours, approved_hours(stretch, days));
  });
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
const EntitlementRules::Stretch* PieceMaker::delivered_on(AtOneBand days, Date day) const {
  const auto stretch = std::find_if(days.begin(), days.end(), [&](const Stretch& s) { return day <= s.to; });
  if (stretch == days.end() || day < stretch->from) return nullptr;
  if (person_.ended_on) {
    const bool payable = !person_.died || stretch->era->policy->death_day_payable;
    if ((payable ? *person_.ended_on : *person_.ended_on + -1) < day) return nullptr;
  }
  const auto covers = [&](const Absence& absence) { return absence.covers(day); };
  if (std::any_of(person_.absences.begin(), person_.absences.end(), covers)) return nullptr;
  return &*stretch;
}

// What was recorded first counts first, day by day up to what is paid a day, and month by month up to
// what is paid for it. The hours at one rate are rounded to fen together; each provider has what its hours
// added.
void PieceMaker::add_delivered_hours(AtOneBand days) {
  const auto& band = *days.front().band;
  const std::int64_t rate = fen_of(*band.amount);
  const std::int64_t per_day = band.per_day ? band.per_day->hundredths() : INT64_MAX;
  std::int64_t total = goes_on(days.front(), rate) ? so_far_.total : 0;
  for (Month month = Month::of(days.front().from); month <= Month::of(days.back().to);
       month = month.plus(1)) {
    const std::string* row = row_of(month);
    if (!row) continue;
    std::array<std::int64_t, 32> used{};
    auto* limit = limit_of(days.front(), month);
    Delivered service;
    for (DeliveredRow rows(*row); rows.next(service);) {
      const Date day = month.first_day() + (static_cast<std::int32_t>(service.day) - 1);
      const Stretch* stretch = service.day < used.size() ? delivered_on(days, day) : nullptr;
      if (!stretch) continue;
      const std::int64_t left = limit ? limit->left() : INT64_MAX;
      const std::int64_t counted = std::min({service.hours, per_day - used[service.day], left});
      if (counted <= 0) continue;
      used[service.day] += counted;
      if (limit) limit->used += counted;
      const std::int64_t before = rounded(rate, total, 100);
      total += counted;
      put(*stretch, payee_of(*stretch, service.provider), rounded(rate, total, 100) - before, counted);
    }
  }
  so_far_ = {rate, days.back().to, total};
}

// A percentage of what insurance left of the bills, as long as all that the month brought is no more than the cap
// of the bill's own day; what was recorded first counts first among days at one percentage and cap.
void PieceMaker::add_bills(AtOneBand days) {
  const auto percent = static_cast<std::int64_t>(*days.front().band->percent);
  const auto& cap = days.front().band->cap;
  if (!goes_on(days.front(), percent)) bills_.own = 0;
  so_far_ = {percent, days.back().to};
  for (Month month = Month::of(days.front().from); month <= Month::of(days.back().to);
       month = month.plus(1)) {
    const std::string* row = row_of(month);
    if (!row) continue;
    if (bills_.month != month) bills_ = {month};
    std::int64_t& own = bills_.own;
    Delivered service;
    for (DeliveredRow rows(*row); rows.next(service);) {
      const Date day = month.first_day() + (static_cast<std::int32_t>(service.day) - 1);
      const Stretch* stretch = delivered_on(days, day);
      if (!stretch) continue;
      const std::int64_t before = rounded(own, percent, 100);
      own = plus(own, std::max<std::int64_t>(0, service.bill - service.insurance));
      std::int64_t share = rounded(own, percent, 100) - before;
      if (cap) share = std::clamp<std::int64_t>(fen_of(*cap) - bills_.paid, 0, share);
      bills_.paid = plus(bills_.paid, share);
      if (share > 0) put(*stretch, payee_of(*stretch, service.provider), share, 0);
    }
  }
}

}  // namespace fundtrail::rules
