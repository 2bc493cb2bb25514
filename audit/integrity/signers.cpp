#include "audit/integrity/signers.h"

#include <utility>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/signed_command.h"

namespace fundtrail::audit {
namespace {

// Ids that differ in case only are one person's.
std::string folded(std::string actor) {
  for (char& c : actor) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return actor;
}

std::unique_ptr<Governance> of_document(const Document& document) {
  Governance said;
  if (const auto* d = std::get_if<ActorKeyRegistration>(&document)) said.registers = *d;
  else if (const auto* e = std::get_if<ActorKeyEnd>(&document)) said.ends = *e;
  else if (const auto* r = std::get_if<LedgerRestoration>(&document)) said.restores = *r;
  else return nullptr;
  return std::make_unique<Governance>(std::move(said));
}

// Called for every entry, so by number.
template <class T>
bool is_kind(std::size_t kind) {
  static const std::size_t number = Document(std::in_place_type<T>).index();
  return kind == number;
}

}  // namespace

std::unique_ptr<Governance> governance_of(std::size_t kind, std::string_view document) {
  if (!is_kind<ActorKeyRegistration>(kind) && !is_kind<ActorKeyEnd>(kind) &&
      !is_kind<LedgerRestoration>(kind)) {
    return nullptr;
  }
  const auto decoded = chain::decode_document(kKindNames[kind], document);
  return decoded.ok() ? of_document(*decoded) : nullptr;  // the scanner accepted it
}

std::unique_ptr<Governance> governance_of(chain::Hasher& hasher, const Entry& entry) {
  auto said = of_document(entry.document);
  if (!entry.signature) return said;
  if (!said) said = std::make_unique<Governance>();
  said->signature = Governance::Signed{entry.actor.id.str(), *entry.signature, entry.time.date(),
                                       chain::signing_statement(entry),
                                       chain::holds_what_was_signed(hasher, entry)};
  return said;
}

std::optional<std::string> Signers::follow(const std::string& actor, const Governance* said) {
  std::optional<std::string> wrong;
  if (said && said->signature) {
    wrong = check(*said->signature, true);
  } else if (!obliged_.empty()) {
    const auto obliged = obliged_.find(folded(actor));
    if (obliged != obliged_.end() && obliged->second > 0) wrong = "the actor has to sign";
  }
  if (said) learn(*said);
  return wrong;
}

std::optional<std::string> Signers::follow_some(const Governance* said) {
  if (!said) return std::nullopt;
  std::optional<std::string> wrong;
  if (said->signature) wrong = check(*said->signature, false);
  learn(*said);
  return wrong;
}

std::optional<std::string> Signers::check(const Governance::Signed& signature, bool all) const {
  if (!signature.whole) return "the content is not that of the entry";
  const auto found = keys_.find(signature.by.key.str());
  if (found == keys_.end()) {
    return all ? std::optional<std::string>("no such key is registered") : std::nullopt;
  }
  const Key& key = found->second;
  const ActorKeyRegistration& registered = key.registration;
  if (folded(signature.actor) != folded(registered.actor.str())) return "the key is somebody else's";
  if (key.ended) return "the key was ended";
  if (signature.day < registered.from ||
      (registered.until && *registered.until < signature.day)) {
    return "the key was not valid on the day";
  }
  if (!chain::check_signature(signature.statement, registered, signature.by).ok()) {
    return "it does not fit the key";
  }
  return std::nullopt;
}

void Signers::learn(const Governance& said) {
  if (said.registers) {
    const auto added = keys_.try_emplace(said.registers->key.str(), Key{*said.registers});
    if (added.second && said.registers->required) ++obliged_[folded(said.registers->actor.str())];
  }
  if (!said.ends) return;
  const auto key = keys_.find(said.ends->key.str());
  if (key == keys_.end() || std::exchange(key->second.ended, true)) return;
  if (key->second.registration.required) --obliged_[folded(key->second.registration.actor.str())];
}

}  // namespace fundtrail::audit
