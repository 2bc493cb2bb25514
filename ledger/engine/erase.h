// Destroying what the vault knows of one person: the record with the person's wrapped key goes, and
// with it the only way to the identity. Entries, proofs and balances stay as they are.
#pragma once

#include <filesystem>

#include "ledger/core/ids.h"
#include "ledger/core/result.h"

namespace fundtrail {

// On a ledger that nobody has open; needs no keys. Durable, and gone from the store's files, when it
// returns; copies elsewhere (backups) are their owner's business. Faults: not_found (no ledger, or no
// such person in its vault), unavailable (somebody has it open), io.
Status erase_person(const std::filesystem::path& ledger, const Pseudonym& person);

}  // namespace fundtrail
