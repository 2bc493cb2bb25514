#include "ledger/planning/snapshot_state.h"

#include <algorithm>

namespace fundtrail::planning {

using rules::StateUnreadable;

void each_row(const store::Snapshot& snapshot, store::Table table, const std::string& from,
              const std::string& to, const VisitRow& visit) {
  const auto read = snapshot.scan(table, from, to, [&](std::string_view key, std::string_view value) {
    visit(key, value);
    return true;
  });
  if (!read.ok()) throw StateUnreadable{read.error()};
}

Rows rows_in(const store::Snapshot& snapshot, store::Table table, const std::string& from,
             const std::string& to) {
  Rows rows;
  each_row(snapshot, table, from, to, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
  });
  return rows;
}

void each_row_under(const store::Snapshot& snapshot, const std::string& prefix,
                    const VisitRow& visit) {
  // No key has a byte 0xFF behind a prefix of ids.
  each_row(snapshot, store::Table::state, prefix, prefix + '\xFF', visit);
}

Rows rows_under(const store::Snapshot& snapshot, const std::string& prefix) {
  Rows rows;
  each_row_under(snapshot, prefix, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
  });
  return rows;
}

const std::string* SnapshotState::find(std::string_view key) const {
  for (const auto& range : ranges_) {
    if (key < range.from || key >= range.to) continue;
    const auto it = std::lower_bound(
        range.rows.begin(), range.rows.end(), key,
        [](const auto& row, std::string_view wanted) { return row.first < wanted; });
    return it != range.rows.end() && it->first == key ? &it->second : nullptr;
  }
  auto it = single_.find(key);
  if (it == single_.end()) {
    auto read = snapshot_.get(store::Table::state, key);
    if (!read.ok()) throw StateUnreadable{read.error()};
    it = single_.emplace(std::string(key), std::move(*read)).first;
  }
  return it->second ? &*it->second : nullptr;
}

const Rows& SnapshotState::read_ahead(const std::string& from, const std::string& to) {
  ranges_.push_back({from, to, rows_in(snapshot_, store::Table::state, from, to)});
  return ranges_.back().rows;
}

void SnapshotState::forget() {
  ranges_.clear();
  single_.clear();
}

}  // namespace fundtrail::planning
