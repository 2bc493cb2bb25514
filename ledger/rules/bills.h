// A bill and the money that stands on it. A bill whose services were withdrawn is not free while what
// was calculated on them has not been taken back: otherwise one bill would be paid for two people.
// Private to ledger/rules.
#pragma once

#include <cstdint>

#include "ledger/core/entitlement_documents.h"
#include "ledger/rules/entitlement_rows.h"

namespace fundtrail::rules {

bool is_of(const BillRow& bill, const ProgrammeId& programme, Pseudonym person);

// What stands calculated, by what was delivered, for the bill's person and the month of one of its
// services, through whoever is paid for them. Nothing where the bill's policy was not kept.
std::int64_t calculated_on(const StateSource& state, const BillRow& bill,
                           const ProviderId& provider, Month month);

// Whether somebody else may claim the bill: no service of it is left, and of what was calculated for
// the months of those that were withdrawn nothing is too much any more. Where nobody can say what is
// due (a birth date is not at hand here) it is enough that less stands than did at the withdrawal.
bool is_free(const StateSource& state, const BillRow& bill, const ProviderId& provider);

// A service of the bill goes, of those that it counts.
void withdraw_from(const StateSource& state, BillRow& bill, const ProviderId& provider,
                   Month month);

}  // namespace fundtrail::rules
