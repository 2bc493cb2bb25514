// Money in and authority down, in two halves that corrections use as well: whether the document is
// acceptable, and what it moves. Private to ledger/rules.
#pragma once

#include <string>

#include "ledger/rules/context.h"

namespace fundtrail::rules {

// `at` is the path of the document ("doc", or "doc.fund_receipt" inside a correction). The amount
// is positive. An allotment needs its policy; nullptr when that is missing or unknown. `obeyed_on`: the
// day whose rules it obeys, in a correction that of the original.
void validate(Context& c, const FundReceipt& d, const std::string& at, const Policy* policy,
              Date obeyed_on);
void validate(Context& c, const Allotment& d, const std::string& at, const Policy* policy,
              Date obeyed_on);
void validate(Context& c, const CounterpartPledge& d, const std::string& at, const Policy* policy,
              Date obeyed_on);
void validate(Context& c, const CounterpartReceipt& d, const std::string& at, const Policy* policy,
              Date obeyed_on);

// Appends the postings of the document; balances are those after the postings already there.
void post(Context& c, const FundReceipt& d);
void post(Context& c, const Allotment& d);
void post(Context& c, const CounterpartPledge& d);
void post(Context& c, const CounterpartReceipt& d);

// The memorandum pair of a promise: pledged and its source (amount may be negative).
void post_pledge(Context& c, const FundId& fund, const RegionCode& region, const Money& amount);
// Promised money that has come, or (restored) has not come after all.
void post_pledge_release(Context& c, const FundId& fund, const RegionCode& region,
                         const Money& amount);

// Keeps a money document where a later correction finds it.
void remember_correctable(Overlay& state, const Entry& entry);

}  // namespace fundtrail::rules
