#include "api/http/cursor.h"

#include "api/http/routes.h"
#include "api/http/service.h"

namespace fundtrail::api {

std::string asked(const Exchange& exchange, const httplib::Request& request) {
  std::string text(exchange.route->pattern);
  if (exchange.caller->sees_part()) text += '\0' + exchange.caller->user;
  for (const auto& [name, value] : request.params) {  // in the order of their names
    if (name != "limit" && name != "cursor") text += '\0' + name + '\0' + value;
  }
  return text;
}

std::string spell_cursor(const Service& service, const std::string& asked, std::uint64_t size, std::string_view key) {
  const auto place = std::to_string(size) + "-" + chain::to_hex(key);
  chain::Hasher hasher(service.suite());
  return place + "-" + chain::to_hex(hasher.digest(place + '\0' + asked)).substr(0, 16);
}

std::optional<std::string> read_cursor(const Service& service, const std::string& asked, std::uint64_t now,
                                       std::string_view text) {
  const auto first = text.find('-');
  const auto second = text.find('-', first == text.npos ? first : first + 1);
  if (second == text.npos) return std::nullopt;
  const auto size = parse_index(text.substr(0, first));
  auto key = chain::from_hex(text.substr(first + 1, second - first - 1));
  if (!size || *size > now || !key || spell_cursor(service, asked, *size, *key) != text) return std::nullopt;
  return key;
}

}  // namespace fundtrail::api
