// What a stretch of days is worth: the one place where instruments differ. Private to the files of
// entitlement*.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ledger/rules/entitlement.h"

namespace fundtrail::rules {

// Some days of one month.
struct DaysOfMonth {
  Date from;
  Date to;
  int count() const { return to - from + 1; }
  int of() const { return Month::of(from).last_day() - Month::of(from).first_day() + 1; }
  bool whole() const { return count() == of(); }
  bool begin_it() const { return from == Month::of(from).first_day(); }
};
// Month by month: one that is cut counts for the part that its days are of its own, whatever cuts it.
template <class F>
void each_month(Date from, Date to, F&& take) {
  for (Date last; from <= to; from = last + 1) {
    last = std::min(Month::of(from).last_day(), to);
    take(DaysOfMonth{from, last});
  }
}

// Whether what was delivered decides.
bool by_delivery(const Programme& programme, const EntitlementTerms& terms, bool final_basis);

class PieceMaker {
 public:
  using Era = EntitlementRules::Era;
  using Person = EntitlementRules::Person;
  using Piece = EntitlementRules::Piece;
  using Stretch = EntitlementRules::Stretch;

  // `delivered`: what was delivered decides, where the instrument knows of it.
  PieceMaker(const StateSource& state, const Programme& programme, const Person& person,
             PayeeKind payee, bool delivered, std::vector<Piece>& pieces)
      : state_(state), programme_(programme), person_(person), payee_(payee),
        delivered_(delivered), pieces_(pieces) {}

  // Those of one window, ascending.
  void add(const std::vector<Stretch>& stretches);
  // A band without an amount was met: nothing can be said.
  const std::optional<Rejection>& problem() const { return problem_; }

 private:
  bool rate_is_set(const Stretch& stretch);
  void find_limits(const std::vector<Stretch>& stretches);
  // Days that follow one another at the same amounts and limits, whatever else changes between them: what was
  // delivered on them is looked through together.
  using AtOneBand = std::span<const Stretch>;
  void add(AtOneBand days);
  void add_months(const Stretch& stretch);
  void add_approved_hours(const Stretch& stretch);
  void add_delivered_hours(AtOneBand days);
  void add_bills(AtOneBand days);
  // The stretch of a day on which something could be delivered to the person, or nothing.
  const Stretch* delivered_on(AtOneBand days, Date day) const;
  std::string_view payee_of(const Stretch& stretch, std::string_view served_by) const;
  void put(const Stretch& stretch, std::string_view payee, std::int64_t fen, std::int64_t units);
  // The row of delivered services of a month, or nothing.
  const std::string* row_of(Month month);
  // The days of a month with one `per_month` share it, whatever else changes on them: a birthday, another
  // version, another rate.
  struct MonthOfHours {
    Month month;
    std::int64_t per_month = 0;
    int days = 0;
    int past = 0;            // of the days
    std::int64_t used = 0;
    // For so many days, half up to the hundredth.
    std::int64_t part(int of_days) const;
    std::int64_t left() const { return part(days) - used; }
  };
  MonthOfHours* limit_of(const Stretch& stretch, Month month);
  std::int64_t approved_hours(const Stretch& stretch, const DaysOfMonth& days);
  // What a month's bills came to already: several stretches of a month share its cap.
  struct MonthOfBills {
    Month month;
    std::int64_t paid = 0;
    std::int64_t own = 0;  // of the days that follow one another at one percentage
  };
  // Days that follow one another at one rate are rounded together, whatever else changes between them.
  struct AtOneRate {
    std::int64_t rate = -1;
    Date to;
    std::int64_t total = 0;  // days of the month under way, or hours
  };
  bool goes_on(const Stretch& stretch, std::int64_t rate) const {
    return so_far_.rate == rate && so_far_.to + 1 == stretch.from;
  }

  const StateSource& state_;
  const Programme& programme_;
  const Person& person_;
  const PayeeKind payee_;
  const bool delivered_;
  std::vector<Piece>& pieces_;
  std::optional<Rejection> problem_;
  std::vector<MonthOfHours> limits_;
  MonthOfBills bills_;
  AtOneRate so_far_;
  std::string key_;
};

// Half up, of amounts that are not negative. The product may exceed 64 bits, the result may not.
std::int64_t rounded(std::int64_t amount, std::int64_t times, std::int64_t divisor);
// Throws std::overflow_error.
std::int64_t plus(std::int64_t a, std::int64_t b);

}  // namespace fundtrail::rules
