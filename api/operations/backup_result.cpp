#include "api/operations/backup_result.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
extern "C" {
#include <sys/pidfd.h>  // as of glibc 2.36 it does not say so itself
}

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "api/files.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr char kName[] = "last-backup.json";

Fault fault_of(const std::string& name_of_fault) {
  for (const auto fault : {Fault::unreadable, Fault::unknown_version, Fault::tampered, Fault::truncated,
                           Fault::not_found, Fault::unavailable, Fault::invalid_argument}) {
    if (name_of_fault == name(fault)) return fault;
  }
  return Fault::io;
}

// Which result is there: each one is a file of its own. Seconds and the clock tell nothing of it.
using Which = std::tuple<ino_t, time_t, long>;
std::optional<Which> which_result(const std::filesystem::path& ledger) {
  struct stat found{};
  if (::stat((ledger / kName).c_str(), &found) != 0) return std::nullopt;
  return Which{found.st_ino, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

// A process that no other one can be taken for.
class Process {
 public:
  explicit Process(pid_t id) : file_(::pidfd_open(id, 0)) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (file_ >= 0) ::close(file_);
  }
  bool send(int signal) const { return file_ >= 0 && ::pidfd_send_signal(file_, signal, nullptr, 0) == 0; }
  bool has_ended_after(int milliseconds) const {
    pollfd watched{file_, POLLIN, 0};
    return ::poll(&watched, 1, milliseconds) == 1;
  }

 private:
  int file_;
};

// Whether the process has the ledger (a lock of its file LOCK) and takes the signal: it would end another one.
bool is_server_of(const std::filesystem::path& ledger, pid_t process) {
  struct stat lock{};
  if (::stat((ledger / "LOCK").c_str(), &lock) != 0) return false;
  const std::string held = ":" + std::to_string(lock.st_ino) + " ", by = " " + std::to_string(process) + " ";
  bool holds = false, takes = false;
  std::ifstream locks("/proc/locks");  // "1: FLOCK  ADVISORY  WRITE 1234 08:01:131 0 EOF"
  for (std::string line; std::getline(locks, line);) {
    holds = holds || (line.find(" FLOCK ") != line.npos && line.find(held) != line.npos && line.find(by) != line.npos);
  }
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigBlk:")) continue;
    takes = (std::strtoull(line.c_str() + 7, nullptr, 16) >> (SIGUSR2 - 1) & 1) != 0;  // and waits for it
  }
  return holds && takes;
}

}  // namespace

Result<BackupResult> ask_for_backup(const std::filesystem::path& ledger, pid_t server) {
  const auto before = which_result(ledger);
  const Process process(server);
  if (!is_server_of(ledger, server)) {
    const std::string id = std::to_string(server);
    return Error{Fault::not_found, in_both("进程 " + id + " 不是本账套正在运行的服务，未向它发送任何信号。",
                                           "process " + id + " is no running server of this ledger; it was sent no signal")};
  }
  if (!process.send(SIGUSR2)) {
    const int code = errno;
    const std::string id = std::to_string(server), why = std::strerror(code);
    return Error{code == EPERM ? Fault::io : Fault::not_found,
                 in_both("进程 " + id + " 不在运行或不属于本用户，未能要求备份（" + chinese_reason(code) + "）。",
                         "process " + id + " does not run or is not this user's: it was not asked for a backup (" + why + ")")};
  }
  for (bool ended = false;;) {
    const auto now = which_result(ledger);
    if (now && now != before) return read_backup_result(ledger);
    if (ended) {
      return Error{Fault::unavailable, in_both("服务在备份完成之前已结束。", "the server ended before its backup did")};
    }
    ended = process.has_ended_after(100);
  }
}

std::optional<Error> finding_of(const Backup& backup) {
  if (!backup.access_log || !backup.access_log->finding) return std::nullopt;
  const auto& finding = *backup.access_log->finding;
  return Error{Fault::tampered,
               in_both("备份“" + backup.directory.string() + "”已完成，但其中的访问日志不成立：" +
                           std::string(chinese_of(finding)),
                       "the backup " + backup.directory.string() + " was made, but the access log in it does "
                           "not hold: " + std::string(english_of(finding)))};
}

Status write_backup_result(const std::filesystem::path& ledger, const BackupResult& result) {
  Json json = {{"ended", result.ended}};
  if (!result.directory.empty()) {
    json["directory"] = result.directory;
    json["entries"] = result.entries;
    json["root"] = result.root;
  }
  if (result.error) json["error"] = {{"fault", name(result.error->fault)}, {"message", result.error->message}};
  return replace_file(ledger / kName, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<BackupResult> read_backup_result(const std::filesystem::path& ledger) {
  const auto text = read_file(ledger / kName);
  if (!text.ok()) return text.error();
  try {
    const auto json = Json::parse(*text);
    BackupResult result;
    result.ended = json.at("ended").get<std::int64_t>();
    result.directory = json.value("directory", std::string());
    result.entries = json.value("entries", std::uint64_t(0));
    result.root = json.value("root", std::string());
    if (json.contains("error")) {
      const auto& error = json["error"];
      result.error = Error{fault_of(error.at("fault").get<std::string>()), error.at("message").get<std::string>()};
    }
    return result;
  } catch (const Json::exception&) {
    return Error{Fault::unreadable, in_both("last-backup.json 不可读。", "last-backup.json cannot be read")};
  }
}

}  // namespace fundtrail::api
