// Which entries are of which kinds, from the state: a byte an entry, so that looking for a fund's few
// registrations among millions of entries takes milliseconds. For reports, through View::raw().
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ledger/core/documents.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail {

// By position in Document.
using Kinds = std::array<bool, kKinds>;

// The numbers below `size` of the entries of the wanted kinds, ascending. Faults: io, unreadable (the
// rows do not cover all entries).
Result<std::vector<std::uint64_t>> entries_of_kinds(const store::Snapshot& snapshot,
                                                    std::uint64_t size, const Kinds& wanted);

}  // namespace fundtrail
