#include "ledger/engine/erase.h"

#include "ledger/engine/directory.h"
#include "ledger/store/layout.h"
#include "ledger/store/rocks_store.h"

namespace fundtrail {

using store::Table;

Status erase_person(const std::filesystem::path& ledger, const Pseudonym& person) {
  const auto directory = LedgerDirectory::open(ledger);
  if (!directory.ok()) return directory.error();
  const auto store = store::RocksStore::open(directory->store(), store::RocksStore::Missing::refuse);
  if (!store.ok()) return store.error();
  const auto record = (*store)->get(Table::vault, person.str());
  if (!record.ok()) return record.error();
  if (!*record) return Error{Fault::not_found, "the vault holds nobody of this pseudonym"};
  const auto head = (*store)->get(Table::meta, store::kHeadKey);
  if (!head.ok()) return head.error();
  const std::string bytes = head->value_or(std::string());
  const auto epoch = (*store)->claim();
  if (!epoch.ok()) return epoch.error();
  const auto result = (*store)->commit({*epoch, bytes}, bytes, {{Table::vault, person.str(), std::nullopt}});
  if (result.outcome != store::Committed::applied) return Error{Fault::io, result.message};
  return (*store)->expunge(Table::vault);
}

}  // namespace fundtrail
