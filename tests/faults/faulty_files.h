// The files of a failing file system: each asks it before every operation.
#pragma once

#include "tests/faults/faulty_file_system.h"

namespace fundtrail::faults {

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
