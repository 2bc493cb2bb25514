// Small helpers of commands that read files.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/core/result.h"

namespace fundtrail::api::cli {

// The whole of a file, or of standard input when the name is "-". Faults: not_found, io with the system's
// reason; more than 256 MiB is refused, for the text is held in memory.
Result<std::string> read_input(const std::string& name);

}  // namespace fundtrail::api::cli
