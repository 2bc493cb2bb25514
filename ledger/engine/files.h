// What the directory of a ledger is made with: files and directories that are durable when a call
// returns, and marks that tell what is ours. An operating system that cannot say whether a name is there
// is an error (io), never a "no": what is removed and what is put in a name's place rests on it.
//
// Private to ledger/engine. Not thread-safe where two work in one directory.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/fault_words.h"
#include "ledger/core/result.h"

namespace fundtrail {

// The name itself, also of a link that leads nowhere.
Result<bool> is_there(const std::filesystem::path& path);
// Whether the name still leads to the file that is open.
bool is_still(const std::filesystem::path& path, int file);
// In order.
Result<std::vector<std::string>> names_in(const std::filesystem::path& directory);
// Where a link leads, as it is written there; empty when it is no link.
Result<std::string> link_target(const std::filesystem::path& link);
Result<std::string> content_of(const std::filesystem::path& file);

// Creates a file with this content, synced, or replaces nothing: Fault::invalid_argument when it is
// there already.
Status create_file(const std::filesystem::path& file, std::string_view content);
Status sync_directory(const std::filesystem::path& directory);

// A directory with those above it that are missing, each a durable name.
class NewDirectories {
 public:
  // What making `directory` would have to make, outermost first; it is 0700, those above it as usual.
  static Result<NewDirectories> missing_for(const std::filesystem::path& directory);
  Status make() const;
  // Takes away those that are there and empty.
  void unmake() const;
  const std::vector<std::filesystem::path>& paths() const { return paths_; }

 private:
  std::filesystem::path directory_;  // absolute
  std::vector<std::filesystem::path> paths_;
};

// Removes those that are there and empty, the last first.
void remove_empty(const std::vector<std::filesystem::path>& directories);

// Makes a directory (0700) where nothing is, in one step: who has success may remove what is in it.
// Fault::invalid_argument when something is there. Defined in copying.cpp, as the three that follow.
Status make_new_directory(const std::filesystem::path& directory);
// Copies a directory's files and directories (without its mark), each synced, into one that is there.
// After an Error, part of it may be there.
Status copy_into(const std::filesystem::path& from, const std::filesystem::path& to);
// The same into a new directory.
Status copy_synced(const std::filesystem::path& from, const std::filesystem::path& to);
// A new file with the bytes and the mode of another one, synced: 0, or the error's code. (std::filesystem calls a full
// disk a fault of the device here.)
int copy_one(const std::filesystem::path& from, const std::filesystem::path& to);

// A mark is a file of this name with the directory's own inode number: neither a directory of somebody
// else nor a copy of ours has it.
inline constexpr char kOwnersMark[] = ".fundtrail";
Status mark_as_made(const std::filesystem::path& directory);
Result<bool> is_made_by_us(const std::filesystem::path& directory);
// Whether there is nothing in it but, at most, a mark that was begun: what a crash leaves of a
// directory that was to become ours. False when it is no directory.
Result<bool> is_blank(const std::filesystem::path& directory);
// A new directory (0700) with its mark; takes over a blank one.
Status make_marked(const std::filesystem::path& directory);
// A directory of ours with all that is in it, the mark last: what a crash leaves of it is still ours.
Status remove_marked(const std::filesystem::path& directory);

}  // namespace fundtrail
