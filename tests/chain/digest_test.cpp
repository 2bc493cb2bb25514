#include "ledger/chain/digest.h"

#include <catch2/catch.hpp>

#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

TEST_CASE("digests agree with the published vectors") {
  const auto file = vectors("digests.json");
  for (const auto& vector : file["digests"]) {
    const Suite suite = suite_from_name(vector["suite"].get<std::string>()).value();
    std::string text;
    for (int i = 0; i < vector["repeat"].get<int>(); ++i) text += vector["text"];
    CHECK(to_hex(Hasher(suite).digest(text)) == vector["hash"]);
  }
  for (const auto& vector : file["hmac"]) {
    Hasher hasher(suite_from_name(vector["suite"].get<std::string>()).value());
    hasher.hmac("another key first", "because the context is reused");
    CHECK(to_hex(hasher.hmac(vector["key"].get<std::string>(),
                             vector["text"].get<std::string>())) == vector["hash"]);
  }
}

TEST_CASE("leaf, node and hmac are made of the plain digest") {
  for (const Suite suite : {Suite::sha256_ed25519, Suite::sm3_sm2}) {
    Hasher hasher(suite);
    const Hash a = hasher.digest("a");
    const Hash b = hasher.digest("b");
    CHECK(hasher.leaf("line") == hasher.digest(std::string("\0line", 5)));
    CHECK(hasher.leaf("") == hasher.digest(std::string(1, '\0')));
    for (std::size_t length = 1; length < 700; ++length) {  // short lines are hashed another way
      const std::string line(length, static_cast<char>('a' + length % 26));
      if (hasher.leaf(line) != hasher.digest('\0' + line)) FAIL("a leaf of " << length);
    }
    CHECK(hasher.node(a, b) ==
          hasher.digest("\x01" + std::string(bytes_of(a)) + std::string(bytes_of(b))));
    CHECK(hasher.node(a, b) != hasher.node(b, a));
    CHECK(hasher.empty_root() == hasher.digest(""));
    for (const std::size_t length : {0u, 1u, 63u, 64u, 65u, 200u}) {  // RFC 2104, block of 64
      const std::string key(length, 'k');
      std::string block = length > 64 ? std::string(bytes_of(hasher.digest(key))) : key;
      block.resize(64, '\0');
      std::string inner = block;
      std::string outer = block;
      for (char& c : inner) c = static_cast<char>(c ^ 0x36);
      for (char& c : outer) c = static_cast<char>(c ^ 0x5c);
      const Hash expected =
          hasher.digest(outer + std::string(bytes_of(hasher.digest(inner + "data"))));
      CHECK(hasher.hmac(key, "data") == expected);
    }
    Hasher moved = std::move(hasher);
    CHECK(moved.suite() == suite);
    CHECK(moved.digest("a") == a);
  }
  CHECK(Hasher(Suite::sha256_ed25519).digest("") != Hasher(Suite::sm3_sm2).digest(""));
}

TEST_CASE("suites are known by exactly their names") {
  CHECK(std::string(name(Suite::sha256_ed25519)) == "sha256-ed25519");
  CHECK(std::string(name(Suite::sm3_sm2)) == "sm3-sm2");
  CHECK(suite_from_name("sm3-sm2").value() == Suite::sm3_sm2);
  for (const char* wrong : {"", "SM3-SM2", "sm3", "sm3-sm2 ", "sha512-ed25519"}) {
    CHECK(suite_from_name(wrong).error().fault == Fault::unknown_version);
  }
}

TEST_CASE("a hash has one spelling in hexadecimal") {
  const Hash hash = Hasher(Suite::sha256_ed25519).digest("abc");
  const std::string hex = to_hex(hash);
  CHECK(hash_from_hex(hex) == hash);
  CHECK_FALSE(hash_from_hex(hex.substr(1)));
  for (std::size_t at = 0; at < hex.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string other = hex;
      other[at] = static_cast<char>(byte);
      const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      const auto read = hash_from_hex(other);
      if (read.has_value() != digit || (digit && to_hex(*read) != other)) FAIL(other);
    }
  }
  CHECK_FALSE(hash_from_hex(hex + "0"));
  CHECK_FALSE(hash_from_hex("B" + hex.substr(1)));
  CHECK_FALSE(hash_from_hex("g" + hex.substr(1)));
  CHECK_FALSE(hash_from_hex(""));
}

TEST_CASE("bytes have one spelling in base64") {
  // RFC 4648 section 10
  const std::pair<const char*, const char*> known[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : known) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == std::string(bytes));
  }
  for (const char* wrong : {"Zg", "Zg=", "Zh==", "Zm9=", " Zg==", "Zg==\n", "Z===", "====", "Zm9v!",
                            "Zm-_", "Zg==Zg=="}) {
    CAPTURE(wrong);
    CHECK_FALSE(from_base64(wrong));
  }
}
