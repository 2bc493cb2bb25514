// The state that the entries alone lead to. Knows nothing of the rows but that they are bytes under keys.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "ledger/ledger.h"

namespace fundtrail::model {

using Rows = std::map<std::string, std::string, std::less<>>;

// The state as the store has it.
Rows stored_rows(const View& view);
// The state after applying every entry, `group` entries to an overlay (1: each on its own).
Rows replayed_rows(const View& view, std::size_t group);

// What differs, or nothing: the first key in hexadecimal and both values.
std::optional<std::string> difference(const Rows& stored, const Rows& replayed);

}  // namespace fundtrail::model
