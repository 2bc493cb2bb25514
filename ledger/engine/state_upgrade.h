// A store of an older layout, brought to this program's: the tables of the chain are the same, and the state
// is made again from the entries. So a newer program may keep other rows than an older one did.
#pragma once

#include "ledger/engine/directory.h"
#include "ledger/engine/view.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail {

// Nothing when the layout is this program's. Otherwise every entry is hashed (who believes what it says
// replaces the last evidence of what it said), then applied again (as long as `fundtrail verify --state`
// takes), and the rows that differ are replaced. Until the first of them everything is as it was and of the
// older layout; from then on the layout says that the state is being made (store::kLayoutBeingMade), which no
// older program opens, and after a crash the next opening begins anew. Before anybody reads the state for
// writing. Needs room for a second state beside the store. Faults: tampered, unreadable (an entry that the
// rules cannot apply), unavailable (called off), io.
Status upgrade_state(store::RocksStore& store, store::Epoch epoch, const LedgerFacts& facts,
                     const LedgerDirectory& directory, const ReplayWatch& watch,
                     const store::RocksMachine& machine);

}  // namespace fundtrail
