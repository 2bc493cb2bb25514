#include "ledger/rules/state.h"

#include <algorithm>
#include <utility>

#include "ledger/core/check.h"
#include "ledger/rules/packing.h"

namespace fundtrail::rules {

void set_money(char* at, const Money& value) {
  const Money::Fen& fen = value.fen();
  std::uint64_t high, low;
  if (fen <= INT64_MAX && fen >= -INT64_MAX) {
    const auto small = fen.convert_to<std::int64_t>();
    high = small < 0 ? ~std::uint64_t{0} : 0;
    low = static_cast<std::uint64_t>(small);
  } else {
    const Money::Fen magnitude = value.is_negative() ? Money::Fen(-fen) : fen;
    FT_CHECK(magnitude < Money::Fen(1) << 126);
    high = (magnitude >> 64).convert_to<std::uint64_t>();
    low = (magnitude & UINT64_MAX).convert_to<std::uint64_t>();
    if (value.is_negative()) {
      low = ~low + 1;
      high = ~high + (low == 0 ? 1 : 0);
    }
  }
  set_big_endian(at, high, 8);
  set_big_endian(at + 8, low, 8);
}

Money get_money(const char* at) {
  std::uint64_t high = get_big_endian(at, 8), low = get_big_endian(at + 8, 8);
  const bool negative = high >> 63 != 0;
  if (high == (low >> 63 != 0 ? ~std::uint64_t{0} : 0)) {
    return Money::of_fen(static_cast<std::int64_t>(low));
  }
  if (negative) {
    low = ~low + 1;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const Money magnitude((Money::Fen(high) << 64) + Money::Fen(low));
  return negative ? -magnitude : magnitude;
}

Packer& Packer::money(const Money& value) {
  const Money::Fen& fen = value.fen();
  if (fen <= INT64_MAX && fen >= -INT64_MAX) {
    u8(0);
    return u64(static_cast<std::uint64_t>(fen.convert_to<std::int64_t>()));
  }
  u8(1);
  return text(fen.str());
}

Money Unpacker::money() {
  if (u8() == 0) return Money::of_fen(static_cast<std::int64_t>(u64()));
  return Money(Money::Fen(std::string(text())));
}

void Unpacker::damaged() {
  throw StateUnreadable{{Fault::unreadable, "a row of the state is damaged"}};
}

namespace {

// What a cached row takes besides its bytes: the table's node and bucket, its place in the ring, two
// string headers, and what the allocator adds to three blocks.
constexpr std::size_t kRowOverhead = 168;

}  // namespace

StoredState::StoredState(const store::Store& store, std::size_t max_cached_bytes)
    : store_(store), max_cached_bytes_(max_cached_bytes) {}

const std::string* StoredState::find(std::string_view key) const {
  auto found = cache_.find(key);
  if (found == cache_.end()) {
    auto read = store_.get(store::Table::state, key);
    if (!read.ok()) throw StateUnreadable{read.error()};
    Cached row;
    row.present = read->has_value();
    if (row.present) row.value = std::move(**read);
    found = add(std::string(key), std::move(row));
  }
  found->second.used = true;
  return found->second.present ? &found->second.value : nullptr;
}

StoredState::Cache::iterator StoredState::add(std::string key, Cached row) const {
  cached_bytes_ += kRowOverhead + key.size() + row.value.size();
  const auto made = cache_.emplace(std::move(key), std::move(row)).first;
  ring_.push_back(&*made);
  return made;
}

void StoredState::refresh(std::string key, std::string value) {
  const auto found = cache_.find(key);
  if (found == cache_.end()) {
    add(std::move(key), Cached{true, false, std::move(value)});
    return;
  }
  cached_bytes_ -= found->second.value.size();
  cached_bytes_ += value.size();
  found->second.value = std::move(value);
  found->second.present = true;
}

void StoredState::trim() {
  // A few rows in every call, so that no group pays for all of them; all at once only when the
  // cache has run far ahead.
  std::size_t steps = 4 * (ring_.size() - std::min(ring_.size(), kept_)) + 64;
  while (cached_bytes_ > max_cached_bytes_ && !ring_.empty()) {
    if (steps == 0 && cached_bytes_ < max_cached_bytes_ + max_cached_bytes_ / 8) break;
    if (steps > 0) --steps;
    if (hand_ >= ring_.size()) hand_ = 0;
    auto& [key, row] = *ring_[hand_];
    if (row.used) {
      row.used = false;
      ++hand_;
      continue;
    }
    cached_bytes_ -= kRowOverhead + key.size() + row.value.size();
    cache_.erase(cache_.find(key));
    ring_[hand_] = ring_.back();
    ring_.pop_back();
  }
  kept_ = ring_.size();
}

const std::string* Overlay::find(std::string_view key) const {
  const auto found = rows_.find(key);
  return found != rows_.end() ? &found->second : below_.find(key);
}

std::string& Overlay::edit(std::string_view key) {
  auto found = rows_.find(key);
  if (found == rows_.end()) {
    const std::string* below = below_.find(key);
    found = rows_.emplace(std::string(key), below ? *below : std::string()).first;
  }
  return found->second;
}

void Overlay::put(std::string_view key, std::string value) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) {
    found->second = std::move(value);
  } else {
    rows_.emplace(std::string(key), std::move(value));
  }
}

void Overlay::merge_into(Overlay& target) {
  while (!rows_.empty()) {
    auto inserted = target.rows_.insert(rows_.extract(rows_.begin()));
    if (!inserted.inserted) inserted.position->second = std::move(inserted.node.mapped());
  }
}

}  // namespace fundtrail::rules
