#include "ledger/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "ledger/chain/canonical.h"
#include "ledger/chain/digest.h"
#include "ledger/chain/key_file.h"
#include "ledger/core/check.h"
#include "ledger/core/id_number.h"
#include "ledger/vault_key.h"

namespace fundtrail {
using namespace vault_key;
namespace {

constexpr std::size_t kNonce = 12, kTag = 16, kSalt = 32;
constexpr std::size_t kGeneration = 4;
// A record under the first wrapping key, and one that names a later one.
constexpr char kFirstVersion = 1, kRecordVersion = 2;
constexpr std::size_t kWrapped = kNonce + kKey + kTag;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Error crypto_error(const char* what) { return {Fault::io, std::string("vault: ") + what}; }

// nonce ‖ ciphertext ‖ tag, AES-256-GCM; `bound` is authenticated beside it.
Result<std::string> encrypt(const Key& key, std::string_view plain, std::string_view bound) {
  std::string out(kNonce + plain.size() + kTag, '\0');
  if (RAND_bytes(raw(out), kNonce) != 1) return crypto_error("no random numbers");
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int n = 0;
  const bool done =
      cipher != nullptr &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(), raw(out)) &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &n, raw(bound), static_cast<int>(bound.size())) &&
      EVP_EncryptUpdate(cipher.get(), raw(out) + kNonce, &n, raw(plain),
                        static_cast<int>(plain.size())) &&
      EVP_EncryptFinal_ex(cipher.get(), raw(out) + kNonce + n, &n) &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag,
                          raw(out) + kNonce + plain.size());
  if (!done) return crypto_error("encryption failed");
  return out;
}

// Into `plain`, whose memory the caller wipes. Fault::tampered when the tag does not fit: the
// record was changed, or this is not its key.
Status decrypt(const Key& key, std::string_view sealed, std::string_view bound,
               std::string& plain) {
  if (sealed.size() < kNonce + kTag) return Error{Fault::unreadable, "vault: a record is cut short"};
  const std::size_t length = sealed.size() - kNonce - kTag;
  plain.resize(length);
  std::string tag(sealed.substr(kNonce + length));
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int n = 0;
  if (cipher == nullptr ||
      !EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.bytes.data(),
                          raw(sealed))) {
    return crypto_error("decryption failed");
  }
  const bool authentic =
      EVP_DecryptUpdate(cipher.get(), nullptr, &n, raw(bound), static_cast<int>(bound.size())) &&
      EVP_DecryptUpdate(cipher.get(), raw(plain), &n, raw(sealed) + kNonce,
                        static_cast<int>(length)) &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) &&
      EVP_DecryptFinal_ex(cipher.get(), raw(plain) + n, &n) > 0;
  if (!authentic) {
    OPENSSL_cleanse(plain.data(), plain.size());
    return Error{Fault::tampered, "vault: a record does not fit its key"};
  }
  return success();
}

// What is sealed and committed to: docs/FORMAT.md, "Commitments".
void write_opening(const Identity& identity, std::string_view salt_hex, std::string& out) {
  chain::CanonicalWriter w(out);
  w.begin_object();
  if (identity.address) w.key("address").string(*identity.address);
  w.key("id_number").string(identity.id_number);
  w.key("name").string(identity.name);
  if (identity.phone) w.key("phone").string(*identity.phone);
  w.key("salt").string(salt_hex);
  w.end_object();
}

bool is_identity_text(const Identity& identity) {
  return chain::is_text(identity.id_number) && chain::is_text(identity.name) &&
         (!identity.address || chain::is_text(*identity.address)) &&
         (!identity.phone || chain::is_text(*identity.phone));
}

Result<Identity> read_opening(const std::string& json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  Identity identity;
  bool readable = parsed.is_object();
  const auto read = [&](const char* key) {
    const auto it = readable ? parsed.find(key) : parsed.end();
    if (!readable || it == parsed.end()) return std::optional<std::string>();
    readable = it->is_string();
    return readable ? std::optional(it->get<std::string>()) : std::nullopt;
  };
  identity.address = read("address");
  const auto id_number = read("id_number"), name = read("name");
  identity.phone = read("phone");
  if (!readable || !id_number || !name) {
    return Error{Fault::unreadable, "vault: a record does not hold an identity"};
  }
  identity.id_number = *id_number;
  identity.name = *name;
  return identity;
}

}  // namespace

struct Vault::Keys {
  chain::Suite suite = chain::Suite::sha256_ed25519;
  Key pseudonym, blind;
  std::map<std::uint32_t, Key> wraps;  // by generation; the last one is the current one

  chain::Hash mac(const Key& key, std::string_view data) const {
    thread_local std::array<std::optional<chain::Hasher>, 2> hashers;
    auto& hasher = hashers[static_cast<std::size_t>(suite)];
    if (!hasher) hasher.emplace(suite);
    return hasher->hmac(key.view(), data);
  }
  // nonce, wrapped key and tag of a record; its generation; what lies behind.
  struct Parts {
    std::uint32_t generation = 0;
    std::string_view wrapped;
    std::string_view content;
  };
  static Result<Parts> parts_of(std::string_view record);
  // The record's head: version, generation, wrapped key of the person.
  Result<std::string> wrap(const Key& person, const Pseudonym& pseudonym) const;
  Status unwrap(const Pseudonym& pseudonym, const Parts& parts, Key& person) const;
  // Into `opening`, which the caller wipes.
  Status open(const Pseudonym& pseudonym, std::string_view record, std::string& opening) const;
};

Vault::Vault(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault::~Vault() = default;

Status Vault::create_key(const std::filesystem::path& file) {
  Secret key(std::string(kKey, '\0'));
  if (RAND_bytes(raw(key.text), kKey) != 1) return crypto_error("no random numbers");
  return chain::create_secret_file(file, key.text);
}

Result<Vault> Vault::open(const std::filesystem::path& key_file, std::string_view suite) {
  const auto file = chain::read_secret_file(key_file);
  if (!file.ok()) return file.error();
  return of_key(file->view(), suite);
}

Result<Vault> Vault::of_key(std::string_view bytes, std::string_view suite_name) {
  const auto suite = chain::suite_from_name(suite_name);
  if (!suite.ok()) return suite.error();
  KeyFile file;
  const auto read = KeyFile::read(bytes, file);
  if (!read.ok()) return read.error();
  auto keys = std::make_unique<Keys>();
  keys->suite = *suite;
  // One key a purpose, so that no use of one says anything about another.
  chain::Hasher hasher(*suite);
  const auto derive = [&](std::string_view from, const char* purpose, Key& key) {
    auto derived = hasher.hmac(from, purpose);
    std::copy(derived.begin(), derived.end(), key.bytes.begin());
    OPENSSL_cleanse(derived.data(), derived.size());
  };
  derive(file.root.view(), "fundtrail/vault/v1/pseudonym", keys->pseudonym);
  derive(file.root.view(), "fundtrail/vault/v1/blind", keys->blind);
  for (const auto& [generation, wrap] : file.wraps) {
    derive(wrap.view(), "fundtrail/vault/v1/wrap", keys->wraps[generation]);
  }
  return Vault(std::move(keys));
}

Result<Vault> Vault::without_key(Error why, std::string_view suite_name) {
  const auto suite = chain::suite_from_name(suite_name);
  if (!suite.ok()) return suite.error();
  auto keys = std::make_unique<Keys>();
  keys->suite = *suite;
  Vault vault(std::move(keys));
  vault.locked_ = std::move(why);
  return vault;
}

Status Vault::begin_rotation(const std::filesystem::path& key_file) {
  const auto bytes = chain::read_secret_file(key_file);
  if (!bytes.ok()) return bytes.error();
  KeyFile file;
  const auto read = KeyFile::read(bytes->view(), file);
  if (!read.ok()) return read;
  if (file.wraps.size() > 1) return success();
  Key& fresh = file.wraps[file.wraps.rbegin()->first + 1];
  if (RAND_bytes(fresh.bytes.data(), kKey) != 1) return crypto_error("no random numbers");
  return file.replace(key_file);
}

Status Vault::end_rotation(const std::filesystem::path& key_file) {
  const auto bytes = chain::read_secret_file(key_file);
  if (!bytes.ok()) return bytes.error();
  KeyFile file;
  const auto read = KeyFile::read(bytes->view(), file);
  if (!read.ok()) return read;
  if (file.wraps.size() == 1) return success();
  file.wraps.erase(file.wraps.begin(), std::prev(file.wraps.end()));
  return file.replace(key_file);
}

Pseudonym Vault::pseudonym_of(std::string_view id_number) const {
  FT_CHECK(!locked_);
  const auto mac = keys_->mac(keys_->pseudonym, id_number);
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | mac[static_cast<std::size_t>(i)];
  return Pseudonym(value);
}

std::string Vault::blind(std::string_view purpose, std::string_view value) const {
  FT_CHECK(!locked_);
  // The length keeps ("ab", "c") and ("a", "bc") apart.
  std::string data = std::to_string(purpose.size()) + ':';
  data += purpose;
  data += value;
  return chain::to_hex(keys_->mac(keys_->blind, data)).substr(0, 16);
}

Result<SealedIdentity> Vault::seal(const Identity& identity) const {
  if (locked_) return *locked_;
  if (!is_identity_text(identity)) {
    return Error{Fault::invalid_argument, "an identity is not text in Normalization Form C"};
  }
  Secret salt(std::string(kSalt, '\0'));
  Key person;
  if (RAND_bytes(raw(salt.text), kSalt) != 1 || RAND_bytes(person.bytes.data(), kKey) != 1) {
    return crypto_error("no random numbers");
  }
  Secret opening;
  write_opening(identity, chain::to_hex(std::string_view(salt.text)), opening.text);

  SealedIdentity sealed;
  sealed.pseudonym = pseudonym_of(identity.id_number);
  sealed.commitment = chain::to_hex(chain::Hasher(keys_->suite).digest(opening.text));
  const auto head = keys_->wrap(person, sealed.pseudonym);
  if (!head.ok()) return head.error();
  const auto content = encrypt(person, opening.text, sealed.pseudonym.str());
  if (!content.ok()) return content.error();
  sealed.record = *head + *content;
  return sealed;
}

Result<Vault::Keys::Parts> Vault::Keys::parts_of(std::string_view record) {
  if (record.empty()) return Error{Fault::unreadable, "vault: a record is empty"};
  const char version = record[0];
  if (version != kFirstVersion && version != kRecordVersion) {
    return Error{Fault::unknown_version, "vault: a record of an unknown version"};
  }
  record.remove_prefix(1);
  const std::size_t number = version == kRecordVersion ? kGeneration : 0;
  if (record.size() < number + kWrapped) {
    return Error{Fault::unreadable, "vault: a record is cut short"};
  }
  Parts parts;
  for (std::size_t i = 0; i < number; ++i) {
    parts.generation = parts.generation << 8 | static_cast<unsigned char>(record[i]);
  }
  parts.wrapped = record.substr(number, kWrapped);
  parts.content = record.substr(number + kWrapped);
  return parts;
}

Result<std::string> Vault::Keys::wrap(const Key& person, const Pseudonym& pseudonym) const {
  const auto& [generation, key] = *wraps.rbegin();
  const auto wrapped = encrypt(key, person.view(), pseudonym.str());
  if (!wrapped.ok()) return wrapped.error();
  if (generation == 0) return kFirstVersion + *wrapped;
  std::string head(1, kRecordVersion);
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>(generation >> shift);
  return head + *wrapped;
}

Status Vault::Keys::unwrap(const Pseudonym& pseudonym, const Parts& parts, Key& person) const {
  const auto key = wraps.find(parts.generation);
  if (key == wraps.end()) {
    return Error{Fault::tampered, "vault: the key file has no wrapping key of a record's generation"};
  }
  Secret bytes;
  const auto unwrapped = decrypt(key->second, parts.wrapped, pseudonym.str(), bytes.text);
  if (!unwrapped.ok()) return unwrapped;
  std::copy_n(bytes.text.begin(), kKey, person.bytes.begin());
  return success();
}

Status Vault::Keys::open(const Pseudonym& pseudonym, std::string_view record,
                         std::string& opening) const {
  const auto parts = parts_of(record);
  if (!parts.ok()) return parts.error();
  Key person;
  const auto unwrapped = unwrap(pseudonym, *parts, person);
  if (!unwrapped.ok()) return unwrapped;
  return decrypt(person, parts->content, pseudonym.str(), opening);
}

Result<std::optional<std::string>> Vault::rewrapped(const Pseudonym& pseudonym,
                                                    std::string_view record) const {
  if (locked_) return *locked_;
  const auto parts = Keys::parts_of(record);
  if (!parts.ok()) return parts.error();
  if (parts->generation == keys_->wraps.rbegin()->first) return std::optional<std::string>();
  Key person;
  const auto unwrapped = keys_->unwrap(pseudonym, *parts, person);
  if (!unwrapped.ok()) return unwrapped.error();
  auto head = keys_->wrap(person, pseudonym);
  if (!head.ok()) return head.error();
  return std::optional<std::string>(*head + std::string(parts->content));
}

Result<Identity> Vault::unseal(const Pseudonym& pseudonym, std::string_view record) const {
  if (locked_) return *locked_;
  Secret opening;
  const auto opened = keys_->open(pseudonym, record, opening.text);
  if (!opened.ok()) return opened.error();
  return read_opening(opening.text);
}

Result<std::optional<Date>> Vault::birth_date(const Pseudonym& pseudonym,
                                              std::string_view record) const {
  if (locked_) return *locked_;
  Secret opening;
  const auto opened = keys_->open(pseudonym, record, opening.text);
  if (!opened.ok()) return opened.error();
  // The opening is canonical: within a string this could only stand with a backslash before each
  // quotation mark.
  constexpr std::string_view kField = "\"id_number\":\"";
  const std::string_view text = opening.text;
  const auto at = text.find(kField);
  if (at == text.npos) return Error{Fault::unreadable, "vault: a record does not hold an identity"};
  std::string_view number = text.substr(at + kField.size());
  number = number.substr(0, number.find('"'));
  if (check_id_number(number) != IdNumberFault::none) return std::optional<Date>();
  return std::optional(birth_date_in(number));
}

Result<bool> Vault::matches(const Pseudonym& pseudonym, std::string_view record,
                            std::string_view commitment) const {
  if (locked_) return *locked_;
  Secret opening;
  const auto opened = keys_->open(pseudonym, record, opening.text);
  if (!opened.ok()) return opened.error();
  const auto identity = read_opening(opening.text);
  if (!identity.ok()) return identity.error();
  return pseudonym_of(identity->id_number) == pseudonym &&
         chain::to_hex(chain::Hasher(keys_->suite).digest(opening.text)) == commitment;
}

}  // namespace fundtrail
