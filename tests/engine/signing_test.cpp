// Signed commands through the engine: whose signature counts, what stands in the entry, and that
// nobody can put a signature under something else.
#include "ledger/chain/signed_command.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

// A key of the preparer; what the registrar records of it.
struct Signer {
  KeyId id;
  chain::SigningKey key;

  Command registration(bool required = true) const {
    ActorKeyRegistration d;
    d.actor = *ActorId::parse("actor-preparer");
    d.algorithm = chain::algorithm_of(key.suite());
    d.from = kDay;
    d.key = id;
    d.public_key = chain::to_base64(key.public_key().to_spki());
    d.required = required;
    return command("register-" + id.str(), Role::registrar, d);
  }
  Command sign(const Ledger& ledger, Command c) const {
    const auto view = ledger.view();
    chain::Hasher hasher(view->suite());
    chain::EncodedLines lines;
    chain::encode_lines(hasher, c.document, lines);
    const auto content = chain::to_hex(chain::content_digest(hasher, c, lines));
    const auto statement = chain::signing_statement(view->id(), c, content);
    c.signature = CommandSignature{id, chain::to_base64(take(key.sign(statement)))};
    return c;
  }
};

Signer signer(const char* id, chain::Suite suite = chain::Suite::sha256_ed25519) {
  return {*KeyId::parse(id), take(chain::SigningKey::generate(suite))};
}

Command ending(const Signer& who) {
  return command("end-" + who.id.str(), Role::registrar,
                 ActorKeyEnd{who.id, KeyEndReason::compromised});
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
  record(*ledger, li.registration());
  REQUIRE(refused(*ledger, fund_receipt("r1")).reason == Reason::signature_required);

  const Command good = li.sign(*ledger, fund_receipt("r1"));
  const auto receipt = record(*ledger, good);
  const auto entry = take(ledger->view()->decoded(receipt.index));
  REQUIRE(entry.signature->key == li.id);
  REQUIRE(entry.signature->value == good.signature->value);
  chain::Hasher hasher(of_ledger);
  REQUIRE(chain::holds_what_was_signed(hasher, entry));
  const auto statement = chain::signing_statement(entry);
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
  record(*ledger, li.registration());
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
  claimed.signature = CommandSignature{li.id, "AAAA"};
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
      {first.registration(), early, ending(first), first.sign(*ledger, fund_receipt("r2")),
       fund_receipt("r3"), second.registration(), fund_receipt("r4"),
       second.sign(*ledger, fund_receipt("r5"))},
      BatchMode::independent));
  std::vector<std::string> said;
  for (const auto& answer : answers) {
    const auto* no = std::get_if<Refusal>(&answer);
    said.emplace_back(no ? info(no->reason.reason).code : "ok");
  }
  REQUIRE(said == std::vector<std::string>{"ok", "ok", "ok", "key-not-valid", "ok", "ok",
                                           "signature-required", "ok"});
  // A batch that is dropped leaves no key behind.
  const Signer third = signer("li-3");
  take(ledger->submit({third.registration(), fund_receipt("bad", -1)}, BatchMode::atomic));
  REQUIRE(refused(*ledger, third.sign(*ledger, fund_receipt("r6"))).reason == Reason::unknown_key);
}

TEST_CASE("a key counts on its days only, whatever business date is given") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const Signer li = signer("li-1");
  Command registration = li.registration();
  std::get<ActorKeyRegistration>(registration.document).until = kDay;
  record(*ledger, registration);
  Command late = fund_receipt("r1");
  late.time = *Timestamp::parse("2008-04-11T00:00:00+08:00");
  REQUIRE(refused(*ledger, li.sign(*ledger, late)).reason == Reason::key_not_valid);
  // A key that has run out still obliges: only an entry that ends it does not.
  late.time = kTime;
  REQUIRE(refused(*ledger, late).reason == Reason::signature_required);
}

TEST_CASE("a restoration says what the chain before it is, or is refused") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  LedgerRestoration d;
  d.known_size = 9;
  d.known_root = std::string(64, 'a');
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
  const auto receipt = record(*ledger, command("restored", Role::registrar, d));
  REQUIRE(receipt.index == d.restored_size);
  REQUIRE(record(*ledger, command("restored", Role::registrar, d)).leaf == receipt.leaf);
}
