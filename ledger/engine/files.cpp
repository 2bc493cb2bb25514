#include "ledger/engine/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "ledger/core/bilingual.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

// Empty: it is no directory.
Result<std::string> mark_of(const fs::path& directory) {
  struct stat about{};
  if (::lstat(directory.c_str(), &about) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::string();
    return file_error(Doing::examine, directory, errno);
  }
  return S_ISDIR(about.st_mode) ? std::to_string(about.st_ino) + "\n" : std::string();
}

// What the mark says; empty without one.
Result<std::string> noted_mark(const fs::path& directory) {
  const auto there = is_there(directory / kOwnersMark);
  if (!there.ok()) return there.error();
  return *there ? content_of(directory / kOwnersMark) : std::string();
}

}  // namespace

Result<bool> is_there(const fs::path& path) {
  struct stat about{};
  if (::lstat(path.c_str(), &about) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return file_error(Doing::examine, path, errno);
}

bool is_still(const fs::path& path, int file) {
  struct stat held{}, there{};
  return ::fstat(file, &held) == 0 && ::stat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino &&
         held.st_dev == there.st_dev;
}

Result<std::vector<std::string>> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) return file_error(Doing::list, directory, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> link_target(const fs::path& link) {
  std::string target(4096, '\0');
  const ssize_t n = ::readlink(link.c_str(), target.data(), target.size());
  if (n < 0 && errno == EINVAL) return std::string();
  if (n < 0) return file_error(Doing::read_link, link, errno);
  target.resize(static_cast<std::size_t>(n));
  return target;
}

Result<std::string> content_of(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return file_error(Doing::open, path, errno);
  std::string content;
  char part[4096];
  ssize_t n = 0;
  while ((n = ::read(file, part, sizeof part)) > 0) content.append(part, static_cast<std::size_t>(n));
  const int code = errno;
  ::close(file);
  if (n < 0) return file_error(Doing::read, path, code);
  return content;
}

Status create_file(const fs::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) {
      return Error{Fault::invalid_argument, in_both("“" + path.string() + "”已经存在。", path.string() + " is there already")};
    }
    return file_error(Doing::make, path, errno);
  }
  ssize_t n = 0;
  while (!content.empty() && (n = ::write(file, content.data(), content.size())) > 0) {
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  const bool written = content.empty() && ::fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) return file_error(Doing::write, path, code);
  return success();
}

Status sync_directory(const fs::path& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return file_error(Doing::open, directory, errno);
  const int failed = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  if (failed != 0) return file_error(Doing::sync, directory, failed);
  return success();
}

Result<NewDirectories> NewDirectories::missing_for(const fs::path& directory) {
  std::error_code error;
  fs::path path = fs::absolute(directory, error).lexically_normal();
  if (error) return file_error(Doing::find, directory, error.value());
  if (!path.has_filename()) path = path.parent_path();  // of "keys/"
  NewDirectories missing;
  missing.directory_ = path;
  for (; path.has_relative_path(); path = path.parent_path()) {
    const auto there = is_there(path);
    if (!there.ok()) return there.error();
    if (*there) break;
    missing.paths_.push_back(path);
  }
  std::reverse(missing.paths_.begin(), missing.paths_.end());
  return missing;
}

Status NewDirectories::make() const {
  for (const auto& path : paths_) {
    if (::mkdir(path.c_str(), &path == &paths_.back() ? 0700 : 0777) != 0) {
      return file_error(Doing::make, path, errno);
    }
  }
  // Of those that were there already, too: an attempt that a crash cut short may have made them. Not
  // those that cannot be of it: a directory that is not ours to read, a mounted one.
  for (fs::path path = directory_; path.has_relative_path(); path = path.parent_path()) {
    struct stat about{}, above{};
    if (::stat(path.c_str(), &about) != 0 || ::stat(path.parent_path().c_str(), &above) != 0) {
      return file_error(Doing::examine, path, errno);
    }
    if (about.st_dev != above.st_dev || ::access(path.parent_path().c_str(), R_OK) != 0) break;
    const auto synced = sync_directory(path.parent_path());
    if (!synced.ok()) return synced;
  }
  return success();
}

void NewDirectories::unmake() const { remove_empty(paths_); }

void remove_empty(const std::vector<fs::path>& directories) {
  for (auto path = directories.rbegin(); path != directories.rend(); ++path) ::rmdir(path->c_str());
}

Status mark_as_made(const fs::path& directory) {
  const auto mark = mark_of(directory);
  if (!mark.ok()) return mark.error();
  const fs::path file = directory / kOwnersMark;  // perhaps of the directory this one was copied from
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return file_error(Doing::replace, file, errno);
  const auto made = create_file(file, *mark);
  return made.ok() ? sync_directory(directory) : made;
}

Result<bool> is_made_by_us(const fs::path& directory) {
  const auto expected = mark_of(directory);
  if (!expected.ok()) return expected.error();
  if (expected->empty()) return false;
  const auto found = noted_mark(directory);
  if (!found.ok()) return found.error();
  return *found == *expected;
}

Result<bool> is_blank(const fs::path& directory) {
  const auto mark = mark_of(directory);
  if (!mark.ok()) return mark.error();
  if (mark->empty()) return false;
  const auto names = names_in(directory);
  if (!names.ok()) return names.error();
  if (names->empty()) return true;
  if (*names != std::vector<std::string>{kOwnersMark}) return false;
  const auto begun = content_of(directory / kOwnersMark);
  if (!begun.ok()) return begun.error();
  return mark->starts_with(*begun);
}

Status make_marked(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0) {
    const int code = errno;
    const auto blank = code == EEXIST ? is_blank(directory) : Result<bool>(false);
    if (!blank.ok()) return blank.error();
    if (!*blank) return file_error(Doing::make, directory, code);
  }
  const auto marked = mark_as_made(directory);
  if (!marked.ok()) (void)remove_marked(directory);  // as much as can be
  return marked;
}

Status remove_marked(const fs::path& directory) {
  const auto names = names_in(directory);
  if (!names.ok()) return names.error();
  std::error_code error;
  for (const auto& name : *names) {
    if (name != kOwnersMark) fs::remove_all(directory / name, error);
    if (error) return file_error(Doing::remove, directory / name, error.value());
  }
  fs::remove(directory / kOwnersMark, error);
  if (error) return file_error(Doing::remove, directory / kOwnersMark, error.value());
  fs::remove(directory, error);
  if (!error) return success();
  (void)mark_as_made(directory);  // so that the next attempt knows it
  return file_error(Doing::remove, directory, error.value());
}

}  // namespace fundtrail
