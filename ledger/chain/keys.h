// Signing keys of ledgers and witnesses: Ed25519 (RFC 8032) or SM2 with SM3 (GB/T 32918.2).
//
// Signatures are what the stock `openssl` command makes and checks (docs/FORMAT.md has the
// commands): Ed25519 64 raw bytes; SM2 a DER SEQUENCE of r and s under the default distinguishing
// id 1234567812345678. Keys are shared, immutable OpenSSL objects: const members may be called from
// several threads at once.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"

struct evp_pkey_st;

namespace fundtrail::chain {

// The distinguishing id that every SM2 signature here is made and checked with (GM/T 0009).
inline constexpr std::string_view sm2_id = "1234567812345678";

struct PkeyDeleter {
  void operator()(evp_pkey_st* key) const;
};
using PkeyPtr = std::unique_ptr<evp_pkey_st, PkeyDeleter>;

class PublicKey {
 public:
  // "-----BEGIN PUBLIC KEY-----" (RFC 7468). Fault::unreadable unless it is exactly one Ed25519 or
  // SM2 key; the suite follows from the key. SM2 keys name their curve and are not compressed.
  static Result<PublicKey> from_pem(std::string_view pem);
  // SubjectPublicKeyInfo (RFC 5280, RFC 8410), nothing behind it.
  static Result<PublicKey> from_spki(std::string_view der);
  // The 32 bytes of an Ed25519 key (RFC 8032).
  static Result<PublicKey> from_ed25519(std::string_view raw);

  Suite suite() const { return suite_; }
  std::string to_pem() const;
  std::string to_spki() const;
  // Ed25519: 32 bytes. SM2: the uncompressed point, 65 bytes beginning with 0x04.
  std::string raw() const;
  // 64 lower-case hexadecimal digits of the suite's hash over to_spki(): what is printed on paper.
  std::string fingerprint() const;

  // Fault::tampered unless this key signed exactly these bytes.
  Status verify(std::string_view message, std::string_view signature) const;

 private:
  friend class SigningKey;
  PublicKey(Suite suite, PkeyPtr key) : suite_(suite), key_(std::move(key)) {}
  static Result<PublicKey> adopt(PkeyPtr key);

  Suite suite_;
  std::shared_ptr<evp_pkey_st> key_;
};

class SigningKey {
 public:
  static Result<SigningKey> generate(Suite suite);
  // Unencrypted PKCS#8 PEM (RFC 5958). Fault::unreadable for anything else, never asks for a
  // password.
  static Result<SigningKey> from_pem(std::string_view pem);
  // Reads a file written by save(). Fault::not_found when there is none, Fault::invalid_argument
  // when others than owner and group may read it or the group may write it: such a key proves
  // nothing any more.
  static Result<SigningKey> load(const std::filesystem::path& path);

  // Writes the key with mode 0600, complete and synced before it appears under its name. Refuses
  // with Fault::invalid_argument to replace a file: a lost key cannot be had back.
  Status save(const std::filesystem::path& path) const;

  Suite suite() const { return suite_; }
  PublicKey public_key() const;
  // The raw signature bytes described above. Ed25519 signatures are deterministic, SM2's are not.
  Result<std::string> sign(std::string_view message) const;

 private:
  SigningKey(Suite suite, PkeyPtr key) : suite_(suite), key_(std::move(key)) {}
  static Result<SigningKey> adopt(PkeyPtr key);

  Suite suite_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace fundtrail::chain
