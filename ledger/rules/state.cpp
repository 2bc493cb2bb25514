#include "ledger/rules/state.h"

#include "ledger/rules/packing.h"

namespace fundtrail::rules {

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

// What a cached row takes besides its bytes: the table's node and bucket, two string headers, and
// what the allocator adds to three blocks.
constexpr std::size_t kRowOverhead = 160;

}  // namespace

StoredState::StoredState(const store::Store& store, std::size_t max_cached_bytes)
    : store_(store), max_cached_bytes_(max_cached_bytes) {}

const std::string* StoredState::find(std::string_view key) const {
  auto found = cache_.find(key);
  if (found == cache_.end()) {
    auto read = store_.get(store::Table::state, key);
    if (!read.ok()) throw StateUnreadable{read.error()};
    Cached cached;
    cached.present = read->has_value();
    if (cached.present) cached.value = std::move(**read);
    cached_bytes_ += kRowOverhead + key.size() + cached.value.size();
    found = cache_.emplace(std::string(key), std::move(cached)).first;
  }
  return found->second.present ? &found->second.value : nullptr;
}

void StoredState::refresh(std::string_view key, const std::string& value) {
  auto found = cache_.find(key);
  if (found == cache_.end()) {
    found = cache_.emplace(std::string(key), Cached()).first;
    cached_bytes_ += kRowOverhead + key.size();
  }
  cached_bytes_ -= found->second.value.size();
  cached_bytes_ += value.size();
  found->second.value = value;
  found->second.present = true;
}

void StoredState::trim() {
  if (cached_bytes_ <= max_cached_bytes_) return;
  cache_.clear();
  cached_bytes_ = 0;
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

void Overlay::merge_into(Overlay& target) {
  while (!rows_.empty()) {
    auto inserted = target.rows_.insert(rows_.extract(rows_.begin()));
    if (!inserted.inserted) inserted.position->second = std::move(inserted.node.mapped());
  }
}

}  // namespace fundtrail::rules
