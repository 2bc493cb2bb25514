#include "ledger/chain/merkle.h"

#include <algorithm>

#include "ledger/core/bilingual.h"

namespace fundtrail::chain {
namespace {

// The greatest power of two below n: where RFC 9162 splits n leaves. Precondition: n > 1.
std::uint64_t split(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

unsigned level_of(std::uint64_t power_of_two) {
  return static_cast<unsigned>(std::countr_zero(power_of_two));
}

// The root over the leaves [begin, begin + count). Precondition: count > 0 and begin is a multiple
// of the least power of two >= count, so that every part asked for is a complete subtree.
Result<Hash> root_of_range(Hasher& hasher, std::uint64_t begin, std::uint64_t count,
                           const SubtreeHash& subtree) {
  // From the smallest complete subtree at the right edge to the largest at the left.
  std::uint64_t end = begin + count;
  const std::uint64_t last = count & (~count + 1);
  Result<Hash> root = subtree(level_of(last), (end - last) >> level_of(last));
  if (!root.ok()) return root;
  end -= last;
  for (std::uint64_t rest = count - last; rest != 0;) {
    const std::uint64_t part = rest & (~rest + 1);
    Result<Hash> left = subtree(level_of(part), (end - part) >> level_of(part));
    if (!left.ok()) return left;
    root = hasher.node(*left, *root);
    end -= part;
    rest -= part;
  }
  return root;
}

Error not_proven(const char* what) {
  return Error{Fault::tampered, what};
}

}  // namespace

Hash Frontier::root(Hasher& hasher) const {
  if (size_ == 0) return hasher.empty_root();
  unsigned level = static_cast<unsigned>(std::countr_zero(size_));
  Hash root = peaks_[level];
  for (++level; level < 64; ++level) {
    if (has_peak(level)) root = hasher.node(peaks_[level], root);
  }
  return root;
}

std::string Frontier::serialise() const {
  std::string bytes;
  bytes.reserve(8 + 32 * static_cast<std::size_t>(std::popcount(size_)));
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size_ >> shift));
  for (unsigned level = 64; level-- > 0;) {
    if (has_peak(level)) bytes.append(bytes_of(peaks_[level]));
  }
  return bytes;
}

Result<Frontier> Frontier::deserialise(std::string_view bytes) {
  if (bytes.size() < 8) {
    return Error{Fault::unreadable,
                 in_both("哈希树不足 8 字节", "a tree frontier is shorter than 8 bytes")};
  }
  Frontier frontier;
  for (int i = 0; i < 8; ++i) {
    frontier.size_ = frontier.size_ << 8 | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(8);
  if (bytes.size() != 32 * static_cast<std::size_t>(std::popcount(frontier.size_))) {
    return Error{Fault::unreadable, in_both("哈希树中摘要的个数与条数不符",
                                            "a tree frontier has not one hash per one-bit of its size")};
  }
  for (unsigned level = 64; level-- > 0;) {
    if (!frontier.has_peak(level)) continue;
    std::copy_n(bytes.begin(), 32, frontier.peaks_[level].begin());
    bytes.remove_prefix(32);
  }
  return frontier;
}

bool operator==(const Frontier& a, const Frontier& b) {
  if (a.size_ != b.size_) return false;
  for (unsigned level = 0; level < 64; ++level) {
    if (a.has_peak(level) && a.peaks_[level] != b.peaks_[level]) return false;
  }
  return true;
}

Hash root_of(Hasher& hasher, std::span<const Hash> leaves) {
  Frontier frontier;
  for (const Hash& leaf : leaves) frontier.append(hasher, leaf);
  return frontier.root(hasher);
}

Result<Hash> root_from(Hasher& hasher, std::uint64_t size, const SubtreeHash& subtree) {
  if (size == 0) return hasher.empty_root();
  return root_of_range(hasher, 0, size, subtree);
}

Result<std::vector<Hash>> inclusion_proof(Hasher& hasher, std::uint64_t index, std::uint64_t size,
                                          const SubtreeHash& subtree) {
  if (index >= size) {
    return Error{Fault::invalid_argument, "no inclusion proof: the index is not below the size"};
  }
  // Walk down from the root, keeping at each fork the half that the leaf is not in.
  std::vector<Hash> path;
  std::uint64_t begin = 0;
  for (std::uint64_t count = size; count > 1;) {
    const std::uint64_t left = split(count);
    const bool go_left = index - begin < left;
    Result<Hash> other = go_left ? root_of_range(hasher, begin + left, count - left, subtree)
                                 : root_of_range(hasher, begin, left, subtree);
    if (!other.ok()) return other.error();
    path.push_back(*other);
    if (!go_left) begin += left;
    count = go_left ? left : count - left;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::vector<Hash>> consistency_proof(Hasher& hasher, std::uint64_t old_size,
                                            std::uint64_t new_size, const SubtreeHash& subtree) {
  if (old_size > new_size) {
    return Error{Fault::invalid_argument, "no consistency proof: the old size is above the new"};
  }
  std::vector<Hash> path;
  if (old_size == 0 || old_size == new_size) return path;
  // Walk down along the old tree's right edge. `known`: the subtree is the whole old tree, whose
  // root the verifier has already.
  std::uint64_t begin = 0;
  std::uint64_t count = new_size;
  std::uint64_t old_count = old_size;
  bool known = true;
  while (old_count != count) {
    const std::uint64_t left = split(count);
    const bool go_left = old_count <= left;
    Result<Hash> other = go_left ? root_of_range(hasher, begin + left, count - left, subtree)
                                 : root_of_range(hasher, begin, left, subtree);
    if (!other.ok()) return other.error();
    path.push_back(*other);
    if (go_left) {
      count = left;
    } else {
      begin += left;
      count -= left;
      old_count -= left;
      known = false;
    }
  }
  if (!known) {
    Result<Hash> seed = root_of_range(hasher, begin, count, subtree);
    if (!seed.ok()) return seed.error();
    path.push_back(*seed);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Status verify_inclusion(Hasher& hasher, std::uint64_t index, std::uint64_t size, const Hash& leaf,
                        std::span<const Hash> proof, const Hash& root) {
  if (index >= size) {
    return Error{Fault::invalid_argument, "inclusion: the index is not below the size"};
  }
  std::uint64_t node = index;     // "fn" of the RFC
  std::uint64_t last = size - 1;  // "sn"
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return not_proven("inclusion: the proof is too long");
    if ((node & 1) != 0 || node == last) {
      hash = hasher.node(sibling, hash);
      // A right edge without a sibling has no step in the proof: skip those levels.
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return not_proven("inclusion: the proof is too short");
  if (hash != root) return not_proven("inclusion: the proof does not lead to the root");
  return success();
}

Status verify_consistency(Hasher& hasher, std::uint64_t old_size, std::uint64_t new_size,
                          const Hash& old_root, const Hash& new_root, std::span<const Hash> proof) {
  if (old_size > new_size) {
    return Error{Fault::invalid_argument, "consistency: the old size is above the new"};
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return not_proven("consistency: the proof is too long");
    const Hash& expected = old_size == new_size ? new_root : hasher.empty_root();
    if (old_root != expected) return not_proven("consistency: the old root does not fit");
    if (new_size == 0 && new_root != hasher.empty_root()) {
      return not_proven("consistency: the root of an empty tree is not the empty root");
    }
    return success();
  }
  std::uint64_t node = old_size - 1;  // "fn" of the RFC
  std::uint64_t last = new_size - 1;  // "sn"
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  // When the old tree is one complete subtree, its root is the seed and not in the proof.
  Hash old_hash = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return not_proven("consistency: the proof is too short");
    old_hash = proof.front();
    proof = proof.subspan(1);
  }
  Hash new_hash = old_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) return not_proven("consistency: the proof is too long");
    if ((node & 1) != 0 || node == last) {
      old_hash = hasher.node(sibling, old_hash);
      new_hash = hasher.node(sibling, new_hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      new_hash = hasher.node(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  if (last != 0) return not_proven("consistency: the proof is too short");
  if (old_hash != old_root) return not_proven("consistency: the old root does not fit");
  if (new_hash != new_root) return not_proven("consistency: the new root does not fit");
  return success();
}

}  // namespace fundtrail::chain
