// What a stretch of days is worth: the one place where instruments differ. Private to the files of
// entitlement*.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/rules/entitlement.h"

namespace fundtrail::rules {

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

  void add(const Stretch& stretch);
  // A band without an amount was met: nothing can be said.
  const std::optional<Rejection>& problem() const { return problem_; }

 private:
  bool rate_is_set(const Stretch& stretch);
  void add_months(const Stretch& stretch);
  void add_approved_hours(const Stretch& stretch);
  void add_delivered_hours(const Stretch& stretch);
  void add_bills(const Stretch& stretch);
  // The last day of the stretch on which something can be delivered to the person.
  Date last_delivery(const Stretch& stretch) const;
  bool away_on(Date day) const;
  std::string_view payee_of(const Stretch& stretch, std::string_view served_by) const;
  void put(const Stretch& stretch, std::string_view payee, std::int64_t fen, std::int64_t units);
  // The row of delivered services of a month, or nothing.
  const std::string* row_of(Month month);
  // The hours of a month that are paid at most for the days of a stretch in it.
  std::int64_t hours_of(const Stretch& stretch, Date from, Date to) const;
  // What a month's bills came to already: several stretches of a month share its cap.
  struct MonthOfBills {
    Month month;
    std::int64_t paid = 0;
    std::int64_t cap = 0;
  };

  const StateSource& state_;
  const Programme& programme_;
  const Person& person_;
  const PayeeKind payee_;
  const bool delivered_;
  std::vector<Piece>& pieces_;
  std::optional<Rejection> problem_;
  MonthOfBills bills_;
  std::string key_;
};

// Half up, of amounts that are not negative. The product may exceed 64 bits, the result may not.
std::int64_t rounded(std::int64_t amount, std::int64_t times, std::int64_t divisor);
// Throws std::overflow_error.
std::int64_t plus(std::int64_t a, std::int64_t b);

}  // namespace fundtrail::rules
