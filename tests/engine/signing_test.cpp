// Signed commands through the engine: whose signature counts, what stands in the entry, and that
// nobody can put a signature under something else.
#include "ledger/chain/signed_command.h"
#include "ledger/engine/trial.h"
#include "ledger/engine/view.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

chain::SignedLedger bound(const Ledger& ledger) { return take(signed_ledger(*ledger.view())); }

// A key of the preparer; what the registrar records of it.
struct Signer {
  KeyId id;
  chain::SigningKey key;

  std::string signature(const std::string& statement) const {
    return chain::to_base64(take(key.sign(statement)));
  }
  Command registration(const Ledger& ledger, bool required = true) const {
    ActorKeyRegistration d;
    d.actor = *ActorId::parse("actor-preparer");
    d.algorithm = chain::algorithm_of(key.suite());
    d.from = kDay;
    d.key = id;
    d.public_key = chain::to_base64(key.public_key().to_spki());
    d.required = required;
    return proven(ledger, command("register-" + id.str(), Role::registrar, d));
  }
  // With the proof of this key as the new one.
  Command proven(const Ledger& ledger, Command c) const {
    std::get<ActorKeyRegistration>(c.document).proof =
        signature(chain::key_statement(bound(ledger), c.document));
    return c;
  }
  // With the consent of this key as one that is there already.
  Command consented(const Ledger& ledger, Command c) const {
    const KeyConsent consent{id, signature(chain::key_statement(bound(ledger), c.document))};
    if (auto* d = std::get_if<ActorKeyRegistration>(&c.document)) d->consent = consent;
    else std::get<ActorKeyEnd>(c.document).consent = consent;
    return c;
  }
  Command sign(const Ledger& ledger, Command c, Date not_after = kDay) const {
    chain::Hasher hasher(ledger.view()->suite());
    chain::EncodedLines lines;
    chain::encode_lines(hasher, c.document, lines);
    const auto content = chain::to_hex(chain::content_digest(hasher, c, lines));
    c.signature = CommandSignature{
        id, not_after,
        signature(chain::signing_statement(bound(ledger), c, content, not_after))};
    return c;
  }
};

Signer signer(const char* id, chain::Suite suite = chain::Suite::sha256_ed25519) {
  return {*KeyId::parse(id), take(chain::SigningKey::generate(suite))};
}

Command ending(const Signer& who) {
  return command("end-" + who.id.str(), Role::registrar,
                 ActorKeyEnd{{}, who.id, KeyEndReason::compromised});
}

// The same again by another registrar.
Command by_second(Command c, const char* registrar = "second") {
  c.actor.id = *ActorId::parse(registrar);
  c.id = *CommandId::parse(c.id.str() + "." + registrar);
  return c;
}

constexpr auto kEd25519 = chain::Suite::sha256_ed25519;
constexpr auto kSm2 = chain::Suite::sm3_sm2;

}  // namespace

TEST_CASE("a signed command keeps its signature, and only the signed one is recorded") {
  const auto of_ledger = GENERATE(kEd25519, kSm2);
  const auto of_person = GENERATE(kEd25519, kSm2);
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path(), {}, of_ledger);
  const Signer li = signer("li-1", of_person);
  record(*ledger, fund_receipt("before"));  // nobody has to sign yet
  record(*ledger, li.registration(*ledger));
  REQUIRE(refused(*ledger, fund_receipt("r1")).reason == Reason::signature_required);

  const Command good = li.sign(*ledger, fund_receipt("r1"));
  const auto receipt = record(*ledger, good);
  const auto entry = take(ledger->view()->decoded(receipt.index));
  REQUIRE(entry.signature->key == li.id);
  REQUIRE(entry.signature->value == good.signature->value);
  chain::Hasher hasher(of_ledger);
  REQUIRE(chain::holds_what_was_signed(hasher, entry));
  const auto statement = chain::signing_statement(entry, bound(*ledger).genesis);
  require_ok(li.key.public_key().verify(statement, *chain::from_base64(entry.signature->value)));

  // The same command is the same, whatever is signed beside it.
  REQUIRE(record(*ledger, fund_receipt("r1")).leaf == receipt.leaf);
  REQUIRE(record(*ledger, li.sign(*ledger, fund_receipt("r1"))).repeated);
  ledger.reset();
  ledger = take(Ledger::open(home.path(), {}));
  REQUIRE(refused(*ledger, fund_receipt("r2")).reason == Reason::signature_required);
  record(*ledger, li.sign(*ledger, fund_receipt("r2")));
  check_chain(*ledger->view());
}

TEST_CASE("a signature fits one command of one ledger") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer li = signer("li-1");
  record(*ledger, li.registration(*ledger));
  const auto stolen = [&](const Command& from, Command to) {
    to.signature = from.signature;
    return refused(*ledger, to).reason;
  };
  const Command good = li.sign(*ledger, fund_receipt("r1"));
  REQUIRE(stolen(good, fund_receipt("r2")) == Reason::signature_wrong);
  REQUIRE(stolen(good, fund_receipt("r1", 101)) == Reason::signature_wrong);
  Command other_day = fund_receipt("r1");
  other_day.date = kDay + -1;
  REQUIRE(stolen(good, other_day) == Reason::signature_wrong);
  for (const char* malformed : {"", "x", "AAAA"}) {
    Command bad = good;
    bad.signature->value = malformed;
    REQUIRE(refused(*ledger, bad).reason == Reason::signature_wrong);
  }
  Command claimed = fund_receipt("r1");  // a caller of the library says that it was checked
  claimed.signature = CommandSignature{li.id, kDay, "AAAA"};
  claimed.signed_with = chain::to_base64(li.key.public_key().to_spki());
  REQUIRE(refused(*ledger, claimed).reason == Reason::signature_wrong);
  record(*ledger, good);
}

TEST_CASE("keys count from their registration to their end, also within a batch") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer first = signer("li-1"), second = signer("li-2", kSm2);
  const Command early = first.sign(*ledger, fund_receipt("r1"));
  REQUIRE(refused(*ledger, early).reason == Reason::unknown_key);
  const auto answers = take(ledger->submit(
      {first.registration(*ledger), early, ending(first), first.sign(*ledger, fund_receipt("r2")),
       fund_receipt("r3"), by_second(ending(first)), fund_receipt("r3"), second.registration(*ledger), fund_receipt("r4"),
       second.sign(*ledger, fund_receipt("r5"))},
      BatchMode::independent));
  std::vector<std::string> said;
  for (const auto& answer : answers) {
    const auto* no = std::get_if<Refusal>(&answer);
    said.emplace_back(no ? info(no->reason.reason).code : "ok");
  }
  REQUIRE(said == std::vector<std::string>{"ok", "ok", "ok", "key-not-valid",
                                           "signature-required", "ok", "ok", "ok",
                                           "signature-required", "ok"});
  // A batch that is dropped leaves no key behind.
  const Signer third = signer("li-3");
  take(ledger->submit({third.registration(*ledger), fund_receipt("bad", -1)}, BatchMode::atomic));
  REQUIRE(refused(*ledger, third.sign(*ledger, fund_receipt("r6"))).reason == Reason::unknown_key);
}

TEST_CASE("a key counts on its days only, whatever business date is given") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer li = signer("li-1");
  Command registration = li.registration(*ledger);
  std::get<ActorKeyRegistration>(registration.document).until = kDay;
  REQUIRE(refused(*ledger, registration).field == "doc.proof");  // of other days than these
  record(*ledger, li.proven(*ledger, registration));
  Command late = fund_receipt("r1");
  late.time = *Timestamp::parse("2008-04-11T00:00:00+08:00");
  REQUIRE(refused(*ledger, li.sign(*ledger, late, kDay + 9)).reason == Reason::key_not_valid);
  // A key that has run out still obliges: only an entry that ends it does not.
  late.time = kTime;
  REQUIRE(refused(*ledger, late).reason == Reason::signature_required);
}

TEST_CASE("a signature is for one ledger and for its days, whatever the ledgers are called") {
  TemporaryDirectory home, other;
  auto ledger = new_ledger(home.path()), twin = new_ledger(other.path());
  REQUIRE(ledger->view()->id() == twin->view()->id());
  const Signer li = signer("li-1");
  record(*ledger, li.registration(*ledger));
  REQUIRE(refused(*twin, li.registration(*ledger)).field == "doc.proof");
  record(*twin, li.registration(*twin));
  const Command good = li.sign(*ledger, fund_receipt("r1"), kDay + 1);
  REQUIRE(refused(*twin, good).reason == Reason::signature_wrong);

  Command late = good;  // somebody has kept it
  late.time = *Timestamp::parse("2008-04-12T00:00:00+08:00");
  const auto expired = refused(*ledger, late);
  REQUIRE(expired.reason == Reason::signature_expired);
  REQUIRE(expired.field == "signature.not_after");
  late.signature->not_after = kDay + 2;
  REQUIRE(refused(*ledger, late).reason == Reason::signature_wrong);
  record(*ledger, good);
}

TEST_CASE("nobody gets another key by one registrar alone") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer li = signer("li-1"), evil = signer("li-2", kSm2), next = signer("li-3");
  record(*ledger, li.registration(*ledger));
  // The registrar's own key for the preparer: recorded, and good for nothing.
  record(*ledger, evil.registration(*ledger));
  REQUIRE(refused(*ledger, evil.sign(*ledger, fund_receipt("r1"))).reason ==
          Reason::key_not_confirmed);
  Command again = evil.registration(*ledger);
  again.id = *CommandId::parse("again");
  REQUIRE(refused(*ledger, again).reason == Reason::same_person);
  again.actor.id = *ActorId::parse("ACTOR-Registrar");
  REQUIRE(refused(*ledger, again).reason == Reason::same_person);
  again.actor.id = *ActorId::parse("actor-preparer");
  again = li.sign(*ledger, again);
  REQUIRE(refused(*ledger, again).reason == Reason::same_person);
  // Nor does it consent to itself, or to the end of the other.
  REQUIRE(refused(*ledger, evil.consented(*ledger, by_second(evil.registration(*ledger)))).reason ==
          Reason::key_not_valid);
  REQUIRE(refused(*ledger, evil.consented(*ledger, ending(li))).reason == Reason::key_not_valid);
  // A proof by anybody but the new key is none.
  Command unproven = next.registration(*ledger);
  std::get<ActorKeyRegistration>(unproven.document).proof =
      std::get<ActorKeyRegistration>(evil.registration(*ledger).document).proof;
  REQUIRE(refused(*ledger, unproven).field == "doc.proof");
  // With the person's consent it counts at once.
  REQUIRE(refused(*ledger, evil.consented(*ledger, next.registration(*ledger))).field ==
          "doc.consent.key");
  record(*ledger, li.consented(*ledger, next.registration(*ledger)));
  record(*ledger, next.sign(*ledger, fund_receipt("r2")));
  // By a second registrar too.
  record(*ledger, by_second(evil.registration(*ledger)));
  record(*ledger, evil.sign(*ledger, fund_receipt("r3")));
  check_chain(*ledger->view());
}

TEST_CASE("one registrar stops a key at once, and lifts nobody's duty to sign") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer li = signer("li-1"), next = signer("li-2");
  record(*ledger, li.registration(*ledger));
  record(*ledger, ending(li));
  REQUIRE(refused(*ledger, li.sign(*ledger, fund_receipt("r1"))).reason == Reason::key_not_valid);
  REQUIRE(refused(*ledger, fund_receipt("r1")).reason == Reason::signature_required);
  // A key that was only just taken away still asks for a second registrar of the next one.
  record(*ledger, next.registration(*ledger));
  REQUIRE(refused(*ledger, next.sign(*ledger, fund_receipt("r1"))).reason ==
          Reason::key_not_confirmed);
  Command again = ending(li);
  again.id = *CommandId::parse("again");
  REQUIRE(refused(*ledger, again).reason == Reason::same_person);
  record(*ledger, by_second(ending(li)));
  record(*ledger, fund_receipt("r1"));
  // The proposal of the other key stands until somebody else confirms it.
  record(*ledger, by_second(next.registration(*ledger)));
  REQUIRE(refused(*ledger, fund_receipt("r2")).reason == Reason::signature_required);
  // A key consents to its own end: nothing obliges any more.
  record(*ledger, next.consented(*ledger, ending(next)));
  record(*ledger, fund_receipt("r2"));
  REQUIRE(refused(*ledger, by_second(ending(next))).reason == Reason::key_not_valid);
  check_chain(*ledger->view());
}

TEST_CASE("a restoration says what the chain before it is, and of which checkpoint, or is refused") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const auto key = take(chain::SigningKey::load(home.path() / "keys" / "signing.pem"));
  const auto& name = ledger->verifier_key().name;
  // The last word of the signature's line.
  const auto signature = [&](const chain::SigningKey& by, const LedgerRestoration& of) {
    const chain::Checkpoint known{name, of.known_size, *chain::hash_from_hex(of.known_root), {}};
    std::string line = take(chain::sign_note(known.body(), name, by));
    line.pop_back();
    return line.substr(line.rfind(' ') + 1);
  };
  LedgerRestoration d;
  d.known_size = 9;
  d.known_root = std::string(64, 'a');
  d.known_signature = signature(key, d);
  d.ordered_by = *ActorId::parse("head");
  d.reason = *Text::parse("磁盘损坏");
  d.restored_size = ledger->view()->size();
  d.restored_root = chain::to_hex(ledger->view()->root());
  LedgerRestoration wrong = d;
  wrong.restored_size = 2;
  REQUIRE(refused(*ledger, command("w1", Role::registrar, wrong)).field == "doc.restored_size");
  wrong = d;
  wrong.restored_root = std::string(64, 'b');
  REQUIRE(refused(*ledger, command("w2", Role::registrar, wrong)).field == "doc.restored_root");
  wrong = d;
  wrong.known_size = d.restored_size;
  REQUIRE(refused(*ledger, command("w3", Role::registrar, wrong)).reason == Reason::invalid_value);
  REQUIRE(refused(*ledger, command("w4", Role::administrator, d)).reason ==
          Reason::role_not_permitted);
  // Nobody's checkpoint, another ledger's, the ledger's own of something else, and words of any kind.
  const auto other = take(chain::SigningKey::generate(kEd25519));
  LedgerRestoration another = d;
  another.known_root = std::string(64, 'b');
  wrong = d;
  wrong.known_signature.reset();
  auto no = refused(*ledger, command("w5", Role::registrar, wrong));
  REQUIRE(no.reason == Reason::missing_field);
  REQUIRE(no.field == "doc.known_signature");
  for (const auto& given : {signature(other, d), signature(key, another), std::string("x"), std::string(),
                            *d.known_signature + "\n",
                            // Another line of the note, with whatever text.
                            *d.known_signature + "\n\u2014 somebody,13800138000 QUFBQUFBQUE="}) {
    wrong.known_signature = given;
    no = refused(*ledger, command("w6", Role::registrar, wrong));
    REQUIRE(no.reason == Reason::invalid_value);
    REQUIRE(no.field == "doc.known_signature");
  }
  // Recorded by one, ordered by another: in whatever case the id is written.
  wrong = d;
  wrong.ordered_by = *ActorId::parse("Actor-Registrar");
  REQUIRE(refused(*ledger, command("w7", Role::registrar, wrong)).reason == Reason::same_person);
  const auto receipt = record(*ledger, command("restored", Role::registrar, d));
  REQUIRE(receipt.index == d.restored_size);
  REQUIRE(record(*ledger, command("restored", Role::registrar, d)).leaf == receipt.leaf);

  // What was lost is lost once: the same checkpoint cannot be stated of later entries, also not in one submission.
  const auto as_of_now = [&](LedgerRestoration stated) {
    stated.restored_size = ledger->view()->size();
    stated.restored_root = chain::to_hex(ledger->view()->root());
    return stated;
  };
  no = refused(*ledger, command("again", Role::registrar, as_of_now(d)));
  REQUIRE(no.reason == Reason::invalid_value);
  REQUIRE(no.field == "doc.known_root");
  REQUIRE(no.en().find("already") != std::string::npos);
  another.known_signature = signature(key, another);
  record(*ledger, command("another", Role::registrar, as_of_now(another)));
  no = refused(*ledger, command("another-again", Role::registrar, as_of_now(another)));
  REQUIRE(no.field == "doc.known_root");
}

TEST_CASE("of two equal restorations in one submission one is recorded") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const auto key = take(chain::SigningKey::load(home.path() / "keys" / "signing.pem"));
  LedgerRestoration d;
  d.known_size = 90;
  d.known_root = std::string(64, 'a');
  d.ordered_by = *ActorId::parse("head");
  d.reason = *Text::parse("磁盘损坏");
  const auto& name = ledger->verifier_key().name;
  const chain::Checkpoint known{name, d.known_size, *chain::hash_from_hex(d.known_root), {}};
  auto line = take(chain::sign_note(known.body(), name, key));
  line.pop_back();
  d.known_signature = line.substr(line.rfind(' ') + 1);
  d.restored_size = ledger->view()->size();
  d.restored_root = chain::to_hex(ledger->view()->root());
  std::vector<Command> both = {command("first", Role::registrar, d), command("second", Role::registrar, d)};
  // What the second says of the chain is so only behind the first.
  const auto trial = take(try_out(*ledger, *ledger->view(), {both[0]}, BatchMode::atomic));
  chain::Frontier entries;
  chain::Hasher hasher(kEd25519);
  REQUIRE(ledger->view()->scan(0, d.restored_size, View::Lines::without,
                               [&](std::uint64_t, std::string_view bytes, std::string_view) {
                                 entries.append(hasher, hasher.leaf(bytes));
                                 return true;
                               }).ok());
  entries.append(hasher, hasher.leaf(trial[0].entry));
  auto& later = std::get<LedgerRestoration>(both[1].document);
  ++later.restored_size;
  later.restored_root = chain::to_hex(entries.root(hasher));
  const auto answers = take(ledger->submit(both, BatchMode::independent));
  REQUIRE(std::holds_alternative<Receipt>(answers[0]));
  REQUIRE(std::holds_alternative<Refusal>(answers[1]));
  CHECK(std::get<Refusal>(answers[1]).reason.field == "doc.known_root");
}
