#include "ledger/engine/engine.h"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/engine/commands_table.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/view.h"

namespace fundtrail {
namespace {

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point begin) {
  const auto took = std::chrono::steady_clock::now() - begin;
  return std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
}

Stored stored_in(const store::Store& store) {
  return [&store](store::Table table, std::string_view key) { return store.get(table, key); };
}

}  // namespace

// One submission is one commit held in memory.
constexpr std::size_t kMaxCommands = 10'000, kMaxSubmittedLines = 1'000'000;

std::optional<Error> too_large(const std::vector<Command>& commands) {
  std::size_t lines = 0;
  for (const auto& command : commands) lines += line_count(command.document);
  if (commands.size() <= kMaxCommands && lines <= kMaxSubmittedLines) return std::nullopt;
  const std::string has = std::to_string(commands.size()), of = std::to_string(lines);
  return Error{Fault::invalid_argument,
               in_both("一次最多提交 10000 条命令、1000000 行明细；本次有 " + has + " 条、" + of + " 行。",
                       "a submission holds at most 10000 commands and 1000000 lines; this one has " +
                           has + " and " + of)};
}

Engine::Engine(EngineParts parts) : parts_(std::move(parts)), hasher_(parts_.suite) {
  reset_state();
  count_opened();
}

Result<std::unique_ptr<Engine>> Engine::start(EngineParts parts) {
  std::unique_ptr<Engine> engine(new Engine(std::move(parts)));
  Engine& e = *engine;
  auto writer = Writer::start(e.parts_.options.max_group_lines,
                              [&e](Submissions& group) { e.write_group(group); },
                              [&e](Submissions& groups) { e.settle(groups); });
  if (!writer.ok()) return writer.error();
  e.writer_ = std::move(*writer);
  return engine;
}

Engine::~Engine() {
  if (writer_) writer_->stop();
  if (staged_from_) remove_staging();
}

void Engine::reset_state() {
  state_.reset();
  state_ = std::make_unique<rules::StoredState>(*parts_.store);
}

std::optional<Error> Engine::refusing() const {
  const std::lock_guard lock(poison_mutex_);
  return poison_;
}

std::optional<Error> Engine::detached() const {
  const std::lock_guard lock(store_mutex_);  // an adoption changes both, the directory and what is open
  const auto checked = parts_.live->check();
  return checked.ok() ? std::nullopt : std::optional(checked.error());
}

Error Engine::poison(std::string_view why) {
  const std::lock_guard lock(poison_mutex_);
  if (!poison_) {
    poison_ = Error{Fault::unavailable,
                    in_both("账套在重新打开之前不再接受写入：" + std::string(chinese_of(why)),
                            "the ledger refuses writes until it is opened again: " +
                                std::string(english_of(why)))};
  }
  return *poison_;
}

std::optional<Result<std::vector<Answer>>> Engine::answer_at_once(
    const std::vector<Command>& commands) const {
  if (commands.empty()) return std::vector<Answer>();
  if (auto error = too_large(commands)) return *error;
  if (auto error = refusing()) return *error;
  return std::nullopt;
}

Result<std::vector<Prepared>> Engine::prepare_all(std::vector<Command> commands) const {
  try {
    std::vector<Prepared> prepared;
    prepared.reserve(commands.size());
    const auto store = this->store();
    const rules::StoredState state(*store);
    for (auto& command : commands) {
      prepared.push_back(prepare(parts_.vault, parts_.suite, std::move(command)));
      look_up_facts(state, stored_in(*store), parts_.vault, parts_.ledger, prepared.back());
    }
    return prepared;
  } catch (...) {
    return current_fault();
  }
}

Result<std::vector<Answer>> Engine::submit(std::vector<Command> commands, BatchMode mode) {
  if (auto answer = answer_at_once(commands)) return std::move(*answer);
  auto prepared = prepare_all(std::move(commands));
  if (!prepared.ok()) return prepared.error();
  return writer_->submit(std::move(*prepared), mode);
}

void Engine::submit_async(std::vector<Command> commands, BatchMode mode, Done done) {
  if (auto answer = answer_at_once(commands)) return done(std::move(*answer));
  auto prepared = prepare_all(std::move(commands));
  if (!prepared.ok()) return done(prepared.error());
  writer_->submit_async(std::move(*prepared), mode, std::move(done));
}

Result<std::optional<std::uint64_t>> Engine::find_command(const CommandId& id) const {
  const auto row = store()->get(store::Table::commands, id.str());
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<std::uint64_t>();
  const auto index = decode_recorded_index(**row);
  if (!index.ok()) return index.error();
  return std::optional<std::uint64_t>(*index);
}

void Engine::write_group(Submissions& submissions) {
  Outcomes outcomes;
  try {
    outcomes.reserve(submissions.size());
    if (auto error = refusing()) {
      outcomes.assign(submissions.size(), *error);
    } else {
      Group group({parts_.ledger, stored_in(*parts_.store), *state_, parts_.vault, hasher_}, parts_.end);
      if (decide_group(group, submissions, outcomes) && !group.empty()) {
        const auto committed = commit_group(group);
        if (!committed.ok()) outcomes.assign(submissions.size(), committed.error());
      }
      if (group.erases()) expunge_vault(submissions, outcomes);
    }
    state_->trim();
  } catch (...) {
    // Past this point we do not know what the memory holds; what is durable is in the store.
    outcomes.assign(submissions.size(), poison(current_fault().message));
  }
  for (std::size_t i = 0; i < submissions.size(); ++i) {
    submissions[i]->outcome = std::move(outcomes[i]);
  }
  count(submissions);
}

// What an erasure removed is to be gone from the files, too, before anybody is told. A view that was
// taken before keeps it there: the next opening, which nobody reads beside, does it once more.
void Engine::expunge_vault(const Submissions& submissions, Outcomes& outcomes) {
  if (refusing()) return;
  const auto expunged = parts_.store->expunge(store::Table::vault);
  if (!expunged.ok()) outcomes.assign(submissions.size(), poison(expunged.error().message));
}

bool Engine::decide_group(Group& group, Submissions& submissions, Outcomes& outcomes) {
  for (auto& submission : submissions) {
    try {
      outcomes.push_back(group.run(submission->commands, submission->mode));
    } catch (...) {
      const Error error = current_fault();
      if (group.broken()) {
        outcomes.assign(submissions.size(), error);
        return false;
      }
      outcomes.emplace_back(error);
    }
  }
  return true;
}

Status Engine::commit_group(Group& group) {
  auto changes = group.take_changes();
  const auto committed = commit_checked(group.end(), changes);
  if (!committed.ok()) return committed;
  for (auto& change : changes) {
    if (change.table == store::Table::state) {
      state_->refresh(std::move(change.key), std::move(*change.value));
    }
  }
  parts_.end = group.take_end();
  return success();
}

Status Engine::commit_checked(const ChainEnd& end, const std::vector<store::Change>& changes) {
  // The anchor of the group before may have failed meanwhile.
  if (auto error = refusing()) return *error;
  const std::string expected = parts_.end.head.size() == 0 ? "" : parts_.end.head.encode();
  const AnchoredHead head = anchored_head(end, parts_.checkpoints, hasher_);
  const auto begin = std::chrono::steady_clock::now();
  const auto result = parts_.store->commit({parts_.epoch, expected}, end.head.encode(), changes);
  if (result.outcome != store::Committed::applied) return poison(result.message);
  delay_sync();
  counters_.commit_us.observe(microseconds_since(begin));
  const std::lock_guard lock(committed_mutex_);
  committed_ = head;
  return success();
}

void Engine::settle(Submissions& submissions) {
  Status anchored = success();
  try {
    anchored = anchor_committed();
  } catch (...) {
    anchored = *(anchor_failure_ = poison(current_fault().message));
  }
  if (anchored.ok()) return;
  for (auto& submission : submissions) submission->outcome = anchored.error();
}

Status Engine::anchor_committed() {
  if (anchor_failure_) return *anchor_failure_;
  std::optional<AnchoredHead> head;
  {
    const std::lock_guard lock(committed_mutex_);
    head.swap(committed_);
  }
  if (!head) return success();
  const auto begin = std::chrono::steady_clock::now();
  delay_sync();
  const auto written = write_anchor(*head);
  if (written.ok()) {
    counters_.anchor_us.observe(microseconds_since(begin));
    counters_.anchored.store(head->size, std::memory_order_relaxed);
  } else {
    anchor_failure_ = poison(written.error().message);
  }
  return written.ok() ? success() : Status(*anchor_failure_);
}

Status Engine::write_anchor(const AnchoredHead& head) {
  const auto written = parts_.anchor.write(head);
  if (!written.ok()) return written;
  const auto elsewhere = detached();
  return elsewhere ? Status(*elsewhere) : success();
}

void Engine::delay_sync() const {
  const std::chrono::microseconds delay(parts_.options.sync_delay_us);
  if (delay.count() != 0) std::this_thread::sleep_for(delay);
}

std::shared_ptr<store::RocksStore> Engine::store() const {
  const std::lock_guard lock(store_mutex_);
  return parts_.store;
}

std::unique_ptr<View> Engine::view() const {
  const auto store = this->store();
  auto snapshot = store->snapshot();
  auto view = make_view(store, std::move(snapshot), parts_.ledger.id, parts_.suite);
  // The head has been read and checked at opening; that it cannot be read again is no answer to any
  // question, and the interface has no other way to say so.
  if (!view.ok()) throw std::runtime_error(view.error().message);
  return std::move(*view);
}

Result<std::string> Engine::checkpoint() {
  Result<std::string> note = Error{Fault::unavailable, "the ledger is closing"};
  writer_->run([&] { note = sign_head(); });
  return note;
}

Result<std::string> Engine::sign_head() {
  if (auto error = refusing()) return *error;
  const auto& head = parts_.end.head;
  const std::string key = store::checkpoint_key(head.size());
  auto kept = parts_.store->get(store::Table::meta, key);
  if (!kept.ok()) return kept.error();
  if (*kept) return std::move(**kept);
  const chain::Checkpoint checkpoint{
      parts_.verifier_key.name, head.size(), head.frontier.root(hasher_), {}};
  const std::string body = checkpoint.body();
  const auto line = chain::sign_note(body, parts_.verifier_key.name, parts_.signing_key);
  if (!line.ok()) return line.error();
  std::string note = chain::join_note(body, {*line});
  const std::string bytes = head.encode();
  const std::uint64_t kept_now = parts_.checkpoints + 1;
  const auto result = parts_.store->commit(
      {parts_.epoch, bytes}, bytes,
      {{store::Table::meta, key, note},
       {store::Table::meta, std::string(store::kCheckpointsKey), store::key_of(kept_now)}});
  if (result.outcome != store::Committed::applied) return poison(result.message);
  parts_.checkpoints = kept_now;
  // The anchor knows of it before anybody else does.
  const auto anchored = write_anchor(anchored_head(parts_.end, kept_now, hasher_));
  if (!anchored.ok()) return poison(anchored.error().message);
  counters_.checkpoint.store(head.size(), std::memory_order_relaxed);
  counters_.unsigned_since.store(0, std::memory_order_relaxed);
  return note;
}

}  // namespace fundtrail
