// What a ledger counts while it works, for whoever watches over it (api/operations/metrics.h). Counted
// by the writer's threads, once a group where that is possible; nobody waits for anybody.
//
// Thread-safety: everything may be read at any time, each number by itself.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "ledger/core/rejection.h"

namespace fundtrail {

inline constexpr std::array<std::uint64_t, 13> kGroupSizes = {1,   2,   4,   8,    16,   32,  64,
                                                              128, 256, 512, 1024, 2048, 4096};
inline constexpr std::array<std::uint64_t, 15> kMicroseconds = {
    50,     100,    250,     500,     1'000,   2'500,     5'000,    10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};

// How many observations were at most as large as each bound.
template <const auto& kBounds>
class Histogram {
 public:
  static constexpr std::size_t kSize = kBounds.size();

  void observe(std::uint64_t value) {
    std::size_t i = 0;
    while (i < kSize && value > kBounds[i]) ++i;
    counts_[i].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  static constexpr std::uint64_t bound(std::size_t i) { return kBounds[i]; }
  // Of bucket i alone, not of those below; bucket kSize is that of everything above the last bound.
  std::uint64_t count(std::size_t i) const { return counts_[i].load(std::memory_order_relaxed); }
  std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<std::uint64_t>, kSize + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

struct LedgerCounters {
  using Count = std::atomic<std::uint64_t>;

  // Since the ledger was opened.
  Count entries{0}, lines{0};    // recorded
  Count repeated{0};             // commands that had been recorded before
  std::array<Count, kReasons> refused{};        // commands, by reason
  std::array<Count, kReasons> refused_lines{};  // lines of documents that were recorded without them
  Histogram<kGroupSizes> group_commands;
  // Microseconds: a group's synced write, and that of the anchor.
  Histogram<kMicroseconds> commit_us, anchor_us;

  // As things are.
  Count size{0};        // entries of the ledger
  Count anchored{0};    // of them, those that the anchor covers
  Count checkpoint{0};  // those that the newest signed checkpoint covers
  std::atomic<std::int64_t> last_time{0};       // unix seconds: recorded time of the newest entry
  std::atomic<std::int64_t> unsigned_since{0};  // of the first entry no checkpoint covers; 0: none
};

}  // namespace fundtrail
