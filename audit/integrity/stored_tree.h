// The tree as the store keeps it (ledger/store/layout.h): asked for single leaves, and compared with
// the tree of the entries as that grows. Private to audit/integrity.
#pragma once

#include <optional>
#include <string>

#include "audit/integrity/finding.h"
#include "ledger/chain/merkle.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

class StoredTree {
 public:
  explicit StoredTree(const store::Snapshot& snapshot) : snapshot_(snapshot) {}

  // The leaf hash that a complete tile holds.
  std::optional<chain::Hash> leaf(std::uint64_t index) const;
  // A complete subtree of the entries (see Frontier::append): compares what the store should have.
  void closed(unsigned level, std::uint64_t index, const chain::Hash& hash);
  const std::optional<Finding>& fault() const { return fault_; }

 private:
  void compare_tile(std::uint64_t tile);
  void reject(std::uint64_t entry, std::string detail);

  const store::Snapshot& snapshot_;
  std::string tile_;  // the leaves of the tile that is growing
  std::optional<Finding> fault_;
};

}  // namespace fundtrail::audit
