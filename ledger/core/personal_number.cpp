#include "ledger/core/personal_number.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"

namespace fundtrail {
namespace {

constexpr std::size_t kPhone = 11, kIdentity = 18, kLeastCard = 15, kMostCard = 19;
constexpr std::size_t kMostBetween = 3;  // characters between two groups of digits

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_letter(char c) { return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool parts_groups(char c) { return std::string_view(" -._/").find(c) != std::string_view::npos; }

// Nearly all texts have too few digits; in UTF-8 a full-width one is three bytes that begin with EF.
bool may_hold_number(std::string_view text) {
  if (text.size() < kPhone) return false;
  return std::count_if(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '\xEF'; }) >=
         std::ptrdiff_t(kPhone);
}

// What a reader takes for the ASCII character: full-width forms, blanks, hyphens and dashes. Three bytes, or
// two; 0: none of these.
char plain_of(std::string_view three) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(three[at]); };
  if (three.size() >= 2 && byte(0) == 0xC2 && (byte(1) == 0xA0 || byte(1) == 0xB7)) {
    return byte(1) == 0xA0 ? ' ' : '.';
  }
  if (three.size() < 3) return 0;
  const unsigned code = ((byte(0) & 0x0Fu) << 12) | ((byte(1) & 0x3Fu) << 6) | (byte(2) & 0x3Fu);
  if ((byte(0) & 0xF0) != 0xE0) return 0;
  if (code >= 0xFF01 && code <= 0xFF5E) return static_cast<char>(code - 0xFEE0);
  if (code == 0x3000 || (code >= 0x2000 && code <= 0x200A)) return ' ';
  if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212) return '-';
  return 0;
}

// In ASCII, x as X.
std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const char plain = plain_of(text.substr(i, 3)); plain != 0) {
      result += plain;
      i += static_cast<unsigned char>(text[i]) == 0xC2 ? 1 : 2;
    } else {
      result += text[i];
    }
    if (result.back() == 'x') result.back() = 'X';
  }
  return result;
}

// The first two digits of GB/T 2260. Keeps most bank references, which begin with a date, apart.
bool is_province(std::string_view digits) {
  constexpr std::string_view list[] = {
      "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41",
      "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71",
      "81", "82", "83"};
  return std::find(std::begin(list), std::end(list), digits) != std::end(list);
}

// Nobody alive was born in another century; it keeps digests apart.
bool is_identity(std::string_view digits) {
  const auto century = digits.substr(6, 2);
  return is_province(digits.substr(0, 2)) && (century == "18" || century == "19" || century == "20") &&
         check_id_number(digits) == IdNumberFault::none;
}

// A run of digits, and where it stands.
struct Group {
  std::size_t begin = 0, end = 0;
  std::size_t size() const { return end - begin; }
};

std::vector<Group> groups_of(std::string_view text) {
  std::vector<Group> groups;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end != at) groups.push_back({at, end});
    at = end == at ? at + 1 : end;
  }
  return groups;
}

bool belong_together(std::string_view text, const Group& left, const Group& right) {
  const auto between = text.substr(left.end, right.begin - left.end);
  return between.size() <= kMostBetween && std::all_of(between.begin(), between.end(), parts_groups);
}

bool reads_as_date(std::string_view eight) {
  if (eight.substr(0, 2) != "19" && eight.substr(0, 2) != "20") return false;
  const auto number = [&](std::size_t at, std::size_t n) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + n; ++i) value = value * 10 + unsigned(eight[i] - '0');
    return value;
  };
  return Date::from_ymd(int(number(0, 4)), number(4, 2), number(6, 2)).has_value();
}

// Whether a word has letters, and only such that are hexadecimal digits.
bool in_hexadecimal_word(std::string_view text, const Group& group) {
  bool letters = false, others = false;
  const auto look = [&](char c) {
    letters = letters || is_hex_letter(c);
    others = others || (is_letter(c) && !is_hex_letter(c));
  };
  for (std::size_t at = group.begin; at > 0 && (is_digit(text[at - 1]) || is_letter(text[at - 1])); --at) {
    look(text[at - 1]);
  }
  for (std::size_t at = group.end; at < text.size() && (is_digit(text[at]) || is_letter(text[at])); ++at) {
    look(text[at]);
  }
  return letters && !others;
}

bool is_phone(std::string_view digits) {
  return digits.size() == kPhone && digits[0] == '1' && digits[1] >= '3';
}

// Without the code of the country, which may stand before it.
std::string_view without_country(std::string_view digits) {
  if (digits.size() == kPhone + 2 && digits.substr(0, 2) == "86") return digits.substr(2);
  if (digits.size() == kPhone + 4 && digits.substr(0, 4) == "0086") return digits.substr(4);
  return digits;
}

// As people write them; the first may bear the code of the country.
bool are_groups_of_phone(const std::vector<std::size_t>& sizes) {
  static const std::vector<std::size_t> known[] = {{11}, {3, 4, 4}, {3, 8}, {7, 4}, {4, 3, 4}, {4, 4, 3}, {3, 3, 5}};
  return std::find(std::begin(known), std::end(known), sizes) != std::end(known);
}

// From a group on: the phone's groups, behind a group 86 or 0086 if there is one.
bool begins_phone(std::string_view text, const std::vector<Group>& groups, std::size_t first) {
  std::string digits;
  std::vector<std::size_t> sizes;
  for (std::size_t i = first; i < groups.size() && i < first + 3; ++i) {
    if (in_hexadecimal_word(text, groups[i])) return false;
    if (i > first && !belong_together(text, groups[i - 1], groups[i])) return false;
    digits += text.substr(groups[i].begin, groups[i].size());
    sizes.push_back(groups[i].size());
    const auto plain = without_country(digits);
    if (plain.size() > kPhone) return false;
    if (!is_phone(plain)) continue;
    auto written = sizes;
    written.front() -= std::min(written.front(), digits.size() - plain.size());
    if (!are_groups_of_phone(written)) continue;
    if (sizes.size() == 1 || !reads_as_date(plain.substr(3))) return true;
  }
  return false;
}

bool has_mobile(std::string_view text, const std::vector<Group>& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (begins_phone(text, groups, i)) return true;
  }
  return false;
}

// From a group on, over group borders, to the end of a group or an X.
bool begins_parted_identity(std::string_view text, const std::vector<Group>& groups, std::size_t first) {
  if (in_hexadecimal_word(text, groups[first])) return false;
  std::string digits;
  for (std::size_t i = first; i < groups.size() && digits.size() < kIdentity; ++i) {
    if (i > first && !belong_together(text, groups[i - 1], groups[i])) return false;
    digits += text.substr(groups[i].begin, groups[i].size());
    std::size_t x = groups[i].end;
    if (digits.size() == kIdentity - 1) {
      while (x < text.size() && x - groups[i].end < kMostBetween && parts_groups(text[x])) ++x;
      if (x < text.size() && text[x] == 'X') digits += 'X';
    }
    if (digits.size() == kIdentity && i > first) {
      return digits.substr(6, 2) != "20" && is_identity(digits);
    }
  }
  return false;
}

bool has_identity(std::string_view text, const std::vector<Group>& groups) {
  for (std::size_t at = 0; at + kIdentity <= text.size(); ++at) {
    if (is_digit(text[at]) && is_identity(text.substr(at, kIdentity))) return true;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (begins_parted_identity(text, groups, i)) return true;
  }
  return false;
}

}  // namespace

bool holds_identity_number(std::string_view given) {
  if (!may_hold_number(given)) return false;
  const std::string text = folded(given);
  return has_identity(text, groups_of(text));
}

bool holds_mobile_number(std::string_view given) {
  if (!may_hold_number(given)) return false;
  const std::string text = folded(given);
  return has_mobile(text, groups_of(text));
}

bool holds_personal_number(std::string_view given) {
  if (!may_hold_number(given)) return false;
  const std::string text = folded(given);
  const auto groups = groups_of(text);
  if (has_identity(text, groups) || has_mobile(text, groups)) return true;
  return std::any_of(groups.begin(), groups.end(), [&](const Group& group) {
    // Codes of organisations may have no letter.
    return group.size() >= kLeastCard && group.size() <= kMostCard && !in_hexadecimal_word(text, group) &&
           !is_valid_uscc(std::string_view(text).substr(group.begin, group.size()));
  });
}

}  // namespace fundtrail
