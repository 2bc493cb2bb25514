#include "api/http/entry_index.h"

#include <algorithm>

namespace fundtrail::api {
namespace {

constexpr std::size_t kBitsPerName = 10;  // with four probes: one false yes in a hundred
constexpr unsigned kProbes = 4;

// The bit of a probe: two halves of the digest give any number of independent ones.
std::size_t bit_of(std::uint64_t digest, unsigned probe, std::size_t bits) {
  const std::uint64_t mixed = (digest & 0xFFFFFFFF) + probe * (digest >> 32 | 1);
  return static_cast<std::size_t>((mixed * 0x9E3779B97F4A7C15u >> 32) * bits >> 32);
}

}  // namespace

std::uint64_t EntryIndex::digest(Term term, std::string_view value) {
  std::uint64_t state = 0xCBF29CE484222325u ^ static_cast<std::uint64_t>(term);
  for (const char c : value) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  state ^= state >> 31;  // the low bits of FNV are its weak ones
  state *= 0xBF58476D1CE4E5B9u;
  return state ^ state >> 29;
}

EntryIndex::Block EntryIndex::make(const std::unordered_set<std::uint64_t>& digests) {
  Block block;
  block.bits.resize((digests.size() * kBitsPerName + 63) / 64);
  block.bits.shrink_to_fit();
  const std::size_t bits = block.bits.size() * 64;
  for (const auto one : digests) {
    for (unsigned probe = 0; probe < kProbes; ++probe) {
      const auto bit = bit_of(one, probe, bits);
      block.bits[bit / 64] |= std::uint64_t(1) << bit % 64;
    }
  }
  return block;
}

bool EntryIndex::may_hold(const Block& block, std::uint64_t digest) {
  const std::size_t bits = block.bits.size() * 64;
  for (unsigned probe = 0; probe < kProbes; ++probe) {
    const auto bit = bit_of(digest, probe, bits);
    if ((block.bits[bit / 64] >> bit % 64 & 1) == 0) return false;
  }
  return true;
}

Result<EntryIndex::Block> EntryIndex::read(const View& view, std::uint64_t first) {
  std::unordered_set<std::uint64_t> digests;
  std::vector<EntryFacts> facts;
  Status fault = success();
  auto scanned = view.scan(
      first, first + kBlock, View::Lines::with,
      [&](std::uint64_t, std::string_view bytes, std::string_view lines) {
        auto one = reader_.read(bytes, lines, [&](Term term, std::string_view value) {
          digests.insert(digest(term, value));
        });
        if (!one) {
          fault = one.error();
          return false;
        }
        facts.push_back(*one);
        return true;
      });
  if (!scanned) return scanned.error();
  if (!fault) return fault.error();
  if (facts.size() != kBlock) {
    return Error{Fault::truncated, "entries are missing below the head"};
  }
  Block block = make(digests);
  block.first = block.last = facts.front().date;
  for (const auto& one : facts) {
    block.first = std::min(block.first, one.date);
    block.last = std::max(block.last, one.date);
    if (!one.amount) continue;
    block.least = std::min(block.least, *one.amount);
    block.most = std::max(block.most, *one.amount);
  }
  return block;
}

Status EntryIndex::catch_up(const View& view, std::uint64_t most, const std::atomic<bool>* stop) {
  const std::unique_lock one(catching_up_, std::try_to_lock);
  if (!one) return success();
  for (std::uint64_t done = 0; done < most && !(stop && *stop); ++done) {
    const std::uint64_t first = entries();
    if (first + kBlock > view.size()) return success();
    auto block = read(view, first);
    if (!block) return block.error();
    const std::unique_lock lock(mutex_);
    bytes_ += sizeof(Block) + block->bits.size() * sizeof(std::uint64_t);
    blocks_.push_back(std::move(*block));
  }
  return success();
}

std::uint64_t EntryIndex::next_candidate(const EntryFilter& filter, std::uint64_t from,
                                         std::uint64_t to) const {
  std::vector<std::uint64_t> wanted;
  for (std::size_t at = 0; at < kTerms; ++at) {
    const auto& value = filter.terms[at];
    if (!value.empty()) wanted.push_back(digest(static_cast<Term>(at), value));
  }
  const std::shared_lock lock(mutex_);
  for (std::uint64_t number = from / kBlock; number < blocks_.size(); ++number) {
    if (number * kBlock >= to) return to;
    const Block& block = blocks_[number];
    const bool outside = (filter.from && block.last < *filter.from) ||
                         (filter.to && block.first > *filter.to) ||
                         (filter.min && block.most < *filter.min) ||
                         (filter.max && block.least > *filter.max);
    if (!outside && std::all_of(wanted.begin(), wanted.end(),
                                [&](auto one) { return may_hold(block, one); })) {
      return std::max(from, number * kBlock);
    }
  }
  return std::min(to, std::max(from, std::uint64_t(blocks_.size()) * kBlock));
}

std::uint64_t EntryIndex::entries() const {
  const std::shared_lock lock(mutex_);
  return blocks_.size() * kBlock;
}

std::size_t EntryIndex::bytes() const {
  const std::shared_lock lock(mutex_);
  return bytes_;
}

}  // namespace fundtrail::api
