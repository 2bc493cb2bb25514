#include "ledger/rules/signatures.h"

#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/keys.h"
#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

std::string signer_key_key(const KeyId& key) { return key_of('i', key.str()); }
// Ids that differ in case only are one person's, as in same_actor().
std::string obliged_key(const ActorId& actor) {
  std::string key = key_of('j', actor.str());
  for (std::size_t i = 1; i < key.size(); ++i) {
    if (key[i] >= 'A' && key[i] <= 'Z') key[i] = static_cast<char>(key[i] + 32);
  }
  return key;
}
std::string public_key_key(std::string_view public_key) { return key_of('k', public_key); }

// Whether the key was ended, and the registration as canonical JSON.
std::string encode(bool ended, const Document& registration) {
  return Packer().u8(ended ? 1 : 0).take() + chain::encode_document(registration);
}

bool is_public_key(const ActorKeyRegistration& d) {
  const auto der = chain::from_base64(d.public_key);
  if (!der) return false;
  const auto key = chain::PublicKey::from_spki(*der);
  if (!key.ok() || key->to_spki() != *der) return false;
  return (key->suite() == chain::Suite::sm3_sm2) == (d.algorithm == SignatureAlgorithm::sm2);
}

bool must_sign(const StateSource& state, const ActorId& actor) {
  const std::string* keys = state.find(obliged_key(actor));
  return keys && Unpacker(*keys).u32() > 0;
}

void count_obliging(Overlay& state, const ActorId& actor, int change) {
  std::string& row = state.edit(obliged_key(actor));
  const std::uint32_t before = row.empty() ? 0 : Unpacker(row).u32();
  FT_CHECK(change > 0 || before > 0);
  row = Packer().u32(before + static_cast<std::uint32_t>(change)).take();
}

}  // namespace

std::optional<SignerKey> find_signer_key(const StateSource& state, const KeyId& key) {
  const std::string* row = state.find(signer_key_key(key));
  if (!row) return std::nullopt;
  Unpacker u(*row);
  SignerKey found;
  found.ended = u.u8() != 0;
  auto document = chain::decode_document("actor_key_registration", u.rest());
  if (!document.ok()) Unpacker::damaged();
  found.registration = std::get<ActorKeyRegistration>(std::move(*document));
  return found;
}

void check_signature(Context& c) {
  const Command& command = c.command;
  if (!command.signature) {
    if (c.ledger->signatures && must_sign(c.state, command.actor.id)) {
      c.no.add(Reason::signature_required, "signature", command.actor.id.str());
    }
    return;
  }
  // What others left out could no longer be told from what was signed.
  if (command.mode != LineMode::atomic) {
    c.no.add(Reason::invalid_value, "mode", std::string(name_of(command.mode)), "atomic");
  }
  const KeyId& id = command.signature->key;
  const auto key = find_signer_key(c.state, id);
  if (!key) return c.no.add(Reason::unknown_key, "signature.key", id.str());
  if (!same_actor(key->registration.actor, command.actor.id)) {
    return c.no.add(Reason::key_of_another, "signature.key", id.str(), command.actor.id.str());
  }
  const Date day = command.time.date();
  if (!key->valid_on(day)) c.no.add(Reason::key_not_valid, "signature.key", id.str(), day.str());
  if (command.signed_with != key->registration.public_key) {
    c.no.add(Reason::signature_wrong, "signature.value", id.str());
  }
}

void check(Context& c, const ActorKeyRegistration& d) {
  c.refuse_registered(signer_key_key(d.key), "doc.key", d.key.str());
  c.separate_from(d.actor, "key_holder");
  if (d.until && *d.until < d.from) {
    c.no.add(Reason::invalid_period, "doc.until", d.from.str(), d.until->str());
  }
  if (!is_public_key(d)) {
    return c.no.add(Reason::invalid_value, "doc.public_key", "public_key", "public key");
  }
  if (const std::string* other = c.state.find(public_key_key(d.public_key))) {
    c.no.add(Reason::already_registered, "doc.public_key", *other);
  }
}
void record(Overlay& state, const Entry& entry, const ActorKeyRegistration& d) {
  state.put(signer_key_key(d.key), encode(false, entry.document));
  state.put(public_key_key(d.public_key), d.key.str());
  if (!d.required) return;
  count_obliging(state, d.actor, 1);
  auto ledger = LedgerRow::find(state);
  if (ledger->signatures) return;
  ledger->signatures = true;
  state.put(kLedgerKey, ledger->encode());
}

void check(Context& c, const ActorKeyEnd& d) {
  const auto key = find_signer_key(c.state, d.key);
  if (!key) return c.no.add(Reason::unknown_key, "doc.key", d.key.str());
  if (key->ended) {
    c.no.add(Reason::key_not_valid, "doc.key", d.key.str(), c.command.time.date().str());
  }
}
void record(Overlay& state, const Entry&, const ActorKeyEnd& d) {
  auto key = find_signer_key(state, d.key);
  FT_CHECK(key && !key->ended);
  if (key->registration.required) count_obliging(state, key->registration.actor, -1);
  state.put(signer_key_key(d.key), encode(true, std::move(key->registration)));
}

}  // namespace fundtrail::rules
