// The money of the state: one function writes balances, turnovers and totals for every kind of
// document, and one asks beforehand whether it may.
#pragma once

#include <optional>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/rows.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// No amount, balance or turnover of a day in the books is as large as this (10^15 yuan): what is
// written can always be read back (Money::kMaxYuanDigits).
Money money_limit();

// The balance in the account's normal direction.
Money balance(const StateSource& state, FundAccount account, const Dimensions& at);
// The same after postings that are not yet in the state.
Money balance_after(const StateSource& state, const std::vector<Posting>& postings,
                    FundAccount account, const Dimensions& at);

// Appends debit and credit of the same amount.
void move(std::vector<Posting>& postings, const Money& amount, FundAccount debit,
          const Dimensions& debit_at, FundAccount credit, const Dimensions& credit_at);

// Why the postings may not be made: insufficient_balance (subject: account and dimensions, and the
// day when the balance would be short on a day between the document's date and the latest one;
// detail: the shortfall in yuan) or invalid_value (an amount at the limit); nothing when they may.
std::optional<Rejection> check_postings(const StateSource& state, Date date,
                                        const std::vector<Posting>& postings);

// Writes balances, turnovers and fund totals. Checks that debits are credits for each fund, that
// nothing is negative, and that Σ states = Σ source. Remembers the days on which each balance moved
// after `closed`, the last closed month: those that a document may still be dated before.
void apply_postings(Overlay& state, Date date, const std::vector<Posting>& postings,
                    std::optional<Month> closed);

// Vouchers of one fund that change their status; from `none` they are issued. Checks that issued =
// redeemed + returned + voided + expired + outstanding in number and amount.
void count_vouchers(Overlay& state, const FundId& fund, VoucherStatus from, VoucherStatus to,
                    std::uint64_t count, const Money& amount);

// Checks that what is outstanding of a fund is what is committed. Call when all vouchers of an entry
// are counted and its postings are applied.
void check_vouchers(const StateSource& state, const FundId& fund);

}  // namespace fundtrail::rules
