// START HERE. One ledger (账套): open it, submit commands, read what was recorded.
//
//   auto ledger = Ledger::open(path, {});
//   auto answers = (*ledger)->submit(std::move(commands), BatchMode::atomic);
//   auto view = (*ledger)->view();   // a consistent picture at one head
//
// A ledger lives in one directory: db/ (the store), ANCHOR (the head, fsynced outside the store's
// own log), keys/ (signing key, vault key; 0600; may be moved elsewhere by Options), ledger.json
// (what it is, for people). One process has it open for writing; a second one is refused.
//
// Thread-safety: submit(), submit_async() and find_command() from any number of threads; view() from
// any thread. Of a View, scan() and raw() may be used by several threads at once, the rest by one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/chain/merkle.h"
#include "ledger/chain/note.h"
#include "ledger/counters.h"
#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/replay_watch.h"
#include "ledger/store/layout.h"
#include "ledger/store/store.h"

namespace fundtrail {

// Proof that a command was recorded, given only after the sync.
struct Receipt {
  CommandId command;
  std::uint64_t index = 0;
  chain::Hash leaf{};                    // leaf hash of the entry
  Timestamp time;                        // recorded
  bool repeated = false;                 // the same command had been recorded before
  std::vector<Rejection> refused_lines;  // of a line_by_line document (not known when repeated)
};
struct Refusal {
  CommandId command;
  Rejection reason;
  std::vector<Rejection> refused_lines;
};
using Answer = std::variant<Receipt, Refusal>;

// What happens to the other commands of a batch when one is refused.
enum class BatchMode : std::uint8_t {
  atomic,       // none is recorded; the others' answer is the refusal of the one that failed
  independent,  // each on its own
};

// One entry as it lies in the store.
struct StoredEntry {
  std::uint64_t index = 0;
  std::string bytes;  // canonical line, without '\n'
  std::string lines;  // the document's lines, each with '\n'; empty when it has none
};

// A consistent, read-only picture of the ledger as of one head.
class View {
 public:
  virtual ~View() = default;
  virtual const LedgerId& id() const = 0;
  virtual chain::Suite suite() const = 0;
  virtual std::uint64_t size() const = 0;
  virtual chain::Hash root() const = 0;

  virtual Result<StoredEntry> entry(std::uint64_t index) const = 0;  // not_found beyond the head
  // Decoded, with its lines.
  virtual Result<Entry> decoded(std::uint64_t index) const = 0;
  // Streams entries [from, to) in order; stops early when `visit` returns false. Lines are read
  // only when asked for.
  enum class Lines : bool { without, with };
  using Visit = std::function<bool(std::uint64_t index, std::string_view bytes,
                                   std::string_view lines)>;
  virtual Status scan(std::uint64_t from, std::uint64_t to, Lines lines,
                      const Visit& visit) const = 0;

  // The entry that recorded a command, if any.
  virtual Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const = 0;

  // Current balances, and turnovers by business date in [from, to].
  using VisitBalance = std::function<void(FundAccount, const Dimensions&, const Money&)>;
  virtual Status balances(const VisitBalance& visit) const = 0;
  using VisitTurnover = std::function<void(Date, FundAccount, const Dimensions&,
                                           const store::Turnover&)>;
  virtual Status turnovers(Date from, Date to, const VisitTurnover& visit) const = 0;

  // RFC 9162 proofs against the tree of the first `size` entries (size <= size()).
  virtual Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t index,
                                                           std::uint64_t size) const = 0;
  virtual Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t old_size,
                                                             std::uint64_t new_size) const = 0;
  virtual Result<chain::Hash> root_at(std::uint64_t size) const = 0;
  // A line's proof in the tree of its document's lines.
  virtual Result<std::vector<chain::Hash>> line_proof(std::uint64_t index,
                                                      std::uint64_t line) const = 0;

  // Signed checkpoints kept so far, ascending by size.
  virtual Result<std::vector<std::string>> checkpoints() const = 0;

  // The raw store below, for integrity checks that must not trust the engine's reading.
  virtual const store::Snapshot& raw() const = 0;
};

class Vault;

// Where the key of the vault comes from; nothing named: vault.key beside the signing key. A ledger
// whose file is missing opens all the same: what needs no identity goes on, the rest is refused
// (Vault::locked()).
struct VaultKeySource {
  std::filesystem::path file;
  std::string hex;  // the bytes of such a file in hexadecimal, as an environment hands them over
  bool named() const { return !file.empty() || !hex.empty(); }
};

struct LedgerOptions {
  std::filesystem::path keys;        // empty: <directory>/keys
  VaultKeySource vault_key = {};
  std::size_t max_group_lines = 4096;
  std::uint32_t sync_delay_us = 0;   // added to each sync; stands in for a slower disk in benchmarks
  // A ledger with entries but without its ANCHOR is refused as truncated: nobody could tell whether
  // its end is missing. This accepts it as it is, once, after somebody has checked it.
  bool accept_missing_anchor = false;
  // A store whose state an older program wrote (ledger/store/layout.h): it is made again from the entries,
  // which takes as long as `fundtrail verify --state`, and after which no older program can open it; or it
  // is refused with Fault::unknown_version, as it lies.
  enum class OlderState : bool { make_again, refuse };
  OlderState older_state = OlderState::make_again;
  ReplayWatch making_again = {};
};

struct LedgerOpeningRequest {
  LedgerId id;
  chain::Suite suite = chain::Suite::sha256_ed25519;
  Text name;
  RegionCode region;
  BookNature book = BookNature::auxiliary;
  AccountMode account_mode = AccountMode::treasury_single_account;
  Actor actor;   // who opens it (registrar)
  Date date;
  Timestamp time;
};

class Ledger {
 public:
  // Makes the directory, the keys and entry 0. invalid_argument when a ledger is already there.
  static Result<std::unique_ptr<Ledger>> create(const std::filesystem::path& directory,
                                                const LedgerOpeningRequest& request,
                                                const LedgerOptions& options);
  // unavailable: another process has it open; truncated: the store is behind its anchor.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& directory,
                                              const LedgerOptions& options);
  virtual ~Ledger() = default;

  // Decides, records and syncs; returns when the outcome is durable. One answer a command, in
  // order. Errors: unavailable (stopping, or poisoned by a failed sync), io, invalid_argument.
  virtual Result<std::vector<Answer>> submit(std::vector<Command> commands, BatchMode mode) = 0;
  // The same without waiting, for callers that serve many at once. `done` gets the outcome exactly
  // once: from the writer's thread, or from the caller's when the ledger refuses at once. It must
  // be quick, must not throw and must not call the ledger: every other submission waits behind it.
  using Done = std::function<void(Result<std::vector<Answer>>)>;
  virtual void submit_async(std::vector<Command> commands, BatchMode mode, Done done) = 0;

  // The entry that recorded a command, if any, as of some head not older than the last answer;
  // much cheaper than view()->find_command().
  virtual Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const = 0;

  virtual std::unique_ptr<View> view() const = 0;

  // Signs the current head and keeps the note.
  virtual Result<std::string> checkpoint() = 0;
  virtual const chain::VerifierKey& verifier_key() const = 0;
  virtual const Vault& vault() const = 0;

  // For import: a private copy of the ledger in `directory` (hard links, cheap), opened for
  // writing. Commands submitted there are recorded there only. adopt() makes the copy the ledger,
  // atomically and durably, when nothing was recorded in between; dropping it leaves no trace.
  virtual Result<std::unique_ptr<Ledger>> stage() = 0;
  virtual Status adopt(std::unique_ptr<Ledger> staged) = 0;

  // For a backup: a copy of store, anchor and ledger.json as of one head, in a new directory of this
  // name that may lie on another disk. Writers wait for a moment (hard links), not for the copying.
  // No keys are copied. Complete and synced when it returns success; otherwise nothing is there.
  // Faults: invalid_argument (the name is taken), io, unavailable.
  virtual Status copy_to(const std::filesystem::path& directory) = 0;

  // Why the ledger refuses writes, if it does.
  virtual std::optional<Error> refusing() const = 0;
  // Why the next opening would not find what is written here, if so: the store or the anchor was moved, removed or
  // replaced beneath it. Looks at the directory; nothing is acknowledged then, and the first write that meets it ends
  // in refusing().
  virtual std::optional<Error> detached() const = 0;
  virtual const LedgerCounters& counters() const = 0;
  virtual std::size_t waiting() const = 0;  // submissions that no group has taken yet
  // The files that the keys were read from; they are needed again at the next opening.
  struct KeyFiles {
    std::filesystem::path signing, vault;
  };
  virtual KeyFiles key_files() const = 0;
};

}  // namespace fundtrail
