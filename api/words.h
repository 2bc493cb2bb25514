// Small things about texts that several parts of api/ need. Pure.
#pragma once

#include <string>
#include <string_view>

namespace fundtrail::api {

// Letters of ASCII only: ids, header names and passwords are compared so, whatever the locale.
inline std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// "{0}" of a sentence becomes its subject.
inline std::string fill(std::string_view sentence, std::string_view subject) {
  std::string out(sentence);
  if (const auto at = out.find("{0}"); at != std::string::npos) out.replace(at, 3, subject);
  return out;
}

}  // namespace fundtrail::api
