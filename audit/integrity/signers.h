// People's own signatures, checked from the entries alone: whose keys were registered and ended before an
// entry, by whom, and whether signatures fit (docs/FORMAT.md, "Signed commands"). The rules have code of
// their own for this (ledger/rules/signatures.cpp), on purpose. Private to audit/integrity.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "audit/integrity/signature_checks.h"
#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"

namespace fundtrail::audit {

// What an entry says of the ledger itself, and its signature; most say nothing.
struct Governance {
  std::string actor;
  Date day;  // of recording
  std::optional<ActorKeyRegistration> registers;
  std::optional<ActorKeyEnd> ends;
  std::string key_statement;  // of these two
  std::optional<LedgerRestoration> restores;

  struct Signed {
    CommandSignature by;
    std::string statement;  // that was signed
    bool whole = false;     // `content` is the digest of what stands in the entry
  };
  std::optional<Signed> signature;
};

// Whether documents of this kind say something.
bool is_governance(std::size_t kind);
// `genesis`: leaf hash of entry 0.
std::unique_ptr<Governance> governance_of(chain::Hasher& hasher, const chain::Hash& genesis,
                                          const Entry& entry);

// Not thread-safe; entries come in their order.
class Signers {
 public:
  // `everything`: no entry is left out. Where some are, keys that nobody registered here are nobody's
  // fault. Whether signatures fit comes out of `checks`, which it must not outlive.
  Signers(SignatureChecks& checks, bool everything) : checks_(checks), everything_(everything) {}
  // What is wrong with the next entry's signature, its absence, or what it records about keys, as in_both(). `said`:
  // nothing when the entry says nothing of the kind.
  std::optional<std::string> follow(std::uint64_t index, const std::string& actor,
                                    const Governance* said);

 private:
  using Wrong = std::optional<std::string>;
  enum class Status { proposed, in_force, ending, ended };
  struct Key {
    ActorKeyRegistration registration;
    chain::PublicKey key;
    std::string holder;    // folded
    std::string said;      // the statement of the registration
    std::string proposer;  // folded; of what waits for a second registrar
    Status status = Status::proposed;
  };
  struct Held {
    unsigned keys = 0, obliging = 0;
  };
  const Key* find(const KeyId& id) const;
  // Why `holder` cannot sign with this key on this day; nothing, also for a key that cannot be judged.
  Wrong unusable(const KeyId& id, const std::string& holder, Date day) const;
  Wrong check(std::uint64_t index, const Governance& said);
  Wrong check_consent(std::uint64_t index, const KeyConsent& consent, const std::string& holder,
                      const Governance& said);
  Wrong learn(std::uint64_t index, const Governance& said, const ActorKeyRegistration& d);
  Wrong learn(std::uint64_t index, const Governance& said, const ActorKeyEnd& d);
  void count(const Key& key, int change);

  SignatureChecks& checks_;
  bool everything_;
  std::unordered_map<std::string, Key> keys_;
  std::unordered_map<std::string, Held> held_;  // keys in force or ending, by folded actor
};

}  // namespace fundtrail::audit
