#include "ledger/chain/keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "ledger/chain/key_file.h"

namespace fundtrail::chain {
namespace {

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, BioDeleter>;

struct MdContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using MdContextPtr = std::unique_ptr<EVP_MD_CTX, MdContextDeleter>;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A view of the text; precondition: the text outlives it.
BioPtr reader(std::string_view text) {
  BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  FT_CHECK(bio != nullptr);
  return bio;
}

std::string drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// Says no to encrypted keys instead of asking the terminal, as OpenSSL would by default.
int no_password(char*, int, int, void*) {
  return -1;
}

// Two keys in one text would leave it open which of them was meant.
bool has_one_block(std::string_view pem) {
  const std::size_t first = pem.find("-----BEGIN ");
  return first != std::string_view::npos && pem.find("-----BEGIN ", first + 1) == pem.npos;
}

// The suite of a key, if it is a kind we use.
Result<Suite> suite_of(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return Suite::sha256_ed25519;
  if (EVP_PKEY_is_a(key, "SM2")) return Suite::sm3_sm2;
  return Error{Fault::unreadable, "the key is neither Ed25519 nor SM2"};
}

// The raw public key as docs/FORMAT.md defines it.
std::string encoded_public_key(EVP_PKEY* key, Suite suite) {
  if (suite == Suite::sha256_ed25519) {
    std::string raw(32, '\0');
    std::size_t size = raw.size();
    FT_CHECK(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()),
                                         &size) == 1 &&
             size == raw.size());
    return raw;
  }
  unsigned char* point = nullptr;
  const std::size_t size = EVP_PKEY_get1_encoded_public_key(key, &point);
  FT_CHECK(size > 0);
  std::string raw(reinterpret_cast<char*>(point), size);
  OPENSSL_free(point);
  return raw;
}

const char* digest_of(Suite suite) { return suite == Suite::sm3_sm2 ? "SM3" : nullptr; }

// SM2 hashes the signer's id with the message; Ed25519 has none. On a context that is ready to sign or
// verify: OpenSSL 3.0.19 refuses the id among the parameters of the initialisation itself.
bool set_signer_id(EVP_PKEY_CTX* context, Suite suite) {
  if (suite != Suite::sm3_sm2) return true;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_DIST_ID, const_cast<char*>(sm2_id.data()),
                                        sm2_id.size()),
      OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, params) == 1;
}

}  // namespace

void PkeyDeleter::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

Result<PublicKey> PublicKey::adopt(PkeyPtr key) {
  if (key == nullptr) return Error{Fault::unreadable, "not a public key"};
  const Result<Suite> suite = suite_of(key.get());
  if (!suite.ok()) return suite.error();
  PublicKey result(*suite, std::move(key));
  // A named curve and an uncompressed point make exactly 91 bytes. Other spellings of the same key
  // would give it other ids and fingerprints.
  if (*suite == Suite::sm3_sm2 && result.to_spki().size() != 91) {
    return Error{Fault::unreadable, "the SM2 key is compressed or does not name its curve"};
  }
  return result;
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  if (!has_one_block(pem)) return Error{Fault::unreadable, "not exactly one PEM block"};
  const BioPtr bio = reader(pem);
  return adopt(PkeyPtr(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr)));
}

Result<PublicKey> PublicKey::from_spki(std::string_view der) {
  const unsigned char* end = bytes(der);
  PkeyPtr key(d2i_PUBKEY(nullptr, &end, static_cast<long>(der.size())));
  Result<PublicKey> result = adopt(std::move(key));
  if (result.ok() && result->to_spki() != der) {
    return Error{Fault::unreadable, "the public key is not in DER, or something follows it"};
  }
  return result;
}

Result<PublicKey> PublicKey::from_ed25519(std::string_view raw) {
  if (raw.size() != 32) return Error{Fault::unreadable, "an Ed25519 public key has 32 bytes"};
  return adopt(
      PkeyPtr(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes(raw), raw.size())));
}

std::string PublicKey::to_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  FT_CHECK(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_.get()) == 1);
  return drain(bio.get());
}

std::string PublicKey::to_spki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  FT_CHECK(size > 0);
  std::string spki(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return spki;
}

std::string PublicKey::raw() const {
  return encoded_public_key(key_.get(), suite_);
}

std::string PublicKey::fingerprint() const {
  return to_hex(Hasher(suite_).digest(to_spki()));
}

Status PublicKey::verify(std::string_view message, std::string_view signature) const {
  const MdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // the other one's
  FT_CHECK(context != nullptr &&
           EVP_DigestVerifyInit_ex(context.get(), &key_context, digest_of(suite_), nullptr,
                                   nullptr, key_.get(), nullptr) == 1 &&
           set_signer_id(key_context, suite_));
  if (EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                       message.size()) != 1) {
    return Error{Fault::tampered, "the signature does not fit the message and the key"};
  }
  return success();
}

Result<SigningKey> SigningKey::adopt(PkeyPtr key) {
  if (key == nullptr) return Error{Fault::unreadable, "not an unencrypted PKCS#8 private key"};
  const Result<Suite> suite = suite_of(key.get());
  if (!suite.ok()) return suite.error();
  return SigningKey(*suite, std::move(key));
}

Result<SigningKey> SigningKey::generate(Suite suite) {
  PkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, suite == Suite::sm3_sm2 ? "SM2" : "ED25519"));
  if (key == nullptr) return Error{Fault::io, "the system could not generate a key"};
  return adopt(std::move(key));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  if (!has_one_block(pem)) return Error{Fault::unreadable, "not exactly one PEM block"};
  const BioPtr bio = reader(pem);
  return adopt(PkeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)));
}

Result<SigningKey> SigningKey::load(const std::filesystem::path& path) {
  Result<SecretText> pem = read_secret_file(path);
  if (!pem.ok()) return pem.error();
  return from_pem(pem->view());
}

Status SigningKey::save(const std::filesystem::path& path) const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));  // wiped when freed
  FT_CHECK(bio != nullptr && PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr,
                                                           0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return create_secret_file(path, {data, static_cast<std::size_t>(size)});
}

PublicKey SigningKey::public_key() const {
  // Made anew from the public part alone, so that no private part can travel along. The raw bytes
  // will do for Ed25519 and cost a twentieth of SPKI, which costs twice as much as signing.
  if (suite_ == Suite::sha256_ed25519) {
    return PublicKey::from_ed25519(encoded_public_key(key_.get(), suite_)).value();
  }
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  FT_CHECK(size > 0);
  Result<PublicKey> key =
      PublicKey::from_spki({reinterpret_cast<char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return std::move(key).value();
}

Result<std::string> SigningKey::sign(std::string_view message) const {
  const MdContextPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // the other one's
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string signature(size, '\0');
  if (context == nullptr ||
      EVP_DigestSignInit_ex(context.get(), &key_context, digest_of(suite_), nullptr, nullptr,
                            key_.get(), nullptr) != 1 ||
      !set_signer_id(key_context, suite_) ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes(message), message.size()) != 1) {
    return Error{Fault::io, "the cryptographic library could not sign"};
  }
  signature.resize(size);  // SM2's DER is shorter when r or s begin with zeros
  return signature;
}

}  // namespace fundtrail::chain
