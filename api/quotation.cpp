#include "api/quotation.h"

#include <algorithm>
#include <cctype>

namespace fundtrail::api {

bool may_be_quoted(std::string_view text) {
  constexpr std::size_t kMostDigits = 6;
  constexpr std::string_view kOther = "_.-[]@:+*, /";
  std::size_t digits = 0;
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    return digits <= kMostDigits &&
           c < 128 && (std::isalnum(c) || kOther.find(static_cast<char>(c)) != kOther.npos);
  });
}

}  // namespace fundtrail::api
