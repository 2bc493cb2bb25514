#include "ledger/engine/tree_reader.h"

#include <cstring>
#include <vector>

#include "ledger/store/layout.h"

namespace fundtrail {
namespace {

constexpr std::size_t kHash = sizeof(chain::Hash);
constexpr unsigned kTileLeaves = 1u << store::kTileHeight;

chain::Hash hash_at(std::string_view hashes, std::size_t i) {
  chain::Hash hash;
  std::memcpy(hash.data(), hashes.data() + i * kHash, kHash);
  return hash;
}

}  // namespace

Result<std::string> TreeReader::stored(const std::string& key, std::size_t length) const {
  auto row = snapshot_.get(store::Table::tree, key);
  if (!row.ok()) return row.error();
  if (!*row) return Error{Fault::truncated, "a node of the tree is missing in the store"};
  if ((*row)->size() != length) {
    return Error{Fault::unreadable, "a node of the tree has the wrong length"};
  }
  return std::move(**row);
}

chain::Hash TreeReader::fold(std::string_view hashes) {
  std::vector<chain::Hash> leaves;
  for (std::size_t i = 0; i < hashes.size() / kHash; ++i) leaves.push_back(hash_at(hashes, i));
  return chain::root_of(hasher_, leaves);
}

Result<chain::Hash> TreeReader::subtree(unsigned level, std::uint64_t index) {
  if (level < store::kTileHeight) return below_tile(level, index);
  const unsigned base = level / store::kTileHeight * store::kTileHeight;
  const unsigned up = level - base;
  std::string hashes;
  for (std::uint64_t i = index << up; i < (index + 1) << up; ++i) {
    auto row = stored(store::subtree_key(base, i), kHash);
    if (!row.ok()) return row.error();
    hashes += *row;
  }
  return fold(hashes);
}

Result<chain::Hash> TreeReader::below_tile(unsigned level, std::uint64_t index) {
  const std::uint64_t first = index << level, end = (index + 1) << level;
  const std::uint64_t tile = first / kTileLeaves;
  const std::size_t from = first % kTileLeaves, count = std::size_t{1} << level;
  if (tile_ != tile || tile_hashes_.size() < (from + count) * kHash) {
    auto row = snapshot_.get(store::Table::tree, store::tile_key(tile));
    if (!row.ok()) return row.error();
    if (*row) {
      if ((*row)->size() != kTileLeaves * kHash) {
        return Error{Fault::unreadable, "a tile of the tree has the wrong length"};
      }
      tile_hashes_ = std::move(**row);
    } else {
      auto open = open_tile(tile, end);
      if (!open.ok()) return open.error();
      tile_hashes_ = std::move(*open);
    }
    tile_ = tile;
  }
  return fold(std::string_view(tile_hashes_).substr(from * kHash, count * kHash));
}

Result<std::string> TreeReader::open_tile(std::uint64_t tile, std::uint64_t size) {
  const std::uint64_t from = tile * kTileLeaves;
  std::string hashes;
  std::uint64_t expected = from;
  const auto status = snapshot_.scan(
      store::Table::entries, store::key_of(from), store::key_of(size),
      [&](std::string_view key, std::string_view bytes) {
        if (key != store::key_of(expected)) return false;
        hashes += chain::bytes_of(hasher_.leaf(bytes));
        ++expected;
        return true;
      });
  if (!status.ok()) return status.error();
  if (expected != size) {
    return Error{Fault::truncated, "entry " + std::to_string(expected) + " is missing in the store"};
  }
  return hashes;
}

}  // namespace fundtrail
