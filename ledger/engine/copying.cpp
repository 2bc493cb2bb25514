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

Status copy_synced(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directory(to, error);
  if (!error) fs::permissions(to, fs::perms::owner_all, error);
  if (error) return io_error("cannot make", to, error.value());
  for (const auto& item : fs::directory_iterator(from, error)) {
    const fs::path copy = to / item.path().filename();
    Status done = success();
    if (item.is_directory()) {
      done = copy_synced(item.path(), copy);
    } else if (item.path().filename() != kOwnersMark) {
      std::error_code failed;
      fs::copy_file(item.path(), copy, failed);
      done = failed ? Status(io_error("cannot copy to", copy, failed.value())) : sync_file(copy);
    }
    if (!done.ok()) return done;
  }
  if (error) return io_error("cannot read", from, error.value());
  return sync_directory(to);
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
  std::error_code error;
  if (fs::exists(fs::symlink_status(directory, error))) {
    return Error{Fault::invalid_argument, directory.string() + " is there already"};
  }
  const auto place = parts_.directory.new_staging();
  if (!place.ok()) return place.error();
  Status copied = Error{Fault::unavailable, "the ledger is closing"};
  writer_->run([&] { copied = link_files(*place); });
  if (copied.ok()) copied = copy_synced(*place, directory);
  if (!copied.ok()) fs::remove_all(directory, error);
  (void)remove_marked(*place);  // or the next opening does
  return copied;
}

}  // namespace fundtrail
