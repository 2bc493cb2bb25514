// The fields of a request's head that the door asks for, found in one pass. The library looks each of
// them up anew and compares names letter by letter, which is a good part of what a small write costs.
#pragma once

#include <httplib.h>

#include <string>

namespace fundtrail::api {

struct HeadFields {
  struct Field {
    unsigned count = 0;
    const std::string* first = nullptr;  // in the request
    const std::string& value() const {
      static const std::string none;
      return first ? *first : none;
    }
  };
  Field authorization;
  Field content_encoding;
  Field content_type;
  Field cookie;
  Field csrf;
  Field idempotency_key;
  Field if_match;
  Field request_id;
  Field role;
  // Those that the server does not heed.
  Field accept_encoding;
  Field range;
};
HeadFields find_fields(const httplib::Headers& headers);

inline constexpr char kRoleHeader[] = "Fundtrail-Role";
inline constexpr char kCsrfHeader[] = "X-CSRF-Token";
inline constexpr char kKeyHeader[] = "Idempotency-Key";
inline constexpr char kIfMatchHeader[] = "If-Match";

}  // namespace fundtrail::api
