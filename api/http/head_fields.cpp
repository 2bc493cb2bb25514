#include "api/http/head_fields.h"

#include <string_view>

#include "api/words.h"

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
    {kIfMatchHeader, &HeadFields::if_match},
    {"Range", &HeadFields::range},
    {kRoleHeader, &HeadFields::role},
    {"X-Request-Id", &HeadFields::request_id},
};

}  // namespace

HeadFields find_fields(const httplib::Headers& headers) {
  HeadFields found;
  for (const auto& [name, value] : headers) {
    for (const auto& wanted : kWanted) {
      if (!equal_but_case(name, wanted.name)) continue;
      auto& field = found.*wanted.field;
      if (field.count++ == 0) field.first = &value;
      break;
    }
  }
  return found;
}

}  // namespace fundtrail::api
