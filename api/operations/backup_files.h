// What backups and restorations share. Private to api/operations.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "api/operations/backup.h"
#include "ledger/chain/note.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

inline constexpr char kManifest[] = "backup.json";
inline constexpr char kKeys[] = "keys";
inline constexpr char kUsers[] = "users.json";
inline constexpr char kPartial[] = ".partial";

// A directory of ours that somebody is at: its mark is locked, until this is gone or the process has ended.
class Hold {
 public:
  explicit Hold(const std::filesystem::path& directory);
  ~Hold();
  Hold(Hold&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// An empty directory NAME + suffix, bearing our mark and held. What was left under that name by a crash is
// removed when it bears the mark and nobody holds it; with `sweep` all such siblings, whatever their names.
// Fault::invalid_argument when NAME, or somebody's NAME + suffix, is there.
struct Begun {
  std::filesystem::path path;
  Hold hold;
};
Result<Begun> begin_directory(const std::filesystem::path& name, const char* suffix, bool sweep);
// Gives it its name, durably: before, there is nothing of that name; after, all of it.
Status finish_directory(const std::filesystem::path& partial, const std::filesystem::path& name);

// Verifies every entry; a finding is Fault::tampered. `cancelled` may be empty.
struct Verified {
  std::uint64_t entries = 0;
  std::string ledger, root, key;
};
Result<Verified> verify_copy(const std::filesystem::path& directory, unsigned threads,
                             const std::function<bool()>& cancelled);
// The access log in a directory, against the ledger's key; nothing when there is none.
Result<std::optional<AccessLogState>> look_at_access_log(const std::filesystem::path& directory,
                                                         const chain::VerifierKey& key,
                                                         const std::string& ledger);

}  // namespace fundtrail::api
