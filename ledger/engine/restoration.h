// Whether a restoration tells the truth: about the chain it stands in, and about a checkpoint that this very
// ledger signed and that nobody has stated before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/chain/digest.h"
#include "ledger/core/documents.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/engine/prepared.h"
#include "ledger/store/layout.h"

namespace fundtrail {

// Where it states another end than the chain has at its place (`head`), a checkpoint that the ledger's key did
// not sign, or one that an earlier entry states already: what was lost is lost once. The rules have seen that
// the checkpoint is ahead.
Result<std::optional<Rejection>> contradiction(const LedgerRestoration& d, const store::Head& head,
                                               const Stored& stored, chain::Hasher& hasher);

// The entry among the first `size` that states this checkpoint as one whose entries were lost. Looks at a byte
// an entry: a second for a hundred million. Faults: io, unreadable, truncated.
Result<std::optional<std::uint64_t>> find_restoration(const Stored& stored, std::uint64_t size,
                                                      std::uint64_t known_size, const std::string& known_root);

}  // namespace fundtrail
