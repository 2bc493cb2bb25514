#include "ledger/engine/state_upgrade.h"

#include <string>
#include <utility>
#include <vector>

#include "ledger/core/bilingual.h"
#include "ledger/engine/replayed_state.h"
#include "ledger/store/layout.h"

namespace fundtrail {
namespace {

using store::Table;

constexpr std::size_t kRows = 10'000;  // in a commit

// Commits that change no entry.
class Rewriter {
 public:
  Rewriter(store::RocksStore& store, store::Epoch epoch, std::string head)
      : store_(store), epoch_(epoch), head_(std::move(head)) {}

  Status add(store::Change change) {
    changes_.push_back(std::move(change));
    return changes_.size() < kRows ? success() : commit();
  }
  Status commit() {
    const auto result = store_.commit({epoch_, head_}, head_, changes_);
    changes_.clear();
    if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
    return success();
  }

 private:
  store::RocksStore& store_;
  store::Epoch epoch_;
  std::string head_;
  std::vector<store::Change> changes_;
};

Error cannot_apply(const ReplayedState::Stopped& stopped) {
  const std::string index = std::to_string(stopped.entry);
  return {Fault::unreadable,
          in_both("账套由旧版程序写入，须按分录重建状态；但第 " + index + " 号记录不能重放：" + stopped.why +
                      "。账套未作改动，请用 fundtrail verify 检查。",
                  "an older program wrote the ledger, so its state has to be made again from the entries; "
                  "but entry " + index + " cannot be applied: " + stopped.why +
                      ". Nothing was changed; run fundtrail verify")};
}

}  // namespace

Status upgrade_state(store::RocksStore& store, store::Epoch epoch, const LedgerFacts& facts,
                     const LedgerDirectory& directory) {
  const auto head = store.get(Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  const auto before = store.snapshot();
  if (!*head || store::need_current_state(*before).ok()) return success();
  const auto view = make_view(nullptr, store.snapshot(), facts.id, facts.suite);
  if (!view.ok()) return view.error();
  const auto place = directory.new_staging();  // a leftover when we are killed
  if (!place.ok()) return place.error();
  const auto replayed = ReplayedState::make(**view, *place, {});
  if (!replayed.ok()) return replayed.error();
  if (const auto& stopped = (*replayed)->stopped()) return cannot_apply(*stopped);
  Rewriter rewriter(store, epoch, **head);
  const auto compared = (*replayed)->compare(
      *before, Table::state, [&](ReplayedState::Difference row) {
        return rewriter.add({Table::state, std::move(row.key), std::move(row.replayed)});
      });
  if (!compared.ok()) return compared.error();
  const auto noted = rewriter.add(
      {Table::meta, std::string(store::kLayoutKey), std::string(store::kLayout)});
  return noted.ok() ? rewriter.commit() : noted;
}

}  // namespace fundtrail
