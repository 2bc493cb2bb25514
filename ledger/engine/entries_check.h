// Whether the entries and their lines are those that the head's root was computed from. Much less than
// verification (audit/), and enough for who is about to believe what they say.
#pragma once

#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail {

// Reads and hashes everything once. Faults: tampered, truncated, unreadable, unavailable, io.
Status check_entries(const View& view, const ReplayWatch& watch);

}  // namespace fundtrail
