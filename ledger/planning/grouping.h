// Lines become documents: one region, one payee and one set of levels each, at most kMaxLines lines.
// Private to ledger/planning.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "ledger/planning/plan.h"
#include "ledger/rules/entitlement.h"

namespace fundtrail::planning {

struct GroupedLine {
  RegionCode region;
  ProviderId payee;
  CalculatedEntitlement line;
};

class Groups {
 public:
  // Keeps the order of the lines within a group.
  void add(std::vector<GroupedLine>&& lines);
  // Makes the documents of the plan. What was calculated too much is taken off the same document's
  // other lines, share by share, so that no document takes money back that the payee has not got;
  // what finds no room is left to be recovered. Both stand in plan.recoveries.
  void into_documents(const Run& run, const rules::EntitlementRules& rules, Plan& plan) &&;

 private:
  struct Group {
    std::vector<CalculatedEntitlement> due;
    std::vector<CalculatedEntitlement> back;  // with a negative share
  };
  std::map<std::pair<RegionCode, ProviderId>, Group> groups_;
};

}  // namespace fundtrail::planning
