// Rotating the vault's wrapping key: every person's key is wrapped anew, the identities stay as they
// are sealed. Pseudonyms hang on the root of the key file, which a rotation keeps: a root that
// somebody else knows gives pseudonyms away for good.
#pragma once

#include <cstdint>
#include <filesystem>

#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail {

// On a ledger that nobody has open, with the vault's key in a file. A ledger that opening refuses is
// refused with the same words, and not one of its files changes. Returns how many people's keys
// were wrapped anew. Killed at any moment, the ledger opens with the key file that is there, and
// calling this again carries the rotation on; when it returns, no key but the newest opens anything
// in the store's files, or in copies of ours that a crash has left beside it. Faults: those of
// Ledger::open(); not_found (there is no key), invalid_argument (it is not in a file).
Result<std::uint64_t> rotate_vault_key(const std::filesystem::path& ledger,
                                       const LedgerOptions& options);

// The file that holds the vault's key of a ledger in this directory.
std::filesystem::path vault_key_file(const std::filesystem::path& ledger,
                                     const LedgerOptions& options);

}  // namespace fundtrail
