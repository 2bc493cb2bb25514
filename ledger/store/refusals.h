// Why a store takes no claim or commit, in one place for every implementation. Private to
// ledger/store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::store {

// The epoch of the next claim, given the stored one ("" before the first). Fault::unreadable.
Result<Epoch> epoch_after(std::string_view stored);

// Why a commit with this expectation is not applied; nothing when it may be.
std::optional<std::string> unexpected(const Expected& expected, std::string_view epoch,
                                      std::string_view head);

// After a write of unknown outcome.
std::string refusing_since(std::string_view why);

}  // namespace fundtrail::store
