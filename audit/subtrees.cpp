#include "audit/subtrees.h"

#include <algorithm>
#include <span>

#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

constexpr std::uint64_t kLeaves = std::uint64_t{1} << store::kTileHeight;

Result<chain::Hash> to_hash(std::string_view bytes) {
  chain::Hash hash;
  if (bytes.size() != hash.size()) {
    return Error{Fault::unreadable, "a stored subtree is not one hash"};
  }
  std::copy_n(bytes.begin(), hash.size(), reinterpret_cast<char*>(hash.data()));
  return hash;
}

}  // namespace

Result<const Subtrees::Tile*> Subtrees::tile(std::uint64_t number) {
  if (tile_number_ == number) return &tile_;
  tile_number_ = ~std::uint64_t{0};
  tile_.clear();
  const auto stored = snapshot_.get(store::Table::tree, store::tile_key(number));
  if (!stored.ok()) return stored.error();
  const std::uint64_t begin = number * kLeaves, end = std::min(size_, begin + kLeaves);
  if (*stored) {
    for (std::size_t at = 0; at + 32 <= (*stored)->size(); at += 32) {
      tile_.push_back(*to_hash(std::string_view(**stored).substr(at, 32)));
    }
  } else {
    const auto status = snapshot_.scan(store::Table::entries, store::key_of(begin),
                                       store::key_of(end), [&](auto, std::string_view line) {
                                         tile_.push_back(hasher_.leaf(line));
                                         return true;
                                       });
    if (!status.ok()) return status.error();
  }
  if (tile_.size() < end - begin) {
    return Error{Fault::unreadable, "leaves of the stored tree are missing"};
  }
  tile_number_ = number;
  return &tile_;
}

Result<chain::Hash> Subtrees::get(unsigned level, std::uint64_t index) {
  if (level <= store::kTileHeight) {
    const std::uint64_t first = index << level;
    auto leaves = tile(first / kLeaves);
    if (!leaves.ok()) return leaves.error();
    return chain::root_of(hasher_, std::span(**leaves).subspan(first % kLeaves,
                                                               std::uint64_t{1} << level));
  }
  if (const auto known = upper_.find({level, index}); known != upper_.end()) return known->second;
  if (level % store::kTileHeight == 0) {
    const auto stored = snapshot_.get(store::Table::tree, store::subtree_key(level, index));
    if (!stored.ok()) return stored.error();
    if (!*stored) return Error{Fault::unreadable, "a stored subtree is missing"};
    return to_hash(**stored);
  }
  const auto left = get(level - 1, 2 * index);
  if (!left.ok()) return left;
  const auto right = get(level - 1, 2 * index + 1);
  if (!right.ok()) return right;
  return upper_[{level, index}] = hasher_.node(*left, *right);
}

chain::SubtreeHash Subtrees::source() {
  return [this](unsigned level, std::uint64_t index) { return get(level, index); };
}

Result<std::vector<chain::Hash>> Subtrees::inclusion(std::uint64_t index) {
  return chain::inclusion_proof(hasher_, index, size_, source());
}

Result<std::vector<chain::Hash>> Subtrees::consistency(std::uint64_t old_size,
                                                       std::uint64_t new_size) {
  return chain::consistency_proof(hasher_, old_size, new_size, source());
}

Result<chain::Hash> Subtrees::root(std::uint64_t size) {
  return chain::root_from(hasher_, size, source());
}

}  // namespace fundtrail::audit
