// Everybody who is registered, a range of pseudonyms at a time, with what the rules will ask for read
// ahead. Private to ledger/planning.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/planning/planners.h"
#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/rows.h"

namespace fundtrail::planning {

struct Person {
  Pseudonym id;
  RegionCode region;
  Date entitled_from;
};

// The people of a range, ascending. Their rows are in `state` until it forgets them. Throws
// rules::StateUnreadable.
std::vector<Person> people_in(SnapshotState& state, const KeyRange& range);

// Birth dates of the people, in their order; nothing where the identity was erased. Throws
// rules::StateUnreadable with the vault's errors.
std::vector<std::optional<Date>> births_of(const store::Snapshot& snapshot, const Vault& vault,
                                           const KeyRange& range, const std::vector<Person>& people);

}  // namespace fundtrail::planning
