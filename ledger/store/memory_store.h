// A store in memory, the second implementation of the seam: for tests of the engine's parts and of
// the seam's contract, and for dry runs that must leave nothing behind. "Durable" means nothing here.
//
// Thread-safety: as the seam says; snapshots copy what they see.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "ledger/store/store.h"

namespace fundtrail::store {

class MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  std::unique_ptr<Snapshot> snapshot() const override;
  CommitResult commit(std::string_view expected_head, std::string_view new_head,
                      const std::vector<Change>& changes) override;

  using Tables = std::array<std::map<std::string, std::string, std::less<>>, kTables>;

 private:
  // Replaced, never changed, so that a snapshot only has to hold on to it.
  std::shared_ptr<const Tables> tables_;
};

}  // namespace fundtrail::store
