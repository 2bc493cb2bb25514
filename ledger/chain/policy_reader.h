// A policy file with everything that is wrong with it, for people who write policies. The engine's own
// way in is decode_command(), which stops at the first violation.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ledger/core/policy_check.h"

namespace fundtrail::chain {

struct ReadPolicy {
  // As far as it could be read; complete when there are no faults. Nothing: the text is no JSON object, or larger
  // than kMaxPolicyBytes.
  std::optional<Policy> policy;
  PolicyFindings findings;
};

// Paths are those within the file: "programmes[1].entitlement.tariff[0].amount". Fields first, then
// what check_policy() says about all that does not depend on a field that could not be read. Leading
// and trailing blanks and a byte order mark are ignored. Any thread.
ReadPolicy read_policy(std::string_view json);

}  // namespace fundtrail::chain
