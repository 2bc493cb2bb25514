#include "ledger/engine/state_check.h"

#include <utility>

#include "ledger/chain/merkle.h"
#include "ledger/store/layout.h"

namespace fundtrail {

using store::Table;

namespace {

Result<chain::Hash> root_of_state(const View& view) {
  chain::Hasher hasher(view.suite());
  chain::Frontier rows;
  std::string row;
  const auto scanned =
      view.raw().scan(Table::state, "", "", [&](std::string_view key, std::string_view value) {
        row = store::key_of(key.size());
        row += key;
        row += value;
        rows.append(hasher, hasher.leaf(row));
        return true;
      });
  if (!scanned.ok()) return scanned.error();
  return rows.root(hasher);
}

}  // namespace

Result<StateReport> check_state(const View& view, const StateCheckOptions& options) {
  const auto current = store::need_current_state(view.raw());
  if (!current.ok()) return current.error();
  const auto replayed = ReplayedState::make(view, options.scratch, options.watch);
  if (!replayed.ok()) return replayed.error();
  StateReport report;
  report.entries = (*replayed)->entries();
  report.stopped = (*replayed)->stopped();
  if (report.stopped) return report;
  for (const auto& [table, rows] : {std::pair{Table::state, &report.rows},
                                    std::pair{Table::commands, &report.commands}}) {
    const auto counted = (*replayed)->compare(
        view.raw(), table, [&](ReplayedState::Difference found) -> Status {
          ++report.different;
          if (report.differences.size() < options.max_differences) {
            report.differences.push_back({table, std::move(found.key), std::move(found.stored),
                                          std::move(found.replayed)});
          }
          return success();
        });
    if (!counted.ok()) return counted.error();
    *rows = *counted;
  }
  const auto root = root_of_state(view);
  if (!root.ok()) return root.error();
  report.root = *root;
  return report;
}

}  // namespace fundtrail
