// Checking people's signatures before a command is decided: in the thread of whoever submits it, so that
// the writer has nothing to do for those whose keys it knows. Who may sign what the rules say
// (ledger/rules/signatures.h).
//
// Thread-safety: from any thread, as far as `state` allows.
#pragma once

#include "ledger/chain/digest.h"
#include "ledger/chain/signed_command.h"
#include "ledger/core/entry.h"
#include "ledger/rules/state.h"

namespace fundtrail {

// Whether there is anything to check.
bool bears_signatures(const Command& command);

// Forgets what the command says was checked: callers may say anything.
void forget_signers(Command& command);

// Sets command.signed_with and consented_with to the registered public keys that the signatures fit, and
// `proven`; or clears them. What stands there is taken to have been found by an earlier call: with the same
// keys the signatures are not checked again.
void check_signatures_fit(const rules::StateSource& state, const chain::SignedLedger& ledger,
                          const chain::Hash& content, Command& command);

}  // namespace fundtrail
