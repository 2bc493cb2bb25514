// What the figures depend on beside our own code: the machine, the build, the disk; and processes
// of their own to measure in. Linux only (/proc).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/scratch_directory.h"

namespace fundtrail::api::bench {

struct Machine {
  unsigned cores = 0;
  std::string cpu;
  std::string kernel;
  std::uint64_t memory_mib = 0;
  std::string load;  // the load average of the last minute before the run: was it alone?
};
Machine machine();

// "Release", "Debug", ... as CMake was told; `measurable` only for Release without sanitizers.
std::string build_type();
bool measurable();

// The largest resident set of this process so far (VmHWM).
std::uint64_t peak_memory_bytes();
std::uint64_t directory_bytes(const std::filesystem::path& directory);
// A directory in memory gives figures that no disk will keep.
bool lies_in_memory(const std::filesystem::path& directory);

// SHA-256 over 1 KiB blocks on one core by `openssl speed`, in bytes a second; 0 when there is no
// openssl command.
double openssl_sha256_bytes_per_second();

// This program again, with other arguments; its standard output goes to a file. Stopped (SIGTERM,
// waited for) when its owner disappears.
class Child {
 public:
  // Errors: io.
  static Result<Child> start(const std::vector<std::string>& arguments,
                             const std::filesystem::path& output);
  Child(Child&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  Child& operator=(Child&&) = delete;
  ~Child();
  // Waits for its end; the exit code, or 128 + the signal.
  int wait();
  // Asks it to end, then waits.
  int stop();
  bool running();
  pid_t pid() const { return pid_; }
  // Processor time of all its threads so far.
  double processor_seconds() const;

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;
};

}  // namespace fundtrail::api::bench
