#include "ledger/engine/state_upgrade.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/bilingual.h"
#include "ledger/engine/entries_check.h"
#include "ledger/engine/files.h"
#include "ledger/engine/replayed_state.h"
#include "ledger/store/layout.h"

namespace fundtrail {
namespace {

using store::Table;

constexpr std::size_t kRows = 10'000;  // in a commit

// Commits that change no entry. The first says that the state is being made, the last that it is.
class Rewriter {
 public:
  Rewriter(store::RocksStore& store, store::Epoch epoch, std::string head, const ReplayWatch& watch)
      : store_(store), epoch_(epoch), head_(std::move(head)), watch_(watch) {
    note(store::kLayoutBeingMade);
  }

  Status add(store::Change change) {
    changes_.push_back(std::move(change));
    if (changes_.size() < kRows) return success();
    if (watch_.progress) watch_.progress(1, 1);  // it goes on
    if (watch_.cancelled && watch_.cancelled()) {
      return Error{Fault::unavailable, in_both("状态的重建已中止，下次打开时从头再做。",
                                               "making the state again was called off; the next opening begins "
                                               "anew")};
    }
    return commit();
  }
  Status finish() {
    note(store::kLayout);
    return commit();
  }

 private:
  void note(std::string_view layout) {
    changes_.push_back({Table::meta, std::string(store::kLayoutKey), std::string(layout)});
  }
  Status commit() {
    const auto result = store_.commit({epoch_, head_}, head_, changes_);
    changes_.clear();
    if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
    return success();
  }

  store::RocksStore& store_;
  store::Epoch epoch_;
  std::string head_;
  const ReplayWatch& watch_;
  std::vector<store::Change> changes_;
};

// Room for the second state; it goes on every way out but a crash, and then the next opening removes it.
class Room {
 public:
  explicit Room(std::filesystem::path path) : path_(std::move(path)) {}
  Room(const Room&) = delete;
  ~Room() { (void)remove_marked(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

Error cannot_apply(const ReplayedState::Stopped& stopped) {
  const std::string index = std::to_string(stopped.entry);
  return {Fault::unreadable,
          in_both("账套由旧版程序写入，须按分录重建状态；但第 " + index + " 号记录不能重放：" + std::string(chinese_of(stopped.why)) +
                      "。状态未作改动，请用 fundtrail verify 检查。",
                  "an older program wrote the ledger, so its state has to be made again from the entries; "
                  "but entry " + index + " cannot be applied: " + std::string(english_of(stopped.why)) +
                      ". The state was left as it was; run fundtrail verify")};
}

// One half of the whole.
ReplayWatch half(const ReplayWatch& watch, bool second) {
  if (!watch.progress) return watch;
  return {[&watch, second](std::uint64_t done, std::uint64_t all) {
            watch.progress(second ? all + done : done, 2 * all);
          },
          watch.cancelled};
}

// Whether the state is of this program's layout.
Result<bool> is_current(const store::Snapshot& snapshot) {
  const auto current = store::need_current_state(snapshot);
  if (!current.ok() && current.error().fault != Fault::unknown_version) return current.error();
  return current.ok();
}

}  // namespace

Status upgrade_state(store::RocksStore& store, store::Epoch epoch, const LedgerFacts& facts,
                     const LedgerDirectory& directory, const ReplayWatch& watch,
                     const store::RocksMachine& machine) {
  const auto head = store.get(Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  const auto before = store.snapshot();
  const auto current = is_current(*before);
  if (!current.ok()) return current.error();
  if (!*head || *current) return success();
  const auto view = make_view(nullptr, store.snapshot(), facts.id, facts.suite);
  if (!view.ok()) return view.error();
  const auto checked = check_entries(**view, half(watch, false));
  if (!checked.ok()) return checked;
  const auto place = directory.new_staging();
  if (!place.ok()) return place.error();
  const Room room(*place);
  const auto replayed = ReplayedState::make(**view, room.path(), half(watch, true), machine);
  if (!replayed.ok()) return replayed.error();
  if (const auto& stopped = (*replayed)->stopped()) return cannot_apply(*stopped);
  Rewriter rewriter(store, epoch, **head, watch);
  const auto compared = (*replayed)->compare(
      *before, Table::state, [&](ReplayedState::Difference row) {
        return rewriter.add({Table::state, std::move(row.key), std::move(row.replayed)});
      });
  if (!compared.ok()) return compared.error();
  return rewriter.finish();
}

}  // namespace fundtrail
