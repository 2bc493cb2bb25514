#include "ledger/engine/live_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <optional>

#include "ledger/core/bilingual.h"
#include "ledger/engine/files.h"

namespace fundtrail {
namespace {

// RocksDB names the rest of its files in it: where it is gone, nothing opens.
constexpr const char* kRootOfStore = "CURRENT";

Error elsewhere(const std::filesystem::path& name) {
  return {Fault::truncated,
          in_both(name.string() + " 已被移走、删除或替换，账套目录不再通向正在写入的库。请先查明何人所为，在停止服务之前放回原处；"
                                  "无法放回的，从备份恢复。",
                  name.string() + " was moved, removed or replaced: the ledger's directory no longer leads to the store "
                                  "that is being written. Find out who did it, and put it back before the server is "
                                  "stopped; where that cannot be done, restore a backup")};
}

}  // namespace

LiveFiles::LiveFiles(std::filesystem::path store, std::filesystem::path anchor)
    : store_{std::move(store)}, anchor_{std::move(anchor)} {}

LiveFiles::LiveFiles(LiveFiles&& other) noexcept
    : store_{std::move(other.store_.name), std::exchange(other.store_.file, -1)},
      anchor_{std::move(other.anchor_.name), std::exchange(other.anchor_.file, -1)} {}

LiveFiles& LiveFiles::operator=(LiveFiles&& other) noexcept {
  std::swap(store_, other.store_);
  std::swap(anchor_, other.anchor_);
  return *this;
}

LiveFiles::~LiveFiles() {
  for (const Held* held : {&store_, &anchor_}) {
    if (held->file >= 0) ::close(held->file);
  }
}

Result<LiveFiles> LiveFiles::hold(const LedgerDirectory& directory) {
  LiveFiles files(directory.link(), directory.anchor());
  for (Held* held : {&files.store_, &files.anchor_}) {
    held->file = ::open(held->name.c_str(), O_RDONLY | O_CLOEXEC);
    if (held->file < 0) return file_error(Doing::open, held->name, errno);
  }
  return files;
}

Status LiveFiles::check() const {
  for (const Held* held : {&store_, &anchor_}) {
    if (!is_still(held->name, held->file)) return elsewhere(held->name);
  }
  const auto root = store_.name / kRootOfStore;
  const auto there = is_there(root);
  if (!there.ok()) return there.error();
  return *there ? success() : Status(elsewhere(root));
}

}  // namespace fundtrail
