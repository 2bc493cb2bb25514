// Statements from reports/: the book's and a provider's own.
#include "reports/reports.h"

#include "api/http/handlers.h"
#include "api/http/service.h"
#include "reports/provider_payments.h"

namespace fundtrail::api {
namespace {

std::optional<Problem> read_day(const httplib::Request& request, const char* name,
                                std::optional<Date>& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  out = Date::parse(*text);
  if (!out) return problem_of(Protocol::bad_parameter, "YYYY-MM-DD", name);
  return std::nullopt;
}

}  // namespace

void get_payments(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  const auto provider = ProviderId::parse(exchange.path[1]);
  if (exchange.actor->role == Role::provider &&
      (!provider || provider->str() != exchange.actor->id.str())) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(Role::provider)));
  }
  if (!provider) return answer(exchange, response, problem_of(Protocol::not_found, "provider"));
  std::optional<Date> as_of;
  if (auto problem = read_day(request, "as_of", as_of)) {
    return answer(exchange, response, *problem);
  }
  const auto view = service.ledger().view();
  auto entries = service.providers().entries_of(*view, *provider);
  if (!entries) return answer(exchange, response, entries.error());
  if (entries->empty()) {
    return answer(exchange, response, problem_of(Protocol::not_found, "provider"));
  }
  const EntriesView own(*view, *entries);
  auto payments = reports::provider_payments(own, *provider, as_of);
  if (!payments && payments.error().fault == Fault::not_found) {
    return answer(exchange, response, problem_of(Protocol::not_found, "provider"));
  }
  if (!payments) return answer(exchange, response, payments.error());
  answer(response, 200, reports::to_json(*payments), kJson);
}

}  // namespace fundtrail::api
