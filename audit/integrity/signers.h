// People's own signatures of commands, checked from the entries alone: whose keys were registered and
// ended before an entry, and whether its signature fits (docs/FORMAT.md, "Signed commands").
// Private to audit/integrity.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"

namespace fundtrail::audit {

// What an entry says of the ledger itself; most say nothing.
struct Governance {
  std::optional<ActorKeyRegistration> registers;
  std::optional<ActorKeyEnd> ends;
  std::optional<LedgerRestoration> restores;

  struct Signed {
    std::string actor;
    CommandSignature by;
    Date day;               // of recording
    std::string statement;  // that was signed
    bool whole = false;     // `content` is the digest of what stands in the entry
  };
  std::optional<Signed> signature;
};

// Of an unsigned entry whose document, at most, says something.
std::unique_ptr<Governance> governance_of(std::size_t kind, std::string_view document);
std::unique_ptr<Governance> governance_of(chain::Hasher& hasher, const Entry& entry);

// Not thread-safe; entries come in their order.
class Signers {
 public:
  // What is wrong with the signature of the next entry, or with its absence. `said`: nothing when the
  // entry says nothing of the kind.
  std::optional<std::string> follow(const std::string& actor, const Governance* said);
  // The same where entries are left out: keys that nobody registered here are nobody's fault.
  std::optional<std::string> follow_some(const Governance* said);

 private:
  struct Key {
    ActorKeyRegistration registration;
    bool ended = false;
  };
  std::optional<std::string> check(const Governance::Signed& signature, bool all) const;
  void learn(const Governance& said);

  std::unordered_map<std::string, Key> keys_;
  std::unordered_map<std::string, unsigned> obliged_;  // keys that oblige to sign, by folded actor
};

}  // namespace fundtrail::audit
