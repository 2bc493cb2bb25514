#include "ledger/chain/signed_command.h"

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/field_writer.h"

namespace fundtrail::chain {
namespace {

constexpr std::string_view kPurpose = "fundtrail/command/v1";

std::string statement(const Actor& actor, const CommandId& command, std::string_view content,
                      Date date, std::string_view kind, const LedgerId& ledger,
                      const std::optional<PolicyRef>& policy) {
  std::string bytes;
  CanonicalWriter w(bytes);
  w.begin_object();
  w.key("actor");
  FieldWriter(w).write(actor);
  w.key("command").string(command.str());
  w.key("content").string(content);
  w.key("date").string(date.str());
  w.key("kind").string(kind);
  w.key("ledger").string(ledger.str());
  if (policy) w.key("policy").string(policy->str());
  w.key("purpose").string(kPurpose);
  w.end_object();
  return bytes;
}

}  // namespace

std::string signing_statement(const LedgerId& ledger, const Command& command,
                              std::string_view content) {
  return statement(command.actor, command.id, content, command.date, kind_of(command.document),
                   ledger, command.policy);
}

std::string signing_statement(const Entry& entry) {
  return statement(entry.actor, entry.command, entry.content, entry.date,
                   kind_of(entry.document), entry.ledger, entry.policy);
}

bool holds_what_was_signed(Hasher& hasher, const Entry& entry) {
  Command command;
  command.actor = entry.actor;
  command.date = entry.date;
  command.policy = entry.policy;
  command.document = entry.document;
  if (auto* registration = std::get_if<BeneficiaryRegistration>(&command.document)) {
    registration->commitment.clear();
  }
  return to_hex(content_digest(hasher, command, encode_document(command.document), entry.lines)) ==
         entry.content;
}

Suite suite_of(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::sm2 ? Suite::sm3_sm2 : Suite::sha256_ed25519;
}

SignatureAlgorithm algorithm_of(Suite suite) {
  return suite == Suite::sm3_sm2 ? SignatureAlgorithm::sm2 : SignatureAlgorithm::ed25519;
}

Status check_signature(std::string_view statement, const ActorKeyRegistration& key,
                       const CommandSignature& signature) {
  const auto der = from_base64(key.public_key), bytes = from_base64(signature.value);
  if (!der || !bytes) return Error{Fault::unreadable, "a key or a signature is not base64"};
  const auto public_key = PublicKey::from_spki(*der);
  if (!public_key.ok()) return public_key.error();
  if (public_key->suite() != suite_of(key.algorithm)) {
    return Error{Fault::unreadable, "a key is not of the algorithm that is stated"};
  }
  return public_key->verify(statement, *bytes);
}

}  // namespace fundtrail::chain
