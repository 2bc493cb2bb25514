// The codes that a policy uses: categories, facts, kinds of assessment, ... Each is chosen by whoever
// writes it and means what records say alike, so a slip is seen only where the codes stand side by side.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ledger/core/policy.h"

namespace fundtrail {

struct CodeUse {
  std::string kind;  // "category", "care_level", "condition", ...: policy.codes.<kind> in wording.h
  std::string code;
  std::uint64_t places = 0;  // how often it is named
  std::string field;         // where first
};

// By kind, then by code.
std::vector<CodeUse> codes_of(const Policy& policy);
// Pairs of one kind that look like two spellings of one; the one that stands fewer times first. The first
// kMaxPolicyFindings of them.
std::vector<std::pair<CodeUse, CodeUse>> alike(const std::vector<CodeUse>& codes);

}  // namespace fundtrail
