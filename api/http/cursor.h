// Cursors of pages of rows: the size of the ledger when the page was made (0 of what lies in memory), the last key, and a
// digest of both and of what was asked for, so that a cursor serves its list and filter only and none can be made up by
// mistake. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http/exchange.h"
#include "api/http/parameters.h"

namespace fundtrail::api {

class Service;

// What a cursor goes with: the list, what was asked of it and, where not everybody sees the same, by whom.
std::string asked(const Exchange& exchange, const httplib::Request& request);

std::string spell_cursor(const Service& service, const std::string& asked, std::uint64_t size, std::string_view key);

// Its key; nothing when it is no cursor of what was asked, or of a ledger that was larger than `now`.
std::optional<std::string> read_cursor(const Service& service, const std::string& asked, std::uint64_t now,
                                       std::string_view text);

}  // namespace fundtrail::api
