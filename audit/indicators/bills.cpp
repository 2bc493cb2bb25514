// R-BIL-01 one bill for two people: recorded for one, as a rule withdrawn, and recorded for another. The
// rules take the money back first; whether the first record was a slip, people ask.
#include <map>
#include <utility>

#include "audit/indicators/rules.h"

namespace fundtrail::audit {
namespace {

// Those services of one bill, next to each other, that were recorded for one person.
struct Claimed {
  const BillFact* first = nullptr;
  Money amount;
  bool withdrawn = true;  // all of them
  std::vector<Evidence> at;
};

void add(const BillFact& bill, std::vector<Claimed>& claims) {
  if (claims.empty() || claims.back().first->beneficiary != bill.beneficiary) {
    claims.push_back({&bill, {}, true, {}});
  }
  Claimed& claim = claims.back();
  claim.amount += bill.amount.value_or(Money());
  claim.at.push_back(bill.at);
  claim.withdrawn = claim.withdrawn && bill.withdrawn.has_value();
  if (bill.withdrawn) claim.at.push_back(*bill.withdrawn);
}

Indicator moved(const Claimed& before, const Claimed& after) {
  const auto& a = *before.first;
  const auto& b = *after.first;
  Indicator indicator{RuleId::bil_01,
                      "机构" + b.provider + "的账单" + b.bill_no + "先为受益人" + a.beneficiary +
                          "记录" + (before.withdrawn ? "并撤销" : "") + "，又为受益人" +
                          b.beneficiary + "记录。",
                      "The bill " + b.bill_no + " of provider " + b.provider +
                          " was recorded for beneficiary " + a.beneficiary +
                          (before.withdrawn ? ", withdrawn," : "") +
                          " and recorded for beneficiary " + b.beneficiary + ".",
                      b.bill_no, after.amount, before.at};
  indicator.evidence.insert(indicator.evidence.end(), after.at.begin(), after.at.end());
  return indicator;
}

}  // namespace

void bills_moved(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  std::map<std::pair<std::string, std::string>, std::vector<Claimed>> bills;
  for (const auto& bill : facts.bills) {
    if (bill.beneficiary.empty()) continue;
    add(bill, bills[{bill.provider, number_key(bill.bill_no)}]);
  }
  for (const auto& [key, claims] : bills) {
    for (std::size_t i = 1; i < claims.size(); ++i) found.push_back(moved(claims[i - 1], claims[i]));
  }
}

}  // namespace fundtrail::audit
