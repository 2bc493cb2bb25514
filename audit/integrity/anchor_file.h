// Reads the ANCHOR file beside a store without the engine that writes it (layout: docs/FORMAT.md,
// "The anchor"). Private to audit/integrity.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"

namespace fundtrail::audit {

struct AnchorFile {
  std::uint64_t size = 0;
  chain::Hash last_leaf{};
};

// Nothing without a file or when nothing was ever written to it; Fault::unreadable when no slot is
// valid.
Result<std::optional<AnchorFile>> read_anchor_file(const std::filesystem::path& file);

}  // namespace fundtrail::audit
