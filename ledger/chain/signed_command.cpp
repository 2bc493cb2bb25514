#include "ledger/chain/signed_command.h"

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/field_writer.h"

namespace fundtrail::chain {
namespace {

constexpr std::string_view kCommandPurpose = "fundtrail/command/v2", kKeyPurpose = "fundtrail/key/v1";

// The fields that commands and entries share.
struct Said {
  const Actor& actor;
  const CommandId& command;
  std::string_view content;
  Date date;
  std::string_view kind;
  const std::optional<PolicyRef>& policy;
};

std::string statement(const Said& said, const LedgerId& ledger, const Hash& genesis, Date not_after) {
  std::string bytes;
  CanonicalWriter w(bytes);
  w.begin_object();
  w.key("actor");
  FieldWriter(w).write(said.actor);
  w.key("command").string(said.command.str());
  w.key("content").string(said.content);
  w.key("date").string(said.date.str());
  w.key("genesis").string(to_hex(genesis));
  w.key("kind").string(said.kind);
  w.key("ledger").string(ledger.str());
  w.key("not_after").string(not_after.str());
  if (said.policy) w.key("policy").string(said.policy->str());
  w.key("purpose").string(kCommandPurpose);
  w.end_object();
  return bytes;
}

}  // namespace

std::string signing_statement(const SignedLedger& ledger, const Command& command,
                              std::string_view content, Date not_after) {
  return statement({command.actor, command.id, content, command.date, kind_of(command.document),
                    command.policy},
                   ledger.id, ledger.genesis, not_after);
}

std::string signing_statement(const Entry& entry, const Hash& genesis) {
  return statement({entry.actor, entry.command, entry.content, entry.date, kind_of(entry.document),
                    entry.policy},
                   entry.ledger, genesis, entry.signature->not_after);
}

std::string key_statement(const SignedLedger& ledger, Document document) {
  if (auto* registration = std::get_if<ActorKeyRegistration>(&document)) {
    registration->consent.reset();
    registration->proof.clear();
  } else if (auto* end = std::get_if<ActorKeyEnd>(&document)) {
    end->consent.reset();
  }
  std::string bytes;
  CanonicalWriter w(bytes);
  w.begin_object();
  w.key("doc").raw(encode_document(document));
  w.key("genesis").string(to_hex(ledger.genesis));
  w.key("kind").string(kind_of(document));
  w.key("ledger").string(ledger.id.str());
  w.key("purpose").string(kKeyPurpose);
  w.end_object();
  return bytes;
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

Result<PublicKey> public_key_of(const ActorKeyRegistration& registration) {
  const auto der = from_base64(registration.public_key);
  if (!der) return Error{Fault::unreadable, "a key is not base64"};
  auto key = PublicKey::from_spki(*der);
  if (!key.ok()) return key.error();
  if (key->suite() != suite_of(registration.algorithm) || key->to_spki() != *der) {
    return Error{Fault::unreadable, "a key is not of the algorithm that is stated"};
  }
  return key;
}

Status check_signature(std::string_view statement, const PublicKey& key, std::string_view value) {
  const auto bytes = from_base64(value);
  if (!bytes) return Error{Fault::unreadable, "a signature is not base64"};
  return key.verify(statement, *bytes);
}

Status check_signature(std::string_view statement, const ActorKeyRegistration& key,
                       std::string_view value) {
  const auto public_key = public_key_of(key);
  if (!public_key.ok()) return public_key.error();
  return check_signature(statement, *public_key, value);
}

}  // namespace fundtrail::chain
