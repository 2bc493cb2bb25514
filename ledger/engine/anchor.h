// The ANCHOR file: the head, signed and synced outside the store's own journal after each group's
// commit and before anybody is told of it. A store that recovers to a head behind the anchor has lost
// entries that were acknowledged; without the anchor nobody would notice.
//
// Layout: two slots of 4096 bytes, written in turn, so that a torn write spoils one of them at most.
// A slot is a checkpoint (docs/FORMAT.md, "The anchor") signed by the ledger's key, filled up with
// zero bytes. The signature is the checksum: a slot that the key did not sign counts as spoilt. Of
// two good slots the one of the larger size counts; of the same size, the one with more checkpoints.
//
// Not thread-safe.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/chain/keys.h"
#include "ledger/chain/note.h"
#include "ledger/core/result.h"

namespace fundtrail {

struct AnchoredHead {
  std::uint64_t size = 0;  // entries
  chain::Hash last_leaf{};
  chain::Hash root{};
  std::uint64_t checkpoints = 0;  // signed ones that the store keeps
  friend bool operator==(const AnchoredHead&, const AnchoredHead&) = default;
};

// What the file says, for whoever does not own the ledger; `key` is the ledger's. Nothing without a
// file or when nothing was ever written to it; Fault::unreadable when neither slot is good.
Result<std::optional<AnchoredHead>> read_anchor(const std::filesystem::path& file,
                                                const chain::VerifierKey& key);

// The operating system's calls that an anchor is written with; tests put others in their place.
class AnchorCalls {
 public:
  virtual ~AnchorCalls() = default;
  virtual ssize_t write(int file, const void* bytes, std::size_t n, off_t at);
  virtual int sync(int file);
};

class Anchor {
 public:
  // Opens the file for writing, or makes it (empty: head() is nothing). Faults as read_anchor().
  // `calls` must outlive the anchor.
  static Result<Anchor> open(const std::filesystem::path& file, const chain::VerifierKey& key,
                             const chain::SigningKey& signing_key, AnchorCalls* calls = nullptr);
  Anchor(Anchor&& other) noexcept;
  Anchor& operator=(Anchor&& other) noexcept;
  ~Anchor();

  const std::optional<AnchoredHead>& head() const { return head_; }
  // Writes the head's slot once more, as it is, and syncs. It may have been read from what the operating
  // system remembers and not be on the disk; then the other slot is the only durable one, and the next
  // write goes there. Before anything rests on head(). Faults: io.
  Status renew();
  // Signs, writes and syncs; durable when it returns. Any Error: then one of the two heads is there.
  Status write(const AnchoredHead& head);

 private:
  Anchor(int file, std::string origin, const chain::SigningKey& key, AnchorCalls* calls);
  Status put(unsigned slot, std::string_view bytes);

  int file_ = -1;
  AnchorCalls* calls_;
  std::string origin_;
  chain::SigningKey key_;
  unsigned next_ = 0;  // the slot to write to: not that of the head
  std::optional<AnchoredHead> head_;
};

}  // namespace fundtrail
