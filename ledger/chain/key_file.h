// Files that hold a secret: created whole with mode 0600, read only while nobody else can.
// Internal to ledger/chain.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "ledger/core/result.h"

namespace fundtrail::chain {

// A secret that wipes its memory when it goes.
class SecretText {
 public:
  explicit SecretText(std::string text) : text_(std::move(text)) {}
  SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  SecretText& operator=(SecretText&&) = delete;
  ~SecretText() { wipe(); }
  std::string_view view() const { return text_; }

 private:
  void wipe();
  std::string text_;
};

// Fault::not_found without a file; Fault::invalid_argument when the world may read it or anybody
// but the owner may write it, or when it is larger than any key; Fault::io otherwise.
Result<SecretText> read_secret_file(const std::filesystem::path& path);

// Writes, syncs and then links the file under its name, so that a crash leaves all or nothing.
// Fault::invalid_argument when the name is taken.
Status create_secret_file(const std::filesystem::path& path, std::string_view content);

// The same over a file that is there: after a crash the old or the new content stands there, whole.
Status replace_secret_file(const std::filesystem::path& path, std::string_view content);

}  // namespace fundtrail::chain
