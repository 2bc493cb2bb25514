// The hashes of complete subtrees, from what a store keeps of the tree (ledger/store/layout.h) and,
// at its open edge, from the entries themselves. Feeds chain::inclusion_proof and its siblings.
//
// Not thread-safe: belongs to one snapshot's user.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/chain/digest.h"
#include "ledger/chain/merkle.h"
#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail {

class TreeReader {
 public:
  TreeReader(const store::Snapshot& snapshot, chain::Suite suite)
      : snapshot_(snapshot), hasher_(suite) {}

  // Precondition: the subtree lies inside the stored tree. Fault::truncated when a row or an entry
  // is missing, Fault::unreadable when a row has the wrong length.
  Result<chain::Hash> subtree(unsigned level, std::uint64_t index);
  chain::SubtreeHash source() {
    return [this](unsigned level, std::uint64_t index) { return subtree(level, index); };
  }
  chain::Hasher& hasher() { return hasher_; }

  // The leaf hashes (32 bytes each) of the entries of a tile that is not complete, up to `size`.
  Result<std::string> open_tile(std::uint64_t tile, std::uint64_t size);

 private:
  Result<chain::Hash> below_tile(unsigned level, std::uint64_t index);
  Result<std::string> stored(const std::string& key, std::size_t length) const;
  chain::Hash fold(std::string_view hashes);

  const store::Snapshot& snapshot_;
  chain::Hasher hasher_;
  std::optional<std::uint64_t> tile_;  // the tile read last
  std::string tile_hashes_;
};

}  // namespace fundtrail
