// Looks for records of an access log: by who acted, when, and any text of the record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/access_log/record.h"

namespace fundtrail::api {

struct AccessFilter {
  std::string actor;         // exactly
  std::optional<Date> from;  // the record's own date, both days included
  std::optional<Date> to;
  std::string text;          // somewhere in the record: a pseudonym, a route, a code, words of a purpose
  std::uint64_t after = 0;   // number of the first record to look at
};

// Calls `visit` with the records that fit, in the order of the chain, until it answers false. Gives the
// number of the record behind the last one that was looked at. `most` bounds how many are looked at.
using VisitRecord = std::function<bool(std::uint64_t n, std::string_view line)>;
struct AccessSearch {
  std::uint64_t next = 0;  // where a further search goes on
  bool ended = false;      // there are no more
};
Result<AccessSearch> search_access_log(const std::filesystem::path& directory, const AccessFilter& filter,
                                       std::uint64_t most, const VisitRecord& visit);

}  // namespace fundtrail::api
