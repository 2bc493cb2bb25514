#include "api/http/json_body.h"

#include <algorithm>
#include <set>

namespace fundtrail::api {

using nlohmann::json;

JsonBody::JsonBody(const std::string& body, std::initializer_list<std::string_view> known) {
  std::set<std::string> seen;
  std::string twice;
  bool deep = false;
  const auto look = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::key && depth == 1) {
      const auto& name = value.get_ref<const std::string&>();
      if (!seen.insert(name).second && twice.empty()) twice = name;
    }
    deep = deep || depth > 3;
    return true;
  };
  json_ = json::parse(body, look, false);
  std::string expected;
  for (const auto name : known) expected += (expected.empty() ? "" : ", ") + std::string(name);
  if (json_.is_discarded() || !json_.is_object() || deep) {
    problem_ = problem_of(Protocol::malformed_json, "expected one object of: " + expected);
  } else if (const auto stranger = std::find_if(seen.begin(), seen.end(), [&](const auto& name) {
               return std::find(known.begin(), known.end(), name) == known.end();
             }); stranger != seen.end()) {
    problem_ = unknown_name(*stranger, known);
  } else if (!twice.empty()) {
    problem_ = problem_of(Protocol::bad_parameter, "given once", twice);
  }
  if (problem_) json_ = json::object();
}

const json* JsonBody::member(const char* name) const {
  const auto found = json_.find(name);
  return found == json_.end() ? nullptr : &*found;
}

void JsonBody::fail(const char* name, std::string_view expected) {
  if (!problem_) problem_ = problem_of(Protocol::bad_parameter, expected, name);
}

void JsonBody::fail_quoting(const char* name, std::string_view expected) {
  const auto* found = member(name);
  const bool plain = found && (found->is_number_integer() || found->is_boolean());
  if (problem_ || !plain) return fail(name, expected);
  problem_ = problem_of(Protocol::bad_parameter, expected, name, found->dump());
}

std::string JsonBody::needed(const char* name) {
  auto written = text(name);
  if (!written || written->empty()) fail(name, "text");
  return written.value_or(std::string());
}

std::optional<std::string> JsonBody::text(const char* name) {
  const auto* found = member(name);
  if (!found) return std::nullopt;
  if (!found->is_string()) return fail(name, "text"), std::nullopt;
  return found->get<std::string>();
}

std::optional<bool> JsonBody::flag(const char* name) {
  const auto* found = member(name);
  if (!found) return std::nullopt;
  if (!found->is_boolean()) return fail_quoting(name, "true or false"), std::nullopt;
  return found->get<bool>();
}

std::optional<std::uint64_t> JsonBody::number(const char* name, std::uint64_t from,
                                              std::uint64_t to) {
  const auto* found = member(name);
  if (!found) return std::nullopt;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() < from ||
      found->get<std::uint64_t>() > to) {
    return fail_quoting(name, std::to_string(from) + " to " + std::to_string(to)), std::nullopt;
  }
  return found->get<std::uint64_t>();
}

}  // namespace fundtrail::api
