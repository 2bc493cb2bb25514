#include "api/http/sealed.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "ledger/chain/digest.h"
#include "ledger/core/check.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16, kMost = 200;  // bytes

using Key = std::array<unsigned char, 32>;
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const Key& key() {
  static const Key made = [] {
    Key fresh{};
    FT_CHECK(RAND_bytes(fresh.data(), int(fresh.size())) == 1);
    return fresh;
  }();
  return made;
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string sealed(std::string_view text) {
  FT_CHECK(text.size() <= kMost);
  std::string nonce(kNonce, '\0'), hidden(text.size(), '\0'), tag(kTag, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  FT_CHECK(RAND_bytes(bytes(nonce), int(kNonce)) == 1 && cipher != nullptr &&
           EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key().data(), bytes(nonce)) == 1 &&
           EVP_EncryptUpdate(cipher.get(), bytes(hidden), &size, bytes(text), int(text.size())) == 1 &&
           EVP_EncryptFinal_ex(cipher.get(), bytes(hidden) + size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, int(kTag), tag.data()) == 1);
  return chain::to_hex(nonce + hidden + tag);
}

std::optional<std::string> unsealed(std::string_view seal) {
  if (seal.size() > 2 * (kNonce + kMost + kTag)) return std::nullopt;
  const auto read = chain::from_hex(seal);
  if (!read || read->size() < kNonce + kTag) return std::nullopt;
  const std::string_view all = *read;
  const auto hidden = all.substr(kNonce, all.size() - kNonce - kTag);
  std::string tag(all.substr(all.size() - kTag)), text(hidden.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  int size = 0;
  const bool whole =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key().data(), bytes(all)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), bytes(text), &size, bytes(hidden), int(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, int(kTag), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), bytes(text) + size, &size) == 1;
  if (!whole) return std::nullopt;
  return text;
}

}  // namespace fundtrail::api
