// Backups: a copy of a ledger's store, anchor and ledger.json as of one head, verified entry by entry
// after it was made, with the book of users and the access log that lie beside them. Keys stay out of it
// unless they are asked for.
//
// A backup is a directory with a file `backup.json`; while it is made it is called NAME.partial, so
// that nothing half looks whole, whenever the program is killed. It can be verified where it lies
// (fundtrail verify --ledger BACKUP) and is put in place by restore().
//
// Thread-safety: make_backup() from any thread, also while the ledger is written. A crash leaves a marked
// NAME.partial, which the next backup beside it removes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "api/operations/state.h"
#include "ledger/core/date.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

// The access log as it was found in a copy, checked in full against the ledger's key.
struct AccessLogState {
  std::uint64_t records = 0;           // number behind the last one
  std::optional<std::string> finding;  // what does not hold, in both languages
};

struct Backup {
  std::filesystem::path directory;
  std::string ledger;
  std::uint64_t entries = 0;
  std::string root;  // hex
  std::string time;  // when it was made
  bool keys = false;
  bool users = false;  // whether there was a book of users
  // Nothing: there is none. With a finding the backup is kept all the same: it is evidence.
  std::optional<AccessLogState> access_log = {};
};

struct BackupOptions {
  bool with_keys = false;
  unsigned threads = 0;  // that verify; 0: one a core
  std::filesystem::path users = {};  // the book; empty: users.json in the ledger's directory
  std::function<bool()> cancelled = {};  // asked now and then: whether to call it off, with Fault::unavailable
};

// Faults: invalid_argument (the name is taken, or lies within the ledger's own directory), io,
// unavailable; what verification finds is tampered, and nothing is kept.
Result<Backup> make_backup(Ledger& ledger, const std::filesystem::path& source,
                           const std::filesystem::path& directory, const Timestamp& now,
                           const BackupOptions& options);

// Where a running server puts one made at this time: "<directory>/<ledger>-20261128-183000".
std::filesystem::path backup_place(const std::filesystem::path& directory, const LedgerId& ledger,
                                   const Timestamp& now);

// Removes the oldest of the backups that backup_place() named there for this ledger, so that `kept` are left
// (0: all), and answers how many. What bears another name, or is another ledger's, is never touched.
Result<std::size_t> remove_old_backups(const std::filesystem::path& directory, const LedgerId& ledger,
                                       std::size_t kept);

// Of a restoration behind a checkpoint: who answers for it.
struct Behind {
  Actor recorded_by;  // registrar
  ActorId ordered_by;
  Text reason;
};
struct RestoreOptions {
  std::filesystem::path keys;             // empty: those of the backup
  VaultKeySource vault_key = {};          // empty: vault.key among them
  std::optional<std::string> checkpoint;  // signed note that was kept elsewhere
  std::optional<Behind> behind;           // go behind it, and record that
  std::filesystem::path users = {};       // the book that knows them
  bool users_named = false;               // somebody named it; else, where it is not there, the backup's counts
  Timestamp now;
  std::optional<Limits> limits = {};      // of the clock, where it is the system's
};
struct Restored {
  bool clock_behind = false;                   // State::clock_behind: nothing was recorded nor put in place
  std::uint64_t entries = 0;                   // as restored, without the record of it
  std::optional<std::uint64_t> known_entries;  // of the checkpoint
  std::optional<std::uint64_t> record;         // the entry that says so
  bool recorded_before = false;                // in the backup; then it tells nothing of the end of this one
  std::optional<std::string> vault_locked;     // why identities cannot be read, in both languages
  std::optional<AccessLogState> access_log;
  std::filesystem::path users;                 // where the book of the backup lies now; empty: it had none
};
// Puts a backup in place as the ledger `directory`, which must not be there (or be empty). Verifies the
// copy, compares it with the checkpoint (unless an entry of the backup says that what it covers was lost), and
// opens it once. While it works the directory is called
// NAME.restoring. The book of users comes along as users.json.restored and lets nobody in: people who were
// disabled since, old passwords and revoked tokens stand in it. Faults: truncated when it ends before the checkpoint and `behind` is not given,
// tampered, invalid_argument, not_found (no backup), io, and those of opening.
Result<Restored> restore(const std::filesystem::path& backup, const std::filesystem::path& directory,
                         const RestoreOptions& options);

}  // namespace fundtrail::api
