#include "ledger/store/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <system_error>

#include "ledger/store/layout.h"
#include "ledger/store/refusals.h"

namespace fundtrail::store {
namespace {

constexpr std::size_t kMemtable = 64u << 20;
constexpr std::size_t kAllMemtables = 128u << 20;
constexpr std::size_t kBlockCache = 96u << 20;
constexpr std::uint64_t kJournal = 48u << 20;  // replay runs at some 50 MB/s
constexpr int kOpenFiles = 256;
constexpr const char* kReadOnly = "the store is open for reading only";

constexpr std::array<const char*, kTables> kFamilies = {"default", "entries", "lines", "tree",
                                                        "state",   "commands", "vault"};

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

Error error_of(const rocksdb::Status& status, const char* doing) {
  const std::string text = status.ToString();
  Fault fault = Fault::io;
  if (status.IsCorruption()) {
    fault = Fault::unreadable;
  } else if (status.IsNotSupported()) {
    fault = Fault::unknown_version;
  } else if (status.IsIOError() && text.find("lock ") != std::string::npos) {
    return {Fault::unavailable, "another process has the ledger open for writing"};
  }
  return {fault, std::string("store: ") + doing + ": " + text};
}

// Points are looked up in commands, tree and state, most of them absent in commands: bloom filters.
// Entries and lines are written once in the order of their keys and are most of the bytes: ZSTD.
rocksdb::ColumnFamilyOptions family_options(Table table,
                                            const std::shared_ptr<rocksdb::Cache>& cache,
                                            const RocksMachine& machine) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = machine.memtable != 0 ? machine.memtable : kMemtable;
  options.max_write_buffer_number = 2;
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.format_version = 5;
  const bool bulk = table == Table::entries || table == Table::lines;
  blocks.block_size = bulk ? 16u << 10 : 8u << 10;
  if (table != Table::entries) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.compression = bulk ? rocksdb::kZSTD : rocksdb::kLZ4Compression;
  if (table == Table::tree || table == Table::vault) options.compression = rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = true;
  return options;
}

// RocksDB's own log file is one more file that a full disk can fail, and in Debian's build, which
// keeps its asserts, the second failed line of it aborts the process. Faults reach us as statuses.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(bool create, const RocksMachine& machine) {
  rocksdb::DBOptions options;
  if (machine.env != nullptr) options.env = machine.env;
  options.create_if_missing = create;
  options.create_missing_column_families = create;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.max_open_files = kOpenFiles;
  options.db_write_buffer_size = kAllMemtables;
  options.max_total_wal_size = kJournal;
  // A crash loop must not pay for flushing each time; the journal's budget bounds the replay.
  options.avoid_flush_during_recovery = true;
  options.max_background_jobs = 2;
  options.max_bgerror_resume_count = 0;  // after a failed write nobody tries again by himself
  options.info_log = std::make_shared<NoLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

}  // namespace

struct RocksStore::Database {
  std::filesystem::path directory;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::atomic<bool> remove_files{false};

  ~Database() {
    for (auto* family : families) db->DestroyColumnFamilyHandle(family);
    families.clear();
    db.reset();
    std::error_code ignored;
    if (remove_files) std::filesystem::remove_all(directory, ignored);
  }
  rocksdb::ColumnFamilyHandle* family(Table table) const {
    return families[static_cast<std::size_t>(table)];
  }
  Result<std::optional<std::string>> get(Table table, std::string_view key,
                                         const rocksdb::Snapshot* at) const {
    rocksdb::ReadOptions options;
    options.snapshot = at;
    std::string value;
    const auto status = db->Get(options, family(table), slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    if (!status.ok()) return error_of(status, "read");
    return std::optional<std::string>(std::move(value));
  }
};

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
    const rocksdb::Slice upper = slice(to);
    if (!to.empty()) options.iterate_upper_bound = &upper;
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

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

rocksdb::Status open_database(const std::filesystem::path& directory, bool read_only, bool create,
                              const RocksMachine& machine, rocksdb::DB** db, Handles* handles) {
  const auto cache = rocksdb::NewLRUCache(kBlockCache);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kTables; ++i) {
    families.emplace_back(kFamilies[i], family_options(static_cast<Table>(i), cache, machine));
  }
  const auto options = database_options(create, machine);
  if (read_only) {
    return rocksdb::DB::OpenForReadOnly(options, directory.string(), families, handles, db);
  }
  return rocksdb::DB::Open(options, directory.string(), families, handles, db);
}

Result<std::shared_ptr<RocksStore::Database>> open_shared(const std::filesystem::path& directory,
                                                          bool read_only, bool create,
                                                          const RocksMachine& machine) {
  std::error_code ignored;
  if (!create && !std::filesystem::exists(directory / "CURRENT", ignored)) {
    return Error{Fault::not_found, "there is no store in " + directory.string()};
  }
  auto database = std::make_shared<RocksStore::Database>();
  // Through a symbolic link, so that the open database stays where it is when the link moves on.
  database->directory = std::filesystem::weakly_canonical(directory, ignored);
  if (ignored) database->directory = directory;
  rocksdb::DB* db = nullptr;
  const auto status =
      open_database(database->directory, read_only, create, machine, &db, &database->families);
  database->db.reset(db);
  if (!status.ok()) return error_of(status, "open");
  return database;
}

}  // namespace

RocksStore::~RocksStore() = default;

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& directory,
                                                     bool read_only, bool create,
                                                     const RocksMachine& machine) {
  auto database = open_shared(directory, read_only, create, machine);
  if (!database.ok()) return database.error();
  std::unique_ptr<RocksStore> store(new RocksStore(std::move(*database), read_only));
  const auto head = store->get(Table::meta, kHeadKey);
  if (!head.ok()) return head.error();
  const auto epoch = store->get(Table::meta, kEpochKey);
  if (!epoch.ok()) return epoch.error();
  const auto layout = store->get(Table::meta, kLayoutKey);
  if (!layout.ok()) return layout.error();
  if (*head || *epoch || *layout) {
    const auto known = check_layout(*layout);
    if (!known.ok()) return known.error();
  }
  store->head_ = head->value_or(std::string());
  store->epoch_ = epoch->value_or(std::string());
  return store;
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& directory,
                                                     Missing missing,
                                                     const RocksMachine& machine) {
  return open(directory, false, missing == Missing::create, machine);
}

Result<std::unique_ptr<RocksStore>> RocksStore::open_read_only(
    const std::filesystem::path& directory, const RocksMachine& machine) {
  return open(directory, true, false, machine);
}

Result<std::optional<std::string>> RocksStore::get(Table table, std::string_view key) const {
  return database_->get(table, key, nullptr);
}

std::unique_ptr<Snapshot> RocksStore::snapshot() const {
  return std::make_unique<RocksSnapshot>(database_);
}

Status RocksStore::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = database_->db->Write(options, &batch);
  if (status.ok()) return success();
  poisoned_ = refusing_since(status.ToString());
  return error_of(status, "write");
}

Result<Epoch> RocksStore::claim() {
  if (read_only_) return Error{Fault::unavailable, kReadOnly};
  if (!poisoned_.empty()) return Error{Fault::unavailable, poisoned_};
  const auto epoch = epoch_after(epoch_);
  if (!epoch.ok()) return epoch.error();
  const std::string bytes = key_of(*epoch);
  rocksdb::WriteBatch batch;
  auto* meta = database_->family(Table::meta);
  batch.Put(meta, slice(kEpochKey), slice(bytes));
  if (epoch_.empty()) batch.Put(meta, slice(kLayoutKey), slice(kLayout));
  const auto written = write(batch);
  if (!written.ok()) return written.error();
  epoch_ = bytes;
  return *epoch;
}

CommitResult RocksStore::commit(const Expected& expected, std::string_view new_head,
                                const std::vector<Change>& changes) {
  if (read_only_) return {Committed::not_applied, kReadOnly};
  if (!poisoned_.empty()) return {Committed::not_applied, poisoned_};
  if (auto why = unexpected(expected, epoch_, head_)) {
    return {Committed::not_applied, std::move(*why)};
  }
  rocksdb::WriteBatch batch;
  for (const auto& change : changes) {
    auto* family = database_->family(change.table);
    const auto status = change.value
                            ? batch.Put(family, slice(change.key), slice(*change.value))
                            : batch.Delete(family, slice(change.key));
    if (!status.ok()) return {Committed::not_applied, "store: batch: " + status.ToString()};
  }
  batch.Put(database_->family(Table::meta), slice(kHeadKey), slice(new_head));
  const auto written = write(batch);
  if (!written.ok()) return {Committed::unknown, written.error().message};
  head_.assign(new_head);
  return {};
}

Status RocksStore::checkpoint(const std::filesystem::path& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(database_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Flushes the memtables when the journal is large; else the journal is copied.
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory.string(), kJournal / 4);
  if (!status.ok()) return error_of(status, "checkpoint");
  return success();
}

Status RocksStore::expunge(Table table) {
  auto status = database_->db->Flush(rocksdb::FlushOptions(), database_->families);
  if (!status.ok()) return error_of(status, "flush");
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  status = database_->db->CompactRange(options, database_->family(table), nullptr, nullptr);
  if (!status.ok()) return error_of(status, "compact");
  return success();
}

void RocksStore::remove_when_closed() { database_->remove_files = true; }

}  // namespace fundtrail::store
