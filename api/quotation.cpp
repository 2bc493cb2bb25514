#include "api/quotation.h"

#include <algorithm>
#include <cctype>

#include "ledger/core/personal_number.h"

namespace fundtrail::api {

bool may_be_quoted(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  constexpr std::string_view kOther = "_.-[]@:+*, /";
  std::size_t digits = 0;
  const bool plain = std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    return digits <= kMostDigits &&
           c < 128 && (std::isalnum(c) || kOther.find(static_cast<char>(c)) != kOther.npos);
  });
  return plain && !holds_personal_number(text);
}

}  // namespace fundtrail::api
