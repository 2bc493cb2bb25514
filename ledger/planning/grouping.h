// Lines become documents: one region, one payee and one set of levels each, at most kMaxLines lines.
// Private to ledger/planning.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "ledger/planning/plan.h"
#include "ledger/planning/reductions.h"
#include "ledger/rules/entitlement.h"

namespace fundtrail::planning {

// A part of a share that was calculated, and the fund that bore it; no fund: any of the level's.
struct BorneShare {
  std::size_t level = 0;  // place of the share
  FundId fund;
  Money amount;
};

struct GroupedLine {
  RegionCode region;
  ProviderId payee;
  CalculatedEntitlement line;
  std::vector<BorneShare> borne;  // of a line with a negative share; what was touched last first
  std::optional<Month> given = {};  // likewise, of what is given once
};

class Groups {
 public:
  // Keeps the order of the lines within a group.
  void add(std::vector<GroupedLine>&& lines);
  // Makes the documents of the plan. What was calculated too much is taken off the same document's
  // other lines, share by share, so that no document takes money back that the payee has not got; and
  // only from the fund that bore it. What finds no room lowers what else accrued to the payee and is
  // not settled, or is left to be recovered. All of it stands in plan.recoveries.
  void into_documents(const Run& run, const rules::EntitlementRules& rules,
                      Reductions& reductions, Plan& plan) &&;

 private:
  struct Group {
    std::vector<CalculatedEntitlement> due;
    std::vector<GroupedLine> back;  // with a negative share
  };
  std::map<std::pair<RegionCode, ProviderId>, Group> groups_;
};

}  // namespace fundtrail::planning
