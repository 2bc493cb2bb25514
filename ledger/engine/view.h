// View on one snapshot of a store, and reading a ledger without opening it for writing.
#pragma once

#include <filesystem>
#include <memory>

#include "ledger/chain/signed_command.h"
#include "ledger/ledger.h"
#include "ledger/store/store.h"

namespace fundtrail {

// `keep` is what the snapshot must not outlive. Faults: unreadable, unknown_version (the head),
// io; truncated when the store is empty.
Result<std::unique_ptr<View>> make_view(std::shared_ptr<const void> keep,
                                        std::unique_ptr<store::Snapshot> snapshot,
                                        const LedgerId& id, chain::Suite suite);

// A picture of the ledger in `directory` as it lies on disk: no lock, no keys, nothing is checked,
// nothing is written. For checks, and for looking at a ledger that another process writes.
// Faults: not_found, unreadable, unknown_version, truncated, io.
Result<std::unique_ptr<View>> open_view(const std::filesystem::path& directory);

// What entry 0 says: who the ledger is. Faults: truncated (there is none), unreadable,
// unknown_version.
struct LedgerFacts {
  LedgerId id;
  LedgerOpening opening;
  chain::Suite suite = chain::Suite::sha256_ed25519;
  chain::Hash genesis{};  // leaf hash of entry 0
};
Result<LedgerFacts> read_facts(const store::Snapshot& snapshot);
// What people's signatures are bound to. Faults: those of View::entry().
Result<chain::SignedLedger> signed_ledger(const View& view);

}  // namespace fundtrail
