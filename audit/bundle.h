// Evidence bundles (docs/FORMAT.md, "Evidence bundles"): what an inspector takes away, checkable
// offline with `fundtrail verify --bundle`, with the verify.py inside, or with stock commands.
//
// A full bundle holds every entry that the newest kept checkpoint covers. A partial one holds the
// entries of a provider or of a range of business dates, entry 0 among them, each with an inclusion
// proof, and of documents of others only the lines that concern the provider, each with its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

struct BundleSelection {
  std::optional<ProviderId> provider;
  std::optional<Date> from;  // business dates, both included
  std::optional<Date> to;
  bool everything() const { return !provider && !from && !to; }
};

struct BundleSummary {
  std::uint64_t size = 0;     // of the checkpoint
  std::uint64_t entries = 0;  // in the bundle
  std::uint64_t lines = 0;
  std::uint64_t files = 0;
};

// Writes the bundle beside `target` and renames it, synced, so that it is there whole or not at all.
// Faults: invalid_argument (target exists; no such provider), not_found (no checkpoint is kept: make one first),
// unreadable (the store is not what it should be: verify it), io.
Result<BundleSummary> write_bundle(const store::Snapshot& snapshot,
                                   const std::filesystem::path& target,
                                   const BundleSelection& selection);

}  // namespace fundtrail::audit
