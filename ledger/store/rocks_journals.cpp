#include "ledger/store/rocks_journals.h"

#include <memory>
#include <string_view>
#include <vector>

namespace fundtrail::store {
namespace {

using rocksdb::Status;

constexpr std::string_view kJournalSuffix = ".log";
constexpr std::size_t kPart = 1u << 20;

std::string closed_mark(const std::string& directory) { return directory + "/CLOSED"; }

rocksdb::EnvOptions plain_files() {
  rocksdb::EnvOptions options;
  options.use_mmap_reads = options.use_mmap_writes = false;
  return options;
}

Status sync_file(rocksdb::Env& env, const std::string& path) {
  std::unique_ptr<rocksdb::WritableFile> file;
  Status status = env.ReopenWritableFile(path, &file, plain_files());
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  return status;
}

Status copy(rocksdb::SequentialFile& from, rocksdb::WritableFile& to) {
  std::string space(kPart, '\0');
  for (;;) {
    rocksdb::Slice part;
    Status status = from.Read(kPart, &part, space.data());
    if (!status.ok() || part.empty()) return status;
    status = to.Append(part);
    if (!status.ok()) return status;
  }
}

// `fresh` has a name that RocksDB clears away when a crash leaves it behind.
Status write_anew(rocksdb::Env& env, const std::string& path, const std::string& fresh) {
  std::unique_ptr<rocksdb::SequentialFile> from;
  std::unique_ptr<rocksdb::WritableFile> to;
  Status status = env.NewSequentialFile(path, &from, plain_files());
  if (status.ok()) status = env.NewWritableFile(fresh, &to, plain_files());
  if (status.ok()) status = copy(*from, *to);
  if (status.ok()) status = to->Sync();
  if (status.ok()) status = to->Close();
  if (status.ok()) status = env.RenameFile(fresh, path);
  return status;
}

Status sync_directory(rocksdb::Env& env, const std::string& directory) {
  std::unique_ptr<rocksdb::Directory> names;
  Status status = env.NewDirectory(directory, &names);
  if (status.ok()) status = names->Fsync();
  return status;
}

Status secure_locked(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> names;
  Status status = env.GetChildren(directory, &names);
  if (!status.ok()) return status;
  const Status closed = env.FileExists(closed_mark(directory));
  if (!closed.ok() && !closed.IsNotFound()) return closed;
  for (const auto& name : names) {
    if (!name.ends_with(kJournalSuffix)) continue;
    const std::string path = directory + "/" + name;
    const std::string stem = path.substr(0, path.size() - kJournalSuffix.size());
    status = closed.ok() ? sync_file(env, path) : write_anew(env, path, stem + ".dbtmp");
    if (!status.ok()) return status;
  }
  return sync_directory(env, directory);
}

}  // namespace

Status secure_journals(rocksdb::Env& env, const std::string& directory) {
  rocksdb::FileLock* lock = nullptr;
  Status status = env.LockFile(directory + "/LOCK", &lock);
  if (!status.ok()) return status;
  status = secure_locked(env, directory);
  const Status unlocked = env.UnlockFile(lock);
  return status.ok() ? unlocked : status;
}

Status withdraw_closed(rocksdb::Env& env, const std::string& directory) {
  const Status there = env.FileExists(closed_mark(directory));
  if (there.IsNotFound()) return Status::OK();
  return there.ok() ? env.DeleteFile(closed_mark(directory)) : there;
}

Status declare_closed(rocksdb::Env& env, const std::string& directory) {
  std::unique_ptr<rocksdb::WritableFile> file;
  Status status = env.NewWritableFile(closed_mark(directory), &file, plain_files());
  if (status.ok()) status = file->Close();
  return status;
}

}  // namespace fundtrail::store
