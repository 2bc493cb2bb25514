#include "ledger/engine/opening.h"

#include <string>

#include "ledger/engine/tree_reader.h"

namespace fundtrail {
namespace {

Result<chain::Hash> leaf_of(const store::Snapshot& snapshot, chain::Hasher& hasher,
                            std::uint64_t index) {
  const auto bytes = snapshot.get(store::Table::entries, store::key_of(index));
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) {
    return Error{Fault::truncated, "entry " + std::to_string(index) + " is missing in the store"};
  }
  return hasher.leaf(**bytes);
}

}  // namespace

Result<ChainEnd> read_end(const store::Snapshot& snapshot, chain::Suite suite) {
  const auto bytes = snapshot.get(store::Table::meta, store::kHeadKey);
  if (!bytes.ok()) return bytes.error();
  if (!*bytes) return ChainEnd{};
  auto head = store::Head::decode(**bytes);
  if (!head.ok()) return head.error();
  ChainEnd end{std::move(*head), {}};
  const std::uint64_t size = end.head.size();
  if (size == 0) return end;

  TreeReader tree(snapshot, suite);
  const auto last = leaf_of(snapshot, tree.hasher(), size - 1);
  if (!last.ok()) return last.error();
  if (*last != end.head.last_leaf) {
    return Error{Fault::tampered, "entry " + std::to_string(size - 1) +
                                      " is not the one that the head names"};
  }
  const std::uint64_t tile = size >> store::kTileHeight;
  auto open_tile = tree.open_tile(tile, size);
  if (!open_tile.ok()) return open_tile.error();
  end.open_tile = std::move(*open_tile);
  const auto root = chain::root_from(tree.hasher(), size, tree.source());
  if (!root.ok()) return root.error();
  if (*root != end.head.frontier.root(tree.hasher())) {
    return Error{Fault::tampered, "the stored tree does not lead to the root of the head"};
  }
  return end;
}

Status check_anchor(const store::Snapshot& snapshot, chain::Suite suite, const ChainEnd& end,
                    const std::optional<AnchoredHead>& anchored) {
  const std::uint64_t size = end.head.size();
  if (!anchored) {
    if (size == 0) return success();
    return Error{Fault::truncated,
                 "the ANCHOR of the ledger is missing, so nobody can tell whether entries after " +
                     std::to_string(size - 1) +
                     " are missing too; restore the file, or verify the ledger and accept its end"};
  }
  if (anchored->size > size) {
    return Error{Fault::truncated,
                 "entries " + std::to_string(size) + " to " + std::to_string(anchored->size - 1) +
                     " were acknowledged and are missing in the store; restore the ledger's "
                     "directory from a backup that has them, or from a checked export"};
  }
  if (anchored->size == 0) return success();
  TreeReader tree(snapshot, suite);
  const auto leaf = leaf_of(snapshot, tree.hasher(), anchored->size - 1);
  if (!leaf.ok()) return leaf.error();
  if (*leaf != anchored->last_leaf) {
    return Error{Fault::tampered, "entry " + std::to_string(anchored->size - 1) +
                                      " is not the one that was acknowledged"};
  }
  const auto root = chain::root_from(tree.hasher(), anchored->size, tree.source());
  if (!root.ok()) return root.error();
  if (*root != anchored->root) {
    return Error{Fault::tampered, "the first " + std::to_string(anchored->size) +
                                      " entries are not those that were acknowledged"};
  }
  return success();
}

AnchoredHead anchored_head(const ChainEnd& end, chain::Hasher& hasher) {
  return {end.head.size(), end.head.last_leaf, end.head.frontier.root(hasher)};
}

}  // namespace fundtrail
