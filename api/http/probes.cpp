#include <nlohmann/json.hpp>

#include "api/http/console.h"
#include "api/http/handlers.h"
#include "api/http/service.h"

namespace fundtrail::api {

void get_console(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200, std::string(console_page()), "text/html; charset=utf-8");
  // The page is one file: nothing from elsewhere may run in it.
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                      "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'");
}

void get_health(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200, R"({"status":"ok"})", kJson);
}

void get_ready(Service& service, Exchange&, const httplib::Request&, httplib::Response& response) {
  const auto& operations = service.operations();
  const auto found = look(service.ledger(), operations.directory, service.now().unix_seconds(),
                          operations.limits, operations.stopping);
  bool writes = true;
  auto states = nlohmann::ordered_json::array();
  for (const auto state : found) {
    const auto& row = info(state);
    writes &= row.writes;
    states.push_back({{"code", row.code}, {"writes", row.writes}, {"en", row.en}, {"zh", row.zh}});
  }
  const char* status = !writes ? "unavailable" : found.empty() ? "ready" : "degraded";
  const nlohmann::ordered_json body = {{"status", status}, {"states", states}};
  answer(response, writes ? 200 : 503, body.dump(), kJson);
}

void get_metrics(Service& service, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200,
         metrics_text(service.ledger(), service.operations().counters, service.now().unix_seconds()),
         "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace fundtrail::api
