#include "ledger/core/accounts.h"

namespace fundtrail {

const std::array<FundAccountInfo, kFundAccounts>& fund_accounts() {
  using enum FundAccount;
  using C = AccountClass;
  static constexpr std::array<FundAccountInfo, kFundAccounts> table = {{
      {source, C::source, "资金来源", "Source"},
      {available, C::cash_state, "到账未下达", "Available"},
      {allotted, C::cash_state, "已下达未承诺", "Allotted"},
      {committed, C::cash_state, "已承诺（券在外）", "Committed"},
      {accrued, C::cash_state, "已核销待结算", "Accrued"},
      {payable, C::cash_state, "已结算应付", "Payable"},
      {paid, C::spent_state, "已拨付", "Paid"},
      {advanced, C::spent_state, "预拨", "Advanced"},
      {in_recovery, C::spent_state, "追回应收", "In recovery"},
      {recovered, C::cash_state, "追回已收", "Recovered"},
      {due_to_treasury, C::cash_state, "应缴财政", "Due to treasury"},
      {carried, C::cash_state, "结转", "Carried forward"},
      {lapsed, C::spent_state, "收回上缴", "Lapsed"},
      {pledged, C::memorandum_debit, "配套承诺", "Pledged"},
      {pledge_source, C::memorandum_credit, "配套承诺来源", "Pledge source"},
  }};
  return table;
}

bool is_debit_account(FundAccount account) {
  const auto c = info(account).account_class;
  return c != AccountClass::source && c != AccountClass::memorandum_credit;
}

bool is_state(FundAccount account) {
  const auto c = info(account).account_class;
  return c == AccountClass::cash_state || c == AccountClass::spent_state;
}

bool holds_cash(FundAccount account) {
  return info(account).account_class == AccountClass::cash_state;
}

}  // namespace fundtrail
