// People's own signatures: what is signed, and whether a signature fits. docs/FORMAT.md, "Signed
// commands", says the same for other programs.
//
// The statement of a command is a short canonical line made of fields that stand in the entry, and of the
// ledger's genesis, so whoever has the entry and entry 0 can build it again. What the document says is in
// it by its digest, `content`. Keys have a statement of their own, signed by the key that is registered
// (`proof`) and by one that its actor has already (`consent`).
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

// Ids of ledgers are free text, and a ledger that was made anew bears the old one's. The genesis, the leaf
// hash of entry 0, is nobody else's.
struct SignedLedger {
  LedgerId id;
  Hash genesis{};
};

// What the actor of a command signs. `content`: hex, as in the entry (content_digest()); `not_after`:
// the last day on which it may be recorded.
std::string signing_statement(const SignedLedger& ledger, const Command& command,
                              std::string_view content, Date not_after);
// Precondition: entry.signature.
std::string signing_statement(const Entry& entry, const Hash& genesis);

// What is signed of an ActorKeyRegistration or ActorKeyEnd: all that it says, without the signatures.
std::string key_statement(const SignedLedger& ledger, Document document);

// Whether an entry's `content` is the digest of what stands in it, as it is in each one that is
// signed: those are recorded whole. The lines count by entry.lines; those in the document do not matter.
bool holds_what_was_signed(Hasher& hasher, const Entry& entry);

// The suite that signs with this algorithm.
Suite suite_of(SignatureAlgorithm algorithm);
SignatureAlgorithm algorithm_of(Suite suite);

// The key that is registered; Fault::unreadable when it is none, or not of the algorithm that is stated.
Result<PublicKey> public_key_of(const ActorKeyRegistration& registration);

// `value`: base64. Fault::unreadable when it is not, Fault::tampered when it does not fit.
Status check_signature(std::string_view statement, const PublicKey& key, std::string_view value);
Status check_signature(std::string_view statement, const ActorKeyRegistration& key,
                       std::string_view value);

}  // namespace fundtrail::chain
