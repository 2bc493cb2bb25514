// Turnovers added up again from the postings of all entries, in all cores, without believing the rows
// that the ledger keeps of them. Private to reports/.
#pragma once

#include "ledger/ledger.h"

namespace fundtrail::reports {

// Like View::turnovers(from, to), in the order of the keys. Takes a fraction of a second for a million
// documents. Faults: unreadable, io.
Status recomputed_turnovers(const View& view, Date from, Date to, const View::VisitTurnover& visit);

}  // namespace fundtrail::reports
