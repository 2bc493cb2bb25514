// A value of a JSON body as a problem quotes it: a text without its quotes, anything else as JSON, cut where it
// would fill a line. problem_of() keeps back what may not be quoted. Pure.
#pragma once

#include <simdjson.h>

#include <string>

namespace fundtrail::api {

inline std::string as_sent(simdjson::dom::element value) {
  if (value.is_object()) return "{...}";
  if (value.is_array()) return "[...]";
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return simdjson::minify(value);
  constexpr std::size_t kShown = 60;
  return std::string(text.substr(0, kShown));
}

}  // namespace fundtrail::api
