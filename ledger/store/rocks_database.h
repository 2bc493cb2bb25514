// An open RocksDB with the handles of its tables, shared by a store and its snapshots: it is closed when
// the last of them goes. Private to ledger/store.
#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/store/rocks_checks.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail::store {

inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

// What a failure of RocksDB is to us. Faults: unreadable, unknown_version, unavailable (locked), io.
Error error_of(const rocksdb::Status& status, const char* doing);

struct RocksStore::Database {
  std::filesystem::path directory;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  Act when_closed = nullptr;
  SequenceWatch watch;  // used while the database is opened

  ~Database();
  rocksdb::ColumnFamilyHandle* family(Table table) const {
    return families[static_cast<std::size_t>(table)];
  }
  // `at` may be null: the newest.
  Result<std::optional<std::string>> get(Table table, std::string_view key,
                                         const rocksdb::Snapshot* at) const;
};

std::unique_ptr<Snapshot> snapshot_of(std::shared_ptr<RocksStore::Database> database);

}  // namespace fundtrail::store
