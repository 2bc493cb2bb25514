#include "ledger/store/memory_store.h"

#include <utility>

#include "ledger/store/layout.h"
#include "ledger/store/refusals.h"

namespace fundtrail::store {
namespace {

constexpr const char* kDiskFailed = "the disk failed";

std::optional<std::string> find(const MemoryStore::Tables& tables, Table table,
                                std::string_view key) {
  const auto& rows = tables[static_cast<std::size_t>(table)];
  const auto it = rows.find(key);
  if (it == rows.end()) return std::nullopt;
  return it->second;
}

class MemorySnapshot final : public Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<const MemoryStore::Tables> tables)
      : tables_(std::move(tables)) {}

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return find(*tables_, table, key);
  }
  Status scan(Table table, std::string_view from, std::string_view to,
              const Visit& visit) const override {
    const auto& rows = (*tables_)[static_cast<std::size_t>(table)];
    for (auto it = rows.lower_bound(from); it != rows.end(); ++it) {
      if (!to.empty() && it->first >= to) break;
      if (!visit(it->first, it->second)) break;
    }
    return success();
  }

 private:
  std::shared_ptr<const MemoryStore::Tables> tables_;
};

}  // namespace

MemoryStore::~MemoryStore() = default;

Result<std::optional<std::string>> MemoryStore::get(Table table, std::string_view key) const {
  return find(*disk_->tables, table, key);
}

std::unique_ptr<Snapshot> MemoryStore::snapshot() const {
  return std::make_unique<MemorySnapshot>(disk_->tables);
}

std::string MemoryStore::meta(std::string_view key) const {
  return find(*disk_->tables, Table::meta, key).value_or(std::string());
}

bool MemoryStore::write(const std::vector<Change>& changes) {
  auto next = std::make_shared<Tables>(*disk_->tables);
  for (const auto& change : changes) {
    auto& rows = (*next)[static_cast<std::size_t>(change.table)];
    if (change.value) {
      rows.insert_or_assign(change.key, *change.value);
    } else {
      rows.erase(change.key);
    }
  }
  const auto failing = std::exchange(disk_->failing, std::nullopt);
  if (failing != Disk::Failing::lost) disk_->tables = std::move(next);
  poisoned_ = failing.has_value();
  return !poisoned_;
}

Result<Epoch> MemoryStore::claim() {
  if (poisoned_) return Error{Fault::unavailable, refusing_since(kDiskFailed)};
  const auto next = epoch_after(meta(kEpochKey));
  if (!next.ok()) return next.error();
  std::vector<Change> changes = {{Table::meta, std::string(kEpochKey), key_of(*next)}};
  if (meta(kEpochKey).empty()) changes.push_back({Table::meta, std::string(kLayoutKey), std::string(kLayout)});
  if (!write(changes)) return Error{Fault::io, kDiskFailed};
  return *next;
}

CommitResult MemoryStore::commit(const Expected& expected, std::string_view new_head,
                                 const std::vector<Change>& changes) {
  if (poisoned_) return {Committed::not_applied, refusing_since(kDiskFailed)};
  if (auto why = unexpected(expected, meta(kEpochKey), meta(kHeadKey))) {
    return {Committed::not_applied, std::move(*why)};
  }
  auto all = changes;
  all.push_back({Table::meta, std::string(kHeadKey), std::string(new_head)});
  if (!write(all)) return {Committed::unknown, kDiskFailed};
  return {};
}

}  // namespace fundtrail::store
