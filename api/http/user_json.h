// Users and tokens as answers show them: everything but what could be a key. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "api/identity/user_book.h"

namespace fundtrail::api {

// RFC 3339 in the offset of the place the product is made for.
std::string time_text(std::int64_t seconds);
nlohmann::ordered_json roles_json(const User& user);
template <class Id>
nlohmann::ordered_json ids_json(const std::vector<Id>& ids) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& id : ids) json.push_back(id.str());
  return json;
}
// `last_used`: as the running server knows it.
nlohmann::ordered_json token_json(const User& user, const Token& token, std::int64_t last_used,
                                  std::int64_t now);
nlohmann::ordered_json user_json(const User& user, std::int64_t now);

}  // namespace fundtrail::api
