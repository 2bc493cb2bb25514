// The fund view, folded again from the postings of the entries alone: no rules, no policy, only
// addition. Memory grows with the number of different balances and days, not with the entries.
// Private to audit/integrity.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "audit/integrity/examine.h"
#include "ledger/core/result.h"
#include "ledger/store/layout.h"
#include "ledger/store/store.h"

namespace fundtrail::audit {

class FundReplay {
 public:
  // The cells that an examiner met for the first time. Before add() of its records, in their order.
  void learn(const Examination& examination);
  // Adds an entry's postings. The first thing that is wrong with them: unbalanced (within a fund,
  // money and memorandum apart) or negative_balance.
  std::optional<Finding> add(Examined& record, const Examination& examination);

  // Σ states and Σ sources of all funds.
  Money states() const;
  Money sources() const;

  // Compares with the rows of the store; balance_not_reproducible for the first that differs.
  Result<std::optional<Finding>> compare(const store::Snapshot& snapshot) const;

 private:
  struct Row {  // of the balances
    chain::Cell cell;
    Money balance;
  };
  // Days since 1970, as unsigned, above the number of the row.
  static std::uint64_t day_and_row(Date date, std::uint32_t row) {
    return std::uint64_t(static_cast<std::uint32_t>(date.days())) << 32 | row;
  }
  Money sum_of(bool states) const;
  std::optional<std::uint32_t> row_of(const std::string& balance_key) const;
  Result<std::optional<Finding>> compare_balances(const store::Snapshot& snapshot) const;
  Result<std::optional<Finding>> compare_turnovers(const store::Snapshot& snapshot) const;

  std::vector<Row> rows_;
  std::unordered_map<std::string, std::uint32_t> row_numbers_;   // by store::balance_key
  std::vector<std::vector<std::uint32_t>> rows_of_examiners_;    // [examiner][its cell]
  std::unordered_map<std::uint64_t, store::Turnover> turnovers_;  // by day_and_row()
};

// "committed/eldercare-2008/vouchers/320412102/" for messages.
std::string describe(FundAccount account, const Dimensions& at);

}  // namespace fundtrail::audit
