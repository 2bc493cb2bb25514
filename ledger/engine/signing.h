// Checking a command's signature before it is decided: in the thread of whoever submits it, so that
// the writer has nothing to do for one whose key it knows. Who may sign what the rules say
// (ledger/rules/signatures.h).
//
// Thread-safety: from any thread, as far as `state` allows.
#pragma once

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"
#include "ledger/rules/state.h"

namespace fundtrail {

// Sets command.signed_with to the registered public key that the signature fits, or clears it. What
// stands there is taken to have been found by an earlier call: with the same key the signature is not
// checked again.
void check_signature_fits(const rules::StateSource& state, const LedgerId& ledger,
                          const chain::Hash& content, Command& command);

}  // namespace fundtrail
