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

#include "tests/faults/plan.h"

namespace fundtrail::faults {

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

  // --- used by its files (tests/faults/faulty_files.h)

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

}  // namespace fundtrail::faults
