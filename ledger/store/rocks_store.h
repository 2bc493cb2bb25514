// The embedded default of the storage seam: RocksDB, one column family a table, every commit synced.
//
// Recovery refuses a log that is damaged anywhere but in its unfinished tail; a log that lost whole
// records at its end is noticed by the ledger's anchor (ledger/engine/anchor.h). Memory is bounded
// by options fixed here: one block cache, one budget for memtables, a limit of open files. Keep the
// budget of the journal small: replaying it is what opening after a crash costs.
//
// Thread-safety: get() and snapshot() from any thread; commit() and checkpoint() by one thread at a
// time. Snapshots keep the database open for as long as they live.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::store {

class RocksStore final : public Store {
 public:
  enum class Missing : bool { refuse, create };

  // Opens for writing. Faults: unavailable (somebody has it open for writing), not_found (nothing
  // there and `refuse`), unreadable (damaged), io.
  static Result<std::unique_ptr<RocksStore>> open(const std::filesystem::path& directory,
                                                  Missing missing);
  // Opens the store as it lies on disk, for checks: takes no lock, writes nothing, also while a
  // writer runs (then as of some recent moment). commit() answers not_applied.
  static Result<std::unique_ptr<RocksStore>> open_read_only(
      const std::filesystem::path& directory);
  ~RocksStore() override;

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  std::unique_ptr<Snapshot> snapshot() const override;
  CommitResult commit(std::string_view expected_head, std::string_view new_head,
                      const std::vector<Change>& changes) override;

  // A second store with the same content in a new directory, made of hard links where possible.
  // Precondition: no commit runs.
  Status checkpoint(const std::filesystem::path& directory) const;
  // Rewrites a table's files and ends the journal, so that removed values are gone from the disk.
  Status expunge(Table table);

  // The directory is deleted when the last user (this store or a snapshot of it) has gone: for a
  // store that another one has replaced.
  void remove_when_closed();

  // An open database; shared with its snapshots. Private to rocks_store.cpp.
  struct Database;

 private:
  RocksStore(std::shared_ptr<Database> database, std::string head, bool read_only);

  std::shared_ptr<Database> database_;
  std::string head_;  // as committed last; the writer is the only one
  bool read_only_;
  std::string poisoned_;  // why commits are refused; empty while they are not
};

}  // namespace fundtrail::store
