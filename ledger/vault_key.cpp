#include "ledger/vault_key.h"

#include <algorithm>
#include <charconv>

#include "ledger/chain/digest.h"
#include "ledger/chain/key_file.h"

namespace fundtrail::vault_key {
namespace {

constexpr std::string_view kKeyFileTitle = "fundtrail-vault-key-v2";

Error unreadable_key() { return {Fault::unreadable, "this is not a vault key"}; }

bool read_hex(std::string_view hex, Key& key) {
  auto bytes = chain::hash_from_hex(hex);
  if (!bytes) return false;
  std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return true;
}

}  // namespace

Status KeyFile::read(std::string_view bytes, KeyFile& out) {
  if (bytes.size() == kKey) {
    std::copy(bytes.begin(), bytes.end(), out.root.bytes.begin());
    out.wraps[0].bytes = out.root.bytes;
    return success();
  }
  const auto line = [&bytes] {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto text = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return text;
  };
  if (line() != kKeyFileTitle) return unreadable_key();
  const auto root = line();
  if (!root.starts_with("root ") || !read_hex(root.substr(5), out.root)) return unreadable_key();
  while (!bytes.empty()) {
    auto wrap = line();
    if (!wrap.starts_with("wrap ")) return unreadable_key();
    wrap.remove_prefix(5);
    std::uint32_t generation = 0;
    const auto [end, fault] = std::from_chars(wrap.data(), wrap.data() + wrap.size(), generation);
    wrap.remove_prefix(static_cast<std::size_t>(end - wrap.data()));
    if (fault != std::errc() || !wrap.starts_with(' ') ||
        !read_hex(wrap.substr(1), out.wraps[generation])) {
      return unreadable_key();
    }
  }
  if (out.wraps.empty()) return unreadable_key();
  return success();
}

Status KeyFile::replace(const std::filesystem::path& file) const {
  Secret text;
  text.text.reserve(4096);  // so that growing leaves no copies behind
  text.text += kKeyFileTitle;
  const auto put = [&text](const std::string& name, const Key& key) {
    const Secret hex(chain::to_hex(key.view()));
    text.text += "\n" + name + " ";
    text.text += hex.text;
  };
  put("root", root);
  for (const auto& [generation, key] : wraps) put("wrap " + std::to_string(generation), key);
  text.text += "\n";
  return chain::replace_secret_file(file, text.text);
}

}  // namespace fundtrail::vault_key
