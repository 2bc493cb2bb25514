// What somebody who answers for some regions only may see and record: what concerns these regions and
// no other, and what everybody must know (rules::concerns_everybody). What cannot be told to stay
// within them is refused.
//
// One a request, over one view. Not thread-safe.
#pragma once

#include "api/http/known.h"
#include "api/http/problem.h"
#include "api/identity/caller.h"
#include "ledger/ledger.h"
#include "ledger/planning/snapshot_state.h"

namespace fundtrail::api {

// Of a filter by a region, from somebody limited: a problem when it is none of theirs.
std::optional<Problem> refuse_other_region(const Caller& caller, const std::optional<RegionCode>& region);

class RegionScope {
 public:
  // Both must outlive it.
  RegionScope(const Caller& caller, const View& view)
      : caller_(caller), state_(view.raw()) {}

  // Whether the caller may see the entry. Faults: those of the store.
  Result<bool> shows(const Entry& entry) const;
  // The same by its bytes, as they are stored.
  Result<bool> shows(std::string_view bytes) const;
  // Whether the caller may record the command.
  Result<bool> records(const Command& command) const;
  // What a list of entries has in common: whether all of them move money within the regions only.
  Result<bool> shows_all(const View& view, const std::vector<std::uint64_t>& entries) const;

 private:
  Result<bool> covers(const Document& document, const std::vector<Posting>& postings) const;
  const Caller& caller_;
  planning::SnapshotState state_;
};

}  // namespace fundtrail::api
