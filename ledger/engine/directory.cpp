#include "ledger/engine/directory.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "ledger/chain/key_file.h"
#include "ledger/core/bilingual.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStorePrefix = "db.";
constexpr std::string_view kStagingPrefix = "staging-";
constexpr const char* kLink = "db";
constexpr const char* kNewLink = "db.link";

Error io_error(const std::string& doing, int code) {
  return {Fault::io, doing + ": " + std::strerror(code)};
}

// n of "<prefix><n>", exactly.
std::optional<unsigned> number_of(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  unsigned n = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), n);
  if (error != std::errc() || end != name.data() + name.size() || std::to_string(n) != name) {
    return std::nullopt;
  }
  return n;
}

constexpr const char* kMoving = "moving";  // in creating/: install() has begun; the keys' directory
// What install() moves up, in this order; the link makes it a ledger.
constexpr const char* kMoved[] = {"db.1", "ANCHOR", "ledger.json", kLink};

std::string mark_of(const fs::path& directory) {
  struct stat about{};
  return ::lstat(directory.c_str(), &about) == 0 && S_ISDIR(about.st_mode)
             ? std::to_string(about.st_ino) + "\n"
             : std::string();
}

Status make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) != 0) return io_error("cannot make " + path.string(), errno);
  return mark_as_made(path);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

// Copies every key to where none of that name is.
Status copy_keys(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::create_directories(to, error)) fs::permissions(to, fs::perms::owner_all, error);
  if (error) return io_error("cannot make " + to.string(), error.value());
  for (const auto& item : fs::directory_iterator(from, error)) {
    const auto key = chain::read_secret_file(item.path());
    if (!key.ok()) return key.error();
    const auto copied = create_file(to / item.path().filename(), key->view());
    if (!copied.ok()) return copied;
  }
  if (error) return io_error("cannot read " + from.string(), error.value());
  return sync_directory(to);
}

// Removes the keys that are the same as those in `from`, or that a crash left half written, and no
// others.
void remove_copied_keys(const fs::path& from, const fs::path& to) {
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(from, ignored)) {
    const fs::path copy = to / item.path().filename();
    const auto ours = chain::read_secret_file(item.path()), there = chain::read_secret_file(copy);
    if (ours.ok() && there.ok() && ours->view().starts_with(there->view())) fs::remove(copy, ignored);
  }
  fs::remove(to, ignored);  // when nothing is left in it
}

}  // namespace

bool is_made_by_us(const fs::path& directory) {
  const std::string expected = mark_of(directory);
  std::ifstream file(directory / kOwnersMark, std::ios::binary);
  const std::string found((std::istreambuf_iterator<char>(file)), {});
  return !expected.empty() && found == expected;
}

Status mark_as_made(const fs::path& directory) {
  std::error_code ignored;
  fs::remove(directory / kOwnersMark, ignored);  // that of the directory this one was copied from
  return create_file(directory / kOwnersMark, mark_of(directory));
}

Status sync_directory(const fs::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return io_error("cannot open " + directory.string(), errno);
  const int failed = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  if (failed != 0) return io_error("cannot sync " + directory.string(), failed);
  return success();
}

Status create_file(const fs::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) {
      return Error{Fault::invalid_argument, path.string() + " is there already"};
    }
    return io_error("cannot make " + path.string(), errno);
  }
  const ssize_t n = ::write(file, content.data(), content.size());
  const bool written = n == static_cast<ssize_t>(content.size()) && ::fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) return io_error("cannot write " + path.string(), code);
  return success();
}

Result<LedgerDirectory> LedgerDirectory::lock(const fs::path& given) {
  std::error_code error;
  const fs::path root = fs::canonical(given, error);
  if (error) return io_error("cannot find " + given.string(), error.value());
  const fs::path path = root / "LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const std::string why = std::strerror(errno);
    return Error{Fault::io, in_both("无法写入账套目录（" + path.string() + "：" + why +
                                        "）：磁盘是否只读或已满、权限是否正确？",
                                    "cannot write to the ledger's directory (" + path.string() + ": " +
                                        why + "): is the disk read-only or full, are the permissions right?")};
  }
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    ::close(file);
    if (code != EWOULDBLOCK) return io_error("cannot lock " + path.string(), code);
    return Error{Fault::unavailable,
                 in_both("账套 " + root.string() + " 正被另一个进程写入（例如正在运行的服务）。",
                         "another process has the ledger in " + root.string() +
                             " open for writing")};
  }
  return LedgerDirectory(root, file);
}

Result<LedgerDirectory> LedgerDirectory::create(const fs::path& root) {
  std::error_code error;
  const bool fresh = fs::create_directories(root, error);
  if (error) return io_error("cannot make " + root.string(), error.value());
  if (fresh && ::chmod(root.c_str(), 0700) != 0) {
    return io_error("cannot protect " + root.string(), errno);
  }
  auto directory = lock(root);
  if (!directory.ok()) return directory.error();
  directory->undo_creation();
  for (const char* taken : kMoved) {
    if (is_there(directory->root() / taken)) {
      return Error{Fault::invalid_argument, "there is already a ledger in " + root.string()};
    }
  }
  const auto made = make_directory(directory->creating());
  if (!made.ok()) return made.error();
  return directory;
}

Result<LedgerDirectory> LedgerDirectory::begin(const fs::path& root) {
  auto directory = lock(root);
  if (!directory.ok()) return directory.error();
  const auto made = make_directory(root / "db.1");
  if (!made.ok()) return made.error();
  if (::symlink("db.1", (root / kLink).c_str()) != 0) {
    return io_error("cannot make " + (root / kLink).string(), errno);
  }
  const auto synced = sync_directory(root);
  if (!synced.ok()) return synced.error();
  return directory;
}

Status LedgerDirectory::install(const fs::path& keys) const {
  const auto noted = create_file(creating() / kMoving, fs::absolute(keys).string());
  if (!noted.ok()) return noted;
  const auto synced = sync_directory(creating());
  if (!synced.ok()) return synced;
  const auto copied = copy_keys(creating() / "keys", keys);
  if (!copied.ok()) return copied;
  for (const char* name : kMoved) {
    if (::rename((creating() / name).c_str(), (root_ / name).c_str()) != 0) {
      return io_error("cannot move " + (creating() / name).string(), errno);
    }
    // The link must not be there before the others are.
    const auto moved = sync_directory(root_);
    if (!moved.ok()) return moved;
  }
  std::error_code ignored;
  fs::remove_all(creating(), ignored);  // or the next open() does
  return success();
}

void LedgerDirectory::undo_creation() const {
  if (!is_made_by_us(creating())) return;
  std::error_code ignored;
  if (is_there(creating() / kMoving) && !is_there(root_ / kLink)) {
    std::ifstream file(creating() / kMoving, std::ios::binary);
    const std::string keys((std::istreambuf_iterator<char>(file)), {});
    if (!keys.empty()) remove_copied_keys(creating() / "keys", keys);
    // None of these was there when it began.
    for (const char* name : kMoved) fs::remove_all(root_ / name, ignored);
  }
  fs::remove_all(creating(), ignored);
}

Result<LedgerDirectory> LedgerDirectory::open(const fs::path& root) {
  std::error_code ignored;
  if (!fs::exists(root / kLink, ignored)) {
    return Error{Fault::not_found, "there is no ledger in " + root.string()};
  }
  auto directory = lock(root);
  if (!directory.ok()) return directory.error();
  const auto taken_over = directory->take_over_copy();
  if (!taken_over.ok()) return taken_over.error();
  directory->remove_leftovers();
  return directory;
}

LedgerDirectory::LedgerDirectory(LedgerDirectory&& other) noexcept
    : root_(std::move(other.root_)), lock_(std::exchange(other.lock_, -1)) {}

LedgerDirectory::~LedgerDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

fs::path LedgerDirectory::store() const {
  std::error_code error;
  const auto target = fs::read_symlink(root_ / kLink, error);
  return error ? root_ / kLink : root_ / target;
}

std::string LedgerDirectory::next_store() const {
  unsigned last = 0;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(root_, ignored)) {
    last = std::max(last, number_of(item.path().filename().string(), kStorePrefix).value_or(0));
  }
  return std::string(kStorePrefix) + std::to_string(last + 1);
}

Status LedgerDirectory::take_over_copy() const {
  std::error_code error;
  if (fs::is_symlink(root_ / kLink, error)) return success();
  // A link that names itself, exchanged with the directory, is a link that names the directory.
  const std::string name = next_store();
  if (::symlink(name.c_str(), (root_ / name).c_str()) != 0) {
    return io_error("cannot make " + (root_ / name).string(), errno);
  }
  if (::renameat2(AT_FDCWD, (root_ / name).c_str(), AT_FDCWD, (root_ / kLink).c_str(),
                  RENAME_EXCHANGE) != 0) {
    return io_error("cannot take over " + (root_ / kLink).string(), errno);
  }
  const auto marked = mark_as_made(root_ / name);
  if (!marked.ok()) return marked;
  return sync_directory(root_);
}

void LedgerDirectory::remove_leftovers() const {
  std::error_code ignored;
  const auto current = fs::read_symlink(root_ / kLink, ignored);
  std::vector<fs::path> leftovers;
  for (const auto& item : fs::directory_iterator(root_, ignored)) {
    const std::string name = item.path().filename().string();
    const bool ours = number_of(name, kStagingPrefix) || item.path() == creating() ||
                      (number_of(name, kStorePrefix) && name != current.string());
    if ((name == kNewLink && item.is_symlink(ignored)) || (ours && is_made_by_us(item.path()))) {
      leftovers.push_back(item.path());
    }
  }
  // One that cannot be removed is in nobody's way.
  for (const auto& path : leftovers) fs::remove_all(path, ignored);
}

Result<fs::path> LedgerDirectory::new_staging() const {
  for (unsigned n = 1;; ++n) {
    const fs::path path = root_ / (std::string(kStagingPrefix) + std::to_string(n));
    if (::mkdir(path.c_str(), 0700) == 0) {
      const auto marked = mark_as_made(path);
      if (!marked.ok()) return marked.error();
      return path;
    }
    if (errno != EEXIST) return io_error("cannot make " + path.string(), errno);
  }
}

Result<fs::path> LedgerDirectory::bring_in(const fs::path& replacement) const {
  const fs::path place = root_ / next_store();
  if (::rename(replacement.c_str(), place.c_str()) != 0) {
    return io_error("cannot move " + replacement.string(), errno);
  }
  const auto synced = sync_directory(root_);
  if (!synced.ok()) return synced.error();
  return place;
}

Status LedgerDirectory::make_current(const fs::path& store) const {
  const fs::path link = root_ / kNewLink;
  ::unlink(link.c_str());
  if (::symlink(store.filename().c_str(), link.c_str()) != 0) {
    return io_error("cannot make " + link.string(), errno);
  }
  if (::rename(link.c_str(), (root_ / kLink).c_str()) != 0) {
    return io_error("cannot replace " + (root_ / kLink).string(), errno);
  }
  return sync_directory(root_);
}

}  // namespace fundtrail
