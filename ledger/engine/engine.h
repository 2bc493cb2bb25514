// The ledger behind ledger.h: one writer, one store, one anchor. Private to ledger/.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/keys.h"
#include "ledger/chain/note.h"
#include "ledger/chain/signed_command.h"
#include "ledger/engine/anchor.h"
#include "ledger/engine/directory.h"
#include "ledger/engine/group.h"
#include "ledger/engine/live_files.h"
#include "ledger/engine/writer.h"
#include "ledger/ledger.h"
#include "ledger/rules/state.h"
#include "ledger/store/rocks_store.h"
#include "ledger/vault.h"

namespace fundtrail {

// The machine under an engine. Tests put failing ones in its place; nobody else has a reason to.
struct Machine {
  store::RocksMachine store;
  AnchorCalls* anchor = nullptr;  // the operating system's; must outlive the engine
};
// Ledger::open() on a machine of the caller's.
Result<std::unique_ptr<Ledger>> open_engine(const std::filesystem::path& root,
                                            const LedgerOptions& options, const Machine& machine);

// Why so much is not taken at once, if so. Fault::invalid_argument.
std::optional<Error> too_large(const std::vector<Command>& commands);

// What opening has gathered and checked.
struct EngineParts {
  LedgerDirectory directory;
  Anchor anchor;
  std::shared_ptr<const LiveFiles> live;  // of this directory
  std::shared_ptr<store::RocksStore> store;
  store::Epoch epoch;  // of this writer's claim
  ChainEnd end;
  std::uint64_t checkpoints;  // kept in the store
  chain::SignedLedger ledger;
  chain::Suite suite;
  chain::SigningKey signing_key;
  chain::VerifierKey verifier_key;
  Vault vault;
  std::filesystem::path keys;
  LedgerOptions options;
  Machine machine;
};

class Engine final : public Ledger {
 public:
  // Fault::unavailable when there are no threads for it.
  static Result<std::unique_ptr<Engine>> start(EngineParts parts);
  ~Engine() override;

  Result<std::vector<Answer>> submit(std::vector<Command> commands, BatchMode mode) override;
  void submit_async(std::vector<Command> commands, BatchMode mode, Done done) override;
  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override;
  std::unique_ptr<View> view() const override;
  Result<std::string> checkpoint() override;
  const chain::VerifierKey& verifier_key() const override { return parts_.verifier_key; }
  const Vault& vault() const override { return parts_.vault; }
  Result<std::unique_ptr<Ledger>> stage() override;
  Status adopt(std::unique_ptr<Ledger> staged) override;
  Status copy_to(const std::filesystem::path& directory) override;
  std::optional<Error> refusing() const override;
  std::optional<Error> detached() const override;
  const LedgerCounters& counters() const override { return counters_; }
  std::size_t waiting() const override { return writer_->waiting(); }
  KeyFiles key_files() const override;

 private:
  explicit Engine(EngineParts parts);
  using Submissions = Writer::Submissions;
  using Outcomes = std::vector<Result<std::vector<Answer>>>;

  // What is answered without asking the writer, if anything.
  std::optional<Result<std::vector<Answer>>> answer_at_once(
      const std::vector<Command>& commands) const;
  Result<std::vector<Prepared>> prepare_all(std::vector<Command> commands) const;
  std::shared_ptr<store::RocksStore> store() const;
  // The two steps of the writer. Whoever reads the store sees a group as soon as it is committed;
  // its callers are told when the anchor is written, too.
  void write_group(Submissions& submissions);
  void settle(Submissions& submissions);
  void expunge_vault(const Submissions& submissions, Outcomes& outcomes);
  // Decides everything; false when the group had to be dropped (all outcomes say so).
  bool decide_group(Group& group, Submissions& submissions, Outcomes& outcomes);
  // Commits the group and leaves its head to settle(), or poisons the ledger.
  Status commit_group(Group& group);
  Status commit_checked(const ChainEnd& end, const std::vector<store::Change>& changes);
  // Writes the anchor for everything committed so far, or poisons the ledger; after a failure it
  // does not try again, because a later sync may succeed without what the failed one lost.
  Status anchor_committed();
  // Behind it, what the next opening finds is at this head.
  Status write_anchor(const AnchoredHead& head);
  void count_opened();
  void count(const Submissions& submissions);
  // As many syncs as a benchmark wants to be slower.
  void delay_sync() const;
  Error poison(std::string_view why);
  Result<std::string> sign_head();
  Result<std::unique_ptr<Ledger>> make_stage();
  Status take_over(Engine& staged);
  // Puts the store in this place into that of the current one.
  Status replace_store(const std::filesystem::path& place);
  Status link_files(const std::filesystem::path& place) const;
  // Ends the writer and lets go of the store; what is left is a closed directory.
  Status close();
  void reset_state();
  void remove_staging();

  EngineParts parts_;
  LedgerCounters counters_;
  chain::Hasher hasher_;
  std::unique_ptr<rules::StoredState> state_;
  mutable std::mutex store_mutex_;  // guards parts_.store and parts_.live against adopt()
  mutable std::mutex poison_mutex_;
  std::optional<Error> poison_;
  std::mutex committed_mutex_;
  std::optional<AnchoredHead> committed_;  // and not yet anchored
  std::optional<Error> anchor_failure_;    // of the settling thread
  // Of a staged copy: the head it was made at, and the directory that goes when it is dropped.
  std::optional<store::Head> staged_from_;
  std::unique_ptr<Writer> writer_;  // last: its threads use everything above
};

}  // namespace fundtrail
