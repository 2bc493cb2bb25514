// Whether a ledger knows a region, for filters: one that nobody registered, nor anything in it, is a slip of
// the pen, and an empty answer to it would pass for "nothing there".
#pragma once

#include "ledger/core/ids.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::planning {

// Whether the region, or one that lies in it (ledger/core/region_tree.h), is registered. Faults: those of
// the store.
Result<bool> knows_region(const store::Snapshot& snapshot, const RegionCode& region);

}  // namespace fundtrail::planning
