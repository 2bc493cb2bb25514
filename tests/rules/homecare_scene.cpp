#include "tests/rules/homecare_scene.h"

#include <catch2/catch.hpp>

namespace fundtrail::rules {

std::string registration(Json policy) {
  policy["settings"] = Json::array();
  return nlohmann::json::parse(Json{{"policy", policy}}.dump()).dump();
}

std::string registered(int n, const std::string& care_level) {
  return "{'beneficiary':'" + person(n) + "','care_level':'" + care_level +
         "','category':'dibao','channel':'home','commitment':'" + std::string(64, 'a') +
         "','entitled_from':'2024-01-01','facts':['household_register','children_incapable'],"
         "'region':'" + kTown + "'}";
}

Books homecare(Json policy, bool approval) {
  policy["eligibility"]["min_age"] = 0;
  Books b = wujin();
  const auto registrar = [&](const std::string& kind, const std::string& doc,
                             const std::string& ref = {}, const std::string& id = {}) {
    must(b, {"reg.registrar", "2024-01-01", kind, doc, "", ref, false, id});
  };
  if (!approval) policy.erase("approval");
  registrar("policy_registration", registration(policy));
  registrar("fund_registration",
            "{'fiscal_year':2025,'functional_code':'2081006','fund':'f2','name':'street'}");
  for (const auto* provider : {"p1", "p2"}) {
    registrar("provider_amendment",
              "{'contract':{'from':'2024-01-01','number':'c2','to':'2026-12-31'},'provider':'" +
                  std::string(provider) + "','reason':'r'}");
  }
  for (int n = 11; n <= 13; ++n) {
    registrar("beneficiary_registration", registered(n, n == 12 ? "half_disabled" : "disabled"),
              "homecare-district@1", id_number("19300101", n));
  }
  for (const auto& [fund, amount] : {std::pair("f1", "50000.00"), {"f2", "40000.00"}}) {
    must(b, {kPrep, "2024-01-02", "fund_receipt",
             std::string("{'account':'a1','amount':'") + amount +
                 "','bank_reference':'r-" + fund + "','document_no':'d','fund':'" + fund +
                 "','source':'district'}"});
    must(b, {kPrep, "2024-01-02", "allotment",
             std::string("{'amount':'") + amount +
                 "','document_no':'d2','from_counterpart':false,'fund':'" + fund +
                 "','programme':'homecare','region':'" + kTown + "'}",
             "", "homecare-district@1"});
  }
  for (const auto* certificate : {"health", "homecare_qualification"}) {
    registrar("worker_certificate",
              std::string("{'certificate':'") + certificate +
                  "','from':'2024-01-01','number':'n','provider':'p1','to':'2025-05-31',"
                  "'worker':'w1'}");
  }
  return b;
}

Ask calculate(const std::string& date, const std::string& period, const std::vector<CalculationLine>& lines, const std::string& payee) {
  std::string text;
  for (const auto& line : lines) {
    text += (text.empty() ? "" : ",") + ("{'amount':'" + line.amount) + "','beneficiary':'" +
            person(line.n) + "'" + (line.period.empty() ? "" : ",'period':'" + line.period + "'") +
            ",'shares':['" + line.district + "','" + line.street + "'],'units':'" + line.units +
            "'}";
  }
  return {kPrep, date, "entitlement_calculation",
          "{'funds':[{'fund':'f1','level':'district'},{'fund':'f2','level':'street'}],'payee':'" +
              payee + "','period':'" + period + "','programme':'homecare','region':'" + kTown +
              "'}",
          "[" + text + "]", "homecare-district@1"};
}

Ask settle_calculation(std::uint64_t entry, const std::string& total, const std::string& id,
                       const std::string& provider) {
  return {kPrep, "2025-07-10", "settlement_preparation",
          "{'basis':'entitlements','calculations':[" + std::to_string(entry) + "],'provider':'" +
              provider + "','redemptions':[],'settlement':'" + id + "','total':'" + total + "'}"};
}

void pay_calculation(Books& b, std::uint64_t entry, const std::string& total) {
  must(b, settle_calculation(entry, total));
  pay_settled(b, total);
}

void pay_settled(Books& b, const std::string& total) {
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

Ask services(const std::string& date, int n, const std::string& hours, const std::string& worker,
             const std::string& item, const std::string& provider) {
  return {kPrep, "2025-07-01", "service_records",
          "{'claim_no':'n','programme':'homecare','provider':'" + provider + "'}",
          "[{'beneficiary':'" + person(n) + "','date':'" + date + "','hours':'" + hours +
              "','item':'" + item + "','worker':'" + worker + "'}]",
          "homecare-district@1"};
}
}  // namespace fundtrail::rules
