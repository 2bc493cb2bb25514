// Who gets what, as a run would record it: one row a line, in the order of its documents, for those who look
// through them before anything is recorded.
#pragma once

#include <iosfwd>
#include <string>

#include "ledger/planning/plan.h"
#include "reports/reports.h"

namespace fundtrail::api::run {

// Both before commit() takes the documents out of the plan.
//
// CSV for spreadsheets, as of reports. Errors: those of the View.
Result<std::string> list_lines(const View& view, const planning::Plan& plan, reports::Language language);
// For programs: a JSON object a line, as `PlannedLine` of api/openapi.yaml.
void write_lines(const planning::Plan& plan, std::ostream& out);

}  // namespace fundtrail::api::run
