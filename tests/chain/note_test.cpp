#include "ledger/chain/note.h"

#include <catch2/catch.hpp>

#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

namespace {

constexpr Suite suites[] = {Suite::sha256_ed25519, Suite::sm3_sm2};
const std::string origin = "ledger.example/fund-1";

Checkpoint sample() {
  Checkpoint checkpoint;
  checkpoint.origin = origin;
  checkpoint.size = 7;
  checkpoint.root = Hasher(Suite::sha256_ed25519).digest("root");
  return checkpoint;
}

}  // namespace

TEST_CASE("notes signed by other implementations verify") {
  const auto file = vectors("notes.json");
  REQUIRE(file["notes"].size() >= 1);
  for (const auto& vector : file["notes"]) {
    const VerifierKey key = decode_verifier_key(vector["key"].get<std::string>()).value();
    CHECK(encode_verifier_key(key.name, key.key) == vector["key"]);
    const Note note = parse_note(vector["note"].get<std::string>()).value();
    CHECK(verify_note(note, key.name, key.key).ok());
    Note changed = note;
    changed.body[0] ^= 1;
    CHECK(verify_note(changed, key.name, key.key).error().fault == Fault::tampered);
  }
  for (const auto& text : file["keys"]) {
    const VerifierKey key = decode_verifier_key(text.get<std::string>()).value();
    CHECK(encode_verifier_key(key.name, key.key) == text);
  }
  for (const auto& text : file["checkpoints"]) {
    const Note note = parse_note(text.get<std::string>()).value();
    const Checkpoint checkpoint = parse_checkpoint(note.body).value();
    CHECK(checkpoint.body() == note.body);
    CHECK(note.signatures.size() == 1);
    CHECK(note.signatures[0].signature.size() == 64);
  }
}

TEST_CASE("a checkpoint has one spelling") {
  Checkpoint checkpoint = sample();
  CHECK(checkpoint.body() == origin + "\n7\n" + to_base64(bytes_of(checkpoint.root)) + "\n");
  CHECK(parse_checkpoint(checkpoint.body()).value() == checkpoint);
  checkpoint.size = ~std::uint64_t{0};
  checkpoint.extensions = {"one", "two"};
  CHECK(parse_checkpoint(checkpoint.body()).value() == checkpoint);

  const std::string root = to_base64(bytes_of(checkpoint.root)) + "\n";
  for (const std::string& wrong :
       {std::string(), std::string("o\n"), std::string("o\n7\n"), "\n7\n" + root, "o\n07\n" + root,
        "o\n-7\n" + root, "o\n+7\n" + root, "o\n7 \n" + root, "o\n\n" + root, "o\n0x7\n" + root,
        "o\n18446744073709551616\n" + root, "o\n7\n" + root.substr(1), "o\n7\n" + root + "\n",
        "o\n7\n" + root + "x", std::string("o\n7\nYWJj\n"), "o\r\n7\n" + root,
        "\xff\n7\n" + root}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_checkpoint(wrong).ok());
  }
  CHECK(parse_checkpoint("o\n0\n" + root).value().size == 0);
  CHECK(aborts([&] {
    checkpoint.origin = "two\nlines";
    static_cast<void>(checkpoint.body());
  }));
}

TEST_CASE("a note carries the ledger's signature and those of its witnesses") {
  for (const Suite suite : suites) {
    CAPTURE(name(suite));
    const std::string body = sample().body();
    const SigningKey ledger = SigningKey::generate(suite).value();
    const SigningKey witness = SigningKey::generate(Suite::sha256_ed25519).value();
    const SigningKey stranger = SigningKey::generate(suite).value();
    const std::string text =
        join_note(body, {sign_note(body, origin, ledger).value(),
                         sign_note(body, "witness.example/\xE5\xAE\xA1", witness).value()});
    const Note note = parse_note(text).value();
    CHECK(note.body == body);
    REQUIRE(note.signatures.size() == 2);
    CHECK(note.signatures[0].name == origin);
    CHECK(note.signatures[0].key_id == key_id(origin, ledger.public_key()));

    CHECK(verify_note(note, origin, ledger.public_key()).ok());
    CHECK(verify_note(note, "witness.example/\xE5\xAE\xA1", witness.public_key()).ok());
    CHECK(verify_note(note, origin, stranger.public_key()).error().fault == Fault::not_found);
    CHECK(verify_note(note, "other.example", ledger.public_key()).error().fault ==
          Fault::not_found);
    Note changed = note;
    changed.body.replace(changed.body.find("\n7\n"), 3, "\n8\n");
    CHECK(verify_note(changed, origin, ledger.public_key()).error().fault == Fault::tampered);
    // One good signature does not excuse a bad one of the same key.
    changed = note;
    changed.signatures.push_back(note.signatures[0]);
    CHECK(verify_note(changed, origin, ledger.public_key()).ok());
    changed.signatures.back().signature[9] ^= 1;
    CHECK(verify_note(changed, origin, ledger.public_key()).error().fault == Fault::tampered);
    // Somebody else's bad signature is none of our business.
    changed = note;
    changed.signatures[1].signature[9] ^= 1;
    CHECK(verify_note(changed, origin, ledger.public_key()).ok());
    // A signature under another key's id.
    changed = note;
    changed.signatures[0].signature = stranger.sign(body).value();
    CHECK(verify_note(changed, origin, ledger.public_key()).error().fault == Fault::tampered);
  }
}

TEST_CASE("the text of a note may hold empty lines: the last one separates") {
  const SigningKey key = SigningKey::generate(Suite::sha256_ed25519).value();
  for (const std::string& body :
       {std::string("\n"), std::string("a\n\nb\n"), std::string("a\n\n\n"),
        std::string("\xE2\x80\x94 looks like a signature\n")}) {
    const std::string line = sign_note(body, "k", key).value();
    const Note note = parse_note(join_note(body, {line})).value();
    CHECK(note.body == body);
    CHECK(verify_note(note, "k", key.public_key()).ok());
  }
}

TEST_CASE("malformed notes are refused") {
  const SigningKey key = SigningKey::generate(Suite::sha256_ed25519).value();
  const std::string line = sign_note("a\n", "k", key).value();
  REQUIRE(parse_note("a\n\n" + line).ok());
  const std::string dash = "\xE2\x80\x94 ";
  for (const std::string& wrong : {std::string(),
                                   std::string("a\n"),
                                   std::string("a\n\n"),
                                   "a\n" + line,
                                   "a\n\n" + line + "\n",
                                   "a\n\n" + line.substr(0, line.size() - 1),
                                   "a\n\n" + line + "x\n",
                                   "a\r\n\n" + line,
                                   "a\t\n\n" + line,
                                   "\xff\n\n" + line,
                                   "a\n\n- k " + line.substr(6),
                                   "a\n\n" + dash + "k\n",
                                   "a\n\n" + dash + " AAAAAAAA\n",
                                   "a\n\n" + dash + "k AAAA\n",
                                   "a\n\n" + dash + "k AAAAAA==\n",
                                   "a\n\n" + dash + "k AAAAAAA\n",
                                   "a\n\n" + dash + "k  AAAAAAAA\n",
                                   "a\n\n" + dash + "k+l AAAAAAAA\n",
                                   "a\n\n" + dash + "k\xC2\xA0l AAAAAAAA\n",
                                   "a\n\n" + dash + "k AAAAAAAA \n"}) {
    CAPTURE(wrong);
    const auto note = parse_note(wrong);
    REQUIRE_FALSE(note.ok());
    CHECK(note.error().fault == Fault::unreadable);
  }
  CHECK(parse_note("a\n\n" + dash + "k AAAAAAA=\n").ok());
  std::string many = "a\n\n";
  for (std::size_t i = 0; i < max_note_signatures; ++i) many += line;
  CHECK(parse_note(many).ok());
  CHECK_FALSE(parse_note(many + line).ok());
  CHECK_FALSE(parse_note(std::string(max_note_size, 'a') + "\n\n" + line).ok());

  for (const char* wrong : {"", "no line feed", "tab\t\n", "\xff\n"}) {
    CHECK(sign_note(wrong, "k", key).error().fault == Fault::invalid_argument);
  }
  for (const char* wrong : {"", "a b", "a+b", "a\n", "\xE3\x80\x80", "\xff"}) {
    CHECK(sign_note("a\n", wrong, key).error().fault == Fault::invalid_argument);
  }
}

TEST_CASE("a verifier key names its key and refuses to be changed") {
  for (const Suite suite : suites) {
    const PublicKey key = SigningKey::generate(suite).value().public_key();
    const std::string text = encode_verifier_key(origin, key);
    const VerifierKey decoded = decode_verifier_key(text).value();
    CHECK(decoded.name == origin);
    CHECK(decoded.key.fingerprint() == key.fingerprint());
    CHECK(decode_verifier_key("x" + text).error().fault == Fault::tampered);
    // By hand, as docs/FORMAT.md says.
    const std::string typed = suite == Suite::sha256_ed25519 ? "\x01" + key.raw()
                                                             : "\xFF"
                                                               "fundtrail/sm2-sm3/v1\n" +
                                                                   key.to_spki();
    const Hash hash = Hasher(Suite::sha256_ed25519).digest(origin + "\n" + typed);
    CHECK(text == origin + "+" + to_hex(hash).substr(0, 8) + "+" + to_base64(typed));
  }
  const auto with_key = [](const std::string& typed) {
    const Hash hash = Hasher(Suite::sha256_ed25519).digest("k\n" + typed);
    return "k+" + to_hex(hash).substr(0, 8) + "+" + to_base64(typed);
  };
  const PublicKey ed25519 = SigningKey::generate(Suite::sha256_ed25519).value().public_key();
  CHECK(decode_verifier_key(with_key("\x02" + ed25519.raw())).error().fault ==
        Fault::unknown_version);
  CHECK(decode_verifier_key(with_key("\xFF"
                                     "other/v1\n"))
            .error()
            .fault == Fault::unknown_version);
  CHECK(decode_verifier_key(with_key("\x01" + ed25519.raw() + "x")).error().fault ==
        Fault::unreadable);
  CHECK(decode_verifier_key(with_key("\xFF"
                                     "fundtrail/sm2-sm3/v1\n" +
                                     ed25519.to_spki()))
            .error()
            .fault == Fault::unreadable);
  for (const char* wrong : {"", "k", "k+00000000", "+00000000+AQ==", "k+00000000+", "k+0+!"}) {
    CHECK(decode_verifier_key(wrong).error().fault == Fault::unreadable);
  }
}
