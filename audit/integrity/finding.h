// What an integrity check can find: a closed set of reasons with stable codes and one Chinese and
// one English sentence each (docs/FORMAT.md, "Naming the first bad entry"; audit/verify.py gives the
// same codes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fundtrail::audit {

enum class Flaw : std::uint8_t {
  // Of the chain: `entry` is the first bad entry.
  altered,          // an entry's bytes are not those that were recorded
  missing,          // an entry is absent though later ones are there
  inserted,         // an entry too many: a number twice, or one that nobody vouches for
  reordered,        // entries stand in another order than their numbers
  truncated,        // entries at the end are absent that a checkpoint, the head or the anchor knows
  unreadable,       // bytes that are not an entry in canonical form, or a damaged file
  unknown_version,  // a format version or suite this program does not know
  root_mismatch,    // a validly signed checkpoint contradicts a chain that agrees with itself
  // Of an entry's content.
  lines_altered,
  lines_missing,
  lines_inserted,
  unbalanced,        // debits and credits of an entry differ
  negative_balance,  // a state account falls below zero
  signature_invalid,     // of a command: it does not fit, its key does not count, or it is absent
  restoration_mismatch,  // a restoration states another chain than the one before it
  // Of signatures.
  wrong_signature,     // a checkpoint that the ledger's key did not sign
  wrong_key,           // entry 0 names another key than the trusted one, or none
  checkpoint_missing,  // a bundle without its checkpoint; a store with fewer than were handed out
  // Of what is derived from the entries.
  head_mismatch,
  anchor_missing,   // nothing says where the acknowledged entries end
  anchor_mismatch,  // not signed by the ledger's key, or of other entries
  tree_mismatch,
  balance_not_reproducible,
  // Of a bundle.
  proof_mismatch,
  file_altered,
  file_missing,
  file_unlisted,
};
inline constexpr std::size_t kFlaws = static_cast<std::size_t>(Flaw::file_unlisted) + 1;

struct Finding {
  Flaw flaw = Flaw::altered;
  std::optional<std::uint64_t> entry = {};       // the first bad entry, from 0
  std::optional<std::uint64_t> line = {};        // of its document, from 0
  std::optional<std::uint64_t> checkpoint = {};  // the size that it states
  std::string subject = {};                      // a file, an account with its dimensions
  std::string detail = {};  // technical, without personal data; in_both() (ledger/core/bilingual.h)

  std::string zh() const;
  std::string en() const;
  std::string_view detail_zh() const;
  std::string_view detail_en() const;
};

// "altered", "root_mismatch", ...
std::string_view code(Flaw flaw);

}  // namespace fundtrail::audit
