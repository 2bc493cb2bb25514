// What was wrong with a command line, in both languages. The library that reads it speaks English only.
#pragma once

#include <CLI/CLI.hpp>

#include "api/operations/settings.h"

namespace fundtrail::api::cli {

// `app`: as far as it was parsed.
Said usage_of(const CLI::ParseError& error, const CLI::App& app);

}  // namespace fundtrail::api::cli
