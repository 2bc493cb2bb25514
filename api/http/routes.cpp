#include "api/http/routes.h"

#include "api/http/handlers.h"

namespace fundtrail::api {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/", Access::open, "", get_console},
    {"GET", "/healthz", Access::open, "", get_health},
    {"GET", "/readyz", Access::open, "", get_ready},
    {"GET", "/metrics", Access::staff, "", get_metrics},
    {"GET", "/v1/ledgers/{ledger}", Access::staff, "", get_ledger},
    {"POST", "/v1/ledgers/{ledger}/entries", Access::anyone, "", post_entries},
    {"GET", "/v1/ledgers/{ledger}/entries", Access::staff,
     "kind from to fund region provider cursor limit", get_entries},
    {"GET", "/v1/ledgers/{ledger}/entries/{index}", Access::staff, "", get_entry},
    {"GET", "/v1/ledgers/{ledger}/entries/{index}/lines", Access::staff, "", get_lines},
    {"GET", "/v1/ledgers/{ledger}/proofs/{index}", Access::own, "size line", get_proof},
    {"GET", "/v1/ledgers/{ledger}/consistency", Access::staff, "old new", get_consistency},
    {"GET", "/v1/ledgers/{ledger}/checkpoint", Access::anyone, "", get_checkpoint},
    {"GET", "/v1/ledgers/{ledger}/reports", Access::staff, "", get_reports},
    {"GET", "/v1/ledgers/{ledger}/reports/{name}", Access::staff,
     "as_of from fund provider region breakdown entries format lang", get_report},
    {"GET", "/v1/ledgers/{ledger}/providers/{provider}/payments", Access::own, "as_of",
     get_payments},
};

std::string_view next_part(std::string_view& rest) {
  const auto end = rest.find('/');
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

// Whether the path has the pattern's shape; fills the variable parts.
bool fits(std::string_view pattern, std::string_view path, std::array<std::string, 3>& parts) {
  if (path.empty() || path.front() != '/' || path.back() == '/') return path == pattern;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  std::size_t variable = 0;
  while (!pattern.empty() && !path.empty()) {
    const auto expected = next_part(pattern);
    const auto found = next_part(path);
    if (expected.starts_with('{')) {
      if (found.empty() || variable == parts.size()) return false;
      parts[variable++] = found;
    } else if (expected != found) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

Match match(std::string_view method, std::string_view path, std::array<std::string, 3>& parts) {
  Match result;
  const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
  std::array<std::string, 3> found;
  for (const auto& route : kRoutes) {
    if (!fits(route.pattern, path, found)) continue;
    parts = found;
    if (route.method == wanted) {
      result.route = &route;
      return result;
    }
    for (const auto also : {route.method, std::string_view(route.method == "GET" ? "HEAD" : "")}) {
      if (also.empty()) continue;
      if (!result.allowed.empty()) result.allowed += ", ";
      result.allowed += also;
    }
  }
  return result;
}

}  // namespace fundtrail::api
