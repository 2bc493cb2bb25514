// Reads the ANCHOR file beside a store without the engine that writes it (layout: docs/FORMAT.md,
// "The anchor"). Private to audit/integrity.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/chain/note.h"
#include "ledger/core/result.h"

namespace fundtrail::audit {

struct AnchorFile {
  std::uint64_t size = 0;
  chain::Hash last_leaf{};
  chain::Hash root{};
  std::uint64_t checkpoints = 0;  // handed out so far; 0 in anchors that do not count them
};

// What the file's bytes say under the ledger's key. Nothing when nothing was ever written;
// Fault::unreadable when no slot is one that the key signed.
Result<std::optional<AnchorFile>> decode_anchor(std::string_view bytes,
                                                const chain::VerifierKey& key);

}  // namespace fundtrail::audit
