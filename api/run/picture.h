// The picture of a run that people see before anything is recorded: totals, differences from the
// period before, exceptions, what is left to be recovered and where money is missing. A report like
// the others (reports/report.h), so the renderers are theirs.
#pragma once

#include "ledger/planning/plan.h"
#include "reports/report.h"

namespace fundtrail::api::run {

// Exceptions and recoveries that a report for people on a terminal lists; files have all that the plan
// keeps.
inline constexpr std::size_t kShown = 20;

// Errors: those of the View.
Result<reports::Report> picture_of(const View& view, const planning::Run& run,
                                   const std::string& period, const planning::Plan& plan);

// The same with its lists cut to kShown rows and a note of how many there are.
reports::Report shortened(const reports::Report& picture);

}  // namespace fundtrail::api::run
