// What settings must be together for a server, each of them being fine by itself; and what they name that is
// not there. Said once, for `fundtrail serve` and for `fundtrail config check`.
#pragma once

#include <vector>

#include "api/cli/command.h"
#include "api/operations/settings.h"

namespace fundtrail::api::cli {

struct UnmetCondition {
  CliCode code = CliCode::usage;
  Said said;
};
// Why a server would be refused.
std::vector<UnmetCondition> unmet_conditions(const Settings& settings);

// Files and directories that are named and are not there, or not yet: no fault of the configuration.
std::vector<Said> missing_places(const Settings& settings);

}  // namespace fundtrail::api::cli
