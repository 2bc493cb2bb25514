#include "api/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/engine/files.h"

namespace fundtrail::api {

namespace fs = std::filesystem;
Error no_file(const fs::path& file) {
  return {Fault::not_found, in_both("没有文件“" + file.string() + "”。", "no file " + file.string())};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<std::string> read_file(const fs::path& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) {
    if (errno != ENOENT) return file_error(Doing::read, file, errno);
    return no_file(file);
  }
  if (S_ISDIR(about.st_mode)) return file_error(Doing::read, file, EISDIR);
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  const int code = in.is_open() ? 0 : errno;
  std::ostringstream bytes;
  bytes << in.rdbuf();
  // An empty file sets failbit of the other stream, and is no fault.
  if (!in.is_open() || in.bad() || (!in && about.st_size != 0)) return file_error(Doing::read, file, code);
  return bytes.str();
}

Status copy_file_synced(const fs::path& from, const fs::path& to) {
  const int code = copy_one(from, to);
  return code == 0 ? success() : Status(file_error(Doing::copy_to, to, code));
}

Status sync_names(const fs::path& directory) {
  const auto synced = fundtrail::sync_directory(directory);
  if (synced.ok()) return success();
  return Error{Fault::io, in_both("无法同步目录“" + directory.string() + "”：" + chinese_of(synced.error()),
                                  synced.error().message)};
}

Status sync_names_beside(const fs::path& file) {
  return sync_names(file.has_parent_path() ? file.parent_path() : fs::path("."));
}

namespace {

// Beside it under a name that nobody may have, then in its place.
Status write_beside(const fs::path& file, const std::string& temporary, std::string_view bytes, mode_t mode) {
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return file_error(Doing::write, file, errno);
  bool done = write_all(fd, bytes) && ::fsync(fd) == 0;
  int code = errno;
  ::close(fd);
  if (done && ::rename(temporary.c_str(), file.c_str()) != 0) {
    done = false;
    code = errno;
  }
  if (done) return sync_names_beside(file);
  ::unlink(temporary.c_str());
  return file_error(Doing::write, file, code);
}

}  // namespace

Status replace_file(const fs::path& file, std::string_view bytes) {
  const auto temporary = file.string() + ".new";
  ::unlink(temporary.c_str());  // of a crash
  return write_beside(file, temporary, bytes, 0600);
}

Status replace_list(const fs::path& file, std::string_view bytes) {
  return write_beside(file, file.string() + "." + std::to_string(::getpid()) + ".new", bytes, 0666);
}

}  // namespace fundtrail::api
