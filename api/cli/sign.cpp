#include "api/cli/sign.h"

#include "ledger/chain/document_codec.h"
#include "ledger/chain/keys.h"
#include "ledger/chain/signed_command.h"
#include "ledger/vault.h"

namespace fundtrail::api::cli {

Result<std::string> statement_of(const Ledger& ledger, Command command) {
  if (auto* registration = std::get_if<BeneficiaryRegistration>(&command.document)) {
    if (const auto& locked = ledger.vault().locked()) return *locked;
    if (command.identity) {
      registration->beneficiary = ledger.vault().pseudonym_of(command.identity->id_number);
    }
    registration->commitment.clear();
  }
  const auto view = ledger.view();
  chain::Hasher hasher(view->suite());
  chain::EncodedLines lines;
  chain::encode_lines(hasher, command.document, lines);
  const auto content = chain::content_digest(hasher, command, lines);
  return chain::signing_statement(view->id(), command, chain::to_hex(content));
}

Status sign_all(const Ledger& ledger, const std::filesystem::path& key_file, const KeyId& key,
                std::vector<Command>& commands) {
  const auto signing = chain::SigningKey::load(key_file);
  if (!signing.ok()) return signing.error();
  for (Command& command : commands) {
    const auto statement = statement_of(ledger, command);
    if (!statement.ok()) return statement.error();
    const auto signature = signing->sign(*statement);
    if (!signature.ok()) return signature.error();
    command.signature = CommandSignature{key, chain::to_base64(*signature)};
  }
  return success();
}

}  // namespace fundtrail::api::cli
