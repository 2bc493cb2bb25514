// Signing in and out, and one's own password.
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/json_body.h"
#include "api/http/service.h"
#include "api/http/session_cookie.h"
#include "api/http/sign_in.h"
#include "api/http/user_json.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

// What somebody may know of themselves.
Json self_json(Service& service, const User& user, Role role, Means means) {
  Json json;
  json["ledger"] = service.id().str();
  json["user"] = user.id.str();
  json["name"] = user.name;
  json["means"] = name_of(means);
  json["role"] = name_of(role);
  json["roles"] = roles_json(user);
  Json words = Json::object();
  for (const auto each : user.roles) {
    const std::string name(name_of(each));
    words[name] = {{"zh", in_words(name, true)}, {"en", in_words(name, false)}};
  }
  json["role_words"] = std::move(words);
  json["regions"] = ids_json(user.regions);
  if (user.provider) json["provider"] = user.provider->str();
  return json;
}

Json session_json(Service& service, const User& user, Role role, const Session& session) {
  Json json = self_json(service, user, role, Means::session);
  json["must_change"] = user.must_change;
  json["csrf"] = session.csrf;
  json["ends"] = time_text(service.identity().session_ends(session));
  return json;
}

void answer_sign_in(Service& service, Exchange& exchange, httplib::Response& response,
                    const SignIn& outcome, int status) {
  if (!std::holds_alternative<SignedIn>(outcome)) return answer_not_let_in(exchange, response, outcome);
  const auto& in = std::get<SignedIn>(outcome);
  const auto book = service.identity().book();
  const User* user = book->find(in.session.user);
  if (!user) return answer(exchange, response, problem_of(Protocol::sign_in_failed));
  exchange.done.push_back({.action = AccessAction::signed_in,
                           .by = Caller{.actor = user->acting(in.session.role),
                                        .user = user->id.str(),
                                        .means = Means::session}});
  answer(response, status, session_json(service, *user, in.session.role, in.session).dump(),
         kJson);
  set_session(response, in.token);
}

}  // namespace

void answer_not_let_in(Exchange& exchange, httplib::Response& response, const SignIn& outcome) {
  if (const auto* wait = std::get_if<SignInWait>(&outcome)) {
    auto problem = problem_of(Protocol::too_many_attempts, std::to_string(wait->seconds));
    problem.retry_after = wait->seconds;
    return answer(exchange, response, problem);
  }
  if (std::holds_alternative<SignInFailed>(outcome)) {
    return answer(exchange, response, problem_of(Protocol::sign_in_failed));
  }
  if (const auto* refusal = std::get_if<UserRefusal>(&outcome)) {
    return answer(exchange, response, problem_of(*refusal));
  }
  if (const auto* error = std::get_if<Error>(&outcome)) answer(exchange, response, *error);
}

void post_session(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  if (!is_not_from_elsewhere(request, exchange.tls)) {
    return answer(exchange, response, problem_of(Protocol::cross_site, kOwnPage, "Origin"));
  }
  JsonBody body(request.body, {"user", "password", "role"});
  const auto user = body.needed("user");
  const auto password = body.needed("password");
  const auto role = body.parsed("role", "a role", [](const std::string& text) {
    return parse_name<Role>(text);
  });
  if (body.problem()) return answer(exchange, response, *body.problem());
  // What is no id is nobody's name; it is not kept, for somebody may have typed a password there.
  const auto name = is_well_formed_id(user) ? user : std::string(kUnnamed);
  if (service.identity().book()->find(name) != nullptr) exchange.claimed = name;
  answer_sign_in(service, exchange, response,
                 service.identity().sign_in(name, password, role, exchange.address), 201);
}

void get_session(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  const auto book = service.identity().book();
  const Caller& caller = *exchange.caller;
  const User* user = book->find(caller.user);
  if (!user) return answer(exchange, response, problem_of(Protocol::unauthenticated));
  if (caller.means != Means::session) {
    return answer(response, 200,
                  self_json(service, *user, caller.actor.role, caller.means).dump(), kJson);
  }
  const auto session = service.identity().session(session_of(request));
  if (!session) return answer(exchange, response, problem_of(Protocol::unauthenticated));
  answer(response, 200, session_json(service, *user, caller.actor.role, *session).dump(), kJson);
}

void delete_session(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  const auto everywhere = parameter(request, "everywhere");
  if (everywhere && *everywhere != "true" && *everywhere != "false") {
    return answer(exchange, response,
                  problem_of(Protocol::bad_parameter, "true or false", "everywhere"));
  }
  // Whoever has found a token must not be able to put its owner out.
  if (everywhere == "true" && exchange.caller->means != Means::session) {
    return answer(exchange, response, problem_of(Protocol::session_needed));
  }
  service.identity().sign_out(session_of(request));
  if (everywhere == "true") {
    auto done = service.identity().sign_out_everywhere(exchange.caller->user);
    if (!done) return answer(exchange, response, done.error());
  }
  exchange.done.push_back({.action = AccessAction::signed_out,
                           .subject = everywhere == "true" ? "everywhere" : ""});
  response.status = 204;
  set_session(response, {});
}

void post_own_password(Service& service, Exchange& exchange, const httplib::Request& request,
                       httplib::Response& response) {
  JsonBody body(request.body, {"present", "new"});
  const auto present = body.needed("present");
  const auto wanted = body.needed("new");
  if (body.problem()) return answer(exchange, response, *body.problem());
  answer_sign_in(service, exchange, response,
                 service.identity().change_password(*exchange.caller, present, wanted,
                                                    exchange.address),
                 200);
}

}  // namespace fundtrail::api
