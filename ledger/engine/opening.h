// What is checked when a ledger is opened: that the store, its head and the anchor tell the same
// story. Nothing is replayed; the whole chain is the verifier's business (audit/).
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/engine/anchor.h"
#include "ledger/engine/group.h"
#include "ledger/store/store.h"

namespace fundtrail {

// Reads the head and checks it against the last entry (its leaf hash) and the tree (its root).
// An empty store gives an empty end. Faults: truncated, tampered, unreadable, unknown_version, io.
Result<ChainEnd> read_end(const store::Snapshot& snapshot, chain::Suite suite);

// Whether the store holds everything that was acknowledged. A store ahead of its anchor is fine: the
// process stopped between the commit and the anchor. Fault::truncated when it is behind, or when
// there is no anchor but there are entries, or fewer checkpoints than were handed out; Fault::tampered
// when they contradict each other. The
// messages, in both languages, name the files and say what to do.
struct AnchoredFiles {
  std::filesystem::path anchor, store;
};
Status check_anchor(const store::Snapshot& snapshot, chain::Suite suite, const ChainEnd& end,
                    const std::optional<AnchoredHead>& anchored, const AnchoredFiles& files);

AnchoredHead anchored_head(const ChainEnd& end, std::uint64_t checkpoints, chain::Hasher& hasher);

// How many signed checkpoints the store says it keeps; an old one that does not say is counted.
Result<std::uint64_t> kept_checkpoints(const store::Snapshot& snapshot);

}  // namespace fundtrail
