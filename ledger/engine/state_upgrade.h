// A store of an older layout, brought to this program's: the tables of the chain are the same, and the state
// is made again from the entries. So a newer program may keep other rows than an older one did.
#pragma once

#include "ledger/engine/directory.h"
#include "ledger/engine/view.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail {

// Nothing when the layout is this program's. Otherwise every entry is applied again (as long as `fundtrail
// verify --state` takes), rows that differ are replaced, and the layout is noted last: after a crash the next
// opening begins anew. Before anybody reads the state for writing. Needs room for a second state beside the
// store. Faults: unreadable (an entry that the rules cannot apply), io.
Status upgrade_state(store::RocksStore& store, store::Epoch epoch, const LedgerFacts& facts,
                     const LedgerDirectory& directory);

}  // namespace fundtrail
