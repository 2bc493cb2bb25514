// How the newest backup that a running server was asked for ended: a small file in the ledger's directory,
// so that whoever asked by a signal can learn it (fundtrail backup --ask).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "api/operations/backup.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

struct BackupResult {
  std::int64_t ended = 0;  // unix seconds, by the system's clock
  std::optional<Error> error;  // what failed; of a finding about the access log: although there is a backup
  std::string directory;       // empty: none was made
  std::uint64_t entries = 0;
  std::string root;
};

// What is wrong with a backup that was made.
std::optional<Error> finding_of(const Backup& backup);

// Asks a running server for a backup of a ledger and waits for the result of the next one that it ends. Faults:
// not_found when the process is no running server of this ledger (it is sent nothing then), unavailable when it
// ended before a backup did; those of reading the result.
Result<BackupResult> ask_for_backup(const std::filesystem::path& ledger, pid_t server);

Status write_backup_result(const std::filesystem::path& ledger, const BackupResult& result);
// Fault::not_found before the first.
Result<BackupResult> read_backup_result(const std::filesystem::path& ledger);

}  // namespace fundtrail::api
