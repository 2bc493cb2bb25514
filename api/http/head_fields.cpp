#include "api/http/head_fields.h"

#include <algorithm>
#include <string_view>

namespace fundtrail::api {
namespace {

struct Wanted {
  std::string_view name;
  HeadFields::Field HeadFields::*field;
};
constexpr Wanted kWanted[] = {
    {"Accept-Encoding", &HeadFields::accept_encoding},
    {"Authorization", &HeadFields::authorization},
    {"Content-Encoding", &HeadFields::content_encoding},
    {"Content-Type", &HeadFields::content_type},
    {"Cookie", &HeadFields::cookie},
    {kCsrfHeader, &HeadFields::csrf},
    {kKeyHeader, &HeadFields::idempotency_key},
    {"Range", &HeadFields::range},
    {kRoleHeader, &HeadFields::role},
    {"X-Request-Id", &HeadFields::request_id},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool is_same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return x == y || lower(x) == lower(y); });
}

}  // namespace

HeadFields find_fields(const httplib::Headers& headers) {
  HeadFields found;
  for (const auto& [name, value] : headers) {
    for (const auto& wanted : kWanted) {
      if (!is_same(name, wanted.name)) continue;
      auto& field = found.*wanted.field;
      if (field.count++ == 0) field.first = &value;
      break;
    }
  }
  return found;
}

}  // namespace fundtrail::api
