#include "api/bench/machine.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <thread>

extern char** environ;

namespace fundtrail::api::bench {
namespace {

namespace fs = std::filesystem;

// The value behind "key:" in a file of /proc; empty when it is not there.
std::string proc_value(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto begin = line.find_first_not_of(" \t", colon + 1);
    return begin == std::string::npos ? "" : line.substr(begin);
  }
  return {};
}

std::uint64_t kib(const char* file, std::string_view key) {
  return std::strtoull(proc_value(file, key).c_str(), nullptr, 10);
}

Error failed(const char* what) {
  return {Fault::io, std::string(what) + ": " + std::generic_category().message(errno)};
}

}  // namespace

Machine machine() {
  Machine m;
  m.cores = std::thread::hardware_concurrency();
  m.cpu = proc_value("/proc/cpuinfo", "model name");
  utsname name{};
  if (uname(&name) == 0) m.kernel = std::string(name.sysname) + " " + name.release;
  m.memory_mib = kib("/proc/meminfo", "MemTotal") / 1'024;
  std::ifstream("/proc/loadavg") >> m.load;
  return m;
}

std::string build_type() { return FUNDTRAIL_BUILD_TYPE; }

bool measurable() {
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  return build_type() == "Release";
#else
  return false;
#endif
}

std::uint64_t peak_memory_bytes() { return kib("/proc/self/status", "VmHWM") * 1'024; }

std::uint64_t directory_bytes(const fs::path& directory) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& file : fs::recursive_directory_iterator(directory, ignored)) {
    if (file.is_regular_file(ignored)) sum += file.file_size(ignored);
  }
  return sum;
}

bool lies_in_memory(const fs::path& directory) {
  struct statfs info{};
  return statfs(directory.c_str(), &info) == 0 &&
         (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

double openssl_sha256_bytes_per_second() {
  FILE* pipe = popen("openssl speed -elapsed -mr -seconds 1 -bytes 1024 -evp sha256 2>/dev/null", "re");
  if (pipe == nullptr) return 0;
  double speed = 0;
  char line[256];
  while (std::fgets(line, sizeof line, pipe) != nullptr) {  // +F:22:sha256:1400721470.00
    const std::string_view text(line);
    if (!text.starts_with("+F:")) continue;
    speed = std::strtod(line + text.rfind(':') + 1, nullptr);
  }
  return pclose(pipe) == 0 ? speed : 0;
}

Result<Child> Child::start(const std::vector<std::string>& arguments, const fs::path& output) {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).string();
  if (error) return Error{Fault::io, "this program cannot find itself: " + error.message()};
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                   O_CREAT | O_TRUNC | O_WRONLY, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (output.string() + ".err").c_str(),
                                   O_CREAT | O_TRUNC | O_WRONLY, 0600);
  pid_t pid = -1;
  errno = posix_spawn(&pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (errno != 0) return failed("a process could not be started");
  return Child(pid);
}

Child::~Child() {
  if (pid_ > 0) stop();
}

int Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int Child::stop() {
  kill(pid_, SIGTERM);
  return wait();
}

double Child::processor_seconds() const {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return double(used.tv_sec) + double(used.tv_nsec) / 1e9;
}

bool Child::running() {
  siginfo_t info{};
  return pid_ > 0 && waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

}  // namespace fundtrail::api::bench
