// The documents about the ledger itself: whose signatures count, whose identity was erased, and that
// the chain was once set back to an older backup. They move no money. Same conventions as
// documents.h, which includes this file and holds the closed set of kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/core/date.h"
#include "ledger/core/ids.h"
#include "ledger/core/names.h"

namespace fundtrail {

// The ledger was restored from a backup that ends before a checkpoint somebody holds outside: the
// entries between the two sizes were acknowledged and are gone. It is the first entry behind the
// restored ones, and says so itself: `restored_size` is its own index, `restored_root` the root of
// the tree before it (verifiers compare both). `known_signature` is what makes the checkpoint one of this
// ledger: the engine asks for it; entries of earlier versions lack it.
struct LedgerRestoration {
  std::string known_root;      // hex; of the checkpoint held outside
  std::optional<std::string> known_signature;  // base64: the last word of the ledger's signature line there
  std::uint64_t known_size = 0;  // larger than restored_size
  ActorId ordered_by;
  Text reason;
  std::string restored_root;   // hex
  std::uint64_t restored_size = 0;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("known_root", d.known_root);
    v("known_signature", d.known_signature);
    v("known_size", d.known_size);
    v("ordered_by", d.ordered_by);
    v("reason", d.reason);
    v("restored_root", d.restored_root);
    v("restored_size", d.restored_size);
  }
};

// Of a person's own signature; independent of the ledger's suite.
enum class SignatureAlgorithm : std::uint8_t { ed25519, sm2 };
template <>
struct Names<SignatureAlgorithm> {
  static constexpr std::string_view list[] = {"ed25519", "sm2"};
};

// A person's agreement to what is recorded about his or her keys, signed with a key that counts already.
struct KeyConsent {
  KeyId key;
  std::string value;  // base64 of the raw signature of the document's key statement

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("key", d.key);
    v("value", d.value);
  }
  friend bool operator==(const KeyConsent&, const KeyConsent&) = default;
};

// From the next entry on, commands of `actor` may be signed with this key (docs/FORMAT.md, "Signed
// commands"); with `required`, they must be, until the key is ended. Recorded by somebody else: a
// person who could exchange the own key could deny what the old one signed. `proof` shows that
// somebody has the private key. Where the actor has a key already, that key consents, or the
// registration counts only when a second registrar has recorded the same once more.
struct ActorKeyRegistration {
  ActorId actor;
  SignatureAlgorithm algorithm = SignatureAlgorithm::ed25519;
  std::optional<KeyConsent> consent;
  Date from;               // first day, by the time of recording
  KeyId key;
  std::string proof;       // base64 of the new key's raw signature of the key statement
  std::string public_key;  // SubjectPublicKeyInfo (RFC 5280), base64
  bool required = false;
  std::optional<Date> until;  // last day

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("actor", d.actor);
    v("algorithm", d.algorithm);
    v("consent", d.consent);
    v("from", d.from);
    v("key", d.key);
    v("proof", d.proof);
    v("public_key", d.public_key);
    v("required", d.required);
    v("until", d.until);
  }
};

enum class KeyEndReason : std::uint8_t { replaced, lost, compromised, duty_ended };
template <>
struct Names<KeyEndReason> {
  static constexpr std::string_view list[] = {"replaced", "lost", "compromised", "duty_ended"};
};

// No later entry may be signed with this key. What it obliges its actor to, and that a new key needs
// consent, stays until the end is consented to or a second registrar has recorded it once more.
struct ActorKeyEnd {
  std::optional<KeyConsent> consent;
  KeyId key;
  KeyEndReason reason = KeyEndReason::replaced;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("consent", d.consent);
    v("key", d.key);
    v("reason", d.reason);
  }
};

// 个人信息保护法 §47, and what a court or supervisor orders.
enum class ErasureGround : std::uint8_t {
  purpose_fulfilled, retention_expired, consent_withdrawn, unlawful_processing, ordered,
};
template <>
struct Names<ErasureGround> {
  static constexpr std::string_view list[] = {"purpose_fulfilled", "retention_expired",
                                              "consent_withdrawn", "unlawful_processing", "ordered"};
};

// The receipt of an erasure: with this entry, in one commit, the vault's record of the person goes.
// Ordered by one, recorded by another. The document says nothing about the person but the pseudonym.
struct PersonErasure {
  Pseudonym beneficiary;
  ErasureGround ground = ErasureGround::purpose_fulfilled;
  ActorId ordered_by;
  Reference reference;  // number of the request or order that it answers

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("ground", d.ground);
    v("ordered_by", d.ordered_by);
    v("reference", d.reference);
  }
};

}  // namespace fundtrail
