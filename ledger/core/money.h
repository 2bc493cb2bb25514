// Money: an exact integer number of fen (1 yuan = 100 fen). There is no floating point anywhere in
// ledger/. Overflow of the checked 128-bit integer throws std::overflow_error; it cannot wrap.
// Amounts that come from outside are limited to kMaxYuanDigits, so sums of 10^20 of them still fit.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fundtrail {

class Money {
 public:
  using Fen = boost::multiprecision::checked_int128_t;
  static constexpr int kMaxYuanDigits = 15;

  Money() = default;
  explicit Money(Fen fen) : fen_(std::move(fen)) {}
  static Money of_fen(std::int64_t fen) { return Money(Fen(fen)); }

  // "100.00", "-0.05": an optional minus, digits without leading zeros, exactly two decimals.
  // Nothing else: no plus, no thousands separators, no "-0.00".
  static std::optional<Money> parse(std::string_view text);
  // Always two decimals; the exact inverse of parse().
  std::string str() const;
  // "1,234,567.89": for people only, never stored or hashed.
  std::string grouped() const;

  const Fen& fen() const { return fen_; }
  bool is_zero() const { return fen_.is_zero(); }
  bool is_negative() const { return fen_.sign() < 0; }
  bool is_positive() const { return fen_.sign() > 0; }

  Money operator-() const { return Money(Fen(-fen_)); }
  Money& operator+=(const Money& other) { fen_ += other.fen_; return *this; }
  Money& operator-=(const Money& other) { fen_ -= other.fen_; return *this; }
  friend Money operator+(Money a, const Money& b) { return a += b; }
  friend Money operator-(Money a, const Money& b) { return a -= b; }
  friend Money operator*(const Money& a, std::int64_t n) { return Money(Fen(a.fen_ * n)); }

  friend bool operator==(const Money& a, const Money& b) { return a.fen_ == b.fen_; }
  friend std::strong_ordering operator<=>(const Money& a, const Money& b) {
    const int c = a.fen_.compare(b.fen_);
    return c < 0 ? std::strong_ordering::less
                 : c > 0 ? std::strong_ordering::greater : std::strong_ordering::equal;
  }

 private:
  Fen fen_ = 0;
};

// Splits a non-negative amount by non-negative integer weights (6:4 is {6, 4}); the parts always
// add up to the whole. Remainder rule: every part is rounded down, then the fen left over go one
// each to the parts with the largest fraction, the earlier part first among equals. With `remainder`,
// the place of a part, all of them go to that part.
// Checks: at least one weight, a positive sum of weights, amount >= 0.
std::vector<Money> split(const Money& amount, const std::vector<std::int64_t>& weights,
                         std::optional<std::size_t> remainder = {});

// Hours delivered and the like: an exact number of hundredths ("1.50"), never negative.
class Quantity {
 public:
  static constexpr int kMaxIntegerDigits = 9;
  Quantity() = default;
  explicit Quantity(std::int64_t hundredths) : hundredths_(hundredths) {}
  static std::optional<Quantity> parse(std::string_view text);
  std::string str() const;
  std::int64_t hundredths() const { return hundredths_; }
  friend auto operator<=>(const Quantity&, const Quantity&) = default;

 private:
  std::int64_t hundredths_ = 0;
};

}  // namespace fundtrail
