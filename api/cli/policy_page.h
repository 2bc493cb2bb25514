// What a policy says, as a page for people. Private to api/cli.
#pragma once

#include <string>

#include "api/cli/messages.h"
#include "ledger/core/policy.h"

namespace fundtrail::api::cli {

// Lines, each ended by a line feed.
std::string page_of(const Policy& policy, Language language);

// The JSON Schema of policy files (docs/policy.schema.json, built in).
std::string_view policy_schema();

}  // namespace fundtrail::api::cli
