// A proof is accepted only when what it says is true. The bytes choose a tree, a statement about it
// that may be false, and what is changed in the true proof; a naive tree says what is true.
#include <vector>

#include "ledger/chain/merkle.h"
#include "tests/fuzz/target.h"

using namespace fundtrail;
using chain::Hash;

namespace {

// RFC 9162 section 2.1.1, word for word.
Hash naive_root(chain::Hasher& hasher, const std::vector<Hash>& leaves, std::size_t from,
                std::size_t to) {
  if (from == to) return hasher.empty_root();
  if (to - from == 1) return leaves[from];
  std::size_t k = 1;
  while (k * 2 < to - from) k *= 2;
  return hasher.node(naive_root(hasher, leaves, from, from + k),
                     naive_root(hasher, leaves, from + k, to));
}

void spoil(fuzz::Input& input, std::vector<Hash>& proof, const std::vector<Hash>& leaves) {
  while (!input.empty()) {
    const unsigned what = input.byte(), at = input.byte();
    switch (what % 5) {
      case 0: if (!proof.empty()) proof[at % proof.size()][what / 5 % 32] ^= std::uint8_t(1u << at % 8); break;
      case 1: if (!proof.empty()) proof.erase(proof.begin() + std::ptrdiff_t(at % proof.size())); break;
      case 2: proof.insert(proof.begin() + std::ptrdiff_t(at % (proof.size() + 1)),
                           leaves[what / 5 % leaves.size()]); break;
      case 3: if (!proof.empty()) std::swap(proof[at % proof.size()], proof[what / 5 % proof.size()]); break;
      default: break;
    }
    if (proof.size() > 80) return;
  }
}

}  // namespace

FUZZ_TARGET(proofs) {
  static chain::Hasher hasher(chain::Suite::sha256_ed25519);
  static const std::vector<Hash> leaves = [] {
    std::vector<Hash> all;
    for (int i = 0; i < 40; ++i) all.push_back(hasher.leaf(std::to_string(i / 2 * 2)));  // with twins
    return all;
  }();
  fuzz::Input input(bytes);
  const bool inclusion = input.byte() % 2 == 0;
  const std::uint64_t size = 1 + input.byte() % 40u;
  const std::uint64_t other = input.byte() % (size + (inclusion ? 0 : 1));
  const std::uint64_t said_size = input.byte() % 41u, said_other = input.byte() % 42u;
  const std::size_t said_leaf = input.byte() % 40u;
  const bool honest = input.byte() % 2 == 0;
  const auto subtree = [&](unsigned level, std::uint64_t index) -> Result<Hash> {
    return naive_root(hasher, leaves, index << level, (index + 1) << level);
  };
  const auto root = [&](std::uint64_t of) { return naive_root(hasher, leaves, 0, of); };
  auto made = inclusion ? chain::inclusion_proof(hasher, other, size, subtree)
                        : chain::consistency_proof(hasher, other, size, subtree);
  fuzz::must(made.ok(), "a proof can be made");
  std::vector<Hash> proof = *made;
  spoil(input, proof, leaves);
  const std::uint64_t n = honest ? size : said_size, m = honest ? other : said_other;
  if (inclusion) {
    const Hash leaf = leaves[honest ? other : said_leaf];
    const bool accepted = chain::verify_inclusion(hasher, m, n, leaf, proof, root(n)).ok();
    fuzz::must(!accepted || (m < n && leaves[m] == leaf), "no proof of a leaf that is not there");
    fuzz::must(accepted || !honest || proof != *made, "a true inclusion proof is accepted");
  } else {
    const Hash before = root(std::min<std::uint64_t>(m, 40));
    const bool accepted = chain::verify_consistency(hasher, m, n, before, root(n), proof).ok();
    fuzz::must(!accepted || m <= n, "no consistency with a smaller tree");
    fuzz::must(accepted || !honest || proof != *made, "a true consistency proof is accepted");
    Hash altered = before;
    altered[0] ^= 1;
    fuzz::must(!chain::verify_consistency(hasher, m, n, altered, root(n), proof).ok(),
               "no consistency with another past");
  }
}
