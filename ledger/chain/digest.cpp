// SHA-256 is called below EVP: an EVP digest costs some 80 ns a message on top of the hash, as much as
// the two blocks of a tree node. Those functions are marked as deprecated since OpenSSL 3.0 and are
// the same code (sha_ni where there is one). SM3 has no such entry and goes through EVP.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "ledger/chain/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace fundtrail::chain {
namespace {

const char* openssl_name(Suite suite) {
  return suite == Suite::sm3_sm2 ? "SM3" : "SHA256";
}

// Fetching takes a lock and a search by name, so once per process; never freed, because hashers in
// other threads may outlive any static.
const EVP_MD* fetch(Suite suite) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const sm3 = EVP_MD_fetch(nullptr, "SM3", nullptr);
  const EVP_MD* method = suite == Suite::sm3_sm2 ? sm3 : sha256;
  // Without its hash the process can neither write nor verify anything.
  FT_CHECK(method != nullptr);
  return method;
}

Hash sha256(std::string_view prefix, std::string_view bytes) {
  Hash hash;
  SHA256_CTX context;
  FT_CHECK(SHA256_Init(&context) == 1 &&
           (prefix.empty() || SHA256_Update(&context, prefix.data(), prefix.size()) == 1) &&
           SHA256_Update(&context, bytes.data(), bytes.size()) == 1 &&
           SHA256_Final(hash.data(), &context) == 1);
  return hash;
}

constexpr char hex_digits[] = "0123456789abcdef";

// Sixteen characters at a time, on whatever vector unit there is: three hashes stand in every entry.
using Signed = std::int8_t __attribute__((vector_size(16)));

}  // namespace

const char* name(Suite suite) {
  switch (suite) {
    case Suite::sha256_ed25519:
      return "sha256-ed25519";
    case Suite::sm3_sm2:
      return "sm3-sm2";
  }
  check_failed("a suite has a name", __FILE__, __LINE__);
}

Result<Suite> suite_from_name(std::string_view text) {
  for (Suite suite : {Suite::sha256_ed25519, Suite::sm3_sm2}) {
    if (text == name(suite)) return suite;
  }
  return Error{Fault::unknown_version,
               "unknown hash suite; this program knows sha256-ed25519 and sm3-sm2"};
}

void Hasher::ContextDeleter::operator()(EVP_MD_CTX* context) const {
  EVP_MD_CTX_free(context);
}
void Hasher::ContextDeleter::operator()(EVP_MAC_CTX* context) const {
  EVP_MAC_CTX_free(context);
}

Hasher::Hasher(Suite suite) : suite_(suite), method_(fetch(suite)), context_(EVP_MD_CTX_new()) {
  FT_CHECK(context_ != nullptr);
}
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::begin() {
  FT_CHECK(EVP_DigestInit_ex2(context_.get(), method_, nullptr) == 1);
}
void Hasher::update(const void* bytes, std::size_t size) {
  FT_CHECK(EVP_DigestUpdate(context_.get(), bytes, size) == 1);
}
Hash Hasher::finish() {
  Hash hash;
  unsigned size = 0;
  FT_CHECK(EVP_DigestFinal_ex(context_.get(), hash.data(), &size) == 1 && size == hash.size());
  return hash;
}

Hash Hasher::digest(std::string_view bytes) {
  if (suite_ == Suite::sha256_ed25519) return sha256({}, bytes);
  begin();
  update(bytes.data(), bytes.size());
  return finish();
}

Hash Hasher::leaf(std::string_view line) {
  // A short line is copied behind its prefix: one update of whole blocks instead of two.
  std::array<char, 512> copy;
  if (line.size() < copy.size()) {
    copy[0] = 0x00;
    if (!line.empty()) std::memcpy(copy.data() + 1, line.data(), line.size());
    return digest({copy.data(), line.size() + 1});
  }
  constexpr std::string_view kPrefix("\0", 1);
  if (suite_ == Suite::sha256_ed25519) return sha256(kPrefix, line);
  begin();
  update(kPrefix.data(), kPrefix.size());
  update(line.data(), line.size());
  return finish();
}

Hash Hasher::node(const Hash& left, const Hash& right) {
  // One update of 65 bytes instead of three: a node is the most frequent hash of all.
  std::array<std::uint8_t, 65> bytes;
  bytes[0] = 0x01;
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 33);
  return digest({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Hash Hasher::hmac(std::string_view key, std::string_view data) {
  if (mac_ == nullptr) {
    EVP_MAC* method = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    mac_.reset(EVP_MAC_CTX_new(method));
    EVP_MAC_free(method);  // the context keeps its own reference
    FT_CHECK(mac_ != nullptr);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char*>(openssl_name(suite_)), 0),
        OSSL_PARAM_construct_end()};
    FT_CHECK(EVP_MAC_CTX_set_params(mac_.get(), params) == 1);
  }
  // A null key would mean "the key of last time" to OpenSSL; an empty one must not.
  const char* key_bytes = key.empty() ? "" : key.data();
  Hash hash;
  std::size_t size = 0;
  FT_CHECK(EVP_MAC_init(mac_.get(), reinterpret_cast<const unsigned char*>(key_bytes), key.size(),
                        nullptr) == 1);
  FT_CHECK(EVP_MAC_update(mac_.get(), reinterpret_cast<const unsigned char*>(data.data()),
                          data.size()) == 1);
  FT_CHECK(EVP_MAC_final(mac_.get(), hash.data(), &size, hash.size()) == 1 && size == hash.size());
  return hash;
}

std::string to_hex(std::string_view bytes) {
  std::string hex(bytes.size() * 2, '0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    hex[2 * i] = hex_digits[byte >> 4];
    hex[2 * i + 1] = hex_digits[byte & 15];
  }
  return hex;
}

std::string to_hex(const Hash& hash) {
  return to_hex(bytes_of(hash));
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  bytes.reserve(hex.size() / 2);
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<Hash> hash_from_hex(std::string_view hex) {
  Hash hash;
  if (hex.size() != hash.size() * 2) return std::nullopt;
  Signed fault{};
  for (std::size_t at = 0; at < hex.size(); at += sizeof(Signed)) {
    Signed text;
    std::memcpy(&text, hex.data() + at, sizeof text);
    fault |= ~(((text >= '0') & (text <= '9')) | ((text >= 'a') & (text <= 'f')));
  }
  for (std::size_t at = 0; at < hex.size(); at += 8) {
    std::uint64_t digits;
    std::memcpy(&digits, hex.data() + at, sizeof digits);
    if constexpr (std::endian::native == std::endian::little) digits = __builtin_bswap64(digits);
    // 'a' is 0x61: its low half and 9 more. Then the halves are moved together, two and two.
    digits = (digits & 0x0F0F0F0F0F0F0F0F) + (digits >> 6 & 0x0101010101010101) * 9;
    digits = (digits | digits >> 4) & 0x00FF00FF00FF00FF;
    digits = (digits | digits >> 8) & 0x0000FFFF0000FFFF;
    auto bytes = static_cast<std::uint32_t>(digits | digits >> 16);
    if constexpr (std::endian::native == std::endian::little) bytes = __builtin_bswap32(bytes);
    std::memcpy(hash.data() + at / 2, &bytes, sizeof bytes);
  }
  std::array<std::uint64_t, 2> faults;
  std::memcpy(&faults, &fault, sizeof faults);
  if ((faults[0] | faults[1]) != 0) return std::nullopt;
  return hash;
}

std::string to_base64(std::string_view bytes) {
  // EVP_EncodeBlock writes a NUL behind the text: std::string has room for exactly that one.
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  FT_CHECK(static_cast<std::size_t>(size) == text.size());
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > 1u << 30) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(static_cast<std::size_t>(size) >= padding ? size - padding : 0);
  // OpenSSL tolerates white space at the ends and stray bits; only the one true spelling will do.
  if (to_base64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace fundtrail::chain
