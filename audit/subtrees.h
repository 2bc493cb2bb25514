// Subtree hashes of a stored ledger, for proofs: from the stored tiles, and from the entries where a
// tile is not complete. Private to audit/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ledger/chain/merkle.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

class Subtrees {
 public:
  Subtrees(const store::Snapshot& snapshot, chain::Suite suite, std::uint64_t size)
      : snapshot_(snapshot), hasher_(suite), size_(size) {}

  // Precondition: the subtree lies inside the tree.
  Result<chain::Hash> get(unsigned level, std::uint64_t index);
  Result<std::vector<chain::Hash>> inclusion(std::uint64_t index);
  Result<std::vector<chain::Hash>> consistency(std::uint64_t old_size, std::uint64_t new_size);
  Result<chain::Hash> root(std::uint64_t size);

 private:
  using Tile = std::vector<chain::Hash>;
  Result<const Tile*> tile(std::uint64_t number);
  chain::SubtreeHash source();

  const store::Snapshot& snapshot_;
  chain::Hasher hasher_;
  std::uint64_t size_;
  Tile tile_;  // the one used last
  std::uint64_t tile_number_ = ~std::uint64_t{0};
  std::map<std::pair<unsigned, std::uint64_t>, chain::Hash> upper_;  // above the tiles: size / 256
};

}  // namespace fundtrail::audit
