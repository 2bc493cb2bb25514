#include "ledger/chain/merkle.h"

#include <catch2/catch.hpp>

#include "tests/chain/support.h"

using namespace fundtrail;
using namespace fundtrail::chain;

namespace {

constexpr Suite suites[] = {Suite::sha256_ed25519, Suite::sm3_sm2};
using Leaves = std::span<const Hash>;
using Proof = std::vector<Hash>;

// The naive oracle: RFC 9162 section 2.1 read aloud.
std::size_t split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
Hash tree_hash(Hasher& hasher, Leaves leaves) {
  if (leaves.empty()) return hasher.digest("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = split(leaves.size());
  return hasher.node(tree_hash(hasher, leaves.first(k)), tree_hash(hasher, leaves.subspan(k)));
}
Proof path(Hasher& hasher, std::size_t index, Leaves leaves) {
  if (leaves.size() == 1) return {};
  const std::size_t k = split(leaves.size());
  Proof proof =
      index < k ? path(hasher, index, leaves.first(k)) : path(hasher, index - k, leaves.subspan(k));
  proof.push_back(tree_hash(hasher, index < k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}
Proof subproof(Hasher& hasher, std::size_t m, Leaves leaves, bool known) {
  if (m == leaves.size()) return known ? Proof{} : Proof{tree_hash(hasher, leaves)};
  const std::size_t k = split(leaves.size());
  Proof proof = m <= k ? subproof(hasher, m, leaves.first(k), known)
                       : subproof(hasher, m - k, leaves.subspan(k), false);
  proof.push_back(tree_hash(hasher, m <= k ? leaves.subspan(k) : leaves.first(k)));
  return proof;
}

std::vector<Hash> make_leaves(Hasher& hasher, std::size_t count) {
  std::vector<Hash> leaves;
  for (std::size_t i = 0; i < count; ++i) leaves.push_back(hasher.leaf(std::to_string(i)));
  return leaves;
}

// Computes subtrees from the leaves, and checks that only complete ones inside `size` are asked
// for.
SubtreeHash source(Hasher& hasher, Leaves leaves, std::size_t size) {
  return [&hasher, leaves, size](unsigned level, std::uint64_t index) -> Result<Hash> {
    const std::size_t width = std::size_t{1} << level;
    REQUIRE((index + 1) * width <= size);
    return tree_hash(hasher, leaves.subspan(index * width, width));
  };
}

Proof proof_of(const nlohmann::json& hashes) {
  Proof proof;
  for (const auto& hash : hashes) proof.push_back(hash_of_hex(hash));
  return proof;
}

// Every proof that differs from `proof` in one step: a bit flipped, a step left out, one too many,
// one doubled, two neighbours exchanged.
std::vector<Proof> mutations(const Proof& proof) {
  std::vector<Proof> all;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    for (const std::size_t bit : {0u, 7u, 100u, 255u}) {
      all.push_back(proof);
      all.back()[i][bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    all.push_back(proof);
    all.back().erase(all.back().begin() + static_cast<long>(i));
    all.push_back(proof);
    all.back().insert(all.back().begin() + static_cast<long>(i), proof[i]);
    if (i + 1 < proof.size()) {
      all.push_back(proof);
      std::swap(all.back()[i], all.back()[i + 1]);
    }
  }
  all.push_back(proof);
  all.back().push_back(Hash{});
  all.push_back(proof);
  all.back().insert(all.back().begin(), Hash{});
  return all;
}

Hash flipped(Hash hash, std::size_t bit) {
  hash[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  return hash;
}

}  // namespace

TEST_CASE("the tree of the Certificate Transparency reference implementation") {
  const auto file = vectors("tree.json");
  Hasher hasher(Suite::sha256_ed25519);
  std::vector<Hash> leaves;
  for (const auto& leaf : file["leaves"]) leaves.push_back(hasher.leaf(bytes_of_hex(leaf)));
  const auto root = [&](std::size_t size) { return hash_of_hex(file["roots"][size]); };
  REQUIRE(file["roots"].size() == 9);
  for (std::size_t size = 0; size <= 8; ++size) {
    CHECK(root_of(hasher, Leaves(leaves).first(size)) == root(size));
  }
  for (const auto& vector : file["inclusion"]) {
    const std::uint64_t index = vector["index"];
    const std::uint64_t size = vector["size"];
    const Proof proof = proof_of(vector["proof"]);
    CHECK(inclusion_proof(hasher, index, size, source(hasher, leaves, size)).value() == proof);
    CHECK(verify_inclusion(hasher, index, size, leaves[index], proof, root(size)).ok());
  }
  for (const auto& vector : file["consistency"]) {
    const std::uint64_t old_size = vector["old"];
    const std::uint64_t new_size = vector["new"];
    const Proof proof = proof_of(vector["proof"]);
    CHECK(consistency_proof(hasher, old_size, new_size, source(hasher, leaves, new_size)).value() ==
          proof);
    CHECK(
        verify_consistency(hasher, old_size, new_size, root(old_size), root(new_size), proof).ok());
  }
}

TEST_CASE("the frontier agrees with the oracle at every size, through bytes too") {
  for (const Suite suite : suites) {
    Hasher hasher(suite);
    const std::vector<Hash> leaves = make_leaves(hasher, 130);
    Frontier frontier;
    for (std::size_t size = 0;; ++size) {
      CAPTURE(size);
      const Hash expected = tree_hash(hasher, Leaves(leaves).first(size));
      REQUIRE(frontier.size() == size);
      REQUIRE(frontier.root(hasher) == expected);
      REQUIRE(root_of(hasher, Leaves(leaves).first(size)) == expected);
      REQUIRE(root_from(hasher, size, source(hasher, leaves, size)).value() == expected);
      const std::string bytes = frontier.serialise();
      REQUIRE(bytes.size() == 8 + 32 * static_cast<std::size_t>(std::popcount(size)));
      const Frontier copy = Frontier::deserialise(bytes).value();
      REQUIRE(copy == frontier);
      REQUIRE(copy.root(hasher) == expected);
      REQUIRE_FALSE(Frontier::deserialise(bytes + "x").ok());
      REQUIRE_FALSE(
          Frontier::deserialise(std::string_view(bytes).substr(0, bytes.size() - 1)).ok());
      if (size == leaves.size()) break;
      // Exactly the subtrees that this leaf completes are reported, smallest first.
      unsigned next = 0;
      frontier.append(
          hasher, leaves[size], [&](unsigned level, std::uint64_t index, const Hash& h) {
            const std::size_t width = std::size_t{1} << level;
            REQUIRE(level == next++);
            REQUIRE((index + 1) * width == size + 1);
            REQUIRE(h == tree_hash(hasher, Leaves(leaves).subspan(index * width, width)));
          });
      REQUIRE(next == static_cast<unsigned>(std::countr_zero(size + 1)) + 1);
      REQUIRE_FALSE(frontier == copy);
    }
  }
}

TEST_CASE("the layout of a frontier in bytes is fixed") {
  Hasher hasher(Suite::sha256_ed25519);
  const std::vector<Hash> leaves = make_leaves(hasher, 3);
  Frontier frontier;
  for (const Hash& leaf : leaves) frontier.append(hasher, leaf);
  CHECK(to_hex(frontier.serialise()) ==
        "0000000000000003" + to_hex(hasher.node(leaves[0], leaves[1])) + to_hex(leaves[2]));
  CHECK(frontier.peak(1) == hasher.node(leaves[0], leaves[1]));
  CHECK_FALSE(frontier.has_peak(2));
  CHECK(Frontier::deserialise("").error().fault == Fault::unreadable);
}

TEST_CASE("inclusion proofs of every leaf at every size, and no mutation of them, verify") {
  Hasher hasher(Suite::sha256_ed25519);
  const std::vector<Hash> leaves = make_leaves(hasher, 130);
  std::size_t refused = 0;
  for (std::size_t size = 1; size <= leaves.size(); ++size) {
    const Hash root = tree_hash(hasher, Leaves(leaves).first(size));
    const SubtreeHash subtree = source(hasher, leaves, size);
    for (std::size_t index = 0; index < size; ++index) {
      const Proof proof = inclusion_proof(hasher, index, size, subtree).value();
      if (proof != path(hasher, index, Leaves(leaves).first(size))) FAIL(index << " of " << size);
      const auto verify = [&](std::size_t i, const Hash& leaf, const Proof& p, const Hash& r) {
        return verify_inclusion(hasher, i, size, leaf, p, r).ok();
      };
      if (!verify(index, leaves[index], proof, root)) FAIL(index << " of " << size);
      if (size % 7 != 0 && size > 40) continue;  // mutations of a sample of the larger sizes
      for (const Proof& wrong : mutations(proof)) {
        if (verify(index, leaves[index], wrong, root)) FAIL(index << " of " << size);
        ++refused;
      }
      if (verify(index, flipped(leaves[index], index), proof, root)) FAIL(index << " of " << size);
      if (verify(index, leaves[index], proof, flipped(root, index))) FAIL(index << " of " << size);
      for (std::size_t other = 0; other < size; ++other) {
        if (other != index && verify(other, leaves[index], proof, root)) {
          FAIL(index << " taken for " << other << " of " << size);
        }
      }
    }
  }
  CHECK(refused > 50000);
}

TEST_CASE("consistency proofs between all sizes, and no mutation of them, verify") {
  Hasher hasher(Suite::sha256_ed25519);
  const std::vector<Hash> leaves = make_leaves(hasher, 130);
  std::vector<Hash> roots;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    roots.push_back(tree_hash(hasher, Leaves(leaves).first(size)));
  }
  std::size_t refused = 0;
  for (std::size_t n = 0; n < roots.size(); ++n) {
    const SubtreeHash subtree = source(hasher, leaves, n);
    for (std::size_t m = 0; m <= n; ++m) {
      const Proof proof = consistency_proof(hasher, m, n, subtree).value();
      if (m > 0 && proof != subproof(hasher, m, Leaves(leaves).first(n), true)) FAIL(m << " " << n);
      const auto verify = [&](const Hash& old_root, const Hash& new_root, const Proof& p) {
        return verify_consistency(hasher, m, n, old_root, new_root, p).ok();
      };
      if (!verify(roots[m], roots[n], proof)) FAIL(m << " to " << n);
      if (n % 7 != 0 && n > 40) continue;
      for (const Proof& wrong : mutations(proof)) {
        if (verify(roots[m], roots[n], wrong)) FAIL(m << " to " << n);
        ++refused;
      }
      if (verify(flipped(roots[m], n), roots[n], proof)) FAIL(m << " to " << n);
      // From nothing, every tree is a continuation: only the size 0 case accepts another new root.
      if ((m > 0 || n == 0) && verify(roots[m], flipped(roots[n], m), proof))
        FAIL(m << " to " << n);
      if (m != n && m > 0 && verify(roots[n], roots[m], proof)) FAIL(m << " to " << n);
    }
  }
  CHECK(refused > 50000);
}

TEST_CASE("a proof of the wrong length is refused even if its hashes lead to the root") {
  Hasher hasher(Suite::sha256_ed25519);
  constexpr std::size_t count = 40;
  const std::vector<Hash> leaves = make_leaves(hasher, count);
  std::vector<Hash> roots;
  for (std::size_t n = 0; n <= count; ++n)
    roots.push_back(tree_hash(hasher, Leaves(leaves).first(n)));
  // One step too many, with roots forged to fit it.
  const Hash extra = hasher.leaf("extra");
  for (std::size_t n = 1; n <= count; ++n) {
    for (std::size_t i = 0; i < n; ++i) {
      Proof proof = path(hasher, i, Leaves(leaves).first(n));
      proof.push_back(extra);
      REQUIRE_FALSE(
          verify_inclusion(hasher, i, n, leaves[i], proof, hasher.node(extra, roots[n])).ok());
    }
    for (std::size_t m = 1; m < n; ++m) {
      Proof proof = subproof(hasher, m, Leaves(leaves).first(n), true);
      proof.push_back(extra);
      // A complete old tree seeds the walk with its own root, which then cannot be forged.
      REQUIRE_FALSE(verify_consistency(hasher, m, n, hasher.node(extra, roots[m]),
                                       hasher.node(extra, roots[n]), proof)
                        .ok());
    }
  }
  // Proofs that are right for a tree of n leaves, offered for one of another size and shape.
  std::size_t refused = 0;
  for (std::size_t n = 1; n <= count; ++n) {
    for (std::size_t other = 1; other <= count; ++other) {
      for (std::size_t i = 0; i < std::min(n, other); ++i) {
        const Proof proof = path(hasher, i, Leaves(leaves).first(n));
        if (proof.size() == path(hasher, i, Leaves(leaves).first(other)).size()) continue;
        if (verify_inclusion(hasher, i, other, leaves[i], proof, roots[n]).ok()) {
          FAIL("inclusion " << i << " of " << n << " taken for " << other);
        }
        ++refused;
      }
      for (std::size_t m = 1; m < std::min(n, other); ++m) {
        const Proof proof = subproof(hasher, m, Leaves(leaves).first(n), true);
        if (proof.size() == subproof(hasher, m, Leaves(leaves).first(other), true).size()) continue;
        if (verify_consistency(hasher, m, other, roots[m], roots[n], proof).ok()) {
          FAIL("consistency " << m << " to " << n << " taken for " << other);
        }
        ++refused;
      }
    }
  }
  CHECK(refused > 10000);
}

TEST_CASE("a changed history has no consistency proof") {
  Hasher hasher(Suite::sm3_sm2);
  std::vector<Hash> leaves = make_leaves(hasher, 60);
  const Hash old_root = root_of(hasher, Leaves(leaves).first(40));
  for (std::size_t changed = 0; changed < 40; ++changed) {
    std::vector<Hash> forged = leaves;
    forged[changed] = hasher.leaf("something else");
    const Proof proof = consistency_proof(hasher, 40, 60, source(hasher, forged, 60)).value();
    const Status status =
        verify_consistency(hasher, 40, 60, old_root, root_of(hasher, forged), proof);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().fault == Fault::tampered);
  }
}

TEST_CASE("impossible questions and failing sources are errors, not proofs") {
  Hasher hasher(Suite::sha256_ed25519);
  const std::vector<Hash> leaves = make_leaves(hasher, 9);
  const SubtreeHash subtree = source(hasher, leaves, 9);
  CHECK(inclusion_proof(hasher, 9, 9, subtree).error().fault == Fault::invalid_argument);
  CHECK(inclusion_proof(hasher, 0, 0, subtree).error().fault == Fault::invalid_argument);
  CHECK(consistency_proof(hasher, 9, 8, subtree).error().fault == Fault::invalid_argument);
  CHECK(verify_inclusion(hasher, 1, 1, leaves[0], {}, leaves[0]).error().fault ==
        Fault::invalid_argument);
  CHECK(verify_consistency(hasher, 2, 1, leaves[0], leaves[0], {}).error().fault ==
        Fault::invalid_argument);
  // Whichever question the source fails at, its error comes out unchanged.
  for (int fail_at = 0;; ++fail_at) {
    int asked = 0;
    const SubtreeHash failing = [&](unsigned level, std::uint64_t index) -> Result<Hash> {
      if (asked++ == fail_at) return Error{Fault::io, "the disk is gone"};
      return subtree(level, index);
    };
    const auto inclusion = inclusion_proof(hasher, 2, 9, failing);
    if (asked <= fail_at) break;
    REQUIRE_FALSE(inclusion.ok());
    CHECK(inclusion.error().message == "the disk is gone");
    asked = 0;
    CHECK((root_from(hasher, 9, failing).ok() || asked > fail_at));
    asked = 0;
    const auto consistency = consistency_proof(hasher, 3, 9, failing);
    CHECK(consistency.ok() == (asked <= fail_at));
  }
  CHECK(verify_consistency(hasher, 0, 0, hasher.empty_root(), hasher.empty_root(), {}).ok());
  CHECK_FALSE(verify_consistency(hasher, 0, 0, leaves[0], leaves[0], {}).ok());
  CHECK_FALSE(verify_consistency(hasher, 0, 1, leaves[0], leaves[0], {}).ok());
}
