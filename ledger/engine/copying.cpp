// copy_to(): the files of one head, taken while writers wait for a moment and copied while they go on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>

#include "ledger/core/bilingual.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/files.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

// All of it from one open file to another; 0, or the error's code.
int copy_bytes(int from, int to) {
  std::string part(1 << 20, '\0');
  for (;;) {
    const ssize_t got = ::read(from, part.data(), part.size());
    if (got == 0) return 0;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    for (std::string_view rest(part.data(), static_cast<std::size_t>(got)); !rest.empty();) {
      const ssize_t put = ::write(to, rest.data(), rest.size());
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return put < 0 ? errno : EIO;
      rest.remove_prefix(static_cast<std::size_t>(put));
    }
  }
}

}  // namespace

int copy_one(const fs::path& from, const fs::path& to) {
  const int source = ::open(from.c_str(), O_RDONLY | O_CLOEXEC);
  if (source < 0) return errno;
  struct stat about{};
  int code = ::fstat(source, &about) != 0 ? errno : 0;
  const int copy = code != 0 ? -1 : ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (code == 0 && copy < 0) code = errno;
  if (copy >= 0) {
    code = copy_bytes(source, copy);
    if (code == 0 && (::fchmod(copy, about.st_mode & 0777) != 0 || ::fsync(copy) != 0)) code = errno;
    ::close(copy);
  }
  ::close(source);
  return code;
}

Status make_new_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return success();
  if (errno != EEXIST) return file_error(Doing::make, directory, errno);
  return Error{Fault::invalid_argument,
               in_both("“" + directory.string() + "”已经存在。", directory.string() + " is there already")};
}

Status copy_into(const fs::path& from, const fs::path& to) {
  const auto names = names_in(from);
  if (!names.ok()) return names.error();
  for (const auto& name : *names) {
    const fs::path item = from / name, copy = to / name;
    std::error_code error;
    const bool directory = fs::is_directory(item, error);
    if (error) return file_error(Doing::read, item, error.value());
    Status done = success();
    if (directory) {
      done = copy_synced(item, copy);
    } else if (name != kOwnersMark) {
      const int code = copy_one(item, copy);
      if (code != 0) done = file_error(Doing::copy_to, copy, code);
    }
    if (!done.ok()) return done;
  }
  return sync_directory(to);
}

Status copy_synced(const fs::path& from, const fs::path& to) {
  const auto made = make_new_directory(to);
  return made.ok() ? copy_into(from, to) : made;
}

Status Engine::link_files(const fs::path& place) const {
  if (auto error = refusing()) return *error;
  const auto linked = parts_.store->checkpoint(place / "db");
  if (!linked.ok()) return linked;
  std::error_code error;
  fs::copy_file(parts_.directory.anchor(), place / "ANCHOR", error);
  if (error) return file_error(Doing::copy, parts_.directory.anchor(), error.value());
  // For people; a ledger without it is whole.
  fs::copy_file(parts_.directory.root() / "ledger.json", place / "ledger.json", error);
  return success();
}

Status Engine::copy_to(const fs::path& directory) {
  // The name is taken at once: whatever lies there when the copying fails is ours to remove.
  const auto made = make_new_directory(directory);
  if (!made.ok()) return made;
  const auto place = parts_.directory.new_staging();
  Status copied = place.ok() ? Status(Error{Fault::unavailable, "the ledger is closing"})
                             : Status(place.error());
  if (place.ok()) {
    writer_->run([&] { copied = link_files(*place); });
    if (copied.ok()) copied = copy_into(*place, directory);
    (void)remove_marked(*place);  // or the next opening does
  }
  std::error_code error;
  if (!copied.ok()) fs::remove_all(directory, error);
  return copied;
}

}  // namespace fundtrail
