// What the ledger would answer to commands, found on a picture of it by the code that records them, and
// dropped: nothing is written, no id is used up, and the writer is not asked. Between the picture and a
// submission others may record something that changes the answer.
//
// Thread-safety: from any thread; a view belongs to one.
#pragma once

#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/vault.h"

namespace fundtrail {

struct Tried {
  // As submit() would answer; of a receipt that is not `repeated`, index and leaf are those of an entry
  // that nobody has.
  Answer answer;
  std::string entry;  // the canonical line that it would be; empty of anything else
};

// One of each command, in order, on a picture of this ledger. Errors: those of Ledger::submit() that come before
// recording.
Result<std::vector<Tried>> try_out(const Ledger& ledger, const View& view, std::vector<Command> commands,
                                   BatchMode mode);

}  // namespace fundtrail
