// The entries of a store with their lines, one after the other, for whoever copies them out. Private to
// audit.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

struct Record {
  std::uint64_t key = 0;             // the row's
  std::string bytes;                 // without line feed
  std::optional<std::string> lines;  // as stored; nothing when there are none
};

// Rows of one table in pieces of bounded size, so that two tables can be read side by side.
class RowCursor {
 public:
  RowCursor(const store::Snapshot& snapshot, store::Table table)
      : snapshot_(snapshot), table_(table) {}
  struct Row {
    std::uint64_t key = 0;
    std::string value;
  };
  // Nothing at the end. The row stays valid until the next call.
  Result<Row*> peek();
  void pop() { rows_.pop_front(); }

 private:
  Status fill();
  const store::Snapshot& snapshot_;
  store::Table table_;
  std::deque<Row> rows_;
  std::string from_;
  bool ended_ = false;
};

class StoreRecords {
 public:
  explicit StoreRecords(const store::Snapshot& snapshot)
      : entries_(snapshot, store::Table::entries), lines_(snapshot, store::Table::lines) {}
  // False at the end. Lines without an entry are passed over. Errors: io, unreadable (a key that is
  // no index).
  Result<bool> next(Record& record);

 private:
  RowCursor entries_;
  RowCursor lines_;
};

}  // namespace fundtrail::audit
