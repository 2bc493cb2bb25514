// The body of a request about users, sessions and tokens: one flat JSON object, read member by member.
// The first thing that is wrong is kept as the problem to answer with; what is read after that is
// empty. What stands where a text belongs is never quoted back, a number neither: it may be a password.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/problem.h"

namespace fundtrail::api {

class JsonBody {
 public:
  // `known`: the members that may be there.
  JsonBody(const std::string& body, std::initializer_list<std::string_view> known);

  const std::optional<Problem>& problem() const { return problem_; }
  bool has(const char* name) const { return json_.contains(name); }

  std::string needed(const char* name);  // text that must be there and not be empty
  std::optional<std::string> text(const char* name);
  std::optional<bool> flag(const char* name);
  std::optional<std::uint64_t> number(const char* name, std::uint64_t from, std::uint64_t to);

  // `parse` gives an optional; `expected` says what to write instead.
  template <class Parse>
  auto parsed(const char* name, std::string_view expected, Parse parse)
      -> decltype(parse(std::string())) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    auto value = parse(*written);
    if (!value) fail(name, expected);
    return value;
  }
  template <class T, class Parse>
  std::optional<std::vector<T>> list(const char* name, std::string_view expected, Parse parse) {
    const auto* found = member(name);
    if (!found) return std::nullopt;
    std::vector<T> out;
    if (!found->is_array() || found->size() > kMaxList) return fail(name, expected), std::nullopt;
    for (const auto& item : *found) {
      auto value = item.is_string() ? parse(item.get<std::string>()) : std::nullopt;
      if (!value) return fail(name, expected), std::nullopt;
      out.push_back(std::move(*value));
    }
    return out;
  }
  void fail(const char* name, std::string_view expected);

 private:
  // Of a member that holds no secret: quotes the number or flag that came.
  void fail_quoting(const char* name, std::string_view expected);
  static constexpr std::size_t kMaxList = 200;
  const nlohmann::json* member(const char* name) const;
  nlohmann::json json_ = nlohmann::json::object();
  std::optional<Problem> problem_;
};

}  // namespace fundtrail::api
