// Which region lies in which: the one place for the rule that scopes of users and filters by a region
// share. The codes are hierarchical (GB/T 2260 and below): 320412 contains 320412100.
#pragma once

#include <string_view>

#include "ledger/core/ids.h"

namespace fundtrail {

// A region lies in itself. An empty code, of what belongs to no region, lies in none.
inline bool lies_in(std::string_view code, const RegionCode& region) {
  return code.starts_with(region.str());
}
inline bool lies_in(const RegionCode& code, const RegionCode& region) {
  return lies_in(code.str(), region);
}

}  // namespace fundtrail
