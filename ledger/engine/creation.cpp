// Making a ledger: all in `creating`, then moved up. Between the first key that is copied and the link
// that is moved last, a note in `creating` says what to undo.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>

#include "ledger/chain/key_file.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLink = "db";
constexpr const char* kMoving = "moving";  // in creating/: install() has begun
// What install() moves up, in this order; the link makes it a ledger.
constexpr const char* kMoved[] = {"db.1", "ANCHOR", "ledger.json", kLink};
constexpr const char* kKeys[] = {kSigningKeyFile, kVaultKeyFile};

// The note: where the keys go, and the directories that were made for them. Each ends with a zero
// byte, the whole with another: one that a crash cut short is no note, and then nothing has been done.
struct Note {
  fs::path keys;
  std::vector<fs::path> made;

  std::string encode() const {
    std::string bytes = keys.string() + '\0';
    for (const auto& path : made) bytes += path.string() + '\0';
    return bytes + '\0';
  }
  static std::optional<Note> decode(std::string_view bytes) {
    Note note;
    for (bool first = true;; first = false) {
      const auto end = bytes.find('\0');
      if (end == bytes.npos) return std::nullopt;
      if (end == 0) return first ? std::nullopt : std::optional(note);
      if (first) note.keys = bytes.substr(0, end);
      else note.made.emplace_back(bytes.substr(0, end));
      bytes.remove_prefix(end + 1);
    }
  }
};

// Where the keys are written before they get their names; ours, and marked.
fs::path unnamed(const fs::path& keys) { return keys / "creating"; }

// Gives every key its name in `to`, where none of that name is; a crash leaves no half of one.
Status copy_keys(const fs::path& from, const fs::path& to) {
  const auto made = make_marked(unnamed(to));
  if (!made.ok()) return made;
  for (const char* name : kKeys) {
    const auto there = is_there(from / name);
    if (!there.ok()) return there.error();
    if (!*there) continue;  // one that is kept elsewhere
    const auto key = chain::read_secret_file(from / name);
    if (!key.ok()) return key.error();
    const auto copied = create_file(unnamed(to) / name, key->view());
    if (!copied.ok()) return copied;
    if (::link((unnamed(to) / name).c_str(), (to / name).c_str()) == 0) continue;
    if (errno != EEXIST) return file_error(Doing::make, to / name, errno);
    const std::string taken = (to / name).string();
    return Error{Fault::invalid_argument,
                 in_both("密钥文件 " + taken + " 已经存在，不会被覆盖；请用 --keys 另指目录，或先移走它。",
                         taken + " is there already and is not replaced: name another directory with "
                                 "--keys, or move it away")};
  }
  const auto removed = remove_marked(unnamed(to));
  return removed.ok() ? sync_directory(to) : removed;
}

// Whether both are keys that can be read, and the same.
Result<bool> same_key(const fs::path& one, const fs::path& other) {
  for (const auto& path : {one, other}) {
    const auto there = is_there(path);
    if (!there.ok()) return there.error();
    if (!*there) return false;
  }
  const auto a = content_of(one), b = content_of(other);
  if (!a.ok()) return a.error();
  if (!b.ok()) return b.error();
  return !a->empty() && *a == *b;
}

// Removes the keys that are the same as those in `from`, and no others.
Status remove_copied_keys(const fs::path& from, const Note& note) {
  const auto there = is_there(note.keys);
  if (!there.ok()) return there.error();
  if (!*there) return success();
  for (const char* name : kKeys) {
    const auto ours = same_key(from / name, note.keys / name);
    if (!ours.ok()) return ours.error();
    if (*ours && ::unlink((note.keys / name).c_str()) != 0) {
      return file_error(Doing::remove, note.keys / name, errno);
    }
  }
  const auto ours = is_made_by_us(unnamed(note.keys));
  if (!ours.ok()) return ours.error();
  const auto begun = is_blank(unnamed(note.keys));
  if (!begun.ok()) return begun.error();
  if (*ours || *begun) {
    const auto removed = remove_marked(unnamed(note.keys));
    if (!removed.ok()) return removed;
  }
  const auto synced = sync_directory(note.keys);
  if (!synced.ok()) return synced;
  remove_empty(note.made);
  return success();
}

}  // namespace

Result<LedgerDirectory> LedgerDirectory::create(const fs::path& root) {
  auto made = NewDirectories::missing_for(root);
  if (!made.ok()) return made.error();
  const auto done = made->make();
  auto directory = done.ok() ? lock(root) : Result<LedgerDirectory>(done.error());
  if (!directory.ok()) {
    made->unmake();
    return directory.error();
  }
  directory->made_ = std::move(*made);
  const auto begun = directory->begin_creation();
  if (begun.ok()) return directory;
  directory->abandon();
  return begun.error();
}

Status LedgerDirectory::begin_creation() const {
  const auto undone = undo_creation();
  if (!undone.ok()) return undone;
  for (const char* name : kMoved) {
    const auto taken = is_there(root_ / name);
    if (!taken.ok()) return taken.error();
    if (*taken) {
      return Error{Fault::invalid_argument,
                   in_both("目录 " + root_.string() + " 中已有账套。",
                           "there is already a ledger in " + root_.string())};
    }
  }
  return make_marked(creating());
}

Result<LedgerDirectory> LedgerDirectory::begin(const fs::path& root) {
  auto directory = lock(root);
  if (!directory.ok()) return directory.error();
  const auto made = make_marked(root / "db.1");
  if (!made.ok()) return made.error();
  if (::symlink("db.1", (root / kLink).c_str()) != 0) return file_error(Doing::make, root / kLink, errno);
  const auto synced = sync_directory(root);
  if (!synced.ok()) return synced.error();
  return directory;
}

Status LedgerDirectory::install(const fs::path& keys) const {
  const auto missing = NewDirectories::missing_for(keys);
  if (!missing.ok()) return missing.error();
  const Note note{fs::absolute(keys), missing->paths()};
  const auto noted = create_file(creating() / kMoving, note.encode());
  if (!noted.ok()) return noted;
  // Its name must be durable before what it tells of, and so must the directory it lies in.
  for (const fs::path& directory : {creating(), root_}) {
    const auto synced = sync_directory(directory);
    if (!synced.ok()) return synced;
  }
  const auto made = missing->make();
  if (!made.ok()) return made;
  const auto copied = copy_keys(creating() / "keys", note.keys);
  if (!copied.ok()) return copied;
  for (const char* name : kMoved) {
    if (::rename((creating() / name).c_str(), (root_ / name).c_str()) != 0) {
      return file_error(Doing::move, creating() / name, errno);
    }
    // The link must not be there before the others are.
    const auto moved = sync_directory(root_);
    if (!moved.ok()) return moved;
  }
  (void)remove_marked(creating());  // or the next open() does
  return success();
}

Status LedgerDirectory::undo_creation() const {
  const auto ours = is_made_by_us(creating());
  if (!ours.ok()) return ours.error();
  if (!*ours) return success();
  const auto undone = undo_install();
  return undone.ok() ? remove_marked(creating()) : undone;
}

Status LedgerDirectory::undo_install() const {
  const auto begun = is_there(creating() / kMoving), ended = is_there(root_ / kLink);
  if (!begun.ok()) return begun.error();
  if (!ended.ok()) return ended.error();
  if (!*begun || *ended) return success();
  const auto bytes = content_of(creating() / kMoving);
  if (!bytes.ok()) return bytes.error();
  const auto note = Note::decode(*bytes);
  if (!note) return success();
  const auto removed = remove_copied_keys(creating() / "keys", *note);
  if (!removed.ok()) return removed;
  // None of these was there when it began.
  std::error_code error;
  for (const char* name : kMoved) {
    fs::remove_all(root_ / name, error);
    if (error) return file_error(Doing::remove, root_ / name, error.value());
  }
  // Before the note that tells of them goes.
  return sync_directory(root_);
}

void LedgerDirectory::abandon() {
  if (!undo_creation().ok() || made_.paths().empty()) return;
  ::unlink((root_ / "LOCK").c_str());
  made_.unmake();
}

}  // namespace fundtrail
