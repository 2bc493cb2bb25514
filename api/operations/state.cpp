#include "api/operations/state.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <array>

#include "ledger/ledger.h"
#include "ledger/vault.h"

namespace fundtrail::api {
namespace {

using S = State;

constexpr std::array kTable = {
    StateInfo{S::shutting_down, "shutting-down", false,
              "The server is stopping: it finishes what it has received and takes nothing new.",
              "服务正在停止：处理完已收到的请求，不再受理新请求。"},
    StateInfo{S::write_failed, "write-failed", false,
              "A write or a sync failed, so the ledger refuses writes until the server is started "
              "again. Everything that was acknowledged is kept. Mend what the log names (a disk, or "
              "a store that was taken away), then start it again.",
              "写盘或同步失败，重新启动服务之前不再受理写入。已确认的记录都在。请先按日志所述处理（磁盘故障，或库被移走），"
              "再重新启动。"},
    StateInfo{S::store_detached, "store-detached", false,
              "The store or the anchor that this server writes was moved, removed or replaced in the ledger's "
              "directory, so the next start would not find it. Nothing is acknowledged. Put it back before you "
              "stop the server; where that cannot be done, keep what is there and restore a backup.",
              "账套目录中，本服务正在写入的库或锚文件被移走、删除或替换，下次启动将找不到它。此时不再确认任何写入。"
              "请在停止服务之前放回原处；无法放回的，请保留现场并从备份恢复。"},
    StateInfo{S::disk_read_only, "disk-read-only", false,
              "The ledger's disk is mounted read-only. Find out why before you mount it for writing.",
              "账套所在磁盘是只读的。请先查明原因，再恢复可写。"},
    StateInfo{S::disk_full, "disk-full", false, "The ledger's disk is full. Make room on it.",
              "账套所在磁盘已满。请腾出空间。"},
    StateInfo{S::disk_low, "disk-low", true,
              "Less is free on the ledger's disk than disk_reserve_mb demands. Writes go on; make room "
              "before it is full.",
              "账套所在磁盘的剩余空间少于 disk_reserve_mb。写入照常，请在写满之前腾出空间。"},
    StateInfo{S::clock_behind, "clock-behind", false,
              "The clock is behind the newest entry, further than clock_tolerance_seconds. Entries may "
              "not go back in time, so writes are refused until the clock is right.",
              "系统时钟落后于末条记录，超过 clock_tolerance_seconds。记录的时间不得倒退，时钟校正之前不再受理写入。"},
    StateInfo{S::signing_key_missing, "signing-key-missing", true,
              "The file of the signing key is gone. Work goes on from memory; without the file the "
              "ledger will not open again. Restore it from the backup of the keys before a restart.",
              "签名密钥文件不见了。目前凭内存中的密钥照常工作；没有该文件，账套下次无法打开。请在重启之前从密钥备份恢复。"},
    StateInfo{S::vault_key_missing, "vault-key-missing", true,
              "The file of the vault key is missing. A server that was started with it goes on from "
              "memory; one that was not can neither register nor read identities, and all else goes on. "
              "Restore the file from the backup of the keys.",
              "缺少身份密钥文件。启动时有该文件的服务凭内存中的密钥照常工作；启动时没有的，不能登记和读取人员身份，"
              "其余照常。请从密钥备份恢复该文件。"},
    StateInfo{S::vault_key_unread, "vault-key-unread", true,
              "The vault's key was not there when the server was started, and it reads the key at the start "
              "only: identities can neither be registered nor read. Start the server again.",
              "服务启动时没有身份密钥，且只在启动时读取：目前不能登记和读取人员身份。请重新启动服务。"},
    StateInfo{S::access_log_failing, "access-log-failing", true,
              "The access log cannot be written, so nobody is shown data about people. Make room on its "
              "disk, or mend it.",
              "访问日志无法写入，因此不再提供涉及个人的数据。请为其磁盘腾出空间或修复磁盘。"},
    StateInfo{S::access_log_new, "access-log-new", true,
              "The access log that was kept before was not there at the start; a new one has begun and says "
              "so. Find out who took it away.",
              "启动时原有的访问日志已不在，已另起新日志并作记载。请查明何人移走。"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].state != static_cast<State>(i)) return false;
  }
  return kTable.size() == static_cast<std::size_t>(S::access_log_new) + 1;
}
static_assert(in_order(), "the table of states follows the enumeration");

// A store needs a little more than one entry's bytes: a journal block, a table under way.
constexpr std::uint64_t kFull = 1 << 20;  // bytes

bool is_gone(const std::filesystem::path& file) {
  return !file.empty() && ::access(file.c_str(), R_OK) != 0;
}

}  // namespace

std::span<const StateInfo> states() { return kTable; }
Limits limits_of(const Settings& settings) {
  return {settings.number(Setting::clock_tolerance_seconds), settings.number(Setting::disk_reserve_mb)};
}

const StateInfo& info(State state) { return kTable[static_cast<std::size_t>(state)]; }

bool is_clock_behind(const Ledger& ledger, std::int64_t now, const Limits& limits) {
  const auto last = ledger.counters().last_time.load(std::memory_order_relaxed);
  return last - now > limits.clock_tolerance_seconds;
}

std::vector<State> look(const Ledger& ledger, const std::filesystem::path& directory,
                        std::int64_t now, const Limits& limits, bool stopping) {
  std::vector<State> found;
  if (stopping) found.push_back(S::shutting_down);
  if (ledger.refusing()) found.push_back(S::write_failed);
  if (ledger.detached()) found.push_back(S::store_detached);
  struct statvfs disk{};
  if (!directory.empty() && ::statvfs(directory.c_str(), &disk) == 0) {
    const std::uint64_t free = std::uint64_t(disk.f_bavail) * disk.f_frsize;
    if ((disk.f_flag & ST_RDONLY) != 0) {
      found.push_back(S::disk_read_only);
    } else if (free < kFull) {
      found.push_back(S::disk_full);
    } else if (free < std::uint64_t(limits.disk_reserve_mb) << 20) {
      found.push_back(S::disk_low);
    }
  }
  if (is_clock_behind(ledger, now, limits)) found.push_back(S::clock_behind);
  const auto keys = ledger.key_files();
  if (is_gone(keys.signing)) found.push_back(S::signing_key_missing);
  if (is_gone(keys.vault)) {
    found.push_back(S::vault_key_missing);
  } else if (ledger.vault().locked()) {
    found.push_back(S::vault_key_unread);
  }
  return found;
}

}  // namespace fundtrail::api
