// Many threads examine pieces of a ledger, one follows the order: examinations come back in the order
// in which their pieces were taken. Private to audit/integrity.
#pragma once

#include <functional>

#include "audit/integrity/source.h"

namespace fundtrail::audit {

// Takes pieces from the source and examines them in `threads` threads; calls `fold`, in this thread,
// with each examination in the order of the pieces, until it returns false or there are no more.
// Nobody runs further ahead of `fold` than a few pieces a thread, so memory is bounded. All threads
// have ended when it returns. What one of them throws, this throws.
void in_order(RecordSource& source, chain::Suite suite, unsigned threads,
              const std::function<bool(Examination)>& fold);

}  // namespace fundtrail::audit
