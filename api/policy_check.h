// Whether a policy file is one, and everything that is wrong with it: for `fundtrail policy check` and
// POST .../policies/check. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "api/json_fault.h"
#include "ledger/chain/policy_reader.h"

namespace fundtrail::api {

struct CheckedPolicy {
  chain::ReadPolicy read;
  std::optional<JsonFault> syntax;  // where the text stops being JSON; nothing was read then
  bool ok() const { return !syntax && read.findings.faults.empty(); }
};
CheckedPolicy check_policy(std::string_view text);

// {"ok", "policy"?, "codes"?, "syntax"?, "faults", "warnings"}
nlohmann::ordered_json to_json(const CheckedPolicy& checked);

}  // namespace fundtrail::api
