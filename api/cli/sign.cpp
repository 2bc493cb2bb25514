#include "api/cli/sign.h"

#include <nlohmann/json.hpp>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/keys.h"
#include "ledger/chain/signed_command.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/view.h"
#include "ledger/vault.h"

namespace fundtrail::api::cli {

Result<std::string> statement_of(const Ledger& ledger, Command command, Date not_after) {
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
  const auto bound = signed_ledger(*view);
  if (!bound.ok()) return bound.error();
  return chain::signing_statement(*bound, command, chain::to_hex(content), not_after);
}

Status sign_all(const Ledger& ledger, const std::filesystem::path& key_file, const KeyId& key,
                Date not_after, std::vector<Command>& commands) {
  const auto signing = chain::SigningKey::load(key_file);
  if (!signing.ok()) return signing.error();
  for (Command& command : commands) {
    const auto statement = statement_of(ledger, command, not_after);
    if (!statement.ok()) return statement.error();
    const auto signature = signing->sign(*statement);
    if (!signature.ok()) return signature.error();
    command.signature = CommandSignature{key, not_after, chain::to_base64(*signature)};
  }
  return success();
}

namespace {

Result<std::string> signed_with(const std::filesystem::path& key_file, const std::string& statement) {
  const auto key = chain::SigningKey::load(key_file);
  if (!key.ok()) return key.error();
  const auto signature = key->sign(statement);
  if (!signature.ok()) return signature.error();
  return chain::to_base64(*signature);
}

}  // namespace

Result<Proven> prove(const chain::SignedLedger& ledger, const ProveRequest& request) {
  auto json = nlohmann::ordered_json::parse(request.command, nullptr, false);
  const std::string kind = json.is_object() ? json.value("kind", "") : "";
  const bool registers = kind == "actor_key_registration";
  if ((!registers && kind != "actor_key_end") || !json.contains("doc") || !json["doc"].is_object()) {
    return Error{Fault::invalid_argument,
                 in_both("须为一条 actor_key_registration 或 actor_key_end 命令。",
                         "this must be one command of kind actor_key_registration or actor_key_end")};
  }
  auto& doc = json["doc"];
  if (registers) doc["proof"] = "";
  doc.erase("consent");
  const auto document = chain::decode_document(kind, doc.dump());
  if (!document.ok()) {
    const auto& why = document.error();
    return Error{Fault::invalid_argument,
                 in_both(why.field + "：" + why.zh(), why.field + ": " + why.en())};
  }
  const std::string statement = chain::key_statement(ledger, *document);
  if (!request.new_key.empty()) {
    const auto proof = signed_with(request.new_key, statement);
    if (!proof.ok()) return proof.error();
    doc["proof"] = *proof;
  }
  if (!request.own_key.empty()) {
    const auto consent = signed_with(request.own_key, statement);
    if (!consent.ok()) return consent.error();
    doc["consent"] = {{"key", request.own_key_id}, {"value", *consent}};
  }
  return Proven{json.dump(), statement};
}

}  // namespace fundtrail::api::cli
