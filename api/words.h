// Small things about texts that several parts of api/ need. Pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fundtrail::api {

// Letters of ASCII only: ids, header names and passwords are compared so, whatever the locale.
inline char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
inline std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_ascii(c);
  return out;
}
// The same but for the case of letters.
inline bool equal_but_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower_ascii(a[i]) != lower_ascii(b[i])) return false;
  }
  return true;
}

// Words that stand in one text, separated by blanks.
inline std::vector<std::string_view> split(std::string_view words) {
  std::vector<std::string_view> list;
  while (!words.empty()) {
    const auto end = std::min(words.find(' '), words.size());
    if (end > 0) list.push_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return list;
}

// "{0}" of a sentence becomes its subject.
inline std::string fill(std::string_view sentence, std::string_view subject) {
  std::string out(sentence);
  if (const auto at = out.find("{0}"); at != std::string::npos) out.replace(at, 3, subject);
  return out;
}

}  // namespace fundtrail::api
