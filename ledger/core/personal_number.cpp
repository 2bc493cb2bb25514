#include "ledger/core/personal_number.h"

#include "ledger/core/ids.h"

namespace fundtrail {
namespace {

constexpr std::size_t kPhone = 11, kIdentity = 18, kLeastCard = 15, kMostCard = 19;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_letter(char c) { return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Nobody alive was born in another century; it keeps digests apart.
bool is_identity(std::string_view digits) {
  const auto century = digits.substr(6, 2);
  return (century == "18" || century == "19" || century == "20") &&
         check_id_number(digits) == IdNumberFault::none;
}

bool is_personal(std::string_view run, bool hexadecimal) {
  for (std::size_t at = 0; at + kIdentity <= run.size(); ++at) {
    if (is_identity(run.substr(at, kIdentity))) return true;
  }
  if (hexadecimal) return false;
  if (run.size() == kPhone) return run[0] == '1' && run[1] >= '3';
  return run.size() >= kLeastCard && run.size() <= kMostCard;
}

// A word of letters and digits.
bool is_personal_word(std::string_view word) {
  bool letters = false, others = false;
  for (const char c : word) {
    letters = letters || is_hex_letter(c);
    others = others || (is_letter(c) && !is_hex_letter(c));
  }
  for (std::size_t at = 0; at < word.size();) {
    std::size_t end = at;
    while (end < word.size() && is_digit(word[end])) ++end;
    if (end != at && is_personal(word.substr(at, end - at), letters && !others)) return true;
    at = end == at ? at + 1 : end;
  }
  return false;
}

}  // namespace

bool holds_personal_number(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && (is_digit(text[end]) || is_letter(text[end]))) ++end;
    if (is_personal_word(text.substr(at, end - at))) return true;
    at = end + 1;
  }
  return false;
}

}  // namespace fundtrail
