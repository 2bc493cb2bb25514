// copy_to(): the files of one head, taken while writers wait for a moment and copied while they go on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "ledger/engine/engine.h"
#include "ledger/engine/files.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

Error io_error(const char* doing, const fs::path& path, int code) {
  return {Fault::io, std::string(doing) + " " + path.string() + ": " + std::strerror(code)};
}

Status sync_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return io_error("cannot open", path, errno);
  const int failed = ::fsync(file) != 0 ? errno : 0;
  ::close(file);
  if (failed != 0) return io_error("cannot sync", path, failed);
  return success();
}

}  // namespace

Status make_new_directory(const fs::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return success();
  if (errno != EEXIST) return io_error("cannot make", directory, errno);
  return Error{Fault::invalid_argument, directory.string() + " is there already"};
}

Status copy_into(const fs::path& from, const fs::path& to) {
  const auto names = names_in(from);
  if (!names.ok()) return names.error();
  for (const auto& name : *names) {
    const fs::path item = from / name, copy = to / name;
    std::error_code error;
    const bool directory = fs::is_directory(item, error);
    if (error) return io_error("cannot read", item, error.value());
    Status done = success();
    if (directory) {
      done = copy_synced(item, copy);
    } else if (name != kOwnersMark) {
      fs::copy_file(item, copy, error);
      done = error ? Status(io_error("cannot copy to", copy, error.value())) : sync_file(copy);
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
  if (error) return io_error("cannot copy", parts_.directory.anchor(), error.value());
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
