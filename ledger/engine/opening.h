// What is checked when a ledger is opened: that the store, its head and the anchor tell the same
// story. Nothing is replayed; the whole chain is the verifier's business (audit/).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ledger/chain/keys.h"
#include "ledger/chain/note.h"
#include "ledger/engine/anchor.h"
#include "ledger/engine/directory.h"
#include "ledger/engine/group.h"
#include "ledger/engine/view.h"
#include "ledger/ledger.h"
#include "ledger/store/rocks_store.h"
#include "ledger/store/store.h"
#include "ledger/vault.h"

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

// Where the keys of a ledger in this directory are.
std::filesystem::path keys_directory(const std::filesystem::path& directory,
                                     const LedgerOptions& options);
std::filesystem::path vault_key_file(const std::filesystem::path& keys, const VaultKeySource& source);

// What can be checked without changing anything, and what that has read.
struct Examined {
  std::filesystem::path keys;
  chain::SigningKey signing;
  chain::VerifierKey verifier;
  Vault vault;
  ChainEnd end;
  std::uint64_t checkpoints;
};

// `facts` is what entry 0 says, or will say.
Result<Examined> examine(const LedgerDirectory& directory, const store::Snapshot& snapshot,
                         const LedgerFacts& facts, const LedgerOptions& options);

struct Looked {
  LedgerFacts facts;
  Examined examined;
};
// Everything that opening checks, on the store as it lies: a store that is refused is evidence, and
// opening it for writing would already renew files of it. Whoever means to write to a store that others
// may have left (opening, rotating the vault's key) looks first.
Result<Looked> look(const LedgerDirectory& directory, const LedgerOptions& options,
                    const store::RocksMachine& machine);
// Opens for writing what was looked at; it must still be that.
Result<std::shared_ptr<store::RocksStore>> open_looked(const LedgerDirectory& directory,
                                                       const Looked& looked,
                                                       const store::RocksMachine& machine);

// Erased identities go from the files as well: an erasure may have been interrupted there, or a view
// have held on to them.
Status finish_erasures(store::RocksStore& store, store::Epoch epoch);

}  // namespace fundtrail
