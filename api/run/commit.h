// Recording a plan: its documents in their order, many under way at once, so that preparing, deciding
// and syncing overlap.
#pragma once

#include <set>
#include <vector>

#include "ledger/planning/plan.h"

namespace fundtrail::api::run {

struct RefusedDocument {
  RegionCode region;        // of a calculation or an issue; empty otherwise
  SettlementId settlement;  // of a settlement
  Refusal refusal;
};

struct Outcome {
  std::uint64_t recorded = 0;
  std::uint64_t lines = 0;  // of what was recorded
  Money amount;
  std::uint64_t repeated = 0;  // had been recorded before
  std::uint64_t waiting = 0;   // documents of regions whose allotment does not suffice
  std::vector<RefusedDocument> refused;
  std::set<SettlementId> settlements;  // of what was recorded, now or before
  std::uint64_t left = 0;      // not submitted, as nobody was to go on
};

// What has been submitted, of how many lines; false: submit no more.
using GoOn = std::function<bool(std::uint64_t done, std::uint64_t total)>;

// Takes the documents out of the plan. `view` is the picture that the plan was made from. Where something
// follows (Plan::follows), plans again and records that as well: one run is a whole one. Errors: those of
// the ledger; what was recorded until then stays recorded, and the next run goes on.
Result<Outcome> commit(Ledger& ledger, const View& view, const planning::Run& run,
                       planning::Plan& plan, const GoOn& go_on = {});

}  // namespace fundtrail::api::run
