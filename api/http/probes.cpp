#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/service.h"

namespace fundtrail::api {

void get_health(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200, R"({"status":"ok"})", kJson);
}

void get_ready(Service& service, Exchange&, const httplib::Request&, httplib::Response& response) {
  const auto found = service.states();
  // Data about people are refused then; writes go on (docs/OPERATIONS.md).
  const bool logs = std::find(found.begin(), found.end(), State::access_log_failing) == found.end();
  bool writes = true;
  auto states = nlohmann::ordered_json::array();
  for (const auto state : found) {
    const auto& row = info(state);
    writes &= row.writes;
    states.push_back({{"code", row.code}, {"writes", row.writes}, {"en", row.en}, {"zh", row.zh}});
  }
  const char* status = !writes || !logs ? "unavailable" : found.empty() ? "ready" : "degraded";
  const nlohmann::ordered_json body = {{"status", status}, {"states", states}};
  answer(response, writes && logs ? 200 : 503, body.dump(), kJson);
}

void get_metrics(Service& service, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200,
         metrics_text(service.ledger(), service.operations().counters, service.now().unix_seconds()),
         "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace fundtrail::api
