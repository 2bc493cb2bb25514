#include "ledger/engine/replayed_state.h"

#include <deque>
#include <exception>
#include <utility>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/engine/commands_table.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/state.h"
#include "ledger/scratch_directory.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;
using store::Table;

constexpr std::size_t kGroup = 1000;     // entries in a commit of the scratch store
constexpr std::size_t kGroupLines = 50'000;
constexpr std::size_t kPage = 1000;      // rows in memory while tables are compared
constexpr std::size_t kCache = 64u << 20;

// The entries once more, through the rules.
class Replay {
 public:
  static Result<Replay> begin(store::RocksStore& store) {
    const auto epoch = store.claim();
    if (!epoch.ok()) return epoch.error();
    return Replay(store, *epoch);
  }

  // What the entry cannot be applied for, if anything.
  std::optional<std::string> apply(std::string_view bytes, std::string_view lines) {
    auto entry = chain::decode_entry(bytes);
    if (!entry.ok()) return in_both(entry.error());
    const auto decoded = chain::decode_lines(lines, entry->document);
    if (!decoded.ok()) return in_both(decoded.error());
    const auto content = chain::hash_from_hex(entry->content);
    if (!content) return in_both("content 不是摘要", "content is not a hash");
    try {
      rules::apply(*overlay_, *entry);
    } catch (const rules::StateUnreadable& e) {
      return in_both(e.error);
    } catch (const std::exception& e) {
      return in_both("程序出错（" + std::string(e.what()) + "）", e.what());
    }
    commands_.push_back(
        {Table::commands, entry->command.str(), encode_recorded({entry->index, *content, {}})});
    ++entries_;
    lines_ += line_count(entry->document);
    return std::nullopt;
  }
  bool full() const { return entries_ >= kGroup || lines_ >= kGroupLines; }

  Status settle() {
    std::vector<store::Change> changes = std::move(commands_);
    overlay_->for_each_changed([&](const auto& key, const auto& value) {
      changes.push_back({Table::state, key, value});
    });
    const std::string head = std::to_string(++commits_);
    const auto result = store_->commit({epoch_, head_}, head, changes);
    if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
    head_ = head;
    overlay_->take_changed([&](std::string key, std::string value) {
      state_->refresh(std::move(key), std::move(value));
    });
    state_->trim();
    commands_.clear();
    entries_ = lines_ = 0;
    return success();
  }

 private:
  Replay(store::RocksStore& store, store::Epoch epoch)
      : store_(&store),
        epoch_(epoch),
        state_(std::make_unique<rules::StoredState>(store, kCache)),
        overlay_(std::make_unique<rules::Overlay>(*state_)) {}

  store::RocksStore* store_;
  store::Epoch epoch_;
  std::string head_;
  std::uint64_t commits_ = 0;
  std::unique_ptr<rules::StoredState> state_;
  std::unique_ptr<rules::Overlay> overlay_;
  std::vector<store::Change> commands_;
  std::size_t entries_ = 0, lines_ = 0;
};

// The rows of a table, one after the other.
class Rows {
 public:
  Rows(const store::Snapshot& snapshot, Table table) : snapshot_(snapshot), table_(table) {}

  using Row = std::pair<std::string, std::string>;
  // The next row, or nullptr behind the last. It stays until drop().
  Result<const Row*> next() {
    if (page_.empty() && !ended_) {
      const auto status = snapshot_.scan(
          table_, from_, "", [&](std::string_view key, std::string_view value) {
            page_.emplace_back(key, value);
            return page_.size() < kPage;
          });
      if (!status.ok()) return status.error();
      ended_ = page_.size() < kPage;
      if (!page_.empty()) from_ = page_.back().first + '\0';
    }
    return page_.empty() ? nullptr : &page_.front();
  }
  void drop() { page_.pop_front(); }

 private:
  const store::Snapshot& snapshot_;
  Table table_;
  std::string from_;
  std::deque<Row> page_;
  bool ended_ = false;
};

// What a row of the commands says that an entry says, too: place and content.
std::string_view proven_part(Table table, std::string_view value) {
  return table == Table::commands ? value.substr(0, sizeof(std::uint64_t) + sizeof(chain::Hash))
                                  : value;
}

class Replayed final : public ReplayedState {
 public:
  Replayed(ScratchDirectory scratch, std::unique_ptr<store::RocksStore> store)
      : scratch_(std::move(scratch)), store_(std::move(store)) {}

  const std::optional<Stopped>& stopped() const override { return stopped_; }
  std::uint64_t entries() const override { return entries_; }

  // Until the end, or the first entry that cannot be applied.
  Status run(const View& view, const ReplayWatch& watch) {
    auto replay = Replay::begin(*store_);
    if (!replay.ok()) return replay.error();
    Status fault = success();
    const auto scanned = view.scan(
        0, view.size(), View::Lines::with,
        [&](std::uint64_t index, std::string_view bytes, std::string_view lines) {
          if (auto why = replay->apply(bytes, lines)) {
            stopped_ = Stopped{index, std::move(*why)};
            return false;
          }
          ++entries_;
          if (!replay->full()) return true;
          fault = replay->settle();
          if (watch.progress) watch.progress(entries_, view.size());
          if (fault.ok() && watch.cancelled && watch.cancelled()) {
            fault = Error{Fault::unavailable, in_both("重放已中止。", "the replay was called off")};
          }
          return fault.ok();
        });
    if (!scanned.ok()) return scanned;
    if (!fault.ok() || stopped_) return fault;
    return replay->settle();
  }

  Result<std::uint64_t> compare(const store::Snapshot& stored, Table table,
                                const std::function<Status(Difference)>& visit) const override {
    const auto replayed = store_->snapshot();
    Rows ours(stored, table), theirs(*replayed, table);
    for (std::uint64_t rows = 0;;) {
      const auto a = ours.next(), b = theirs.next();
      if (!a.ok()) return a.error();
      if (!b.ok()) return b.error();
      const Rows::Row *have = *a, *need = *b;
      if (!have && !need) return rows;
      const bool only_ours = have && (!need || have->first < need->first);
      const bool only_theirs = need && (!have || need->first < have->first);
      if (!only_theirs) ++rows;
      if (only_ours || only_theirs ||
          proven_part(table, have->second) != proven_part(table, need->second)) {
        Difference found{(only_theirs ? need : have)->first, {}, {}};
        if (!only_theirs) found.stored = have->second;
        if (!only_ours) found.replayed = need->second;
        const auto visited = visit(std::move(found));
        if (!visited.ok()) return visited.error();
      }
      if (!only_theirs) ours.drop();
      if (!only_ours) theirs.drop();
    }
  }

 private:
  ScratchDirectory scratch_;
  std::unique_ptr<store::RocksStore> store_;  // in scratch_
  std::uint64_t entries_ = 0;
  std::optional<Stopped> stopped_;
};

}  // namespace

Result<std::unique_ptr<ReplayedState>> ReplayedState::make(const View& view, const fs::path& parent,
                                                           const ReplayWatch& watch,
                                                           const store::RocksMachine& machine) {
  auto scratch = ScratchDirectory::make(parent, "fundtrail-state");
  if (!scratch.ok()) return scratch.error();
  auto store = store::RocksStore::open_scratch(scratch->path() / "db", machine);
  if (!store.ok()) return store.error();
  auto replayed = std::make_unique<Replayed>(std::move(*scratch), std::move(*store));
  const auto done = replayed->run(view, watch);
  if (!done.ok()) return done.error();
  return std::unique_ptr<ReplayedState>(std::move(replayed));
}

}  // namespace fundtrail
