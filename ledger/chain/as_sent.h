// A value of a JSON body as whoever sent it knows it, for problems: a text without its quotes, anything else as JSON.
// What of it may be said at all is for others to decide. Pure.
#pragma once

#include <simdjson.h>

#include <string>

namespace fundtrail::chain {

inline std::string as_sent(simdjson::dom::element value) {
  if (value.is_object()) return "{...}";
  if (value.is_array()) return "[...]";
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  const std::string written = simdjson::minify(value);
  // 1e3 would be told as 1000.0, which nobody sent.
  const bool other = value.is_double() && (written.ends_with(".0") || written.find('e') != written.npos);
  return other ? "..." : written;
}

}  // namespace fundtrail::chain
