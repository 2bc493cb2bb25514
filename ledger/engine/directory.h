// The directory of a ledger: who owns it, which store in it is the current one, and what a crash
// may have left behind.
//
//   LOCK          flock: one process has the ledger open for writing
//   db            symbolic link to the current store, db.<n>; replaced atomically by adopt()
//   db.<n>        a store; one that the link does not name is a leftover
//   staging-<n>   private copies for imports and backups, the state that an upgrade makes; always leftovers
//                 when a ledger is opened
//   creating      a ledger that is being made; it becomes this one when `db` is moved up out of it
//   ANCHOR, keys/, ledger.json
//
// Only what we made is ever removed (marks: ledger/engine/files.h), and only when the operating system
// has told for certain what there is. Making a ledger is in creation.cpp, the rest in directory.cpp.
//
// A link instead of exchanged directories: views of the replaced store go on reading their files
// under the names they know. A real directory `db` (a copy made without links) is taken over.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/engine/files.h"

namespace fundtrail {

// The files of keys, by name: what `keys` holds and what a creation puts there.
inline constexpr const char* kSigningKeyFile = "signing.pem";
inline constexpr const char* kVaultKeyFile = "vault.key";

// Whether there is a ledger, with a store under its link. Faults: not_found (no ledger), truncated (the link, or what
// it names, is gone; says in both languages which stores are there and what to do), io.
Status find_ledger(const std::filesystem::path& root);

class LedgerDirectory {
 public:
  // Makes the directory (0700), locks it, undoes a creation that crashed, and makes creating().
  // Fault::invalid_argument when a ledger is already there, unavailable when it is locked.
  static Result<LedgerDirectory> create(const std::filesystem::path& root);
  // A first store's place in an empty directory, locked.
  static Result<LedgerDirectory> begin(const std::filesystem::path& root);
  // Locks it. Faults: those of find_ledger(), unavailable.
  static Result<LedgerDirectory> open(const std::filesystem::path& root);
  LedgerDirectory(LedgerDirectory&& other) noexcept;
  ~LedgerDirectory();

  // Absolute, without links.
  const std::filesystem::path& root() const { return root_; }
  // The current store, resolved. A link that cannot be read is an error, never taken for no link: what is moved and
  // removed by that name would be another store's.
  Result<std::filesystem::path> store() const;
  std::filesystem::path link() const;  // `db`
  std::filesystem::path anchor() const { return root_ / "ANCHOR"; }

  std::filesystem::path creating() const { return root_ / "creating"; }
  // Makes the closed ledger in creating() this one: its keys are copied to `keys` (never over others),
  // its files moved up, the link to the store last. A crash leaves what create() undoes or open() ends.
  Status install(const std::filesystem::path& keys) const;
  // After create(): leaves what was there before, as far as the machine lets it; else the next create()
  // or open() finds what is left.
  void abandon();

  // A store that was copied without links gets its place and its link. As all that follows, it changes
  // the directory, so the store has been examined before.
  Status take_over_copy() const;
  // Removes what crashes have left. Before that somebody has made sure that the current store is the
  // right one: an older store under the link would make a leftover of the newer one.
  void remove_leftovers() const;

  // A new empty directory staging-<n>.
  Result<std::filesystem::path> new_staging() const;
  // Moves a closed store to a place of its own beside the current one, and says where.
  Result<std::filesystem::path> bring_in(const std::filesystem::path& replacement) const;
  // Makes it the current one, durably. After a crash either the old or the new one is current, and
  // the other is a leftover.
  Status make_current(const std::filesystem::path& store) const;

 private:
  LedgerDirectory(std::filesystem::path root, int lock) : root_(std::move(root)), lock_(lock) {}
  static Result<LedgerDirectory> lock(const std::filesystem::path& given);
  Status begin_creation() const;
  Status undo_creation() const;
  Status undo_install() const;
  Result<std::string> next_store() const;

  std::filesystem::path root_;
  int lock_ = -1;
  NewDirectories made_;  // by create()
};

}  // namespace fundtrail
