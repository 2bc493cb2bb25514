#include "ledger/store/rocks_database.h"

#include <utility>

#include "ledger/core/bilingual.h"

namespace fundtrail::store {

Error error_of(const rocksdb::Status& status, const char* doing) {
  const std::string text = status.ToString();
  Fault fault = Fault::io;
  if (status.IsCorruption()) {
    fault = Fault::unreadable;
  } else if (status.IsNotSupported()) {
    fault = Fault::unknown_version;
  } else if (status.IsIOError() && text.find("lock ") != std::string::npos) {
    return {Fault::unavailable, in_both("账套正被另一个进程写入（例如正在运行的服务）。",
                                        "another process has the ledger open for writing")};
  }
  return {fault, std::string("store: ") + doing + ": " + text};
}

RocksStore::Database::~Database() {
  for (auto* handle : families) db->DestroyColumnFamilyHandle(handle);
  families.clear();
  db.reset();
  if (when_closed != nullptr) when_closed(directory);
}

Result<std::optional<std::string>> RocksStore::Database::get(Table table, std::string_view key,
                                                             const rocksdb::Snapshot* at) const {
  rocksdb::ReadOptions options;
  options.snapshot = at;
  std::string value;
  const auto status = db->Get(options, family(table), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return error_of(status, "read");
  return std::optional<std::string>(std::move(value));
}

namespace {

class RocksSnapshot final : public Snapshot {
 public:
  explicit RocksSnapshot(std::shared_ptr<RocksStore::Database> database)
      : database_(std::move(database)), at_(database_->db->GetSnapshot()) {}
  ~RocksSnapshot() override { database_->db->ReleaseSnapshot(at_); }

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return database_->get(table, key, at_);
  }

  Status scan(Table table, std::string_view from, std::string_view to,
              const Visit& visit) const override {
    rocksdb::ReadOptions options;
    options.snapshot = at_;
    const rocksdb::Slice upper = slice(to.empty() ? kMarkKey : to);
    options.iterate_upper_bound = &upper;
    options.total_order_seek = true;  // also where a memtable is a hash table
    options.readahead_size = 256u << 10;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db->NewIterator(options, database_->family(table)));
    for (it->Seek(slice(from)); it->Valid(); it->Next()) {
      if (!visit(view(it->key()), view(it->value()))) return success();
    }
    if (!it->status().ok()) return error_of(it->status(), "scan");
    return success();
  }

 private:
  std::shared_ptr<RocksStore::Database> database_;
  const rocksdb::Snapshot* at_;
};

}  // namespace

std::unique_ptr<Snapshot> snapshot_of(std::shared_ptr<RocksStore::Database> database) {
  return std::make_unique<RocksSnapshot>(std::move(database));
}

}  // namespace fundtrail::store
