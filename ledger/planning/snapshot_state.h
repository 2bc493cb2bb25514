// The state of a snapshot, for the rules to read. Rows that were asked for are kept until forget();
// rows of a range that is read ahead in one scan cost no lookup of their own.
//
// Not thread-safe: one a thread, over one snapshot.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ledger/rules/state.h"
#include "ledger/store/store.h"

namespace fundtrail::planning {

// Each row with a key in [from, to) of a table, one at a time: for ranges that grow with the age of the
// ledger. Throws rules::StateUnreadable when the store cannot be read; `visit` may throw it too.
using VisitRow = std::function<void(std::string_view key, std::string_view value)>;
void each_row(const store::Snapshot& snapshot, store::Table table, const std::string& from,
              const std::string& to, const VisitRow& visit);
// All of them at once.
using Rows = std::vector<std::pair<std::string, std::string>>;
Rows rows_in(const store::Snapshot& snapshot, store::Table table, const std::string& from,
             const std::string& to);
// Those of the state whose keys begin with `prefix`.
void each_row_under(const store::Snapshot& snapshot, const std::string& prefix,
                    const VisitRow& visit);
Rows rows_under(const store::Snapshot& snapshot, const std::string& prefix);

class SnapshotState : public rules::StateSource {
 public:
  explicit SnapshotState(const store::Snapshot& snapshot) : snapshot_(snapshot) {}
  const std::string* find(std::string_view key) const override;

  // Every row of the state in [from, to). The reference stays valid until forget().
  const Rows& read_ahead(const std::string& from, const std::string& to);
  // Drops everything that was read; pointers from find() end.
  void forget();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  struct Range {
    std::string from, to;
    Rows rows;
  };
  const store::Snapshot& snapshot_;
  std::deque<Range> ranges_;
  mutable std::unordered_map<std::string, std::optional<std::string>, Hash, std::equal_to<>> single_;
};

}  // namespace fundtrail::planning
