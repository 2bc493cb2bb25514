// People's own signatures of commands: whose keys count, and who must sign. The signatures themselves are
// checked before anything is decided (ledger/engine/signing.h); here stands what follows from them.
//
//   registered ──► in_force ──► ending ──► ended          proposed ──► ended
//        └─► proposed ─┘    └───────────────┘
//
// A key of somebody who has none counts at once. Whoever has one is asked: the registration of another key,
// and the end of one, carry the consent of a key in force, or two registrars record the same. Until then a
// new key does not count; an old one does not count any more, but still obliges.
#pragma once

#include <optional>
#include <string>

#include "ledger/core/entry.h"
#include "ledger/rules/context.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

enum class KeyStatus : std::uint8_t {
  proposed,  // by one registrar; nothing may be signed with it
  in_force,
  ending,    // by one registrar: nothing may be signed with it any more
  ended,
};

struct SignerKey {
  ActorKeyRegistration registration;
  KeyStatus status = KeyStatus::proposed;
  ActorId proposer;  // of what waits for a second registrar
  bool valid_on(Date day) const {
    return status == KeyStatus::in_force && registration.from <= day &&
           (!registration.until || day <= *registration.until);
  }
};
std::optional<SignerKey> find_signer_key(const StateSource& state, const KeyId& key);

// Refuses a command that is not signed though it must be, or not with a key of its actor that is
// valid at the time of recording. Costs nothing in a ledger where nobody has to sign.
void check_signature(Context& c);

}  // namespace fundtrail::rules
