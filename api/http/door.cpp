// The door: everything that is decided from a request's head, before its body is read.
#include <algorithm>
#include <cctype>

#include "api/http/routes.h"
#include "api/http/server.h"
#include "api/http/session_cookie.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kMaxLengthDigits = 15;

bool all_digits(const std::string& text) {
  return !text.empty() && text.size() <= kMaxLengthDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 128 ? char(std::tolower(c)) : char(c); });
  return text;
}

// A field name of RFC 9110: anything else, above all a blank before the colon, could hide a length.
bool is_field_name(const std::string& name) {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](unsigned char c) {
    return (c < 128 && std::isalnum(c)) || kOther.find(char(c)) != std::string_view::npos;
  });
}

// The wanted type alone, or JSON with charset=utf-8.
bool is_of(std::string_view wanted, const std::string& content_type) {
  std::string text = lower(content_type);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t'; }),
             text.end());
  if (text == wanted) return true;
  return wanted == kJson && (text == "application/json;charset=utf-8" ||
                             text == "application/json;charset=\"utf-8\"");
}

}  // namespace

// Where the body ends must be beyond doubt, or what follows it could be taken for a request.
void Server::check_framing(httplib::Request& request, Exchange& exchange) {
  const auto lengths = request.get_header_value_count("Content-Length");
  const auto encodings = request.get_header_value_count("Transfer-Encoding");
  const auto length = request.get_header_value("Content-Length");
  const bool chunked = encodings == 1 &&
                       lower(request.get_header_value("Transfer-Encoding")) == "chunked";
  const bool names = std::all_of(request.headers.begin(), request.headers.end(),
                                 [](const auto& field) { return is_field_name(field.first); });
  if (!names || lengths + encodings > 1 || (lengths == 1 && !all_digits(length)) ||
      (encodings == 1 && !chunked)) {
    exchange.must_close = true;
    exchange.problem =
        problem_of(Protocol::malformed_request,
                   "header names, Content-Length or Transfer-Encoding");
    return;
  }
  exchange.body_declared = chunked || (lengths == 1 && std::stoull(length) > 0);
  if (lengths + encodings == 0) request.set_header("Content-Length", "0");
  if (lengths == 1 && std::stoull(length) > kMaxBody) {
    exchange.must_close = true;
    exchange.problem = problem_of(Protocol::payload_too_large, std::to_string(kMaxBody));
  }
}

void Server::check_route(const httplib::Request& request, Exchange& exchange) {
  auto matched = match(request.method, request.path, exchange.path);
  exchange.route = matched.route;
  if (matched.route) {
    if (matched.route->pattern.starts_with("/v1/ledgers/") && exchange.path[0] != service_.id().str()) {
      exchange.problem = problem_of(Protocol::not_found, "ledger");
    }
  } else if (matched.allowed.empty()) {
    exchange.problem = problem_of(Protocol::not_found, "address");
  } else {
    exchange.problem = problem_of(Protocol::method_not_allowed, matched.allowed);
    exchange.allow = std::move(matched.allowed);
  }
}

namespace {

constexpr char kRoleHeader[] = "Fundtrail-Role";
constexpr char kCsrfHeader[] = "X-CSRF-Token";

// The token of the one Authorization header, if it is a bearer's.
std::string bearer_of(const httplib::Request& request) {
  constexpr std::string_view kScheme = "bearer ";
  const auto header = request.get_header_value("Authorization");
  if (request.get_header_value_count("Authorization") != 1 || header.size() <= kScheme.size() ||
      lower(header.substr(0, kScheme.size())) != kScheme) {
    return {};
  }
  return header.substr(kScheme.size());
}

Problem problem_of_denial(Denial denial, std::string_view role) {
  switch (denial) {
    case Denial::unauthenticated: return problem_of(Protocol::unauthenticated);
    case Denial::cross_site: return problem_of(Protocol::cross_site, {}, kCsrfHeader);
    case Denial::role_needed: return problem_of(Protocol::role_needed, {}, kRoleHeader);
    case Denial::role_not_held: {
      const auto known = parse_name<Role>(role);  // what is no role is not repeated
      return problem_of(UserRefusal{UserNo::role_not_held, known ? std::string(role) : "?"},
                        kRoleHeader);
    }
    case Denial::password_change_required: return problem_of(Protocol::password_change_required);
    case Denial::too_many_requests: return problem_of(Protocol::too_many_requests);
  }
  return problem_of(Protocol::unauthenticated);
}

bool may_use(const Route& route, const Caller& caller) {
  switch (route.access) {
    case Access::staff: return caller.actor.role != Role::provider;
    case Access::administrator: return caller.actor.role == Role::administrator;
    case Access::open:
    case Access::own:
    case Access::anyone:
    case Access::self: return true;
  }
  return false;
}

}  // namespace

void Server::check_caller(const httplib::Request& request, Exchange& exchange) {
  const Route& route = *exchange.route;
  if (route.access == Access::open) return;
  const auto bearer = bearer_of(request);
  // Somebody who sends Authorization means it: a wrong token is not made good by a cookie.
  const bool tried = !bearer.empty() || request.has_header("Authorization");
  const auto session = tried ? std::string() : session_of(request);
  const auto role = request.get_header_value(kRoleHeader);
  const auto csrf = session.empty() ? session : request.get_header_value(kCsrfHeader);
  Presented what{.bearer = bearer, .session = session, .role = role, .csrf = csrf};
  if (!tried) what.certificate = exchange.client_certificate;
  what.changes = route.method != "GET";
  what.cross_site = what.changes && !session.empty() && !is_from_our_page(request);
  what.before_change = route.access == Access::self;
  auto admitted = service_.identity().admit(what);
  if (const auto* denial = std::get_if<Denial>(&admitted)) {
    exchange.problem = problem_of_denial(*denial, role);
    return;
  }
  exchange.caller = std::get<Caller>(std::move(admitted));
  const Caller& caller = *exchange.caller;
  if (!may_use(route, caller)) {
    exchange.problem = problem_of(Protocol::forbidden, name_of(caller.actor.role));
  } else if (route.by_session() && caller.means != Means::session) {
    exchange.problem = problem_of(Protocol::session_needed);
  } else if (caller.limited() && !route.by_region()) {
    exchange.problem = problem_of(Protocol::out_of_scope);
  }
}

void Server::check_parameters(const httplib::Request& request, Exchange& exchange) {
  for (auto at = request.params.begin(); at != request.params.end(); ++at) {
    const bool known = is_among(exchange.route->parameters, at->first);
    if (known && request.params.count(at->first) == 1) continue;
    const auto& names = exchange.route->parameters;
    exchange.problem = problem_of(Protocol::bad_parameter, names.empty() ? "none" : names,
                                  known ? at->first : std::string());
    return;
  }
}

void Server::check_write(const httplib::Request& request, Exchange& exchange) {
  if (request.get_header_value_count("Content-Type") != 1 ||
      !is_of(exchange.route->body, request.get_header_value("Content-Type")) ||
      request.has_header("Content-Encoding")) {
    exchange.problem = problem_of(Protocol::unsupported_media_type, exchange.route->body);
    return;
  }
  if (exchange.route->unkeyed()) return;
  const auto keys = request.get_header_value_count("Idempotency-Key");
  std::string key = request.get_header_value("Idempotency-Key");
  if (keys == 0) {
    exchange.problem = problem_of(Protocol::missing_idempotency_key, {}, "Idempotency-Key");
    return;
  }
  // The draft of the header field makes it a quoted string; most clients send it bare.
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
    key = key.substr(1, key.size() - 2);
  }
  const auto parsed = CommandId::parse(key);
  if (keys != 1 || !parsed) {
    exchange.problem = problem_of(Protocol::bad_idempotency_key, {}, "Idempotency-Key");
    return;
  }
  exchange.key = *parsed;
}

}  // namespace fundtrail::api
