#include "ledger/core/ids.h"

#include <array>
#include <cstdio>

#include "ledger/core/date.h"

namespace fundtrail {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_alnum(char c) { return is_digit(c) || is_upper(c) || (c >= 'a' && c <= 'z'); }

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return true;
}

// Of the three bytes: zero width and direction marks, separators of lines and paragraphs, embedding
// and isolating controls, word joiner and its like, byte order mark.
bool is_invisible(unsigned code_point) {
  return (code_point >= 0x200B && code_point <= 0x200F) ||
         (code_point >= 0x2028 && code_point <= 0x202E) ||
         (code_point >= 0x2060 && code_point <= 0x2069) || code_point == 0xFEFF;
}

// The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), or 0. Control
// characters (C0, DEL, C1) and invisible ones count as not well-formed: no field of a document may carry one.
std::size_t printable_utf8(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto tail = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return byte(i) >= low && byte(i) <= high;
  };
  const unsigned b = byte(at);
  if (b < 0x80) return b >= 0x20 && b != 0x7F ? 1 : 0;
  if (b == 0xC2) return tail(at + 1, 0xA0) ? 2 : 0;
  if (b > 0xC2 && b <= 0xDF) return tail(at + 1) ? 2 : 0;
  if (b >= 0xE0 && b <= 0xEF) {
    const unsigned low = b == 0xE0 ? 0xA0 : 0x80, high = b == 0xED ? 0x9F : 0xBF;
    if (!tail(at + 1, low, high) || !tail(at + 2)) return 0;
    return is_invisible((b & 15) << 12 | (byte(at + 1) & 63) << 6 | (byte(at + 2) & 63)) ? 0 : 3;
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const unsigned low = b == 0xF0 ? 0x90 : 0x80, high = b == 0xF4 ? 0x8F : 0xBF;
    return tail(at + 1, low, high) && tail(at + 2) && tail(at + 3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_well_formed_id(std::string_view text) {
  if (text.empty() || text.size() > 64 || text[0] == '.' || text[0] == '-') return false;
  for (const char c : text) {
    if (!is_alnum(c) && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

std::optional<RegionCode> RegionCode::parse(std::string_view text) {
  if ((text.size() != 6 && text.size() != 9 && text.size() != 12) || !all_digits(text)) {
    return std::nullopt;
  }
  RegionCode code;
  code.value_ = text;
  return code;
}

std::optional<Pseudonym> Pseudonym::parse(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'f';
    if (!is_digit(c) && !letter) return std::nullopt;
    value = value << 4 | unsigned(letter ? c - 'a' + 10 : c - '0');
  }
  return Pseudonym(value);
}

std::string Pseudonym::str() const {
  std::string text(16, '0');
  for (int i = 0; i < 16; ++i) text[std::size_t(i)] = "0123456789abcdef"[value_ >> (60 - 4 * i) & 15];
  return text;
}

std::optional<VoucherNumber> VoucherNumber::parse(std::string_view text) {
  if (text.size() < 10 || text.size() > 25 || text[text.size() - 9] != '-') return std::nullopt;
  const auto series = text.substr(0, text.size() - 9), serial = text.substr(text.size() - 8);
  for (const char c : series) {
    if (!is_digit(c) && !is_upper(c)) return std::nullopt;
  }
  if (!all_digits(serial)) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : serial) value = value * 10 + std::uint32_t(c - '0');
  if (value == 0) return std::nullopt;
  return VoucherNumber(std::string(series), value);
}

std::string VoucherNumber::str() const {
  std::string text = series_;
  text += "-00000000";
  for (std::uint32_t value = serial_, at = 1; value != 0; value /= 10, ++at) {
    text[text.size() - at] = char('0' + value % 10);
  }
  return text;
}

std::optional<Text> Text::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxBytes) return std::nullopt;
  for (const std::string_view blank : {" ", "\u3000"}) {
    if (text.starts_with(blank) || text.ends_with(blank)) return std::nullopt;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = printable_utf8(text, at);
    if (length == 0) return std::nullopt;
    at += length;
  }
  Text result;
  result.value_ = text;
  return result;
}

std::optional<Reference> Reference::parse(std::string_view text) {
  if (text.empty() || text.size() > kMaxBytes || text.front() == ' ' || text.back() == ' ') {
    return std::nullopt;
  }
  for (const char c : text) {
    if (c < ' ' || c > '~') return std::nullopt;
  }
  Reference result;
  result.value_ = text;
  return result;
}

bool is_valid_uscc(std::string_view text) {
  constexpr std::string_view alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  if (text.size() != 18) return false;
  unsigned sum = 0, weight = 1;
  for (std::size_t i = 0; i < 17; ++i, weight = weight * 3 % 31) {
    const auto value = alphabet.find(text[i]);
    if (value == std::string_view::npos) return false;
    sum += unsigned(value) * weight;
  }
  return text[17] == alphabet[(31 - sum % 31) % 31];
}

IdNumberFault check_id_number(std::string_view text) {
  if (text.size() != 18) return IdNumberFault::length;
  if (!all_digits(text.substr(0, 17)) || (!is_digit(text[17]) && text[17] != 'X')) {
    return IdNumberFault::characters;
  }
  const auto number = [&](std::size_t at, std::size_t n) {
    int value = 0;
    for (std::size_t i = at; i < at + n; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  // Older than 1900 is possible on paper only; GB 11643 numbers were first given in 1984.
  if (!Date::from_ymd(number(6, 4), unsigned(number(10, 2)), unsigned(number(12, 2)))) {
    return IdNumberFault::birth_date;
  }
  constexpr std::array<int, 17> weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (text[i] - '0') * weights[i];
  return text[17] == "10X98765432"[sum % 11] ? IdNumberFault::none : IdNumberFault::check_digit;
}

}  // namespace fundtrail
