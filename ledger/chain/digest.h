// The two hash suites of a ledger, and the three hashes a chain is made of.
//
// A ledger chooses its suite when it is created and never mixes it with the other. Leaf and node
// hashes are those of RFC 9162 section 2.1.1: the prefixes 0x00 and 0x01 keep a leaf from being
// passed off as a node. SHA-256 is FIPS 180-4, SM3 is GB/T 32905-2016, HMAC is RFC 2104.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/core/result.h"

struct evp_md_ctx_st;
struct evp_md_st;
struct evp_mac_ctx_st;

namespace fundtrail::chain {

// A digest of either suite: 32 bytes, most significant first, as the standards print them.
using Hash = std::array<std::uint8_t, 32>;

enum class Suite : std::uint8_t { sha256_ed25519, sm3_sm2 };

// The stable name that ledgers, bundles and commands carry: "sha256-ed25519" or "sm3-sm2".
const char* name(Suite suite);

// The suite of that exact name, or Fault::unknown_version.
Result<Suite> suite_from_name(std::string_view name);

// Hashes with one suite, reusing one context: an OpenSSL digest costs more to set up than to run
// over a short line. Not thread-safe; make one per thread (under a microsecond). A moved-from
// Hasher may only be assigned to or destroyed.
class Hasher {
 public:
  explicit Hasher(Suite suite);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  Suite suite() const { return suite_; }

  // H(bytes): no prefix.
  Hash digest(std::string_view bytes);
  // H(0x00 || line): the hash of one canonical line, which is its leaf and its chain link.
  Hash leaf(std::string_view line);
  // H(0x01 || left || right): an inner node.
  Hash node(const Hash& left, const Hash& right);
  // H(""): the root of a tree without leaves.
  Hash empty_root() { return digest({}); }
  // HMAC with the suite's hash, for salted commitments. Any key length, also none.
  Hash hmac(std::string_view key, std::string_view data);

 private:
  struct ContextDeleter {
    void operator()(evp_md_ctx_st* context) const;
    void operator()(evp_mac_ctx_st* context) const;
  };
  void begin();
  void update(const void* bytes, std::size_t size);
  Hash finish();

  Suite suite_;
  const evp_md_st* method_;  // lives as long as the process
  std::unique_ptr<evp_md_ctx_st, ContextDeleter> context_;
  std::unique_ptr<evp_mac_ctx_st, ContextDeleter> mac_;  // made at the first hmac()
};

// 64 lower-case hexadecimal digits.
std::string to_hex(const Hash& hash);
// The inverse. Nothing unless there are exactly 64 digits, all lower-case: one hash, one spelling.
std::optional<Hash> hash_from_hex(std::string_view hex);

// Lower-case hexadecimal of any bytes, and the inverse: nothing unless there is an even number of
// lower-case digits.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

// RFC 4648 section 4 with padding and without line breaks.
std::string to_base64(std::string_view bytes);
// The inverse. Nothing unless the text is exactly what to_base64 would have written: no white
// space, no missing padding, no stray low bits, so that a signature has one spelling.
std::optional<std::string> from_base64(std::string_view text);

// The 32 bytes of a hash seen as text, for base64 and concatenation.
inline std::string_view bytes_of(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace fundtrail::chain
