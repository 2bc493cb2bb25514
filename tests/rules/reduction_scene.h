// Calculations of home care that are settled, paid and lowered.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/rules/homecare_scene.h"

namespace fundtrail::rules {

inline const std::string kReg = "reg.registrar";

// The same with one text in place of another.
inline Ask with(Ask ask, const std::string& from, const std::string& to) {
  for (std::string* text : {&ask.doc, &ask.lines, &ask.date, &ask.who}) {
    if (const auto at = text->find(from); at != text->npos) text->replace(at, from.size(), to);
  }
  return ask;
}
// The homecare scene, paid as approved whatever was delivered.
inline Books approved_only() {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  return homecare(policy);
}
inline Ask died(int n, const std::string& on) {
  return {kReg, "2025-07-02", "entitlement_end",
          "{'beneficiary':'" + person(n) + "','ended_on':'" + on +
              "','evidence':'e','reason':'death'}"};
}
struct Less {
  int n;
  std::string fund, level, amount, period = "2025-04";
};
inline Ask reduce(std::uint64_t entry, const std::vector<Less>& lines,
           const std::string& period = "2025-04") {
  std::string text;
  for (const auto& line : lines) {
    text += (text.empty() ? "" : ",") + ("{'amount':'" + line.amount) + "','beneficiary':'" +
            person(line.n) + "','fund':'" + line.fund + "','level':'" + line.level +
            "','period':'" + line.period + "'}";
  }
  return {kPrep, "2025-07-05", "calculation_reduction",
          "{'calculation':" + std::to_string(entry) + ",'period':'" + period + "','reason':'r'}",
          "[" + text + "]", "homecare-district@1"};
}
inline Assessment now(const Books& b, int n, const std::string& period, bool final_basis = false) {
  const EntitlementRules rules(b.state(), *PolicyRef::parse("homecare-district@1"),
                               *ProgrammeId::parse("homecare"));
  return rules.of_person(*Pseudonym::parse(person(n)), {}, month(period),
                         *ProviderId::parse("p1"), final_basis);
}
inline void check_replay(const Books& b) { CHECK(b.replay().rows == b.state().rows); }

}  // namespace fundtrail::rules
