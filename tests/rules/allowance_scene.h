// One allowance, "old_age", for everybody, month by month, and nothing else in its policy: what most
// tests of days, months and rates start from.
#pragma once

#include <string>

#include "tests/rules/scheme_scene.h"

namespace fundtrail::rules {

inline Json band(const std::string& id, const std::string& amount, int from = -1, int to = -1) {
  Json result{{"id", id}, {"title", id}};
  if (from >= 0) result["age_from"] = from;
  if (to >= 0) result["age_to"] = to;
  if (!amount.empty()) result["amount"] = amount;
  return result;
}

// 100.00 a month, until the bands are set otherwise.
inline Json allowance(const std::string& start, const std::string& stop, const std::string& proration) {
  Json policy = scheme("yueqing-2015");
  policy.erase("in_force_to");
  policy["in_force_from"] = "2000-01-01";
  policy["eligibility"] = Json{{"categories", Json::array()}, {"min_age", 0}};
  auto& terms = policy["programmes"][0]["entitlement"];
  terms["cycle"] = "month";
  terms["start"] = start;
  terms["stop"] = stop;
  terms["proration"] = proration;
  terms["tariff"] = Json::array({band("a", "100.00")});
  terms.erase("exclusive_group");
  policy["programmes"].erase(1);
  return policy;
}
inline Json& terms_of(Json& policy) { return policy["programmes"][0]["entitlement"]; }
inline std::string due(const Scheme& scene, const Elder& elder, const std::string& period) {
  return scene.ask("old_age", elder, period).due.amount.str();
}

}  // namespace fundtrail::rules
