// The fund view: every yuan of a fund is in exactly one state, and an event moves it to the next.
//
//   source → available → allotted → committed → accrued → payable → paid
//            (到账)       (下达)      (券在外)     (已核销)   (已结算)   (已拨付)
//
// States are debit accounts, `source` is their credit counterpart, so Σ states = Σ receipts is the
// trial balance. `pledged`/`pledge_source` is a memorandum pair: a promise of counterpart funding,
// not money, and outside both sums.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"

namespace fundtrail {

enum class FundAccount : std::uint8_t {
  source, available, allotted, committed, accrued, payable, paid, advanced, in_recovery, recovered,
  due_to_treasury, carried, lapsed, pledged, pledge_source,
};
inline constexpr std::size_t kFundAccounts = 15;
template <>
struct Names<FundAccount> {
  static constexpr std::string_view list[] = {
      "source", "available", "allotted", "committed", "accrued", "payable", "paid", "advanced",
      "in_recovery", "recovered", "due_to_treasury", "carried", "lapsed", "pledged",
      "pledge_source"};
};

enum class AccountClass : std::uint8_t {
  source,             // credit; where the money came from
  cash_state,         // debit; the money lies in the designated account
  spent_state,        // debit; the money has left the designated account
  memorandum_debit,   // a promise
  memorandum_credit,  // the counterpart of a promise
};

struct FundAccountInfo {
  FundAccount account;
  AccountClass account_class;
  std::string_view name_zh;
  std::string_view name_en;
};
// In enumerator order.
const std::array<FundAccountInfo, kFundAccounts>& fund_accounts();
inline const FundAccountInfo& info(FundAccount account) {
  return fund_accounts()[static_cast<std::size_t>(account)];
}
// True for states and the debit side of the memorandum.
bool is_debit_account(FundAccount account);
// True when the state is part of Σ states (cash and spent states).
bool is_state(FundAccount account);
bool holds_cash(FundAccount account);

enum class Side : std::uint8_t { debit, credit };
template <>
struct Names<Side> {
  static constexpr std::string_view list[] = {"debit", "credit"};
};

// What a balance is kept by. Every part but the fund may be empty: money that has just arrived
// belongs to no programme yet. `counterparty` is a provider id, or for `source` the level of
// government that gave the money.
struct Dimensions {
  FundId fund;
  ProgrammeId programme;
  RegionCode region;
  std::string counterparty;
  friend auto operator<=>(const Dimensions&, const Dimensions&) = default;
};

// One debit or credit (分录行). The amount is positive but in the red part of a correction (红字),
// where it is negative on the same side.
struct Posting {
  FundAccount account = FundAccount::source;
  Side side = Side::debit;
  Money amount;
  Dimensions at;

  // The change of the account's balance in its normal direction (debit accounts: debit − credit).
  Money effect() const {
    return (side == Side::debit) == is_debit_account(account) ? amount : -amount;
  }
  friend bool operator==(const Posting&, const Posting&) = default;
};

}  // namespace fundtrail
