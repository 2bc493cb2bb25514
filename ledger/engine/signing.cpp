#include "ledger/engine/signing.h"

#include "ledger/chain/signed_command.h"
#include "ledger/rules/signatures.h"

namespace fundtrail {

void check_signature_fits(const rules::StateSource& state, const LedgerId& ledger,
                          const chain::Hash& content, Command& command) {
  if (!command.signature) return;
  const auto key = rules::find_signer_key(state, command.signature->key);
  if (!key) return command.signed_with.clear();
  if (command.signed_with == key->registration.public_key) return;
  const auto statement = chain::signing_statement(ledger, command, chain::to_hex(content));
  const bool fits =
      chain::check_signature(statement, key->registration, *command.signature).ok();
  command.signed_with = fits ? key->registration.public_key : std::string();
}

}  // namespace fundtrail
