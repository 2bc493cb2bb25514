// Where entries that fit a filter can stand, so that a rare one is found among millions without
// reading them: for every 64 entries the range of their business dates and amounts, and a Bloom
// filter of everything that they and their lines name. What it says no to is not there; what it says
// yes to is read. So answers do not depend on it, only the time they take.
//
// Kept in memory, made anew at start in the background, and brought up to date by whoever asks. Cost:
// about a byte and a half for every different name in 64 entries (measured: docs/PERFORMANCE.md).
// Index rows in the store would be exact, but every document would pay for them when it is written.
//
// Thread-safety: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>
#include <vector>

#include "api/http/entry_filter.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

class EntryIndex {
 public:
  static constexpr std::uint64_t kBlock = 64;  // entries

  // Takes in whole blocks below view.size(), at most `most` of them, unless somebody else is at it.
  // Gives up, without a fault, when `stop` becomes true.
  Status catch_up(const View& view, std::uint64_t most, const std::atomic<bool>* stop = nullptr);

  // The first entry of [from, to) whose block may hold one that fits; `to` when there is none. What
  // was not taken in yet may hold anything.
  std::uint64_t next_candidate(const EntryFilter& filter, std::uint64_t from,
                               std::uint64_t to) const;

  std::uint64_t entries() const;  // taken in
  std::size_t bytes() const;      // of memory

 private:
  struct Block {
    Date first;
    Date last;
    std::int64_t least = INT64_MAX;  // amounts; of no amounts at all nothing lies between
    std::int64_t most = INT64_MIN;
    std::vector<std::uint64_t> bits;
  };
  static std::uint64_t digest(Term term, std::string_view value);
  static bool may_hold(const Block& block, std::uint64_t digest);
  static Block make(const std::unordered_set<std::uint64_t>& digests);
  Result<Block> read(const View& view, std::uint64_t first);

  std::mutex catching_up_;
  EntryReader reader_;  // of whoever catches up
  mutable std::shared_mutex mutex_;
  std::vector<Block> blocks_;
  std::size_t bytes_ = 0;
};

}  // namespace fundtrail::api
