// The ANCHOR file: the head, synced outside the store's own journal after each group's commit and
// before anybody is told of it. A store that recovers to a head behind the anchor has lost entries
// that were acknowledged; without the anchor nobody would notice.
//
// Layout: two slots of 128 bytes at offsets 0 and 4096, written in turn, so that a torn write spoils
// one of them at most. A slot: "FTANCHR1" (8), sequence (8), size (8), leaf hash of the last entry
// (32), root (32), eight zeros, and SHA-256 (32) over those 96 bytes.
// Integers are big-endian; the valid slot of the higher sequence counts; the slot that a sequence
// is written to is its parity. The checksum is SHA-256 in both suites: it finds damage, it proves
// nothing.
//
// Not thread-safe; the writer owns it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"

namespace fundtrail {

struct AnchoredHead {
  std::uint64_t size = 0;  // entries
  chain::Hash last_leaf{};
  chain::Hash root{};
  friend bool operator==(const AnchoredHead&, const AnchoredHead&) = default;
};

// What the file says, for checks that do not own the ledger. Nothing without a file;
// Fault::unreadable when neither slot is valid, Fault::unknown_version for a newer format.
Result<std::optional<AnchoredHead>> read_anchor(const std::filesystem::path& file);

class Anchor {
 public:
  // Opens the file for writing, or makes it (empty: head() is nothing). Faults as read_anchor().
  static Result<Anchor> open(const std::filesystem::path& file);
  Anchor(Anchor&& other) noexcept;
  Anchor& operator=(Anchor&& other) noexcept;
  ~Anchor();

  const std::optional<AnchoredHead>& head() const { return head_; }
  // Durable when it returns. Fault::io otherwise; then one of the two heads is there.
  Status write(const AnchoredHead& head);

 private:
  explicit Anchor(int file) : file_(file) {}

  int file_ = -1;
  std::uint64_t sequence_ = 0;  // of the newest valid slot
  std::optional<AnchoredHead> head_;
};

}  // namespace fundtrail
