#include "audit/integrity/stored_tree.h"

#include <algorithm>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"
#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

constexpr std::uint64_t kTileLeaves = std::uint64_t{1} << store::kTileHeight;
constexpr std::size_t kHashBytes = sizeof(chain::Hash);

}  // namespace

std::optional<chain::Hash> StoredTree::leaf(std::uint64_t index) const {
  const auto tile = snapshot_.get(store::Table::tree, store::tile_key(index / kTileLeaves));
  const std::size_t offset = index % kTileLeaves * kHashBytes;
  if (!tile.ok() || !*tile || (*tile)->size() < offset + kHashBytes) return std::nullopt;
  chain::Hash hash;
  std::copy_n((*tile)->begin() + static_cast<std::ptrdiff_t>(offset), kHashBytes,
              reinterpret_cast<char*>(hash.data()));
  return hash;
}

void StoredTree::reject(std::uint64_t entry, std::string detail) {
  if (fault_ && *fault_->entry <= entry) return;
  fault_ = Finding{Flaw::tree_mismatch, entry};
  fault_->detail = std::move(detail);
}

void StoredTree::compare_tile(std::uint64_t tile) {
  const auto stored = snapshot_.get(store::Table::tree, store::tile_key(tile));
  if (!stored.ok()) return reject(tile * kTileLeaves, in_both(stored.error()));
  if (!*stored) return reject(tile * kTileLeaves, in_both("缺少一个瓦片", "a tile is missing"));
  if (**stored == tile_) return;
  const auto difference = std::mismatch(tile_.begin(), tile_.end(), (*stored)->begin(),
                                        (*stored)->end());
  const auto offset = static_cast<std::uint64_t>(difference.first - tile_.begin());
  reject(tile * kTileLeaves + std::min(offset / kHashBytes, kTileLeaves - 1),
         in_both("所存叶哈希不符", "a stored leaf hash differs"));
}

void StoredTree::closed(unsigned level, std::uint64_t index, const chain::Hash& hash) {
  if (level == 0) {
    if (index % kTileLeaves == 0) tile_.clear();
    tile_ += chain::bytes_of(hash);
    return;
  }
  if (level % store::kTileHeight != 0) return;
  if (level == store::kTileHeight) compare_tile(index);
  const auto stored = snapshot_.get(store::Table::tree, store::subtree_key(level, index));
  if (!stored.ok()) return reject(index << level, in_both(stored.error()));
  if (!*stored || **stored != chain::bytes_of(hash)) {
    const std::string of = std::to_string(level);
    reject(index << level,
           in_both("所存第 " + of + " 层子树不符", "a stored subtree of level " + of + " differs"));
  }
}

}  // namespace fundtrail::audit
