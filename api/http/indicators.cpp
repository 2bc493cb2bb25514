// Indicators of misuse over the ledger as it is now, and the rules that they come from. A large ledger
// takes seconds: then ask for a job.
#include "audit/indicators.h"

#include "api/answers.h"
#include "api/http/handlers.h"
#include "api/http/parameters.h"
#include "api/http/service.h"

namespace fundtrail::api {

void get_rules(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  auto all = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < audit::kRules; ++i) {
    all.push_back(to_json(audit::info(static_cast<audit::RuleId>(i))));
  }
  answer(response, 200, nlohmann::ordered_json{{"rules", all}}.dump(), kJson);
}

void get_indicators(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  audit::IndicatorOptions options;
  if (const auto code = parameter(request, "rule")) {
    const auto rule = audit::rule_from_code(*code);
    if (!rule) {
      return answer(exchange, response,
                    problem_of(Protocol::bad_parameter, "a rule such as R-BEN-01", "rule"));
    }
    options.rules.push_back(*rule);
  }
  const auto view = service.ledger().view();
  if (not_modified(exchange, request, response, *view)) return;
  const auto found = audit::find_indicators(*view, options);
  if (!found) return answer(exchange, response, found.error());
  const auto rules = options.rules.empty() ? audit::kRules : options.rules.size();
  answer(response, 200, indicators_json(*view, rules, *found).dump(), kJson);
}

}  // namespace fundtrail::api
