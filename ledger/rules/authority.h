// Who may record what. One table, by kind of document:
//
//   registrar   opening, all registrations, amendments, ends of entitlement and reinstatements,
//               imported records, applications, certificates, assessments, duties, cut-overs
//   preparer    receipts, pledges, allotments, vouchers, redemptions, preparation of settlements
//               and disbursements, recovery, corrections, bank statements, applications and
//               their steps, service records and their withdrawal, calculations and their
//               reduction, points, duties
//   provider    its own redemptions, service records and their withdrawal (the actor's id is the provider's id)
//   reviewer    review and return of settlements, close of periods, steps of applications,
//               assessments, duties
//   approver    approval and return of settlements, approval and cancellation of disbursements,
//               recovery decisions, the last step of an application, duties
//   cashier     payment and bounce of disbursements
//   inspector, administrator   nothing: the one looks, the other keeps the machine running
//
// That different people must hold incompatible duties of one case (会计法 §25, §35) is checked where
// the case is: settlement.cpp and disbursement.cpp.
#pragma once

#include <cstddef>

#include "ledger/core/entry.h"

namespace fundtrail::rules {

// `kind_index` is the position in Document. Thread-safe.
bool may_record(Role role, std::size_t kind_index);

}  // namespace fundtrail::rules
