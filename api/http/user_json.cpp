#include "api/http/user_json.h"

#include <algorithm>

#include "ledger/core/date.h"

namespace fundtrail::api {

using Json = nlohmann::ordered_json;

std::string time_text(std::int64_t seconds) { return Timestamp(seconds, 8 * 60).str(); }

Json roles_json(const User& user) {
  Json json = Json::array();
  for (const auto role : user.roles) json.push_back(name_of(role));
  return json;
}

Json token_json(const User& user, const Token& token, std::int64_t last_used, std::int64_t now) {
  Json json;
  json["token"] = token.id;
  json["user"] = user.id.str();
  json["role"] = name_of(token.role);
  json["label"] = token.label;
  json["live"] = token.live(now) && !user.disabled && user.holds(token.role);
  json["created"] = time_text(token.created);
  if (token.expires != 0) json["expires"] = time_text(token.expires);
  if (last_used != 0) json["last_used"] = time_text(last_used);
  if (token.revoked != 0) json["revoked"] = time_text(token.revoked);
  if (token.per_second != 0) json["per_second"] = token.per_second;
  if (!token.replaced_by.empty()) json["replaced_by"] = token.replaced_by;
  if (!token.made_by.empty()) json["made_by"] = token.made_by;
  return json;
}

Json user_json(const User& user, std::int64_t now) {
  Json json;
  json["user"] = user.id.str();
  json["name"] = user.name;
  json["roles"] = roles_json(user);
  json["ledgers"] = ids_json(user.ledgers);
  json["regions"] = ids_json(user.regions);
  if (user.provider) json["provider"] = user.provider->str();
  json["machine"] = user.machine;
  json["disabled"] = user.disabled;
  json["locked"] = user.locked_until > now;
  json["has_password"] = !user.password.empty();
  json["must_change"] = user.must_change;
  if (user.created != 0) json["created"] = time_text(user.created);
  if (user.password_set != 0) json["password_set"] = time_text(user.password_set);
  json["certificates"] = user.certificates;
  json["tokens"] = std::count_if(user.tokens.begin(), user.tokens.end(),
                                 [&](const auto& token) { return token.live(now) && user.holds(token.role); });
  return json;
}

}  // namespace fundtrail::api
