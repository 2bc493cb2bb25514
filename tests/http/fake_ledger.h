// A ledger that does what a test says: blocks in submit(), or fails. Only what the HTTP server asks
// of a ledger is there.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <thread>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/keys.h"
#include "ledger/ledger.h"
#include "ledger/vault.h"

namespace fundtrail::api {

class FakeSnapshot final : public store::Snapshot {
 public:
  Result<std::optional<std::string>> get(store::Table, std::string_view) const override {
    return Error{Fault::io, "secret words of a fault"};
  }
  Status scan(store::Table, std::string_view, std::string_view, const Visit&) const override {
    return Error{Fault::io, "secret words of a fault"};
  }
};

class FakeView final : public View {
 public:
  explicit FakeView(std::set<std::string> recorded, bool throws = false)
      : recorded_(std::move(recorded)), throws_(throws) {
    id_ = *LedgerId::parse("fake");
  }
  const LedgerId& id() const override { return id_; }
  chain::Suite suite() const override { return chain::Suite::sha256_ed25519; }
  std::uint64_t size() const override { return 1; }
  chain::Hash root() const override { return {}; }
  Result<StoredEntry> entry(std::uint64_t) const override { return none(); }
  Result<Entry> decoded(std::uint64_t) const override {
    Entry entry;
    LedgerOpening opening;
    opening.name = *Text::parse("fake");
    entry.document = opening;
    return entry;
  }
  Status scan(std::uint64_t, std::uint64_t, Lines, const Visit&) const override {
    if (throws_) throw std::bad_alloc();
    return none();
  }
  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override {
    return recorded_.contains(id.str()) ? std::optional<std::uint64_t>(1) : std::nullopt;
  }
  Status balances(const VisitBalance&) const override { return none(); }
  Status turnovers(Date, Date, const VisitTurnover&) const override { return none(); }
  Result<std::vector<chain::Hash>> inclusion_proof(std::uint64_t, std::uint64_t) const override {
    return none();
  }
  Result<std::vector<chain::Hash>> consistency_proof(std::uint64_t,
                                                     std::uint64_t) const override {
    return none();
  }
  Result<chain::Hash> root_at(std::uint64_t) const override {
    if (throws_) return chain::Hash{};
    return none();
  }
  Result<std::vector<chain::Hash>> line_proof(std::uint64_t, std::uint64_t) const override {
    return none();
  }
  Result<std::vector<std::string>> checkpoints() const override { return none(); }
  const store::Snapshot& raw() const override { return raw_; }

 private:
  static Error none() { return {Fault::io, "secret words of a fault"}; }
  LedgerId id_;
  std::set<std::string> recorded_;
  bool throws_ = false;
  FakeSnapshot raw_;
};

class FakeLedger final : public Ledger {
 public:
  ~FakeLedger() override {
    for (auto& writer : writers_) writer.join();
  }
  FakeLedger() : key_{"fake", chain::SigningKey::generate(chain::Suite::sha256_ed25519)->public_key()} {}

  Result<std::vector<Answer>> submit(std::vector<Command> commands, BatchMode) override {
    std::unique_lock lock(mutex_);
    ++entered_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    if (fault_) return *fault_;
    std::vector<Answer> answers;
    for (auto& command : commands) {
      Receipt receipt;
      receipt.command = command.id;
      receipt.index = 1;
      receipt.time = command.time;
      answers.emplace_back(receipt);
    }
    return answers;
  }
  // The outcome comes from another thread, as a writer's does.
  void submit_async(std::vector<Command> commands, BatchMode mode, Done done) override {
    std::lock_guard lock(mutex_);
    writers_.emplace_back([this, commands = std::move(commands), mode, done = std::move(done)] {
      done(submit(commands, mode));
    });
  }
  Result<std::optional<std::uint64_t>> find_command(const CommandId& id) const override {
    return FakeView(recorded_now()).find_command(id);
  }
  std::unique_ptr<View> view() const override { return std::make_unique<FakeView>(recorded_now(), throws_); }
  Result<std::string> checkpoint() override { return Error{Fault::io, "secret words of a fault"}; }
  const chain::VerifierKey& verifier_key() const override { return key_; }
  const Vault& vault() const override { return vault_; }
  Result<std::unique_ptr<Ledger>> stage() override { return Error{Fault::io, ""}; }
  Status adopt(std::unique_ptr<Ledger>) override { return Error{Fault::io, ""}; }
  Status copy_to(const std::filesystem::path&) override { return Error{Fault::io, ""}; }
  std::optional<Error> detached() const override { return std::nullopt; }
  std::optional<Error> refusing() const override {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hangs_; });
    return fault_;
  }
  const LedgerCounters& counters() const override { return counters_; }
  std::size_t waiting() const override { return 0; }
  KeyFiles key_files() const override { return {}; }

  void wait_entered(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_ >= count; });
  }
  // Whoever asks how it is waits, as for a disk that hangs.
  void set_hanging(bool hangs) {
    std::lock_guard lock(mutex_);
    hangs_ = hangs;
    changed_.notify_all();
  }
  void wait_asked() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ > 0; });
  }
  // Its views find no memory while they are read.
  void set_throwing() { throws_ = true; }
  void set_open(bool open) {
    std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void set_fault(std::optional<Error> fault) { fault_ = std::move(fault); }
  // Somebody else records these after so many looks at the ledger.
  void record_meanwhile(std::set<std::string> ids, int looks) {
    others_ = std::move(ids);
    looks_left_ = looks;
  }

 private:
  std::set<std::string> recorded_now() const {
    return looks_left_-- > 0 ? std::set<std::string>() : others_;
  }
  std::set<std::string> others_;
  mutable std::atomic<int> looks_left_{0};
  LedgerCounters counters_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int asked_ = 0;
  bool hangs_ = false;
  std::atomic<bool> throws_{false};
  std::vector<std::thread> writers_;
  bool open_ = true;
  int entered_ = 0;
  std::optional<Error> fault_;
  chain::VerifierKey key_;
  Vault vault_ = Vault::without_key({Fault::unavailable, "no key"}, "sha256-ed25519").value();
};

}  // namespace fundtrail::api
