// What the terms of vouchers say about a month. Pure.
#pragma once

#include "ledger/core/policy.h"

namespace fundtrail::rules {

// The last valid day of vouchers of a month.
Date last_valid_day(Month month, const VoucherTerms& terms);

}  // namespace fundtrail::rules
