// People's own signatures of commands: whose keys count, and who must sign. The signature itself is
// checked before anything is decided (ledger/engine/signing.h); here stands what follows from it.
#pragma once

#include <optional>
#include <string>

#include "ledger/core/entry.h"
#include "ledger/rules/context.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

struct SignerKey {
  ActorKeyRegistration registration;
  bool ended = false;
  bool valid_on(Date day) const {
    return !ended && registration.from <= day &&
           (!registration.until || day <= *registration.until);
  }
};
std::optional<SignerKey> find_signer_key(const StateSource& state, const KeyId& key);

// Refuses a command that is not signed though it must be, or not with a key of its actor that is
// valid at the time of recording. Costs nothing in a ledger where nobody has to sign.
void check_signature(Context& c);

}  // namespace fundtrail::rules
