#include "ledger/engine/signing.h"

#include "ledger/rules/signatures.h"

namespace fundtrail {
namespace {

// The public key under this id, when it made the signature; `known`, when that is the one already.
template <class Statement>
std::string fitting(const rules::StateSource& state, const KeyId& id, const std::string& known,
                    std::string_view value, const Statement& statement) {
  const auto key = rules::find_signer_key(state, id);
  if (!key) return {};
  const auto& registered = key->registration;
  if (known == registered.public_key) return known;
  return chain::check_signature(statement(), registered, value).ok() ? registered.public_key
                                                                     : std::string();
}

const std::optional<KeyConsent>* consent_of(const Document& document) {
  if (const auto* d = std::get_if<ActorKeyRegistration>(&document)) return &d->consent;
  if (const auto* d = std::get_if<ActorKeyEnd>(&document)) return &d->consent;
  return nullptr;
}

}  // namespace

bool bears_signatures(const Command& command) {
  return command.signature || consent_of(command.document) != nullptr;
}

void forget_signers(Command& command) {
  command.signed_with.clear();
  command.consented_with.clear();
  command.proven = false;
}

void check_signatures_fit(const rules::StateSource& state, const chain::SignedLedger& ledger,
                          const chain::Hash& content, Command& command) {
  if (command.signature) {
    command.signed_with =
        fitting(state, command.signature->key, command.signed_with, command.signature->value, [&] {
          return chain::signing_statement(ledger, command, chain::to_hex(content),
                                          command.signature->not_after);
        });
  }
  const auto* consent = consent_of(command.document);
  if (consent == nullptr) return;
  const auto statement = [&] { return chain::key_statement(ledger, command.document); };
  if (*consent) {
    command.consented_with = fitting(state, (*consent)->key, command.consented_with,
                                     (*consent)->value, statement);
  }
  const auto* registration = std::get_if<ActorKeyRegistration>(&command.document);
  if (registration != nullptr && !command.proven) {
    command.proven = chain::check_signature(statement(), *registration, registration->proof).ok();
  }
}

}  // namespace fundtrail
