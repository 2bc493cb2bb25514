#include "ledger/core/money.h"

#include <algorithm>
#include <numeric>

#include "ledger/core/check.h"

namespace fundtrail {
namespace {

// Digits "." two digits, as a number of hundredths; at most `max_digits` before the point.
std::optional<std::int64_t> parse_hundredths(std::string_view text, std::size_t max_digits) {
  if (text.size() < 4 || text.size() > max_digits + 3) return std::nullopt;
  const std::size_t point = text.size() - 3;
  if (text[point] != '.' || (text[0] == '0' && point > 1)) return std::nullopt;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == point) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// The text of a number of hundredths: at least one digit before the point and two behind it.
std::string with_point(std::uint64_t hundredths, bool negative) {
  char text[24];
  char* at = text + sizeof text;
  for (int digit = 0; digit < 3 || hundredths != 0; ++digit, hundredths /= 10) {
    if (digit == 2) *--at = '.';
    *--at = static_cast<char>('0' + hundredths % 10);
  }
  if (negative) *--at = '-';
  return std::string(at, text + sizeof text);
}

std::string with_point(std::string digits) {
  digits.insert(digits.size() - 2, 1, '.');
  return digits;
}

}  // namespace

std::optional<Money> Money::parse(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const auto fen = parse_hundredths(text.substr(negative ? 1 : 0), kMaxYuanDigits);
  if (!fen || (negative && *fen == 0)) return std::nullopt;
  return of_fen(negative ? -*fen : *fen);
}

std::string Money::str() const {
  const Fen magnitude = is_negative() ? Fen(-fen_) : fen_;
  if (magnitude <= INT64_MAX) {
    return with_point(magnitude.convert_to<std::uint64_t>(), is_negative());
  }
  std::string text = with_point(magnitude.str());
  if (is_negative()) text.insert(0, 1, '-');
  return text;
}

std::string Money::grouped() const {
  std::string text = str();
  const std::size_t first = is_negative() ? 1 : 0;
  for (std::size_t at = text.size() - 3; at > first + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::vector<Money> split(const Money& amount, const std::vector<std::int64_t>& weights,
                         std::optional<std::size_t> remainder) {
  FT_CHECK(!amount.is_negative() && !weights.empty());
  FT_CHECK(!remainder || *remainder < weights.size());
  FT_CHECK(std::all_of(weights.begin(), weights.end(), [](auto w) { return w >= 0; }));
  Money::Fen total = 0;
  for (const auto weight : weights) total += weight;
  FT_CHECK(total > 0);

  std::vector<Money> parts;
  std::vector<Money::Fen> fractions;
  Money::Fen left = amount.fen();
  for (const auto weight : weights) {
    const Money::Fen scaled = amount.fen() * weight;
    const Money::Fen part = scaled / total;
    parts.emplace_back(part);
    fractions.push_back(scaled % total);
    left -= part;
  }
  if (remainder) {
    parts[*remainder] += Money(left);
    return parts;
  }
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return fractions[a] > fractions[b]; });
  for (std::size_t i = 0; left > 0; ++i, left -= 1) parts[order[i]] += Money::of_fen(1);
  return parts;
}

std::optional<Quantity> Quantity::parse(std::string_view text) {
  const auto value = parse_hundredths(text, kMaxIntegerDigits);
  return value ? std::optional(Quantity(*value)) : std::nullopt;
}

std::string Quantity::str() const {
  return with_point(static_cast<std::uint64_t>(hundredths_), false);
}

}  // namespace fundtrail
