#include "ledger/store/memory_store.h"

#include <utility>

#include "ledger/store/layout.h"

namespace fundtrail::store {
namespace {

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

MemoryStore::MemoryStore() : tables_(std::make_shared<Tables>()) {}
MemoryStore::~MemoryStore() = default;

Result<std::optional<std::string>> MemoryStore::get(Table table, std::string_view key) const {
  return find(*tables_, table, key);
}

std::unique_ptr<Snapshot> MemoryStore::snapshot() const {
  return std::make_unique<MemorySnapshot>(tables_);
}

CommitResult MemoryStore::commit(std::string_view expected_head, std::string_view new_head,
                                 const std::vector<Change>& changes) {
  if (find(*tables_, Table::meta, kHeadKey).value_or(std::string()) != expected_head) {
    return {Committed::not_applied, "the stored head is not the expected one"};
  }
  auto next = std::make_shared<Tables>(*tables_);
  for (const auto& change : changes) {
    auto& rows = (*next)[static_cast<std::size_t>(change.table)];
    if (change.value) {
      rows.insert_or_assign(change.key, *change.value);
    } else {
      rows.erase(change.key);
    }
  }
  (*next)[static_cast<std::size_t>(Table::meta)].insert_or_assign(std::string(kHeadKey),
                                                                  std::string(new_head));
  tables_ = std::move(next);
  return {};
}

}  // namespace fundtrail::store
