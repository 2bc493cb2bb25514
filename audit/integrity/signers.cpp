#include "audit/integrity/signers.h"

#include <utility>

#include "ledger/chain/signed_command.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::audit {
namespace {

std::string misfit() { return in_both("与密钥不符", "it does not fit the key"); }

// What is wrong with a signature that belongs to another one: the consent, the proof.
std::string of_consent(std::string_view wrong) {
  return in_both("同意：" + std::string(chinese_of(wrong)), "consent: " + std::string(english_of(wrong)));
}
std::string of_proof(std::string_view wrong) {
  return in_both("持有证明：" + std::string(chinese_of(wrong)), "proof: " + std::string(english_of(wrong)));
}

// Ids that differ in case only are one person's.
std::string folded(std::string actor) {
  for (char& c : actor) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return actor;
}

// Called for every entry, so by number.
template <class T>
bool is_kind(std::size_t kind) {
  static const std::size_t number = Document(T{}).index();
  return kind == number;
}

}  // namespace

bool is_governance(std::size_t kind) {
  return is_kind<ActorKeyRegistration>(kind) || is_kind<ActorKeyEnd>(kind) ||
         is_kind<LedgerRestoration>(kind);
}

std::unique_ptr<Governance> governance_of(chain::Hasher& hasher, const chain::Hash& genesis,
                                          const Entry& entry) {
  if (!entry.signature && !is_governance(entry.document.index())) return nullptr;
  auto said = std::make_unique<Governance>();
  said->actor = entry.actor.id.str();
  said->day = entry.time.date();
  if (const auto* d = std::get_if<ActorKeyRegistration>(&entry.document)) said->registers = *d;
  if (const auto* d = std::get_if<ActorKeyEnd>(&entry.document)) said->ends = *d;
  if (const auto* d = std::get_if<LedgerRestoration>(&entry.document)) said->restores = *d;
  if (said->registers || said->ends) {
    said->key_statement = chain::key_statement({entry.ledger, genesis}, entry.document);
  }
  if (entry.signature) {
    said->signature = Governance::Signed{*entry.signature, chain::signing_statement(entry, genesis),
                                         chain::holds_what_was_signed(hasher, entry)};
  }
  return said;
}

std::optional<std::string> Signers::follow(std::uint64_t index, const std::string& actor,
                                           const Governance* said) {
  Wrong wrong;
  if (said && said->signature) {
    wrong = check(index, *said);
  } else if (everything_ && !held_.empty()) {
    const auto held = held_.find(folded(actor));
    if (held != held_.end() && held->second.obliging > 0) wrong = in_both("经办人须签名", "the actor has to sign");
  }
  Wrong of_key;
  if (said && said->registers) of_key = learn(index, *said, *said->registers);
  if (said && said->ends) of_key = learn(index, *said, *said->ends);
  return wrong ? wrong : of_key;
}

const Signers::Key* Signers::find(const KeyId& id) const {
  const auto found = keys_.find(id.str());
  return found == keys_.end() ? nullptr : &found->second;
}

Signers::Wrong Signers::unusable(const KeyId& id, const std::string& holder, Date day) const {
  const Key* key = find(id);
  if (!key) return everything_ ? Wrong(in_both("没有登记过这把密钥", "no such key is registered")) : Wrong();
  if (holder != key->holder) return in_both("是他人的密钥", "the key is somebody else's");
  if (key->status == Status::proposed) return in_both("密钥尚未确认", "the key was not confirmed");
  if (key->status != Status::in_force) return in_both("密钥已停用", "the key was ended");
  const auto& d = key->registration;
  if (day < d.from || (d.until && *d.until < day)) {
    return in_both("密钥当日不在有效期内", "the key was not valid on the day");
  }
  return std::nullopt;
}

Signers::Wrong Signers::check(std::uint64_t index, const Governance& said) {
  const auto& signature = *said.signature;
  if (!signature.whole) return in_both("所签内容不是该记录的内容", "the content is not that of the entry");
  if (auto wrong = unusable(signature.by.key, folded(said.actor), said.day)) return wrong;
  if (signature.by.not_after < said.day) return in_both("签名已过期", "the signature was out of date");
  if (const Key* key = find(signature.by.key)) {
    checks_.add(index, key->key, signature.statement, signature.by.value, misfit());
  }
  return std::nullopt;
}

Signers::Wrong Signers::check_consent(std::uint64_t index, const KeyConsent& consent,
                                      const std::string& holder, const Governance& said) {
  if (auto wrong = unusable(consent.key, holder, said.day)) return of_consent(*wrong);
  if (const Key* key = find(consent.key)) {
    checks_.add(index, key->key, said.key_statement, consent.value, of_consent(misfit()));
  }
  return std::nullopt;
}

// A key begins to count, or stops to oblige.
void Signers::count(const Key& key, int change) {
  Held& held = held_[key.holder];
  held.keys += static_cast<unsigned>(change);
  if (key.registration.required) held.obliging += static_cast<unsigned>(change);
}

Signers::Wrong Signers::learn(std::uint64_t index, const Governance& said,
                              const ActorKeyRegistration& d) {
  const std::string holder = folded(d.actor.str()), actor = folded(said.actor);
  const auto public_key = chain::public_key_of(d);
  if (!public_key.ok()) return of_proof(misfit());
  checks_.add(index, *public_key, said.key_statement, d.proof, of_proof(misfit()));
  if (d.consent) {
    if (auto wrong = check_consent(index, *d.consent, holder, said)) return wrong;
  }
  const auto [found, added] = keys_.try_emplace(
      d.key.str(), Key{d, *public_key, holder, said.key_statement, actor, Status::proposed});
  Key& key = found->second;
  if (key.status != Status::proposed) return std::nullopt;
  const bool alone = added ? held_[holder].keys > 0
                           : key.said != said.key_statement || actor == key.proposer ||
                                 actor == holder;
  if (!d.consent && alone) return std::nullopt;
  key.status = Status::in_force;
  count(key, 1);
  return std::nullopt;
}

Signers::Wrong Signers::learn(std::uint64_t index, const Governance& said, const ActorKeyEnd& d) {
  const auto found = keys_.find(d.key.str());
  if (found == keys_.end() || found->second.status == Status::ended) return std::nullopt;
  Key& key = found->second;
  const std::string actor = folded(said.actor);
  if (d.consent) {
    if (auto wrong = check_consent(index, *d.consent, key.holder, said)) return wrong;
  }
  if (key.status == Status::proposed) {
    key.status = Status::ended;
  } else if (d.consent ||
             (key.status == Status::ending && actor != key.proposer && actor != key.holder)) {
    key.status = Status::ended;
    count(key, -1);
  } else if (key.status == Status::in_force) {
    key.status = Status::ending;
    key.proposer = actor;
  }
  return std::nullopt;
}

}  // namespace fundtrail::audit
