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
inline Ask settle(std::uint64_t entry, const std::string& total) {
  return {kPrep, "2025-07-10", "settlement_preparation",
          "{'basis':'entitlements','calculations':[" + std::to_string(entry) +
              "],'provider':'p1','redemptions':[],'settlement':'s1','total':'" + total + "'}"};
}
inline void pay(Books& b, std::uint64_t entry, const std::string& total) {
  must(b, settle(entry, total));
  must(b, {"wu.reviewer", "2025-07-11", "settlement_review", "{'settlement':'s1'}"});
  must(b, {"chen.approver", "2025-07-12", "settlement_approval", "{'settlement':'s1'}"});
  must(b, {kPrep, "2025-07-13", "disbursement_preparation",
           "{'account':'a1','amount':'" + total +
               "','disbursement':'d1','method':'transfer','payee':{'bank':'b','holder':'p1',"
               "'number':'72000001'},'settlement':'s1'}"});
  must(b, {"chen.approver", "2025-07-14", "disbursement_approval", "{'disbursement':'d1'}"});
  must(b, {"qian.cashier", "2025-07-15", "disbursement_payment",
           "{'bank_reference':'t1','disbursement':'d1'}"});
}
inline Assessment now(const Books& b, int n, const std::string& period, bool final_basis = false) {
  const EntitlementRules rules(b.state(), *PolicyRef::parse("homecare-district@1"),
                               *ProgrammeId::parse("homecare"));
  return rules.of_person(*Pseudonym::parse(person(n)), {}, month(period),
                         *ProviderId::parse("p1"), final_basis);
}
inline void check_replay(const Books& b) { CHECK(b.replay().rows == b.state().rows); }

}  // namespace fundtrail::rules
