// GET .../access-log and .../access-log/head, for those who watch the watchers.
#include "api/access_log/access_log.h"
#include "api/access_log/search.h"
#include "api/http/handlers.h"
#include "api/http/parameters.h"
#include "api/http/service.h"
#include "ledger/chain/canonical.h"

namespace fundtrail::api {
namespace {

// A page may be short, even empty, and have a successor: one request never looks at more than this.
constexpr std::uint64_t kMaxLooked = 500'000;
constexpr std::size_t kMaxText = 200;  // bytes

std::optional<Problem> read_filter(const httplib::Request& request, AccessFilter& filter,
                                   std::uint64_t& limit) {
  if (const auto actor = parameter(request, "actor")) {
    if (!ActorId::parse(*actor)) return problem_of(Protocol::bad_parameter, "an id", "actor");
    filter.actor = *actor;
  }
  if (const auto text = parameter(request, "text")) {
    if (text->empty() || text->size() > kMaxText) {
      return problem_of(Protocol::bad_parameter, "1 to 200 bytes", "text");
    }
    filter.text = *text;
  }
  std::optional<std::uint64_t> after;
  auto problem = read_date(request, "from", filter.from);
  if (!problem) problem = read_date(request, "to", filter.to);
  if (!problem && filter.from && filter.to && *filter.to < *filter.from) {
    problem = problem_of(Protocol::bad_parameter, "a day not before \"from\"", "to", filter.to->str());
  }
  if (!problem) problem = read_limit(request, limit);
  if (!problem) problem = read_number(request, "cursor", 0, std::uint64_t(chain::max_integer), after);
  filter.after = after.value_or(filter.after);
  return problem;
}

}  // namespace

void get_access_log(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  AccessFilter filter;
  std::uint64_t limit = kDefaultLimit;
  if (auto problem = read_filter(request, filter, limit)) return answer(exchange, response, *problem);
  if (service.access_log() == nullptr) {
    return answer(exchange, response, problem_of(Protocol::not_found, "access log"));
  }
  std::string body = R"({"records":[)";
  std::uint64_t found = 0;
  const auto searched = search_access_log(service.access_log()->directory(), filter, kMaxLooked,
                                          [&](std::uint64_t, std::string_view line) {
                                            if (found != 0) body += ',';
                                            body += line;
                                            return ++found < limit;
                                          });
  if (!searched) return answer(exchange, response, searched.error());
  body += ']';
  if (!searched->ended) body += R"(,"next":)" + std::to_string(searched->next);
  body += '}';
  answer(response, 200, std::move(body), kJson);
}

void get_access_head(Service& service, Exchange& exchange, const httplib::Request&,
                     httplib::Response& response) {
  if (service.access_log() == nullptr) {
    return answer(exchange, response, problem_of(Protocol::not_found, "access log"));
  }
  answer(response, 200, service.access_log()->head(), kText);
}

}  // namespace fundtrail::api
