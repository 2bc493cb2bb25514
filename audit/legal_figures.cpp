#include "audit/legal_figures.h"

#include <algorithm>

namespace fundtrail::audit {
namespace {

constexpr std::int32_t kDaysToPay = 30;
constexpr std::int64_t kInterestPerDay = 5;  // of 10,000

Money part(const Money& amount, std::int64_t times, std::int64_t of) {
  return Money(Money::Fen((amount.fen() * times + of / 2) / of));
}

}  // namespace

LatePayment late_payment(const Money& invoice, Date delivered, Date paid) {
  const Date due = delivered + kDaysToPay;
  const std::int64_t late = std::max(0, paid - due);
  return {due, late, part(invoice, kInterestPerDay * late, 10'000)};
}

FineRange unit_fine(const Money& defrauded) {
  return {part(defrauded, 10, 100), part(defrauded, 50, 100)};
}
FineRange responsible_person_fine() { return {Money::of_fen(300'000), Money::of_fen(5'000'000)}; }
FineRange assistance_fine(const Money& defrauded) { return {defrauded, defrauded * 3}; }


Money counterpart_short(const CounterpartTerms& terms, const Money& received,
                        const Money& matched) {
  if (!terms.ratio_percent) return Money();
  const Money wanted = part(received, static_cast<std::int64_t>(*terms.ratio_percent), 100);
  return std::max(Money(), wanted - matched);
}

}  // namespace fundtrail::audit
