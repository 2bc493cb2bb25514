#include "ledger/store/rocks_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <cstdarg>
#include <system_error>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/store/layout.h"
#include "ledger/store/refusals.h"
#include "ledger/store/rocks_checks.h"
#include "ledger/store/rocks_database.h"
#include "ledger/store/rocks_journals.h"

namespace fundtrail::store {
namespace {

constexpr std::size_t kMemtable = 64u << 20;
constexpr std::size_t kAllMemtables = 128u << 20;
constexpr std::size_t kBlockCache = 96u << 20;
// 4 shards. The filter of a table with a million keys takes over 1 MB; in the default 64 shards of
// 1.5 MB it is thrown out and read again for nearly every key.
constexpr int kBlockCacheShardBits = 2;
constexpr std::uint64_t kJournal = 48u << 20;  // replay runs at some 50 MB/s
constexpr std::uint64_t kShortJournal = 1u << 20;
constexpr int kOpenFiles = 256;
constexpr const char* kReadOnly = "the store is open for reading only";
constexpr std::size_t kLongestCommandId = 64;  // ledger/core/ids.h
constexpr std::size_t kBucketShare = 256;      // bytes of a memtable of commands for each bucket

constexpr std::array<const char*, kTables> kFamilies = {"default", "entries", "lines", "tree",
                                                        "state",   "commands", "vault"};

// Points are looked up in commands, tree and state, most of them absent in commands: bloom filters.
// Entries and lines are written once in the order of their keys and are most of the bytes. LZ4 for all:
// ZSTD saves a third of the space and costs a fifth of the time of every compaction and verification.
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
  if (!bulk) blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  if (table == Table::commands || table == Table::state || table == Table::vault) {
    // What is not in a memtable is known without walking it.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.05;
  }
  // Rows of a kind are written in the order of their keys: each kind remembers where it was.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  if (table == Table::commands) {
    // Its keys come in no order and are asked for one by one, so its memtable is a hash table: one
    // step where a skip list takes twenty. The "prefix" that is hashed is the whole key.
    options.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(kLongestCommandId));
    options.memtable_factory.reset(
        rocksdb::NewHashLinkListRepFactory(options.write_buffer_size / kBucketShare));
    options.memtable_insert_with_hint_prefix_extractor.reset();
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.compression = rocksdb::kLZ4Compression;
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
  options.track_and_verify_wals_in_manifest = true;  // a journal that was ended may not shrink
  options.max_open_files = kOpenFiles;
  options.db_write_buffer_size = machine.memtable != 0 ? 2 * machine.memtable : kAllMemtables;
  options.max_total_wal_size = kJournal;
  // A crash loop must not pay for flushing each time; the journal's budget bounds the replay.
  options.avoid_flush_during_recovery = true;
  options.max_background_jobs = 2;
  // One writer, so nothing is inserted at the same time: keys that grow in order then go in without
  // a search.
  options.allow_concurrent_memtable_write = false;
  options.max_bgerror_resume_count = 0;  // after a failed write nobody tries again by himself
  options.info_log = std::make_shared<NoLog>();
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

using Handles = std::vector<rocksdb::ColumnFamilyHandle*>;

rocksdb::Status open_database(const std::filesystem::path& directory, bool read_only, bool create,
                              const RocksMachine& machine, SequenceWatch* watch,
                              rocksdb::DB** db, Handles* handles) {
  const auto cache = rocksdb::NewLRUCache(kBlockCache, kBlockCacheShardBits);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < kTables; ++i) {
    families.emplace_back(kFamilies[i], family_options(static_cast<Table>(i), cache, machine));
  }
  auto options = database_options(create, machine);
  options.wal_filter = watch;
  if (read_only) {
    return rocksdb::DB::OpenForReadOnly(options, directory.string(), families, handles, db);
  }
  return rocksdb::DB::Open(options, directory.string(), families, handles, db);
}

Result<std::shared_ptr<RocksStore::Database>> open_shared(const std::filesystem::path& directory,
                                                          bool read_only, bool create,
                                                          const RocksMachine& machine) {
  std::error_code error;
  const bool there = std::filesystem::exists(directory / "CURRENT", error);
  if (error) return file_error(Doing::open, directory, error.value());
  if (!create && !there) return Error{Fault::not_found, "there is no store in " + directory.string()};
  auto database = std::make_shared<RocksStore::Database>();
  // Through a symbolic link, so that the open database stays where it is when the link moves on.
  database->directory = std::filesystem::weakly_canonical(directory, error);
  if (error) return file_error(Doing::open, directory, error.value());
  if (!read_only && there) {
    auto& env = machine.env != nullptr ? *machine.env : *rocksdb::Env::Default();
    const auto secured = secure_journals(env, database->directory.string());
    if (!secured.ok()) return error_of(secured, "open");
  }
  rocksdb::DB* db = nullptr;
  const auto status =
      open_database(database->directory, read_only, create, machine, &database->watch, &db,
                    &database->families);
  database->db.reset(db);
  if (const auto& gap = database->watch.gap()) return journal_gap(*gap);
  // RocksDB names table files and the MANIFEST in what it says, and journals not.
  if (status.IsCorruption() && status.ToString().find('/') == std::string::npos) {
    return damaged_journal(database->watch.last(), status.ToString());
  }
  if (!status.ok()) return error_of(status, "open");
  return database;
}

}  // namespace

RocksStore::RocksStore(std::shared_ptr<Database> database, bool read_only)
    : database_(std::move(database)), marks_(std::make_unique<Marks>()), read_only_(read_only) {}

// What is in the tables need not be replayed: a ledger that was closed opens at once. A short
// journal is left as it is, so that a command that records one document does not write seven files.
// When this fails, the journal still has everything.
RocksStore::~RocksStore() {
  if (!claimed_ || scratch_ || !poisoned_.empty() || database_->when_closed != nullptr) return;
  auto& db = *database_->db;
  rocksdb::VectorLogPtr journals;
  std::uint64_t bytes = 0;
  if (!db.GetSortedWalFiles(journals).ok()) return;
  for (const auto& journal : journals) bytes += journal->SizeFileBytes();
  if (bytes >= kShortJournal && !db.Flush(rocksdb::FlushOptions(), database_->families).ok()) return;
  declare_closed(*db.GetEnv(), database_->directory.string()).PermitUncheckedError();
}

Status RocksStore::read_meta() {
  std::optional<std::string> layout, marks, head, epoch;
  for (const auto& [key, value] : {std::pair{kLayoutKey, &layout}, std::pair{kMarksKey, &marks},
                                   std::pair{kHeadKey, &head}, std::pair{kEpochKey, &epoch}}) {
    auto row = get(Table::meta, key);
    if (!row.ok()) return row.error();
    *value = std::move(*row);
  }
  if (layout || marks || head || epoch) {
    const auto known = check_layout(layout);
    if (!known.ok()) return known;
  }
  const auto expected = Marks::decode(marks.value_or(std::string()));
  if (!expected.ok()) return expected.error();
  for (std::size_t i = 0; i < kTables; ++i) {
    const auto table = static_cast<Table>(i);
    const auto mark = get(table, kMarkKey);
    if (!mark.ok()) return mark.error();
    if (mark->value_or(key_of(0)) != key_of(expected->of[i])) return incomplete_table(table);
  }
  *marks_ = *expected;
  head_ = head.value_or(std::string());
  epoch_ = epoch.value_or(std::string());
  return success();
}

Result<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& directory,
                                                     bool read_only, bool create,
                                                     const RocksMachine& machine) {
  auto database = open_shared(directory, read_only, create, machine);
  if (!database.ok()) return database.error();
  std::unique_ptr<RocksStore> store(new RocksStore(std::move(*database), read_only));
  const auto read = store->read_meta();
  if (!read.ok()) return read.error();
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

Result<std::unique_ptr<RocksStore>> RocksStore::open_scratch(const std::filesystem::path& directory,
                                                             const RocksMachine& machine) {
  auto store = open(directory, false, true, machine);
  if (!store.ok()) return store.error();
  (*store)->scratch_ = true;
  const auto set = (*store)->database_->db->SetDBOptions({{"avoid_flush_during_shutdown", "true"}});
  if (!set.ok()) return error_of(set, "open");
  return store;
}

Result<std::optional<std::string>> RocksStore::get(Table table, std::string_view key) const {
  return database_->get(table, key, nullptr);
}

std::unique_ptr<Snapshot> RocksStore::snapshot() const { return snapshot_of(database_); }

Status RocksStore::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = !scratch_;
  options.disableWAL = scratch_;
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
  const auto open =
      withdraw_closed(*database_->db->GetEnv(), database_->directory.string());
  if (!open.ok()) return error_of(open, "claim");
  const std::string bytes = key_of(*epoch);
  rocksdb::WriteBatch batch;
  auto* meta = database_->family(Table::meta);
  batch.Put(meta, slice(kEpochKey), slice(bytes));
  if (epoch_.empty()) batch.Put(meta, slice(kLayoutKey), slice(kLayout));
  const auto written = write(batch);
  if (!written.ok()) return written.error();
  epoch_ = bytes;
  claimed_ = true;
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
  Marks marks = *marks_;
  const std::uint64_t number = marks.newest() + 1;
  for (const auto& change : changes) {
    if (change.table != Table::meta) marks.of[static_cast<std::size_t>(change.table)] = number;
    auto* family = database_->family(change.table);
    const auto status = change.value
                            ? batch.Put(family, slice(change.key), slice(*change.value))
                            : batch.Delete(family, slice(change.key));
    if (!status.ok()) return {Committed::not_applied, "store: batch: " + status.ToString()};
  }
  for (std::size_t i = 0; i < kTables; ++i) {
    if (marks.of[i] == number) batch.Put(database_->families[i], slice(kMarkKey), slice(key_of(number)));
  }
  batch.Put(database_->family(Table::meta), slice(kMarksKey), slice(marks.encode()));
  batch.Put(database_->family(Table::meta), slice(kHeadKey), slice(new_head));
  const auto written = write(batch);
  if (!written.ok()) return {Committed::unknown, written.error().message};
  head_.assign(new_head);
  *marks_ = marks;
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

std::optional<RocksStore::DamagedFile> RocksStore::find_damaged_file() const {
  std::error_code ignored;
  std::vector<rocksdb::LiveFileMetaData> files;
  database_->db->GetLiveFilesMetaData(&files);
  for (const auto& file : files) {
    if (file.column_family_name == kFamilies[static_cast<std::size_t>(Table::entries)] ||
        file.column_family_name == kFamilies[static_cast<std::size_t>(Table::lines)]) {
      continue;
    }
    const std::string path = file.directory + "/" + file.relative_filename;
    rocksdb::SstFileReader reader(database_->db->GetOptions());
    auto status = reader.Open(path);
    if (status.ok()) status = reader.VerifyChecksum();
    if (status.ok()) continue;
    // A running writer compacts and removes files that this list still names. One that a database
    // needs and that is not there has already stopped it from being opened.
    if (read_only_ && !std::filesystem::exists(path, ignored)) continue;
    return DamagedFile{file.relative_filename, status.ToString()};
  }
  return std::nullopt;
}

void RocksStore::when_closed(Act act) { database_->when_closed = act; }

}  // namespace fundtrail::store
