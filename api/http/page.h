// A page of a list that lies in memory, in the same form as every other: `limit`, `cursor`, and a `next` when
// there is more. Pure functions; thread-safe.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/http/parameters.h"

namespace fundtrail::api {

struct Page {
  std::uint64_t limit = kDefaultLimit;
  std::string after;  // a key; empty: from the beginning
};

inline std::optional<Problem> read_page(const httplib::Request& request, Page& out) {
  if (auto problem = read_limit(request, out.limit)) return problem;
  const auto after = parameter(request, "cursor");
  if (after && !is_well_formed_id(*after)) {
    return problem_of(Protocol::bad_parameter, "the \"next\" of a page", "cursor");
  }
  out.after = after.value_or(std::string());
  return std::nullopt;
}

// A number as a key: numbers in order are keys in order.
inline std::string page_key(std::uint64_t number) {
  std::string key(20, '0');
  const auto digits = std::to_string(number);
  return key.replace(key.size() - digits.size(), digits.size(), digits);
}

// Adds `name` and `next`. The keys are in the form of ids; items are shown in their order.
template <class Item, class Show>
void add_page(nlohmann::ordered_json& json, const char* name, const std::map<std::string, Item>& items,
              const Page& page, const Show& show) {
  auto& list = json[name] = nlohmann::ordered_json::array();
  auto at = items.upper_bound(page.after);
  for (; at != items.end() && list.size() < page.limit; ++at) list.push_back(show(at->second));
  if (at != items.end()) json["next"] = std::prev(at)->first;
}

}  // namespace fundtrail::api
