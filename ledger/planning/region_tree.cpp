#include "ledger/planning/region_tree.h"

#include "ledger/rules/rows.h"

namespace fundtrail::planning {

Result<bool> knows_region(const store::Snapshot& snapshot, const RegionCode& region) {
  // The key of a region's row is its letter and code, so what lies in it has the same beginning.
  bool found = false;
  const std::string from = rules::region_key(region);
  const auto seen = snapshot.scan(store::Table::state, from, from + '\xff',
                                  [&](std::string_view, std::string_view) { return found = true, false; });
  if (!seen) return seen.error();
  return found;
}

}  // namespace fundtrail::planning
