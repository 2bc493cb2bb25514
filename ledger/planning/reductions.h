// What was calculated too much is taken off what accrued to the same payee and is in no settlement yet.
// Private to ledger/planning.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ledger/planning/plan.h"
#include "ledger/store/store.h"

namespace fundtrail::planning {

class Reductions {
 public:
  // The snapshot stays; it is read when something is to be taken off for the first time.
  Reductions(const store::Snapshot& snapshot, const Run& run) : snapshot_(snapshot), run_(run) {}

  // Takes all of it off, or nothing: false. Without beneficiary it was the payee's own.
  bool take(const Recovery& recovery, const std::optional<Pseudonym>& beneficiary);
  // A document a calculation that is lowered, in the order of entries.
  void into_documents(Plan& plan);

 private:
  // A calculation, and what each fund has accrued in it.
  struct Calculation {
    std::uint64_t entry = 0;
    std::map<FundId, Money> left;
    std::vector<ReducedEntitlement> lines;
  };
  using Payee = std::pair<RegionCode, ProviderId>;
  void read();

  const store::Snapshot& snapshot_;
  const Run& run_;
  bool read_ = false;
  std::map<Payee, std::vector<Calculation>> calculations_;  // the latest first
};

}  // namespace fundtrail::planning
