// Where the integrity check gets its records: one after the other as they lie, with nothing repaired
// and nothing skipped. Private to audit/integrity.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

struct Record {
  std::uint64_t key = 0;             // the row's key, or the place in the file
  std::string bytes;                 // without line feed
  std::optional<std::string> lines;  // as stored; nothing when there are none
  bool cut = false;                  // the file ended before the line feed
};

class RecordSource {
 public:
  virtual ~RecordSource() = default;
  // False at the end. Errors: io, unreadable (a key that is no index).
  virtual Result<bool> next(Record& record) = 0;
  // Lines of an entry that is not there, once the records are through.
  virtual std::optional<std::uint64_t> stray_lines() const { return std::nullopt; }
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

class StoreSource final : public RecordSource {
 public:
  explicit StoreSource(const store::Snapshot& snapshot)
      : entries_(snapshot, store::Table::entries), lines_(snapshot, store::Table::lines) {}
  Result<bool> next(Record& record) override;
  std::optional<std::uint64_t> stray_lines() const override { return stray_; }

 private:
  RowCursor entries_;
  RowCursor lines_;
  std::optional<std::uint64_t> stray_;
};

class BundleSource final : public RecordSource {
 public:
  explicit BundleSource(const std::filesystem::path& bundle);
  Result<bool> next(Record& record) override;

 private:
  std::filesystem::path bundle_;
  std::ifstream entries_;
  std::vector<std::uint64_t> with_lines_;  // ascending
  std::uint64_t place_ = 0;
};

// The whole file. Errors: not_found, io.
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace fundtrail::audit
