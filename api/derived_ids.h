// The ids of commands that the program makes itself: of imports, runs, erasures and the like, which are repeated under
// the same id. Nobody may send a command under one: it would take the place of one that is still to come, and an import
// is all or nothing. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "ledger/core/ids.h"
#include "ledger/core/rejection.h"

namespace fundtrail::api {

// What they begin with, beside the names of the tables of an import, each with a point (api/import/tables.h), and those
// of a run (planning::kRunIds).
namespace derived {
inline constexpr std::string_view kErasure = "erase-";
inline constexpr std::string_view kManifest = "import.";
inline constexpr std::string_view kPast = "past.";
inline constexpr std::string_view kPolicies = "policies.";  // of an import
inline constexpr std::string_view kPolicy = "policy.";      // of `policy add`
inline constexpr std::string_view kRestoration = "restoration.";
}  // namespace derived

// That a command sent by somebody has such an id.
std::optional<Rejection> refuse_derived(const CommandId& id);

}  // namespace fundtrail::api
