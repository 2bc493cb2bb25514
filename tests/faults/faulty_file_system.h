// An operating system that fails when told to, behind RocksDB's own seam: the k-th operation of a
// kind answers with an error, writes half, or is where the power goes. Keeps account of what was
// synced, so that a loss of power can take everything else away.
//
// It numbers the operations of its kind from 0 on and remembers what it failed and where.
// Thread-safe: the database's background threads come through here too.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fundtrail::faults {

enum class Operation { create, write, sync, rename, link, read, truncate, remove, anchor_write,
                       anchor_sync };
inline constexpr Operation kOperations[] = {
    Operation::create, Operation::write,    Operation::sync,   Operation::rename,
    Operation::link,   Operation::read,     Operation::truncate, Operation::remove,
    Operation::anchor_write, Operation::anchor_sync};
inline const char* name_of(Operation operation) {
  constexpr const char* kNames[] = {"create",   "write",  "sync",         "rename",     "link", "read",
                                    "truncate", "remove", "anchor write", "anchor sync"};
  return kNames[static_cast<int>(operation)];
}

enum class Failure {
  eio,         // nothing was done; later operations work
  enospc,      // likewise, and so do all writes after it: the disk stays full
  short_write, // half was written, then an error
  torn_write,  // half was written, then the power went; unsynced bytes up to there may be on the disk
  power,       // nothing was done and the power went; only what was synced stays
  kill,        // nothing was done and the process ended; what was written is remembered while the power
               // is on
};
inline const char* name_of(Failure failure) {
  constexpr const char* kNames[] = {"EIO", "ENOSPC", "short write", "torn write", "power loss",
                                    "kill -9"};
  return kNames[static_cast<int>(failure)];
}

struct Plan {
  Operation operation;
  std::size_t at;  // the at-th of that kind, from 0
  Failure failure;
};

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using Io = rocksdb::IOStatus;
  using Options = rocksdb::IOOptions;
  using Context = rocksdb::IODebugContext;

  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultyFileSystem"; }

  // From now on operations are counted, and the planned one fails. Nothing: only counted.
  void begin(std::optional<Plan> plan) {
    const std::lock_guard lock(mutex_);
    plan_ = plan;
    counts_.clear();
    failed_.clear();
    counting_ = true;
    dead_ = full_ = false;
  }
  // Nothing fails any more. What the power took stays away.
  void end() {
    const std::lock_guard lock(mutex_);
    counting_ = dead_ = full_ = false;
    plan_.reset();
  }
  std::size_t count(Operation operation) {
    const std::lock_guard lock(mutex_);
    return counts_[operation];
  }
  // What failed, with the file's name; empty: the plan's operation was never reached.
  std::string failed() {
    const std::lock_guard lock(mutex_);
    return failed_;
  }
  bool dead() {
    const std::lock_guard lock(mutex_);
    return dead_;
  }

  // Takes everything away that was not synced when the power went. With every database closed.
  void lose_unsynced() {
    const std::lock_guard lock(mutex_);
    namespace fs = std::filesystem;
    std::error_code ignored;
    for (auto it = renames_.rbegin(); it != renames_.rend(); ++it) {  // undone, newest first
      fs::rename(it->to, it->from, ignored);
      files_.erase(it->to);
      if (it->replaced.empty()) continue;
      fs::rename(it->replaced, it->to, ignored);
      if (it->account) files_[it->to] = *it->account;
    }
    renames_.clear();
    for (const auto& [path, file] : files_) {
      if (file.in_directory || !fs::exists(path, ignored)) continue;
      fs::remove(path, ignored);
    }
    for (const auto& [path, file] : files_) {
      if (!fs::exists(path, ignored)) continue;
      const auto size = fs::file_size(path, ignored), keep = std::max(file.synced, file.torn);
      if (size > keep) fs::resize_file(path, keep, ignored);
    }
    files_.clear();
  }

  // --- used by the files below

  // Nothing: go on. A status: that is the answer. `half` says that half is to be written first.
  std::optional<Io> reach(Operation operation, const std::string& path, bool* half = nullptr) {
    const std::lock_guard lock(mutex_);
    const bool changes = operation != Operation::read;
    if (dead_ && changes) return Io::IOError("the power is off");
    if (!counting_) return std::nullopt;
    const std::size_t at = counts_[operation]++;
    const bool now = plan_ && plan_->operation == operation && plan_->at == at;
    if (!now) {
      if (full_ && (operation == Operation::write || operation == Operation::create)) {
        return Io::NoSpace("No space left on device");
      }
      return std::nullopt;
    }
    failed_ = std::string(name_of(operation)) + " " + std::to_string(at) + " of " +
              std::filesystem::path(path).filename().string() + ": " + name_of(plan_->failure);
    const bool torn = plan_->failure == Failure::torn_write;
    if (half != nullptr && (torn || plan_->failure == Failure::short_write)) *half = true;
    dead_ = torn || plan_->failure == Failure::power || plan_->failure == Failure::kill;
    full_ = plan_->failure == Failure::enospc;
    if (dead_) return Io::IOError("the power went, or the process");
    return full_ ? Io::NoSpace("No space left on device") : Io::IOError("Input/output error");
  }
  void created(const std::string& path) {
    const std::lock_guard lock(mutex_);
    files_[path] = {};
  }
  void wrote(const std::string& path, std::uint64_t size, bool torn) {
    const std::lock_guard lock(mutex_);
    auto& file = files_[path];
    file.written = size;
    if (torn) file.torn = size;
  }
  void synced(const std::string& path) {
    const std::lock_guard lock(mutex_);
    auto& file = files_[path];
    file.synced = std::min(file.written, file.given_up);
  }
  // The operating system takes the pages for written from now on; they are not on the disk.
  void sync_failed(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (dead_) return;  // it was never made
    auto& file = files_[path];
    file.given_up = std::min(file.given_up, file.synced);
  }
  void reopened(const std::string& path, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    files_.try_emplace(path, File{size, size, 0, true});  // of before this system's time
  }
  void directory_synced() {
    const std::lock_guard lock(mutex_);
    for (auto& [path, file] : files_) file.in_directory = true;
    std::error_code ignored;
    for (const auto& rename : renames_) std::filesystem::remove(rename.replaced, ignored);
    renames_.clear();
  }

  // --- the seam

  Io NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                     std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) override;
  Io ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                        std::unique_ptr<rocksdb::FSWritableFile>* result,
                        Context* context) override;
  Io NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                       std::unique_ptr<rocksdb::FSSequentialFile>* result,
                       Context* context) override;
  Io NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                         std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                         Context* context) override;
  Io NewDirectory(const std::string& path, const Options& options,
                  std::unique_ptr<rocksdb::FSDirectory>* result, Context* context) override;

  Io RenameFile(const std::string& from, const std::string& to, const Options& options,
                Context* context) override {
    if (auto failure = reach(Operation::rename, to)) return *failure;
    // What is replaced is kept until the directory is synced.
    std::string replaced;
    std::error_code error;
    {
      const std::lock_guard lock(mutex_);
      replaced = to + ".replaced-" + std::to_string(++replacements_);
    }
    std::filesystem::create_hard_link(to, replaced, error);
    if (error) replaced.clear();
    const Io status = FileSystemWrapper::RenameFile(from, to, options, context);
    const std::lock_guard lock(mutex_);
    if (status.ok()) {
      const auto old = files_.find(to);
      renames_.push_back({from, to, replaced,
                          old != files_.end() ? std::optional(old->second) : std::nullopt});
      if (const auto it = files_.find(from); it != files_.end()) {
        File file = it->second;
        files_.erase(it);
        file.in_directory = true;  // undone with the rename, if at all
        files_[to] = file;
      }
    }
    return status;
  }
  Io LinkFile(const std::string& from, const std::string& to, const Options& options,
              Context* context) override {
    if (auto failure = reach(Operation::link, to)) return *failure;
    return FileSystemWrapper::LinkFile(from, to, options, context);
  }
  Io DeleteFile(const std::string& path, const Options& options, Context* context) override {
    if (auto failure = reach(Operation::remove, path)) return *failure;
    const Io status = FileSystemWrapper::DeleteFile(path, options, context);
    const std::lock_guard lock(mutex_);
    files_.erase(path);
    return status;
  }
  Io Truncate(const std::string& path, std::size_t size, const Options& options,
              Context* context) override {
    if (auto failure = reach(Operation::truncate, path)) return *failure;
    return FileSystemWrapper::Truncate(path, size, options, context);
  }

 private:
  struct File {
    std::uint64_t written = 0, synced = 0, torn = 0;
    bool in_directory = false;  // its name is durable
    std::uint64_t given_up = ~std::uint64_t{0};  // from here on no sync helps
  };
  struct Renamed {
    std::string from, to, replaced;
    std::optional<File> account;  // of what was replaced
  };

  std::mutex mutex_;
  std::optional<Plan> plan_;
  std::map<Operation, std::size_t> counts_;
  std::string failed_;
  bool counting_ = false, dead_ = false, full_ = false;
  std::map<std::string, File> files_;
  std::vector<Renamed> renames_;
  std::size_t replacements_ = 0;
};

class FaultyWritable final : public rocksdb::FSWritableFileWrapper {
 public:
  using Io = rocksdb::IOStatus;
  using Options = rocksdb::IOOptions;
  using Context = rocksdb::IODebugContext;
  using Verification = rocksdb::DataVerificationInfo;

  FaultyWritable(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
                 FaultyFileSystem& system, std::uint64_t size)
      : FSWritableFileWrapper(file.get()),
        file_(std::move(file)),
        path_(std::move(path)),
        system_(system),
        size_(size) {}

  Io Append(const rocksdb::Slice& data, const Options& options, Context* context) override {
    bool half = false;
    const auto failure = system_.reach(Operation::write, path_, &half);
    if (failure && !half) return *failure;
    const rocksdb::Slice part(data.data(), failure ? data.size() / 2 : data.size());
    const Io status = FSWritableFileWrapper::Append(part, options, context);
    if (status.ok()) size_ += part.size();
    system_.wrote(path_, size_, failure.has_value() && system_.dead());
    return failure ? *failure : status;
  }
  Io Append(const rocksdb::Slice& data, const Options& options, const Verification&,
            Context* context) override {
    return Append(data, options, context);
  }
  Io Truncate(std::uint64_t size, const Options& options, Context* context) override {
    if (auto failure = system_.reach(Operation::truncate, path_)) return *failure;
    return FSWritableFileWrapper::Truncate(size, options, context);
  }
  Io Sync(const Options& options, Context* context) override {
    return sync(FSWritableFileWrapper::Sync(options, context));
  }
  Io Fsync(const Options& options, Context* context) override {
    return sync(FSWritableFileWrapper::Fsync(options, context));
  }
  // Only a hint to the operating system: makes nothing durable.
  Io RangeSync(std::uint64_t, std::uint64_t, const Options&, Context*) override { return Io::OK(); }

 private:
  Io sync(const Io& status) {
    if (auto failure = system_.reach(Operation::sync, path_)) {
      system_.sync_failed(path_);
      return *failure;
    }
    if (status.ok()) system_.synced(path_);
    return status;
  }

  std::unique_ptr<rocksdb::FSWritableFile> file_;
  std::string path_;
  FaultyFileSystem& system_;
  std::uint64_t size_;
};

class FaultySequential final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequential(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string path,
                   FaultyFileSystem& system)
      : FSSequentialFileOwnerWrapper(std::move(file)), path_(std::move(path)), system_(system) {}
  rocksdb::IOStatus Read(std::size_t n, const rocksdb::IOOptions& options, rocksdb::Slice* result,
                         char* scratch, rocksdb::IODebugContext* context) override {
    if (auto failure = system_.reach(Operation::read, path_)) return *failure;
    return FSSequentialFileWrapper::Read(n, options, result, scratch, context);
  }

 private:
  std::string path_;
  FaultyFileSystem& system_;
};

class FaultyRandomAccess final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomAccess(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string path,
                     FaultyFileSystem& system)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), path_(std::move(path)), system_(system) {}
  rocksdb::IOStatus Read(std::uint64_t offset, std::size_t n, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* context) const override {
    if (auto failure = system_.reach(Operation::read, path_)) return *failure;
    return FSRandomAccessFileWrapper::Read(offset, n, options, result, scratch, context);
  }
  rocksdb::IOStatus MultiRead(rocksdb::FSReadRequest* requests, std::size_t n,
                              const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* context) override {
    if (auto failure = system_.reach(Operation::read, path_)) return *failure;
    return FSRandomAccessFileWrapper::MultiRead(requests, n, options, context);
  }
  rocksdb::IOStatus Prefetch(std::uint64_t, std::size_t, const rocksdb::IOOptions&,
                             rocksdb::IODebugContext*) override {
    return rocksdb::IOStatus::NotSupported("no prefetching here");
  }

 private:
  std::string path_;
  FaultyFileSystem& system_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path,
                  FaultyFileSystem& system)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), system_(system) {}
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* context) override {
    if (auto failure = system_.reach(Operation::sync, path_)) return *failure;
    const auto status = FSDirectoryWrapper::Fsync(options, context);
    if (status.ok()) system_.directory_synced();
    return status;
  }
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                        rocksdb::IODebugContext* context,
                                        const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  std::string path_;
  FaultyFileSystem& system_;
};

inline rocksdb::IOStatus FaultyFileSystem::NewWritableFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) {
  if (auto failure = reach(Operation::create, path)) return *failure;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  Io status = FileSystemWrapper::NewWritableFile(path, options, &file, context);
  if (!status.ok()) return status;
  created(path);
  *result = std::make_unique<FaultyWritable>(std::move(file), path, *this, 0);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::ReopenWritableFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  Io status = FileSystemWrapper::ReopenWritableFile(path, options, &file, context);
  if (!status.ok()) return status;
  const auto size = std::filesystem::file_size(path);
  reopened(path, size);
  *result = std::make_unique<FaultyWritable>(std::move(file), path, *this, size);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::NewSequentialFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSSequentialFile>* result, Context* context) {
  std::unique_ptr<rocksdb::FSSequentialFile> file;
  Io status = FileSystemWrapper::NewSequentialFile(path, options, &file, context);
  if (status.ok()) *result = std::make_unique<FaultySequential>(std::move(file), path, *this);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::NewRandomAccessFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result, Context* context) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  Io status = FileSystemWrapper::NewRandomAccessFile(path, options, &file, context);
  if (status.ok()) *result = std::make_unique<FaultyRandomAccess>(std::move(file), path, *this);
  return status;
}

inline rocksdb::IOStatus FaultyFileSystem::NewDirectory(
    const std::string& path, const Options& options, std::unique_ptr<rocksdb::FSDirectory>* result,
    Context* context) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  Io status = FileSystemWrapper::NewDirectory(path, options, &directory, context);
  if (status.ok()) *result = std::make_unique<FaultyDirectory>(std::move(directory), path, *this);
  return status;
}

}  // namespace fundtrail::faults
