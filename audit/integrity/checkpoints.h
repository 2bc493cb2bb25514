// The checkpoints that a store or bundle keeps, sorted into those that the key signed (an authority
// for the check of the entries) and those that it did not. Private to audit/integrity.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/integrity/finding.h"
#include "ledger/chain/note.h"

namespace fundtrail::audit {

class Checkpoints {
 public:
  // `label` is what messages call it (a file, or "size 60"); `expected_size` is what its place says.
  void add(std::string_view note, const std::string& label, const chain::VerifierKey& key,
           std::optional<std::uint64_t> expected_size = std::nullopt);

  // Valid ones, by size. Two valid ones of one size with different roots are a split history: the
  // second is kept as a root_mismatch finding.
  const std::map<std::uint64_t, chain::Hash>& valid() const { return valid_; }
  std::uint64_t newest() const { return valid_.empty() ? 0 : valid_.rbegin()->first; }
  // The first that is malformed, not signed by the key, or contradicts another.
  const std::optional<Finding>& fault() const { return fault_; }

 private:
  void reject(Flaw flaw, const std::string& label, std::string detail);
  std::map<std::uint64_t, chain::Hash> valid_;
  std::optional<Finding> fault_;
};

}  // namespace fundtrail::audit
