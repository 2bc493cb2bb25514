// The tree of the leaves as they were read, and, from the first broken link on, two trees of what
// may have been there: one where the entry before the link was altered, one where the entry behind
// it was. The next signed checkpoint tells which. Private to audit/integrity.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "ledger/chain/merkle.h"

namespace fundtrail::audit {

class LeafTrail {
 public:
  using Roots = std::map<std::uint64_t, chain::Hash>;
  // What the store's own tree says of a leaf, if it keeps it.
  using StoredLeaf = std::function<std::optional<chain::Hash>(std::uint64_t)>;

  // Told of every complete subtree, leaves (level 0) included.
  using Closed = std::function<void(unsigned level, std::uint64_t index, const chain::Hash&)>;

  LeafTrail(chain::Suite suite, const Roots& signed_roots, StoredLeaf stored_leaf, Closed closed)
      : hasher_(suite),
        signed_roots_(signed_roots),
        stored_leaf_(std::move(stored_leaf)),
        closed_(std::move(closed)) {}

  // Entry `frontier().size()` had this leaf; its successor, if there is one, says it was `claim`.
  void append(const chain::Hash& leaf, const chain::Hash* claim);
  // The last entry: `claims` are what somebody outside the chain says of its leaf.
  void append_last(const chain::Hash& leaf, const std::vector<chain::Hash>& claims,
                   const chain::Hash* unsigned_root);

  // Keeps the root over the first `size` leaves as they are read.
  void watch(std::uint64_t size) { watched_size_ = size; }
  const std::optional<chain::Hash>& watched_root() const { return watched_root_; }

  const chain::Frontier& frontier() const { return read_; }
  chain::Hash root() { return read_.root(hasher_); }

  // The entry that a broken link convicts, if one was broken.
  std::optional<std::uint64_t> convicted() const;
  bool broken() const { return broken_.has_value(); }
  // The first signed size whose root differs though no link is broken.
  const std::optional<std::uint64_t>& contradicted() const { return contradicted_; }
  std::uint64_t last_confirmed() const { return last_confirmed_; }
  // The contradiction disappears when the last entry has the leaf that was claimed for it.
  bool last_altered() const { return last_altered_; }

 private:
  struct Broken {
    std::uint64_t entry = 0;       // the entry before the broken link
    bool before = true;            // that entry is bad; otherwise the next one
    bool decided = false;          // by a signed root
    chain::Frontier if_before;     // leaves as claimed, from `entry` on
    chain::Frontier if_after;      // the same, but `entry` as it was read
  };
  void read(const chain::Hash& leaf);
  void break_at(std::uint64_t index, const chain::Hash& leaf, const chain::Hash& claim);
  void compare();
  void decide(const chain::Hash& root);

  chain::Hasher hasher_;
  const Roots& signed_roots_;
  StoredLeaf stored_leaf_;
  Closed closed_;
  chain::Frontier read_;
  std::uint64_t watched_size_ = 0;
  std::optional<chain::Hash> watched_root_;
  std::optional<Broken> broken_;
  std::optional<std::uint64_t> contradicted_;
  std::uint64_t last_confirmed_ = 0;
  bool last_altered_ = false;
};

}  // namespace fundtrail::audit
