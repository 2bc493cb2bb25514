// Results as JSON, in one shape for the command line (--json) and for HTTP. Pure functions.
#pragma once

#include <nlohmann/json.hpp>

#include "api/import/importer.h"
#include "api/run/commit.h"
#include "audit/indicators.h"
#include "audit/integrity/verify.h"
#include "ledger/core/rejection.h"
#include "ledger/planning/plan.h"

namespace fundtrail {
struct StateReport;
}

namespace fundtrail::api {

struct AccessReport;

// {"code", "field"?, "line"?, "zh", "en"}
nlohmann::ordered_json to_json(const Rejection& rejection);

// A rule of misuse with its legal basis; an indicator with the entries that it rests on.
nlohmann::ordered_json to_json(const audit::RuleInfo& rule);
nlohmann::ordered_json to_json(const audit::Indicator& indicator);
// What an audit found in a picture of the ledger; `rules` is how many rules were asked.
nlohmann::ordered_json indicators_json(const View& view, std::size_t rules,
                                       const std::vector<audit::Indicator>& found);

// What a verification proved, or the first thing that does not hold.
nlohmann::ordered_json to_json(const audit::Report& report);

// Whether the state is that of the entries, and the rows that are not.
nlohmann::ordered_json to_json(const StateReport& report);
// What a check of the access log found.
nlohmann::ordered_json to_json(const AccessReport& report);

nlohmann::ordered_json to_json(const import::ImportReport& report,
                               const import::ImportRequest& request);

// The settlements that a plan prepares.
nlohmann::ordered_json settlements_json(const planning::Plan& plan);
// Takes out of that list what was not recorded after all.
void keep_recorded(nlohmann::ordered_json& settlements, const run::Outcome& outcome);
// Adds what became of a run's documents: "recorded", "lines", "amount", "repeated", "waiting",
// "refused"; and the head afterwards.
void add_outcome(const run::Outcome& outcome, const View& after, nlohmann::ordered_json& json);

}  // namespace fundtrail::api
