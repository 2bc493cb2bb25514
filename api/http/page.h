// A page of a list that lies in memory, in the same form as every other: `limit`, `cursor`, and a `next` when
// there is more. A cursor need not name what is still there. Pure functions; thread-safe.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/http/cursor.h"
#include "api/http/parameters.h"

namespace fundtrail::api {

struct Page {
  std::uint64_t limit = kDefaultLimit;
  std::string after;  // a key; empty: from the beginning
  std::string asked;
};

inline std::optional<Problem> read_page(const Service& service, const Exchange& exchange,
                                        const httplib::Request& request, Page& out) {
  if (auto problem = read_limit(request, out.limit)) return problem;
  out.asked = asked(exchange, request);
  const auto cursor = parameter(request, "cursor");
  if (!cursor) return std::nullopt;
  auto after = read_cursor(service, out.asked, 0, *cursor);
  if (!after) return problem_of(Protocol::bad_parameter, "the \"next\" of a page with the same filter", "cursor");
  out.after = std::move(*after);
  return std::nullopt;
}

// A number as a key: numbers in order are keys in order.
inline std::string page_key(std::uint64_t number) {
  std::string key(20, '0');
  const auto digits = std::to_string(number);
  return key.replace(key.size() - digits.size(), digits.size(), digits);
}

// Adds `name` and `next`. Items are shown in the order of their keys.
template <class Item, class Show>
void add_page(const Service& service, nlohmann::ordered_json& json, const char* name, const std::map<std::string, Item>& items,
              const Page& page, const Show& show) {
  auto& list = json[name] = nlohmann::ordered_json::array();
  auto at = items.upper_bound(page.after);
  for (; at != items.end() && list.size() < page.limit; ++at) list.push_back(show(at->second));
  if (at != items.end()) json["next"] = spell_cursor(service, page.asked, 0, std::prev(at)->first);
}

}  // namespace fundtrail::api
