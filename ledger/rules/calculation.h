// What calculations leave in the state beside their postings: recoveries and reductions change it as well. Private
// to ledger/rules.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ledger/core/entitlement_documents.h"
#include "ledger/core/policy.h"
#include "ledger/rules/entitlement.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// Writes what was calculated for one document: rows e, x and m. The rules were made from the state
// below; the document's lines follow one another.
class CalculationWriter {
 public:
  CalculationWriter(Overlay& state, const EntitlementRules& rules,
                    const std::vector<ShareFund>& funds);
  // The shares that are not zero, by the place of their source; until the next call.
  const std::vector<SourceAmount>& add(const std::string& subject, Month period,
                                       const ProviderId& payee, bool final_basis,
                                       const std::vector<Money>& shares);
  // The totals of the programme.
  void finish();

 private:
  bool anything(const std::string& row, std::optional<Month> period) const;

  Overlay& state_;
  const EntitlementRules& rules_;
  ProgrammeRow totals_;
  std::vector<unsigned> places_;  // of the document's funds in the programme's row
  std::vector<SourceAmount> amounts_;
  std::string key_;
};

}  // namespace fundtrail::rules
