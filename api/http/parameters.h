// Query parameters into strong types. Each reader answers a problem that names the parameter, or
// nothing; an absent parameter leaves its value empty. Pure functions; thread-safe.
#pragma once

#include <httplib.h>

#include <optional>
#include <string>
#include <string_view>

#include "api/http/problem.h"
#include "api/http/service.h"
#include "ledger/core/date.h"
#include "ledger/core/money.h"

namespace fundtrail::api {

// What parameters must look like, as it is said to whoever sent another one.
inline constexpr std::string_view kIdForm = "1 to 64 of A-Z a-z 0-9 . _ -";
inline constexpr std::string_view kRegionForm = "6, 9 or 12 digits";

// Anything with a parse() that answers an optional: ids, dates, amounts.
template <class T>
std::optional<Problem> read_value(const httplib::Request& request, const char* name,
                                  std::string_view expected, std::optional<T>& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  out = T::parse(*text);
  if (!out) return problem_of(Protocol::bad_parameter, expected, name, *text);
  return std::nullopt;
}

inline std::optional<Problem> read_date(const httplib::Request& request, const char* name,
                                        std::optional<Date>& out) {
  return read_value(request, name, "YYYY-MM-DD from 1900 to 2999", out);
}

// An integer from `min` to `max`.
inline std::optional<Problem> read_number(const httplib::Request& request, const char* name,
                                          std::uint64_t min, std::uint64_t max,
                                          std::optional<std::uint64_t>& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  out = parse_index(*text);
  if (!out || *out < min || *out > max) {
    return problem_of(Protocol::bad_parameter,
                      "an integer from " + std::to_string(min) + " to " + std::to_string(max), name, *text);
  }
  return std::nullopt;
}

// Items of a page.
inline constexpr std::uint64_t kDefaultLimit = 100;
inline constexpr std::uint64_t kMaxLimit = 500;
inline std::optional<Problem> read_limit(const httplib::Request& request, std::uint64_t& out) {
  std::optional<std::uint64_t> limit;
  auto problem = read_number(request, "limit", 1, kMaxLimit, limit);
  out = limit.value_or(kDefaultLimit);
  return problem;
}

inline std::optional<Problem> read_flag(const httplib::Request& request, const char* name,
                                        bool& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  if (*text != "true" && *text != "false") {
    return problem_of(Protocol::bad_parameter, "true or false", name, *text);
  }
  out = *text == "true";
  return std::nullopt;
}

}  // namespace fundtrail::api
