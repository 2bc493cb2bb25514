// What accrued to payees and is in no live settlement. Private to ledger/planning.
#pragma once

#include <cstdint>
#include <vector>

#include "ledger/planning/plan.h"
#include "ledger/rules/rows.h"
#include "ledger/store/store.h"

namespace fundtrail::planning {

struct OpenClaim {
  std::uint64_t entry = 0;  // a redemption or a calculation
  rules::RedemptionRow row;
};

// Those of the run's programme by its date, ascending. Reads past everything that was ever settled and
// keeps what is open, and which settlements were returned: memory does not grow with what was settled. Throws
// rules::StateUnreadable.
std::vector<OpenClaim> open_claims(const store::Snapshot& snapshot, const Run& run);

}  // namespace fundtrail::planning
