// Merkle trees of RFC 9162 section 2.1 over leaf hashes (Hasher::leaf), with either hash suite.
//
// Sizes and indexes count leaves from 0. "Level" is the height of a complete subtree: level 0 is a
// leaf, level k spans 2^k leaves, and (level, index) spans the leaves from index * 2^level. Nothing
// here keeps state besides Frontier; a Hasher is not thread-safe, so give each thread its own.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"

namespace fundtrail::chain {

// The right edge of a growing tree: the roots of its maximal complete subtrees (one per one-bit of
// the size), which is all that appending and the root need. About 2 KiB, no allocation; copying it
// is how a group of appends is tried and thrown away.
class Frontier {
 public:
  // Adds a leaf: one hash per append on average, at most 63. Precondition: size() < 2^63.
  void append(Hasher& hasher, const Hash& leaf) {
    append(hasher, leaf, [](unsigned, std::uint64_t, const Hash&) {});
  }
  // The same, and calls closed(level, index, hash) for each complete subtree that this leaf
  // completes, the leaf itself (level 0) first: what a store of tree nodes has to keep.
  template <class Closed>
  void append(Hasher& hasher, const Hash& leaf, Closed&& closed) {
    FT_CHECK(size_ < std::uint64_t{1} << 63);
    const std::uint64_t index = size_;
    unsigned level = 0;
    Hash hash = leaf;
    closed(level, index, hash);
    for (; (size_ >> level & 1) != 0; ++level) {
      hash = hasher.node(peaks_[level], hash);
      closed(level + 1, index >> (level + 1), hash);
    }
    peaks_[level] = hash;
    ++size_;
  }

  std::uint64_t size() const { return size_; }
  // The tree's root; the hash of nothing when it is empty. popcount(size) - 1 hashes.
  Hash root(Hasher& hasher) const;

  // Whether the size has a complete subtree of that level at its edge, and that subtree's hash.
  bool has_peak(unsigned level) const { return level < 64 && (size_ >> level & 1) != 0; }
  const Hash& peak(unsigned level) const {
    FT_CHECK(has_peak(level));
    return peaks_[level];
  }

  // Layout: the size as 8 bytes, most significant first, then the hash of each peak, 32 bytes each,
  // the largest subtree (leftmost leaves) first. 8 + 32 * popcount(size) bytes.
  std::string serialise() const;
  // The inverse; Fault::unreadable when the length does not fit the size.
  static Result<Frontier> deserialise(std::string_view bytes);

  // Same size and same peaks, hence the same tree.
  friend bool operator==(const Frontier& a, const Frontier& b);

 private:
  std::uint64_t size_ = 0;
  std::array<Hash, 64> peaks_{};  // [level] is meaningful while bit `level` of size_ is set
};

// The root over those leaf hashes (RFC 9162 section 2.1.1).
Hash root_of(Hasher& hasher, std::span<const Hash> leaves);

// Where proofs get their nodes: the hash of the complete subtree (level, index). Asked only for
// subtrees that lie inside the tree that the proof is about. Its errors are passed on unchanged.
using SubtreeHash = std::function<Result<Hash>(unsigned level, std::uint64_t index)>;

// The root of the tree over the first `size` leaves. O(log size) questions.
Result<Hash> root_from(Hasher& hasher, std::uint64_t size, const SubtreeHash& subtree);

// The path from leaf `index` to the root of the first `size` leaves, nearest sibling first (RFC
// 9162 section 2.1.3.1). Fault::invalid_argument unless index < size.
Result<std::vector<Hash>> inclusion_proof(Hasher& hasher, std::uint64_t index, std::uint64_t size,
                                          const SubtreeHash& subtree);

// The nodes that show the tree of old_size to be a prefix of that of new_size (RFC 9162 section
// 2.1.4.1); empty when the sizes are equal or old_size is 0. Fault::invalid_argument unless
// old_size <= new_size.
Result<std::vector<Hash>> consistency_proof(Hasher& hasher, std::uint64_t old_size,
                                            std::uint64_t new_size, const SubtreeHash& subtree);

// RFC 9162 section 2.1.3.2. Fault::tampered when the proof does not lead from the leaf to the root
// (also when it is too long or too short), Fault::invalid_argument unless index < size.
Status verify_inclusion(Hasher& hasher, std::uint64_t index, std::uint64_t size, const Hash& leaf,
                        std::span<const Hash> proof, const Hash& root);

// RFC 9162 section 2.1.4.2, extended to its edges: equal sizes need an empty proof and equal roots;
// old_size 0 needs an empty proof and the empty root. Fault::tampered when the roots do not fit,
// Fault::invalid_argument unless old_size <= new_size.
Status verify_consistency(Hasher& hasher, std::uint64_t old_size, std::uint64_t new_size,
                          const Hash& old_root, const Hash& new_root, std::span<const Hash> proof);

}  // namespace fundtrail::chain
