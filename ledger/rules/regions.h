// Which regions a document concerns, so that somebody who answers for some regions can be kept to
// them: the regions it names, those of the people and vouchers of its lines, and those of the
// settlement, payment, recovery or application that it is a step of.
//
// Pure; reads the state only. Throws StateUnreadable when the store cannot be read.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "ledger/core/documents.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// `postings`: those of the entry; none for a command. Nothing when the document concerns no region,
// or not all that it names is known: then nobody can say that it stays within any region. Lines are
// looked at when they are in the document.
std::optional<std::set<RegionCode>> regions_of(const StateSource& state, const Document& document,
                                               const std::vector<Posting>& postings);

// What everybody must know and nobody's region is: the opening, the funds, the policies.
bool concerns_everybody(const Document& document);

// Who made an application (application.cpp).
std::optional<Pseudonym> applicant_of(const StateSource& state, const ApplicationId& application);

}  // namespace fundtrail::rules
