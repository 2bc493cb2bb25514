// A store in memory, the second implementation of the seam: for tests of the engine's parts and of
// the seam's contract, and for dry runs that must leave nothing behind. What is "durable" lives as
// long as its Disk: a store that is made on it anew is the store opened again.
//
// Thread-safety: as the seam says; snapshots copy what they see.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ledger/store/store.h"

namespace fundtrail::store {

class MemoryStore final : public Store {
 public:
  using Tables = std::array<std::map<std::string, std::string, std::less<>>, kTables>;
  // What outlives a store.
  struct Disk {
    // Replaced, never changed, so that a snapshot only has to hold on to it.
    std::shared_ptr<const Tables> tables = std::make_shared<Tables>();
    // What a failing disk does to the next write: it is lost, or it is there; nobody is told which.
    enum class Failing : bool { lost, kept };
    std::optional<Failing> failing = {};
  };

  MemoryStore() : MemoryStore(std::make_shared<Disk>()) {}
  explicit MemoryStore(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
  ~MemoryStore() override;

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override;
  std::unique_ptr<Snapshot> snapshot() const override;
  Result<Epoch> claim() override;
  CommitResult commit(const Expected& expected, std::string_view new_head,
                      const std::vector<Change>& changes) override;

 private:
  std::string meta(std::string_view key) const;
  // False when the disk failed; then the store is poisoned.
  bool write(const std::vector<Change>& changes);

  std::shared_ptr<Disk> disk_;
  bool poisoned_ = false;
};

}  // namespace fundtrail::store
