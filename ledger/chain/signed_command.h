// People's own signatures of commands: what is signed, and whether a signature fits. docs/FORMAT.md,
// "Signed commands", says the same for other programs.
//
// The statement is a short canonical line made of fields that stand in the entry, so whoever has the
// entry can build it again. What the document says is in it by its digest, `content`.
//
// Thread-safety: all functions from any thread.
#pragma once

#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/chain/keys.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"

namespace fundtrail::chain {

// What the actor of a command signs. `content`: hex, as in the entry (content_digest()).
std::string signing_statement(const LedgerId& ledger, const Command& command,
                              std::string_view content);
std::string signing_statement(const Entry& entry);

// Whether an entry's `content` is the digest of what stands in it, as it is in each one that is
// signed: those are recorded whole. Precondition: entry.document holds its lines.
bool holds_what_was_signed(Hasher& hasher, const Entry& entry);

// The suite that signs with this algorithm.
Suite suite_of(SignatureAlgorithm algorithm);
SignatureAlgorithm algorithm_of(Suite suite);

// Fault::unreadable when key or signature are not what they should be, Fault::tampered when the
// signature does not fit.
Status check_signature(std::string_view statement, const ActorKeyRegistration& key,
                       const CommandSignature& signature);

}  // namespace fundtrail::chain
