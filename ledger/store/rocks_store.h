// The embedded default of the storage seam: RocksDB, one column family a table, every commit synced.
//
// Recovery refuses a journal that is damaged anywhere but in its unfinished tail, journals with a gap
// between them, and tables that lack their newest files (ledger/store/rocks_checks.h); that whole
// commits are missing at the very end is noticed by the ledger's anchor (ledger/engine/anchor.h). Memory is bounded
// by options fixed here: one block cache, one budget for memtables, a limit of open files. Keep the
// budget of the journal small: replaying it is what opening after a crash costs.
//
// Thread-safety: get() and snapshot() from any thread; claim(), commit() and checkpoint() by one
// thread at a time. Snapshots keep the database open for as long as they live.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace rocksdb {
class Env;
class WriteBatch;
}

namespace fundtrail::store {

struct Marks;

// What tests put in the place of the machine: an operating system that fails when told to, and
// memtables so small that files are written and merged. Nobody else has a reason to.
struct RocksMachine {
  rocksdb::Env* env = nullptr;  // the process's own; must outlive the store
  std::size_t memtable = 0;     // bytes; 0: as the program runs
};

class RocksStore final : public Store {
 public:
  enum class Missing : bool { refuse, create };

  // Opens for writing. Faults: unavailable (somebody has it open for writing), not_found (nothing
  // there and `refuse`), unreadable (damaged), unknown_version (of another layout), io.
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& directory,
                                                  Missing missing,
                                                  const RocksMachine& machine = {});
  // Opens the store as it lies on disk, for checks: takes no lock, writes nothing, also while a
  // writer runs (then as of some recent moment). commit() answers not_applied.
  static Result<std::unique_ptr<RocksStore>> open_read_only(
      const std::filesystem::path& directory, const RocksMachine& machine = {});
  // A new store for the time of one computation: nothing of it is synced or kept in a journal, and closing
  // it writes nothing. What a crash leaves of it is of no use to anybody.
  static Result<std::unique_ptr<RocksStore>> open_scratch(const std::filesystem::path& directory,
                                                          const RocksMachine& machine = {});
  ~RocksStore() override;

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  std::unique_ptr<Snapshot> snapshot() const override;
  Result<Epoch> claim() override;
  CommitResult commit(const Expected& expected, std::string_view new_head,
                      const std::vector<Change>& changes) override;

  // A second store with the same content in a new directory, made of hard links where possible.
  // Precondition: no commit runs.
  Status checkpoint(const std::filesystem::path& directory) const;
  // Rewrites a table's files and ends the journal, so that removed values are gone from the disk.
  Status expunge(Table table);

  // Reads the files of all tables but `entries` and `lines`, whose every row the integrity check
  // reads anyway, and compares their checksums. Names the first damaged file; nothing: all are sound.
  struct DamagedFile {
    std::string name;  // in the store's directory
    std::string why;
  };
  std::optional<DamagedFile> find_damaged_file() const;

  // What is done with the directory when the last user (this store or a snapshot of it) has gone: for a
  // store that another one has replaced, and that is to be removed. Closing then tidies nothing up.
  using Act = void (*)(const std::filesystem::path& directory);
  void when_closed(Act act);

  // An open database; shared with its snapshots (ledger/store/rocks_database.h).
  struct Database;

 private:
  RocksStore(std::shared_ptr<Database> database, bool read_only);
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& directory,
                                                  bool read_only, bool create,
                                                  const RocksMachine& machine);
  // What opening reads and compares before anything is served.
  Status read_meta();
  // Synced; poisons the store when it fails.
  Status write(rocksdb::WriteBatch& batch);

  std::shared_ptr<Database> database_;
  // As committed last; whoever has the database open for writing is the only one.
  std::string head_, epoch_;
  std::unique_ptr<Marks> marks_;
  bool read_only_;
  bool scratch_ = false;
  bool claimed_ = false;  // only then closing may tidy up: a store that was refused is evidence
  std::string poisoned_;  // why commits are refused; empty while they are not
};

}  // namespace fundtrail::store
