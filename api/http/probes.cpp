#include "api/access_log/access_log.h"
#include "api/http/handlers.h"
#include "api/http/service.h"

namespace fundtrail::api {

void get_health(Service&, Exchange&, const httplib::Request&, httplib::Response& response) {
  answer(response, 200, R"({"status":"ok"})", kJson);
}

void get_ready(Service& service, Exchange& exchange, const httplib::Request&,
               httplib::Response& response) {
  if (const auto error = service.ledger().refusing()) {
    Problem problem = problem_of(Protocol::unavailable);
    problem.detail_en += " (" + error->message + ")";
    problem.detail_zh += "（" + std::string(name(error->fault)) + "）";
    return answer(exchange, response, problem);
  }
  if (const auto error = service.access_log() ? service.access_log()->failing() : std::nullopt) {
    Problem problem = problem_of(Protocol::unavailable);
    problem.detail_en += " (" + error->message + ")";
    problem.detail_zh += "（访问日志无法写入）";
    return answer(exchange, response, problem);
  }
  answer(response, 200, R"({"status":"ready"})", kJson);
}

}  // namespace fundtrail::api
