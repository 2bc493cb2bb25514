// Whether a restoration tells the truth: about the chain it stands in, and about a checkpoint that this very
// ledger signed. Private to the engine.
#pragma once

#include <optional>

#include "ledger/chain/digest.h"
#include "ledger/core/documents.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/engine/prepared.h"
#include "ledger/store/layout.h"

namespace fundtrail {

// Where it states another end than the chain has at its place (`head`), or a checkpoint that the ledger's key
// did not sign. The rules have seen that the checkpoint is ahead.
Result<std::optional<Rejection>> contradiction(const LedgerRestoration& d, const store::Head& head,
                                               const Stored& stored, chain::Hasher& hasher);

}  // namespace fundtrail
