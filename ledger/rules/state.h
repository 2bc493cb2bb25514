// The state: everything that decide() looks at, derived from the entries alone and rebuildable from
// them byte for byte. Rows are byte strings under typed keys in the store's `state` table.
//
// Reading goes down a stack: the overlay of the current atomic batch, the overlay of the current
// group, the store. Writing touches the topmost overlay only; the engine commits a group's overlay
// in one piece or drops it. Not thread-safe: the writer owns it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::rules {

// Where rows come from.
class StateSource {
 public:
  virtual ~StateSource() = default;
  // The row's bytes, or nullptr when there is none. The pointer stays valid until the next write to
  // this source. A store that cannot be read throws StateUnreadable: decide() has no business
  // answer for that, the engine turns it into an Error.
  virtual const std::string* find(std::string_view key) const = 0;
};

struct StateUnreadable {
  Error error;
};

// Rows of a store as of its latest commit, kept in a bounded memory cache. What is evicted is found
// by a clock: rows that nobody has asked for since its hand came by last.
class StoredState : public StateSource {
 public:
  explicit StoredState(const store::Store& store, std::size_t max_cached_bytes = 256u << 20);
  const std::string* find(std::string_view key) const override;
  // After a commit: the cache takes the committed rows over.
  void refresh(std::string key, std::string value);
  // Call between groups, when nobody holds a pointer: evicts rows when the cache is full.
  void trim();
  std::size_t cached_bytes() const { return cached_bytes_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  struct Cached {
    bool present = false;
    bool used = false;  // since the clock's hand came by
    std::string value;
  };
  using Cache = std::unordered_map<std::string, Cached, Hash, std::equal_to<>>;
  Cache::iterator add(std::string key, Cached row) const;

  const store::Store& store_;
  std::size_t max_cached_bytes_;
  mutable std::size_t cached_bytes_ = 0;
  mutable Cache cache_;
  mutable std::vector<Cache::value_type*> ring_;  // the rows of cache_, which stay where they are
  std::size_t hand_ = 0;                          // of the clock, in ring_
  std::size_t kept_ = 0;                          // rows that the last trim() left
};

// Changed rows on top of another source. Rows are never removed, only rewritten.
class Overlay : public StateSource {
 public:
  explicit Overlay(const StateSource& below) : below_(below) {}
  const std::string* find(std::string_view key) const override;
  // The row for writing in place: copied up once, empty when there was none.
  std::string& edit(std::string_view key);
  // The whole row, whatever was there: nobody looks below.
  void put(std::string_view key, std::string value);
  // Moves every changed row into `target` (the overlay below, or a batch).
  void merge_into(Overlay& target);
  template <class F>
  void for_each_changed(F&& f) const {
    for (const auto& [key, value] : rows_) f(key, value);
  }
  // Hands every changed row over; nothing is left.
  template <class F>
  void take_changed(F&& f) {
    while (!rows_.empty()) {
      auto row = rows_.extract(rows_.begin());
      f(std::move(row.key()), std::move(row.mapped()));
    }
  }
  void clear() { rows_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  const StateSource& below_;
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> rows_;
};

}  // namespace fundtrail::rules
