// What a vault's key file holds (docs/FORMAT.md, "Commitments"), and memory that is wiped. Private to
// the vault.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/core/result.h"

namespace fundtrail::vault_key {

inline constexpr std::size_t kKey = 32;

struct Key {
  std::array<unsigned char, kKey> bytes{};
  Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
};

// A string that is wiped when it goes.
struct Secret {
  std::string text;
  Secret() = default;
  explicit Secret(std::string value) : text(std::move(value)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

// What a key file holds. 32 bytes: the root, which is the wrapping key of generation 0 as well.
struct KeyFile {
  Key root;
  std::map<std::uint32_t, Key> wraps;  // by generation; one, or more while a rotation is under way

  static Status read(std::string_view bytes, KeyFile& out);
  Status replace(const std::filesystem::path& file) const;
};

}  // namespace fundtrail::vault_key
