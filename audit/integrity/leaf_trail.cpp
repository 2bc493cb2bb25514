#include "audit/integrity/leaf_trail.h"

namespace fundtrail::audit {

void LeafTrail::break_at(std::uint64_t index, const chain::Hash& leaf, const chain::Hash& claim) {
  broken_ = Broken{index, true, false, read_, read_};
  broken_->if_before.append(hasher_, claim);
  broken_->if_after.append(hasher_, leaf);
  // Without a signature the store's own tree is asked, and failing that the next link (see append).
  if (const auto stored = stored_leaf_(index)) broken_->before = *stored != leaf;
}

void LeafTrail::read(const chain::Hash& leaf) {
  read_.append(hasher_, leaf, closed_);
  if (read_.size() == watched_size_) watched_root_ = read_.root(hasher_);
}

void LeafTrail::append(const chain::Hash& leaf, const chain::Hash* claim) {
  const std::uint64_t index = read_.size();
  if (!broken_) {
    if (claim && *claim != leaf) break_at(index, leaf, *claim);
  } else {
    if (index == broken_->entry + 1 && claim && *claim != leaf && !broken_->decided &&
        !stored_leaf_(broken_->entry)) {
      broken_->before = false;  // this one's successor contradicts it too
    }
    const chain::Hash& taken = claim ? *claim : leaf;
    broken_->if_before.append(hasher_, taken);
    broken_->if_after.append(hasher_, taken);
  }
  read(leaf);
  compare();
}

void LeafTrail::compare() {
  const auto expected = signed_roots_.find(read_.size());
  if (expected == signed_roots_.end()) return;
  if (broken_) return decide(expected->second);
  if (contradicted_) return;
  if (read_.root(hasher_) == expected->second) {
    last_confirmed_ = read_.size();
  } else {
    contradicted_ = read_.size();
  }
}

void LeafTrail::decide(const chain::Hash& root) {
  // The checkpoint must cover both entries beside the broken link.
  if (broken_->decided || broken_->if_before.size() < broken_->entry + 2) return;
  const bool before = broken_->if_before.root(hasher_) == root;
  if (!before && broken_->if_after.root(hasher_) != root) return;
  broken_->before = before;
  broken_->decided = true;
}

void LeafTrail::append_last(const chain::Hash& leaf, const std::vector<chain::Hash>& claims,
                            const chain::Hash* unsigned_root) {
  const chain::Frontier before = read_;
  const std::optional<Broken> broken_before = broken_;
  const auto expected = signed_roots_.find(before.size() + 1);
  const chain::Hash* root =
      expected != signed_roots_.end() ? &expected->second : unsigned_root;
  // Each claim, and the leaf itself, in turn: whichever the root confirms settles a broken link.
  std::vector<chain::Hash> candidates = claims;
  candidates.push_back(leaf);
  for (const auto& candidate : candidates) {
    if (!root) break;
    if (broken_before && !broken_->decided) {
      broken_ = broken_before;
      broken_->if_before.append(hasher_, candidate);
      broken_->if_after.append(hasher_, candidate);
      decide(*root);
    } else if (!broken_before && candidate != leaf) {
      chain::Frontier claimed = before;
      claimed.append(hasher_, candidate);
      if (claimed.root(hasher_) == *root) last_altered_ = true;
    }
  }
  if (broken_ && !broken_->decided && broken_before) {
    const bool verdict = broken_->before;
    broken_ = broken_before;
    broken_->before = verdict;
    // A last entry that contradicts what is known of it is the bad one.
    for (const auto& claim : claims) {
      if (before.size() == broken_->entry + 1 && claim != leaf && !stored_leaf_(broken_->entry)) {
        broken_->before = false;
      }
    }
  }
  read(leaf);
  if (!broken_) compare();
}

std::optional<std::uint64_t> LeafTrail::convicted() const {
  if (!broken_) return std::nullopt;
  return broken_->before ? broken_->entry : broken_->entry + 1;
}

}  // namespace fundtrail::audit
