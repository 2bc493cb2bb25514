#include "tests/machine/machine.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <map>
#include <mutex>
#include <utility>

#include "tests/machine/disk.h"

namespace fundtrail::machine {
namespace {

namespace fs = std::filesystem;

// What a call is told: go on, or this error, after half was written or nothing.
struct Verdict {
  int error = 0;
  bool half = false;  // write half; with error 0: and say so
};

class Machine {
 public:
  Verdict reach(Operation operation, const std::string& path) {
    const std::lock_guard lock(mutex_);
    const bool stays = operation == Operation::read || operation == Operation::look ||
                       operation == Operation::thread;
    if (dead_ && !stays) return {EIO};
    if (!counting_) return {};
    const std::size_t at = counts_[operation]++;
    if (!plan_ || plan_->operation != operation || plan_->at != at) {
      const bool needs_space = operation == Operation::write || operation == Operation::make;
      return {full_ && needs_space ? ENOSPC : 0};
    }
    failed_ = std::string(name_of(operation)) + " " + std::to_string(at) + " of " + path + ": " +
              name_of(plan_->failure);
    const Failure failure = plan_->failure;
    dead_ = failure == Failure::torn_write || failure == Failure::power || failure == Failure::kill;
    full_ = failure == Failure::enospc || failure == Failure::short_write;
    if (failure == Failure::short_write) return {0, true};
    if (operation == Operation::thread) return {EAGAIN};
    return {full_ ? ENOSPC : EIO, failure == Failure::torn_write};
  }
  bool is_below(const std::string& path) const {
    return path.starts_with(place_) && (path.size() == place_.size() || path[place_.size()] == '/');
  }

  std::mutex mutex_;  // guards what follows
  Disk disk_;
  std::optional<Plan> plan_;
  std::map<Operation, std::size_t> counts_;
  std::string failed_;
  bool counting_ = false, dead_ = false, full_ = false;
  std::string place_;  // written while nothing else runs
};

// Outlives every thread.
Machine& machine() {
  static auto* const it = new Machine;
  return *it;
}
std::atomic<bool> watching{false};
thread_local bool inside = false;  // this file's own calls pass

struct Inside {
  const bool before = std::exchange(inside, true);
  ~Inside() { inside = before; }
};

bool passes() { return inside || !watching.load(std::memory_order_relaxed); }

std::string path_of(int file) {
  char target[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const long n = ::syscall(SYS_readlinkat, AT_FDCWD, link.c_str(), target, sizeof target);
  return n < 0 ? std::string() : std::string(target, static_cast<std::size_t>(n));
}
std::string path_at(int directory, const char* name) {
  return name[0] == '/' || directory == AT_FDCWD ? name : path_of(directory) + "/" + name;
}

// Whether the call may be made; errno says why not.
bool may(Operation operation, const std::string& path) {
  const Inside inside_now;
  if (!machine().is_below(path)) return true;
  const Verdict verdict = machine().reach(operation, path);
  if (verdict.error != 0) errno = verdict.error;
  return verdict.error == 0;
}
bool may_remove(const std::string& path) {
  if (!may(Operation::remove, path)) return false;
  const Inside inside_now;
  const std::lock_guard lock(machine().mutex_);
  if (machine().is_below(path)) machine().disk_.removing(path);
  return true;
}
bool may_rename(const std::string& to) {
  if (!may(Operation::rename, to)) return false;
  const Inside inside_now;
  const std::lock_guard lock(machine().mutex_);
  if (machine().is_below(to)) machine().disk_.removing(to);
  return true;
}

// `put` writes so many bytes; `at` says where, or that the file knows.
template <class Put>
ssize_t write_through(int file, std::size_t n, std::optional<off_t> at, const Put& put) {
  const Inside inside_now;
  Machine& m = machine();
  const std::string path = path_of(file);
  if (!m.is_below(path)) return put(n);
  const Verdict verdict = m.reach(Operation::write, path);
  errno = verdict.error;
  if (verdict.error != 0 && !verdict.half) return -1;
  const off_t from = at ? *at : ::lseek(file, 0, SEEK_CUR);
  const ssize_t written = put(verdict.half ? (n + 1) / 2 : n);
  const std::lock_guard lock(m.mutex_);
  if (written > 0) m.disk_.writing(file, from, static_cast<std::size_t>(written));
  if (verdict.error == 0) return written;
  m.disk_.reached(file);
  errno = verdict.error;
  return -1;
}

template <class Sync>
int sync_through(int file, const Sync& sync) {
  const Inside inside_now;
  Machine& m = machine();
  const std::string path = path_of(file);
  if (!m.is_below(path)) return sync();
  const Verdict verdict = m.reach(Operation::sync, path);
  const std::lock_guard lock(m.mutex_);
  if (verdict.error != 0) {
    if (!m.dead_) m.disk_.sync_failed(file);
    errno = verdict.error;
    return -1;
  }
  const int status = sync();
  if (status == 0) m.disk_.synced(file);
  return status;
}

}  // namespace

const char* name_of(Operation operation) {
  constexpr const char* kNames[] = {"make", "write", "sync", "rename",
                                    "remove", "look", "read", "thread"};
  return kNames[static_cast<int>(operation)];
}
const char* name_of(Failure failure) {
  constexpr const char* kNames[] = {"EIO", "ENOSPC", "short write", "torn write", "power loss",
                                    "kill -9"};
  return kNames[static_cast<int>(failure)];
}

void watch(const fs::path& place) {
  const Inside inside_now;
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  m.place_ = place.string();
  m.disk_.remember(place);
  watching = true;
}
void begin(std::optional<Plan> plan) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  m.plan_ = plan;
  m.counts_.clear();
  m.failed_.clear();
  m.counting_ = true;
  m.dead_ = m.full_ = false;
}
bool end() {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  m.counting_ = m.full_ = false;
  m.plan_.reset();
  return std::exchange(m.dead_, false);
}
std::size_t count(Operation operation) {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  return m.counts_[operation];
}
std::string failed() {
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  return m.failed_;
}
void lose_power() {
  const Inside inside_now;
  Machine& m = machine();
  const std::lock_guard lock(m.mutex_);
  m.disk_.lose();
}

}  // namespace fundtrail::machine

// --- the C library's calls, for this process

namespace m = fundtrail::machine;
using m::Operation;

// The one behind ours.
#define NEXT(call) \
  static const auto next = reinterpret_cast<decltype(&::call)>(::dlsym(RTLD_NEXT, #call))

extern "C" {

int open(const char* path, int flags, ...) {
  NEXT(open);
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const auto operation = (flags & O_CREAT) != 0 ? Operation::make : Operation::look;
  if (!m::passes() && !m::may(operation, path)) return -1;
  return next(path, flags, mode);
}
int openat(int directory, const char* path, int flags, ...) {
  NEXT(openat);
  mode_t mode = 0;
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  const auto operation = (flags & O_CREAT) != 0 ? Operation::make : Operation::look;
  if (!m::passes() && !m::may(operation, m::path_at(directory, path))) return -1;
  return next(directory, path, flags, mode);
}
int mkostemp(char* pattern, int flags) {
  NEXT(mkostemp);
  return m::passes() || m::may(Operation::make, pattern) ? next(pattern, flags) : -1;
}
int mkdir(const char* path, mode_t mode) noexcept {
  NEXT(mkdir);
  return m::passes() || m::may(Operation::make, path) ? next(path, mode) : -1;
}
int link(const char* from, const char* to) noexcept {
  NEXT(link);
  return m::passes() || m::may(Operation::make, to) ? next(from, to) : -1;
}
int symlink(const char* target, const char* path) noexcept {
  NEXT(symlink);
  return m::passes() || m::may(Operation::make, path) ? next(target, path) : -1;
}

ssize_t write(int file, const void* bytes, size_t n) {
  NEXT(write);
  if (m::passes()) return next(file, bytes, n);
  return m::write_through(file, n, std::nullopt, [&](size_t k) { return next(file, bytes, k); });
}
ssize_t pwrite(int file, const void* bytes, size_t n, off_t at) {
  NEXT(pwrite);
  if (m::passes()) return next(file, bytes, n, at);
  return m::write_through(file, n, at, [&](size_t k) { return next(file, bytes, k, at); });
}
int fsync(int file) {
  NEXT(fsync);
  return m::passes() ? next(file) : m::sync_through(file, [&] { return next(file); });
}
int fdatasync(int file) {
  NEXT(fdatasync);
  return m::passes() ? next(file) : m::sync_through(file, [&] { return next(file); });
}

int rename(const char* from, const char* to) noexcept {
  NEXT(rename);
  return m::passes() || m::may_rename(to) ? next(from, to) : -1;
}
int renameat2(int from_directory, const char* from, int to_directory, const char* to,
              unsigned flags) noexcept {
  NEXT(renameat2);
  const bool may = m::passes() || m::may_rename(m::path_at(to_directory, to));
  return may ? next(from_directory, from, to_directory, to, flags) : -1;
}
int unlink(const char* path) noexcept {
  NEXT(unlink);
  return m::passes() || m::may_remove(path) ? next(path) : -1;
}
int unlinkat(int directory, const char* path, int flags) noexcept {
  NEXT(unlinkat);
  return m::passes() || m::may_remove(m::path_at(directory, path)) ? next(directory, path, flags)
                                                                   : -1;
}
int rmdir(const char* path) noexcept {
  NEXT(rmdir);
  return m::passes() || m::may_remove(path) ? next(path) : -1;
}
int remove(const char* path) noexcept {
  NEXT(remove);
  return m::passes() || m::may_remove(path) ? next(path) : -1;
}

int stat(const char* path, struct stat* facts) noexcept {
  NEXT(stat);
  return m::passes() || m::may(Operation::look, path) ? next(path, facts) : -1;
}
int lstat(const char* path, struct stat* facts) noexcept {
  NEXT(lstat);
  return m::passes() || m::may(Operation::look, path) ? next(path, facts) : -1;
}
ssize_t readlink(const char* path, char* target, size_t n) noexcept {
  NEXT(readlink);
  return m::passes() || m::may(Operation::look, path) ? next(path, target, n) : -1;
}
char* realpath(const char* path, char* resolved) noexcept {
  NEXT(realpath);
  return m::passes() || m::may(Operation::look, path) ? next(path, resolved) : nullptr;
}
DIR* opendir(const char* path) {
  NEXT(opendir);
  return m::passes() || m::may(Operation::look, path) ? next(path) : nullptr;
}
int flock(int file, int operation) noexcept {
  NEXT(flock);
  return m::passes() || m::may(Operation::look, m::path_of(file)) ? next(file, operation) : -1;
}
int chmod(const char* path, mode_t mode) noexcept {
  NEXT(chmod);
  return m::passes() || m::may(Operation::make, path) ? next(path, mode) : -1;
}
ssize_t read(int file, void* bytes, size_t n) {
  NEXT(read);
  return m::passes() || m::may(Operation::read, m::path_of(file)) ? next(file, bytes, n) : -1;
}
ssize_t pread(int file, void* bytes, size_t n, off_t at) {
  NEXT(pread);
  return m::passes() || m::may(Operation::read, m::path_of(file)) ? next(file, bytes, n, at) : -1;
}

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) noexcept {
  NEXT(pthread_create);
  if (!m::inside) {
    const m::Verdict verdict = m::machine().reach(Operation::thread, "");
    if (verdict.error != 0) return verdict.error;
  }
  return next(thread, attributes, start, argument);
}

}  // extern "C"
