// What backups and restorations share. Private to api/operations.
#pragma once

#include <filesystem>

#include "ledger/core/result.h"

namespace fundtrail::api {

inline constexpr char kManifest[] = "backup.json";
inline constexpr char kKeys[] = "keys";

// An empty directory NAME + suffix, bearing our mark; what a crash left under that name is removed when
// it bears it too. Fault::invalid_argument when NAME, or somebody's NAME + suffix, is there.
Result<std::filesystem::path> begin_directory(const std::filesystem::path& name, const char* suffix);
// Gives it its name, durably: before, there is nothing of that name; after, all of it.
Status finish_directory(const std::filesystem::path& partial, const std::filesystem::path& name);
// Verifies every entry; a finding is Fault::tampered.
struct Verified {
  std::uint64_t entries = 0;
  std::string ledger, root, key;
};
Result<Verified> verify_copy(const std::filesystem::path& directory, unsigned threads);

}  // namespace fundtrail::api
