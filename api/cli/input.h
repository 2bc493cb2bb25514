// Small helpers of commands that read and write files.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/core/result.h"

namespace fundtrail::api::cli {

// The whole of a file, or of standard input when the name is "-". Faults: not_found, io with the system's
// reason; more than 256 MiB is refused, for the text is held in memory.
Result<std::string> read_input(const std::string& name);

// What a command was told to write to a file of this name, which it replaces. Fault::io with the system's reason.
Status write_output(const std::filesystem::path& file, std::string_view bytes);

}  // namespace fundtrail::api::cli
