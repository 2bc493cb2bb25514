// The fund view, folded again from the postings of the entries alone: no rules, no policy, only
// addition. Memory grows with the number of different balances and days, not with the entries.
// Private to audit/integrity.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "audit/integrity/finding.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/store/layout.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

class FundReplay {
 public:
  // Adds an entry's postings. The first thing that is wrong with them: unbalanced (within a fund,
  // money and memorandum apart) or negative_balance.
  std::optional<Finding> add(const Entry& entry);

  // Σ states and Σ sources of all funds.
  Money states() const;
  Money sources() const;

  // Compares with the rows of the store; balance_not_reproducible for the first that differs.
  Result<std::optional<Finding>> compare(const store::Snapshot& snapshot) const;

 private:
  Result<std::optional<Finding>> compare_balances(const store::Snapshot& snapshot) const;
  Result<std::optional<Finding>> compare_turnovers(const store::Snapshot& snapshot) const;

  std::unordered_map<std::string, Money> balances_;              // by store::balance_key
  std::unordered_map<std::string, store::Turnover> turnovers_;  // by store::turnover_key
};

// "committed/eldercare-2008/vouchers/320412102/" for messages.
std::string describe(FundAccount account, const Dimensions& at);

}  // namespace fundtrail::audit
