#include "ledger/chain/keys.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

namespace {

constexpr Suite suites[] = {Suite::sha256_ed25519, Suite::sm3_sm2};

std::string pem(const char* label, const std::string& der) {
  return std::string("-----BEGIN ") + label + "-----\n" + to_base64(der) + "\n-----END " + label +
         "-----\n";
}

// DER of an INTEGER of 32 bytes.
std::string der_integer(const std::string& bytes) {
  const bool negative = (static_cast<unsigned char>(bytes[0]) & 0x80) != 0;
  const std::string content = negative ? std::string(1, '\0') + bytes : bytes;
  return "\x02" + std::string(1, static_cast<char>(content.size())) + content;
}

// The stock tool, not the library: exit status 0 means verified.
bool shell(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// docs/FORMAT.md, "Checking a signature by hand".
std::string verify_command(Suite suite, const std::string& key, const std::string& signature,
                           const std::string& file) {
  if (suite == Suite::sha256_ed25519) {
    return "openssl pkeyutl -verify -pubin -inkey " + key + " -rawin -in " + file + " -sigfile " +
           signature;
  }
  return "openssl dgst -sm3 -verify " + key + " -sigopt distid:1234567812345678 -signature " +
         signature + " " + file;
}
std::string sign_command(Suite suite, const std::string& key, const std::string& signature,
                         const std::string& file) {
  if (suite == Suite::sha256_ed25519) {
    return "openssl pkeyutl -sign -inkey " + key + " -rawin -in " + file + " -out " + signature;
  }
  return "openssl dgst -sm3 -sign " + key + " -sigopt distid:1234567812345678 -out " + signature +
         " " + file;
}

}  // namespace

TEST_CASE("Ed25519 agrees with RFC 8032") {
  const auto file = vectors("signatures.json");
  REQUIRE(file["ed25519"].size() == 3);
  for (const auto& vector : file["ed25519"]) {
    const std::string message = bytes_of_hex(vector["message"]);
    const std::string signature = bytes_of_hex(vector["signature"]);
    // RFC 8410: PKCS#8 around the 32 bytes of the secret
    const std::string der =
        bytes_of_hex("302e020100300506032b657004220420" + vector["secret"].get<std::string>());
    const SigningKey key = SigningKey::from_pem(pem("PRIVATE KEY", der)).value();
    CHECK(key.suite() == Suite::sha256_ed25519);
    CHECK(to_hex(key.public_key().raw()) == vector["public"]);
    CHECK(key.sign(message).value() == signature);
    const PublicKey other = PublicKey::from_ed25519(bytes_of_hex(vector["public"])).value();
    CHECK(other.verify(message, signature).ok());
    CHECK_FALSE(other.verify(message + "x", signature).ok());
  }
}

TEST_CASE("SM2 agrees with GM/T 0003.5") {
  const auto vector = vectors("signatures.json")["sm2"][0];
  const std::string spki = bytes_of_hex("3059301306072a8648ce3d020106082a811ccf5501822d034200" +
                                    vector["public"].get<std::string>());
  const PublicKey key = PublicKey::from_spki(spki).value();
  CHECK(key.suite() == Suite::sm3_sm2);
  CHECK(to_hex(key.raw()) == vector["public"]);
  const std::string rs = der_integer(bytes_of_hex(vector["r"])) + der_integer(bytes_of_hex(vector["s"]));
  const std::string signature = "\x30" + std::string(1, static_cast<char>(rs.size())) + rs;
  CHECK(key.verify(bytes_of_hex(vector["message"]), signature).ok());
  CHECK_FALSE(key.verify("message Digest", signature).ok());
  CHECK_FALSE(key.verify(bytes_of_hex(vector["message"]), signature + '\0').ok());
}

TEST_CASE("only the same message under the same key verifies") {
  for (const Suite suite : suites) {
    const SigningKey key = SigningKey::generate(suite).value();
    const PublicKey verifier = key.public_key();
    const std::string message = "ledger\n7\nroot\n";
    const std::string signature = key.sign(message).value();
    CHECK(verifier.verify(message, signature).ok());
    CHECK(verifier.verify("", key.sign("").value()).ok());
    for (std::size_t bit = 0; bit < message.size() * 8; bit += 5) {
      std::string changed = message;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      CHECK_FALSE(verifier.verify(changed, signature).ok());
    }
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      std::string changed = signature;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
      if (verifier.verify(message, changed).ok()) FAIL("bit " << bit << " of " << name(suite));
    }
    CHECK(verifier.verify(message, signature.substr(1)).error().fault == Fault::tampered);
    CHECK_FALSE(verifier.verify(message, "").ok());
    for (const Suite other : suites) {
      const PublicKey stranger = SigningKey::generate(other).value().public_key();
      CHECK_FALSE(stranger.verify(message, signature).ok());
      CHECK(stranger.fingerprint() != verifier.fingerprint());
    }
  }
}

TEST_CASE("the openssl command verifies ours, and we verify what it signs") {
  for (const Suite suite : suites) {
    CAPTURE(name(suite));
    const TemporaryFolder folder;
    const std::string key_file = folder / "key.pem";
    const std::string public_file = folder / "public.pem";
    const std::string signature_file = folder / "signature";
    const std::string body_file = folder / "body";
    const SigningKey key = SigningKey::generate(suite).value();
    REQUIRE(key.save(key_file).ok());
    write(public_file, key.public_key().to_pem());
    write(body_file, "ledger\n7\nroot\n");
    write(signature_file, key.sign(read(body_file)).value());
    CHECK(shell(verify_command(suite, public_file, signature_file, body_file)));
    write(body_file, "ledger\n8\nroot\n");
    CHECK_FALSE(shell(verify_command(suite, public_file, signature_file, body_file)));

    REQUIRE(shell(sign_command(suite, key_file, signature_file, body_file)));
    CHECK(key.public_key().verify(read(body_file), read(signature_file)).ok());
    // A key made by the tool, and the fingerprint as people compute it.
    const std::string algorithm = suite == Suite::sm3_sm2 ? "SM2" : "ED25519";
    const std::string theirs = folder / "theirs.pem";
    REQUIRE(shell("openssl genpkey -algorithm " + algorithm + " -out " + theirs + " && chmod 600 " +
                  theirs));
    CHECK(SigningKey::load(theirs).value().suite() == suite);
    REQUIRE(shell("openssl pkey -pubin -in " + public_file + " -outform DER -out " + body_file));
    CHECK(read(body_file) == key.public_key().to_spki());
    CHECK(to_hex(Hasher(suite).digest(read(body_file))) == key.public_key().fingerprint());
  }
}

TEST_CASE("keys survive being written down") {
  for (const Suite suite : suites) {
    const TemporaryFolder folder;
    const SigningKey key = SigningKey::generate(suite).value();
    const std::string fingerprint = key.public_key().fingerprint();
    CHECK(fingerprint.size() == 64);
    CHECK(PublicKey::from_pem(key.public_key().to_pem()).value().fingerprint() == fingerprint);
    CHECK(PublicKey::from_spki(key.public_key().to_spki()).value().fingerprint() == fingerprint);
    CHECK(key.public_key().raw().size() == (suite == Suite::sm3_sm2 ? 65 : 32));

    REQUIRE(key.save(folder / "key").ok());
    struct stat facts {};
    REQUIRE(stat((folder / "key").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
    CHECK(SigningKey::load(folder / "key").value().public_key().fingerprint() == fingerprint);
    CHECK(key.save(folder / "key").error().fault == Fault::invalid_argument);
    CHECK(SigningKey::load(folder / "key").value().public_key().fingerprint() == fingerprint);
    // Nothing but the key is left behind.
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(folder.path())) {
      ++files;
    }
    CHECK(files == 1);
    CHECK(key.save(folder / "no/such/folder").error().fault == Fault::io);
  }
}

TEST_CASE("keys that are missing, exposed, encrypted or of another kind are refused") {
  const TemporaryFolder folder;
  CHECK(SigningKey::load(folder / "none").error().fault == Fault::not_found);
  CHECK(SigningKey::load(folder.path()).error().fault == Fault::invalid_argument);
  const SigningKey key = SigningKey::generate(Suite::sha256_ed25519).value();
  REQUIRE(key.save(folder / "key").ok());
  for (const mode_t mode : {0604, 0602, 0620, 0644}) {
    REQUIRE(chmod((folder / "key").c_str(), mode) == 0);
    CHECK(SigningKey::load(folder / "key").error().fault == Fault::invalid_argument);
  }
  REQUIRE(chmod((folder / "key").c_str(), 0440) == 0);
  CHECK(SigningKey::load(folder / "key").ok());

  const std::string path = folder / "key";
  const std::string other = folder / "other";
  REQUIRE(shell("openssl pkcs8 -topk8 -in " + path + " -passout pass:secret -out " + other +
                " && chmod 600 " + other));
  CHECK(SigningKey::load(other).error().fault == Fault::unreadable);
  REQUIRE(shell("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out " + other));
  CHECK(SigningKey::load(other).error().fault == Fault::unreadable);
  REQUIRE(shell("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + other));
  CHECK(SigningKey::load(other).error().fault == Fault::unreadable);
  REQUIRE(shell("openssl pkey -in " + other + " -pubout -out " + path));
  CHECK(PublicKey::from_pem(read(path)).error().fault == Fault::unreadable);

  const std::string good = key.public_key().to_pem();
  CHECK_FALSE(PublicKey::from_pem(good + good).ok());
  CHECK_FALSE(PublicKey::from_pem("").ok());
  CHECK_FALSE(PublicKey::from_pem(good.substr(0, 60)).ok());
  CHECK_FALSE(PublicKey::from_spki(key.public_key().to_spki() + "x").ok());
  CHECK_FALSE(PublicKey::from_spki("").ok());
  CHECK_FALSE(PublicKey::from_ed25519("short").ok());
  // A point in compressed form: the same key would have two key ids.
  const std::string compressed = bytes_of_hex(
      "3039301306072a8648ce3d020106082a811ccf5501822d0322000209f9df311e5421a150dd7d161e4bc5c672179f"
      "ad1833fc076bb08ff356f35020");
  CHECK_FALSE(PublicKey::from_spki(compressed).ok());
}
