// The directory of a ledger: who owns it, which store in it is the current one, and what a crash
// may have left behind.
//
//   LOCK          flock: one process has the ledger open for writing
//   db            symbolic link to the current store, db.<n>; replaced atomically by adopt()
//   db.<n>        a store; one that the link does not name is a leftover
//   staging-<n>   private copies for imports; always leftovers when a ledger is opened
//   creating      a ledger that is being made; it becomes this one when `db` is moved up out of it
//   ANCHOR, keys/, ledger.json
//
// Only what we made is ever removed: each of our directories holds a file `.fundtrail` with its own
// inode number, so that neither a directory of somebody else nor somebody's copy of ours counts.
//
// A link instead of exchanged directories: views of the replaced store go on reading their files
// under the names they know. A real directory `db` (a copy made without links) is taken over.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/core/result.h"

namespace fundtrail {

class LedgerDirectory {
 public:
  // Makes the directory (0700), locks it, undoes a creation that crashed, and makes creating().
  // Fault::invalid_argument when a ledger is already there, unavailable when it is locked.
  static Result<LedgerDirectory> create(const std::filesystem::path& root);
  // A first store's place in an empty directory, locked.
  static Result<LedgerDirectory> begin(const std::filesystem::path& root);
  // Locks it, takes a copied store over and removes leftovers. Faults: not_found, unavailable, io.
  static Result<LedgerDirectory> open(const std::filesystem::path& root);
  LedgerDirectory(LedgerDirectory&& other) noexcept;
  ~LedgerDirectory();

  // Absolute, without links.
  const std::filesystem::path& root() const { return root_; }
  // The current store, resolved.
  std::filesystem::path store() const;
  std::filesystem::path anchor() const { return root_ / "ANCHOR"; }

  std::filesystem::path creating() const { return root_ / "creating"; }
  // Makes the closed ledger in creating() this one: its keys are copied to `keys` (never over others),
  // its files moved up, the link to the store last. A crash leaves what create() undoes or open() ends.
  Status install(const std::filesystem::path& keys) const;
  void undo_creation() const;

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
  Status take_over_copy() const;
  void remove_leftovers() const;
  std::string next_store() const;

  std::filesystem::path root_;
  int lock_ = -1;
};

// Notes in a directory that we made it, in a file of this name.
inline constexpr char kOwnersMark[] = ".fundtrail";
Status mark_as_made(const std::filesystem::path& directory);
bool is_made_by_us(const std::filesystem::path& directory);

// Copies a directory's files and directories (without its mark), each synced; `to` is made 0700.
// Defined in copying.cpp. After an Error, part of it may be there.
Status copy_synced(const std::filesystem::path& from, const std::filesystem::path& to);

// Creates a file with this content, synced, or replaces nothing: Fault::invalid_argument when it is
// there already.
Status create_file(const std::filesystem::path& file, std::string_view content);
Status sync_directory(const std::filesystem::path& directory);

}  // namespace fundtrail
