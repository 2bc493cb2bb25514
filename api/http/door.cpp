// The door: everything that is decided from a request's head, before its body is read.
#include <algorithm>

#include "api/access_log/access_log.h"
#include "api/http/handlers.h"
#include "api/http/head_fields.h"
#include "api/http/routes.h"
#include "api/http/server.h"
#include "api/http/session_cookie.h"
#include "api/words.h"
#include "ledger/core/personal_number.h"

namespace fundtrail::api {
namespace {

// The wanted type alone, or JSON with charset=utf-8.
bool is_of(std::string_view wanted, const std::string& content_type) {
  std::string text = lower_ascii(content_type);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t'; }),
             text.end());
  if (text == wanted) return true;
  return wanted == kJson && (text == "application/json;charset=utf-8" ||
                             text == "application/json;charset=\"utf-8\"");
}

}  // namespace

namespace {

// RFC 9112, 3.2.2: what is sent to a proxy has the whole address in its first line, and every server reads that.
void use_absolute_form(httplib::Request& request) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (request.path.size() < scheme.size() ||
        !equal_but_case(std::string_view(request.path).substr(0, scheme.size()), scheme)) {
      continue;
    }
    const auto path = request.path.find('/', scheme.size());
    request.path = path == std::string::npos ? std::string("/") : request.path.substr(path);
    return;
  }
}

}  // namespace

// Where the body ends must be beyond doubt, or what follows it could be taken for a request.
void Server::check_framing(httplib::Request& request, Exchange& exchange) {
  const auto& framing = exchange.framing;
  // HTTP/1.0 knows no chunks: who speaks it and sends them is a proxy that passes on what it does not read.
  if (!framing.well_formed || (framing.chunked && request.version == "HTTP/1.0")) {
    exchange.must_close = true;
    exchange.problem =
        problem_of(Protocol::malformed_request,
                   "header lines, Content-Length or Transfer-Encoding");
    return;
  }
  const bool old = request.version == "HTTP/1.0";
  if (framing.hosts > 1 || (framing.hosts == 0 && !old) || framing.fragment) {
    exchange.must_close = true;
    exchange.problem = problem_of(Protocol::malformed_request, "one Host field, and a target without a fragment");
    return;
  }
  use_absolute_form(request);
  if (!framing.length && !framing.chunked) request.set_header("Content-Length", "0");
}

Problem too_large(const Exchange& exchange) {
  return problem_of(Protocol::payload_too_large, std::to_string(exchange.route->max_body));
}

namespace {

// A part of a path with a slash in it. The library decodes it, and the slash would part what it stands in: a proxy
// that lets some paths through, and reads them as they came, would let through another one.
bool hides_slash(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const auto code = path.substr(at + 1, 2);
    if (equal_but_case(code, "2f") || equal_but_case(code, "5c")) return true;
  }
  return false;
}

}  // namespace

void Server::check_route(const httplib::Request& request, Exchange& exchange) {
  if (hides_slash(request.target)) {
    exchange.problem = problem_of(Protocol::not_found, "address");
    return;
  }
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

// The token of the one Authorization header, if it is a bearer's.
std::string bearer_of(const HeadFields::Field& authorization) {
  constexpr std::string_view kScheme = "bearer ";
  const auto& header = authorization.value();
  if (authorization.count != 1 || header.size() <= kScheme.size() ||
      !equal_but_case(std::string_view(header).substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return header.substr(kScheme.size());
}

Problem problem_of_denial(Denial denial, const Presented& what) {
  const auto& role = what.role;
  switch (denial) {
    case Denial::unauthenticated: return problem_of(Protocol::unauthenticated);
    case Denial::cross_site:
      if (what.cross_site) return problem_of(Protocol::cross_site, kOwnPage, "Origin");
      return problem_of(Protocol::cross_site, "X-CSRF-Token with the csrf of the session", kCsrfHeader);
    case Denial::role_needed: return problem_of(Protocol::role_needed, {}, kRoleHeader);
    case Denial::role_not_held: {
      // Without a name it is a user without any role; what is no role is not repeated.
      const auto known = parse_name<Role>(role);
      if (!known && !role.empty()) return problem_of(Protocol::bad_parameter, "a role", kRoleHeader);
      return problem_of(UserRefusal{UserNo::role_not_held, known ? std::string(role) : kUnnamed},
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
    case Access::watcher:
      return caller.actor.role == Role::inspector || caller.actor.role == Role::administrator;
    case Access::open:
    case Access::own:
    case Access::anyone:
    case Access::self: return true;
  }
  return false;
}

}  // namespace

void Server::check_caller(const httplib::Request& request, const HeadFields& fields, Exchange& exchange) {
  const Route& route = *exchange.route;
  if (route.access == Access::open) return;
  const auto bearer = bearer_of(fields.authorization);
  // Somebody who sends Authorization means it: a wrong token is not made good by a cookie.
  const bool tried = fields.authorization.count != 0;
  const auto session = tried || fields.cookie.count == 0 ? std::string() : session_of(request);
  const auto& role = fields.role.value();
  const auto csrf = session.empty() ? session : fields.csrf.value();
  Presented what{.bearer = bearer, .session = session, .role = role, .csrf = csrf};
  if (!tried) what.certificate = exchange.client_certificate;
  what.changes = route.method != "GET";
  what.cross_site = what.changes && !session.empty() && !is_from_our_page(request, exchange.tls);
  what.before_change = route.access == Access::self;
  auto admitted = service_.identity().admit(what);
  if (auto* denied = std::get_if<Denied>(&admitted)) {
    exchange.problem = problem_of_denial(denied->why, what);
    exchange.denied = std::move(denied->who);
    if (exchange.denied) check_pause(*exchange.denied, exchange);
    return;
  }
  exchange.caller = std::get<Caller>(std::move(admitted));
  const Caller& caller = *exchange.caller;
  check_pause(caller, exchange);
  if (exchange.problem) return;
  if (!may_use(route, caller)) {
    exchange.problem = problem_of(Protocol::forbidden, name_of(caller.actor.role));
  } else if (route.by_session() && caller.means != Means::session) {
    exchange.problem = problem_of(Protocol::session_needed);
  } else if (caller.limited() && !route.by_region()) {
    exchange.problem = problem_of(Protocol::out_of_scope);
  }
}

// Each refusal is told in the access log, so nobody is refused faster than it can be told: what changes something, and
// what names people, waits. Signing out does not.
void Server::check_pause(const Caller& who, Exchange& exchange) {
  const Route& route = *exchange.route;
  AccessLog* const log = service_.access_log();
  if (log == nullptr || route.access == Access::self || (route.method == "GET" && !route.names_people())) return;
  const auto pause = log->pause(who.actor.id.str());
  if (pause.count() == 0) return;
  exchange.problem = problem_of(Protocol::too_many_requests);
  exchange.problem->retry_after = pause.count();
}

void Server::check_parameters(const httplib::Request& request, Exchange& exchange) {
  for (auto at = request.params.begin(); at != request.params.end(); ++at) {
    const bool known = is_among(exchange.route->parameters, at->first);
    if (known && request.params.count(at->first) == 1) continue;
    exchange.problem = known ? problem_of(Protocol::bad_parameter, "given once", at->first)
                             : unknown_name(at->first, split(exchange.route->parameters));
    return;
  }
}

// Who makes a condition must not have it passed over: only a job can be bound to a head (job_routes.cpp).
void Server::check_condition(const HeadFields& fields, Exchange& exchange) {
  if (fields.if_match.count == 0 || exchange.route->method == "GET" || exchange.route->answer == post_jobs) return;
  exchange.problem = problem_of(Protocol::bad_parameter, "no condition, but for a run", kIfMatchHeader);
}

void Server::check_write(const HeadFields& fields, Exchange& exchange) {
  if (exchange.framing.length.value_or(0) > exchange.route->max_body) {
    exchange.problem = too_large(exchange);
    return;
  }
  if (fields.content_type.count != 1 || !is_of(exchange.route->body, fields.content_type.value()) ||
      fields.content_encoding.count != 0) {
    exchange.problem = problem_of(Protocol::unsupported_media_type, exchange.route->body);
    return;
  }
  if (!exchange.route->unkeyed()) check_key(fields, exchange);
  const auto length = exchange.framing.length.value_or(0);
  if (!exchange.problem && !has_room(exchange, length)) exchange.problem = problem_of(Protocol::unavailable);
}

bool Server::has_room(Exchange& exchange, std::size_t bytes) {
  return bytes <= BodyRoom::kSmallBody ||
         body_room_.take(exchange.caller ? exchange.caller->user : std::string(), bytes, exchange.place);
}

void Server::check_key(const HeadFields& fields, Exchange& exchange) {
  std::string key = fields.idempotency_key.value();
  if (fields.idempotency_key.count == 0) {
    exchange.problem = problem_of(Protocol::missing_idempotency_key, {}, kKeyHeader);
    return;
  }
  // The draft of the header field makes it a quoted string; most clients send it bare.
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
    key = key.substr(1, key.size() - 2);
  }
  const auto parsed = CommandId::parse(key);
  if (fields.idempotency_key.count != 1 || !parsed || holds_personal_number(key)) {
    exchange.problem = problem_of(Protocol::bad_idempotency_key, {}, kKeyHeader);
    return;
  }
  exchange.key = *parsed;
}

}  // namespace fundtrail::api
