// Messages of faults that somebody must act on are said in both languages where they arise; those of
// the machinery (a failed read, a malformed row) are English only. Error::message carries both as two
// lines, English first, so that a fault stays one value on its way up; so do other texts that travel as one
// string.
//
// Pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace fundtrail {

// A line feed in the English text, which would end it, becomes a space.
inline std::string in_both(std::string_view zh, std::string_view en) {
  std::string both(en);
  std::replace(both.begin(), both.end(), '\n', ' ');
  return (both += '\n') += zh;
}

// The message in one language; the English one where there is no other.
inline std::string_view english_of(std::string_view message) {
  return message.substr(0, message.find('\n'));
}
inline std::string_view chinese_of(std::string_view message) {
  const auto end = message.find('\n');
  return end == message.npos ? message : message.substr(end + 1);
}

}  // namespace fundtrail
