#include "ledger/rules/signatures.h"

#include "ledger/chain/document_codec.h"
#include "ledger/chain/signed_command.h"
#include "ledger/core/check.h"
#include "ledger/rules/families.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {
namespace {

std::string signer_key_key(const KeyId& key) { return key_of('i', key.str()); }
std::string holder_key(const ActorId& actor) { return key_of('j', folded(actor)); }
std::string public_key_key(std::string_view public_key) { return key_of('k', public_key); }

// A person's keys in force or ending: how many, and how many of them oblige to sign.
struct Held {
  std::uint32_t keys = 0, obliging = 0;
};
Held held_by(const StateSource& state, const ActorId& actor) {
  const std::string* row = state.find(holder_key(actor));
  if (!row) return {};
  Unpacker u(*row);
  const Held held{u.u32(), u.u32()};
  u.end();
  return held;
}

void put(Overlay& state, const SignerKey& key) {
  state.put(signer_key_key(key.registration.key),
            Packer().u8(static_cast<unsigned>(key.status)).text(key.proposer.str()).take() +
                chain::encode_document(key.registration));
}

// A key begins to count, or stops to oblige.
void count(Overlay& state, const ActorKeyRegistration& key, int change) {
  Held held = held_by(state, key.actor);
  FT_CHECK(change > 0 || held.keys > 0);
  held.keys += static_cast<std::uint32_t>(change);
  if (key.required) held.obliging += static_cast<std::uint32_t>(change);
  state.put(holder_key(key.actor), Packer().u32(held.keys).u32(held.obliging).take());
  if (!key.required || change < 0) return;
  auto ledger = LedgerRow::find(state);
  if (ledger->signatures) return;
  ledger->signatures = true;
  state.put(kLedgerKey, ledger->encode());
}

// What two registrars must have said alike: everything but the signatures below it, which need not be the
// same each time they are made.
std::string said_of_key(ActorKeyRegistration d) {
  d.consent.reset();
  d.proof.clear();
  return chain::encode_document(d);
}

// The consent is that of a key which `holder` has now, and fits.
void check_consent(Context& c, const KeyConsent& consent, const ActorId& holder) {
  const std::string& id = consent.key.str();
  const auto key = find_signer_key(c.state, consent.key);
  if (!key) return c.no.add(Reason::unknown_key, "doc.consent.key", id);
  if (!same_actor(key->registration.actor, holder)) {
    return c.no.add(Reason::key_of_another, "doc.consent.key", id, holder.str());
  }
  const Date day = c.command.time.date();
  if (!key->valid_on(day)) c.no.add(Reason::key_not_valid, "doc.consent.key", id, day.str());
  if (c.command.consented_with != key->registration.public_key) {
    c.no.add(Reason::signature_wrong, "doc.consent.value", id);
  }
}

// The second of two registrars is neither the first nor the person whose key it is.
void check_second(Context& c, const SignerKey& key) {
  c.separate_from(key.proposer, "key_proposal");
  c.separate_from(key.registration.actor, "key_holder");
}

}  // namespace

std::optional<SignerKey> find_signer_key(const StateSource& state, const KeyId& key) {
  const std::string* row = state.find(signer_key_key(key));
  if (!row) return std::nullopt;
  Unpacker u(*row);
  SignerKey found;
  const unsigned status = u.u8();
  if (status > static_cast<unsigned>(KeyStatus::ended)) Unpacker::damaged();
  found.status = static_cast<KeyStatus>(status);
  found.proposer = u.id<ActorId>();
  auto document = chain::decode_document("actor_key_registration", u.rest());
  if (!document.ok()) Unpacker::damaged();
  found.registration = std::get<ActorKeyRegistration>(std::move(*document));
  return found;
}

void check_signature(Context& c) {
  const Command& command = c.command;
  if (!command.signature) {
    if (c.ledger->signatures && held_by(c.state, command.actor.id).obliging > 0) {
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
  const Date day = command.time.date(), last = command.signature->not_after;
  if (key->status == KeyStatus::proposed) {
    c.no.add(Reason::key_not_confirmed, "signature.key", id.str(), command.actor.id.str());
  } else if (!key->valid_on(day)) {
    c.no.add(Reason::key_not_valid, "signature.key", id.str(), day.str());
  }
  if (last < day) c.no.add(Reason::signature_expired, "signature.not_after", id.str(), last.str());
  if (command.signed_with != key->registration.public_key) {
    c.no.add(Reason::signature_wrong, "signature.value", id.str());
  }
}

void check(Context& c, const ActorKeyRegistration& d) {
  c.separate_from(d.actor, "key_holder");
  if (d.until && *d.until < d.from) {
    c.no.add(Reason::invalid_period, "doc.until", d.from.str(), d.until->str());
  }
  if (d.consent) check_consent(c, *d.consent, d.actor);
  if (!chain::public_key_of(d).ok()) {
    return c.no.add(Reason::invalid_value, "doc.public_key", "public_key", "public key");
  }
  if (!c.command.proven) c.no.add(Reason::signature_wrong, "doc.proof", d.key.str());
  if (const auto key = find_signer_key(c.state, d.key)) {
    const bool same = said_of_key(key->registration) == said_of_key(d);
    if (key->status != KeyStatus::proposed || !same) {
      c.no.add(Reason::already_registered, "doc.key", d.key.str());
    } else if (!d.consent) {
      check_second(c, *key);
    }
  } else if (const std::string* other = c.state.find(public_key_key(d.public_key))) {
    c.no.add(Reason::already_registered, "doc.public_key", *other);
  }
}
void record(Overlay& state, const Entry& entry, const ActorKeyRegistration& d) {
  const bool second = find_signer_key(state, d.key).has_value();
  const bool counts = second || d.consent || held_by(state, d.actor).keys == 0;
  put(state, {d, counts ? KeyStatus::in_force : KeyStatus::proposed,
              counts ? ActorId() : entry.actor.id});
  state.put(public_key_key(d.public_key), d.key.str());
  if (counts) count(state, d, 1);
}

void check(Context& c, const ActorKeyEnd& d) {
  const auto key = find_signer_key(c.state, d.key);
  if (!key) return c.no.add(Reason::unknown_key, "doc.key", d.key.str());
  if (key->status == KeyStatus::ended) {
    return c.no.add(Reason::key_not_valid, "doc.key", d.key.str(), c.command.time.date().str());
  }
  if (d.consent) check_consent(c, *d.consent, key->registration.actor);
  else if (key->status == KeyStatus::ending) check_second(c, *key);
}
void record(Overlay& state, const Entry& entry, const ActorKeyEnd& d) {
  auto key = find_signer_key(state, d.key);
  FT_CHECK(key && key->status != KeyStatus::ended);
  const bool was_held = key->status != KeyStatus::proposed;
  const bool alone = key->status == KeyStatus::in_force && !d.consent;
  key->status = alone ? KeyStatus::ending : KeyStatus::ended;
  key->proposer = alone ? entry.actor.id : ActorId();
  put(state, *key);
  if (was_held && !alone) count(state, key->registration, -1);
}

}  // namespace fundtrail::rules
