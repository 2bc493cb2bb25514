// Who gets what, as a run would record it: one row a line, in the order of its documents, for those who look
// through them before anything is recorded. CSV for spreadsheets, as of reports.
#pragma once

#include <string>

#include "ledger/planning/plan.h"
#include "reports/reports.h"

namespace fundtrail::api::run {

// Before commit() takes the documents out of the plan. Errors: those of the View.
Result<std::string> list_lines(const View& view, const planning::Plan& plan, reports::Language language);

}  // namespace fundtrail::api::run
