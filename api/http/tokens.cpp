// Tokens: a user's own, and anybody's for an administrator. The token itself is in the answer that
// makes it and nowhere else.
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/json_body.h"
#include "api/http/page.h"
#include "api/http/service.h"
#include "api/http/sign_in.h"
#include "api/http/user_json.h"
#include "api/identity/manage.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::int64_t kDay = 24 * 3600;

// Why somebody is refused who names whose tokens are meant: only administrators name others than themselves, and of
// those nobody who is limited to regions. Whom they look after is for the book to say (api/identity/manage.h).
std::optional<Problem> refuse_naming(const Caller& caller, const std::string& wanted) {
  if (wanted == caller.user) return std::nullopt;
  if (caller.actor.role != Role::administrator) return problem_of(Protocol::forbidden, name_of(caller.actor.role));
  if (caller.limited()) return problem_of(Protocol::out_of_scope);
  return std::nullopt;
}

// A token handles itself and no other: whoever has found it must not be able to take the others from its owner. A
// certificate handles none.
bool handles(const Caller& caller, const std::string& token) {
  return caller.means == Means::session || (caller.means == Means::bearer && caller.credential == token);
}

// What is no id is nobody's token, and is not repeated.
std::string token_of(const Exchange& exchange) {
  return is_well_formed_id(exchange.path[0]) ? exchange.path[0] : std::string(kUnnamed);
}

void answer_token(Service& service, httplib::Response& response, const std::string& id,
                  const std::string& secret) {
  const auto book = service.identity().book();
  for (const auto& user : book->users()) {
    for (const auto& token : user.tokens) {
      if (token.id != id) continue;
      Json json = token_json(user, token, 0, service.identity().now());
      json["secret"] = secret;
      return answer(response, 201, json.dump(), kJson);
    }
  }
}

}  // namespace

void get_tokens(Service& service, Exchange& exchange, const httplib::Request& request,
                httplib::Response& response) {
  Page page;
  if (const auto problem = read_page(service, exchange, request, page)) return answer(exchange, response, *problem);
  const Caller& caller = *exchange.caller;
  const auto whose = parameter(request, "user").value_or(caller.user);
  if (const auto problem = refuse_naming(caller, whose)) return answer(exchange, response, *problem);
  const auto book = service.identity().book();
  const User* user = book->find(whose);
  const User* self = book->find(caller.user);
  if (!user || !self || (user != self && !may_keep(*self, *user))) {
    return answer(exchange, response, problem_of(UserRefusal{UserNo::unknown_user, kUnnamed}));
  }
  std::map<std::string, std::size_t> numbers;  // oldest first
  for (std::size_t i = 0; i < book->token_count(); ++i) {
    const auto& holder = book->holder(i);
    if (holder.user != user) continue;
    numbers.emplace(page_key(std::uint64_t(holder.token->created)) + "." + holder.token->id, i);
  }
  const auto now = service.identity().now();
  Json json;
  add_page(service, json, "tokens", numbers, page, [&](std::size_t i) {
    return token_json(*user, *book->holder(i).token, book->used(i), now);
  });
  answer(response, 200, json.dump(), kJson);
}

void post_token(Service& service, Exchange& exchange, const httplib::Request& request,
                httplib::Response& response) {
  const Caller& caller = *exchange.caller;
  JsonBody body(request.body, {"password", "user", "role", "label", "days", "per_second"});
  const auto named = body.parsed("user", "an id", ActorId::parse);
  const auto whose = named ? named->str() : caller.user;
  const auto role = body.parsed("role", "a role", [](const std::string& text) {
    return parse_name<Role>(text);
  });
  const auto label = body.parsed("label", "1 to 500 bytes of text", [](const std::string& text) {
    return Text::parse(text);
  });
  const auto days = body.number("days", 1, kMaxTokenDays);
  const auto per_second = body.number("per_second", 1, 1'000'000);
  const auto password = body.needed("password");
  if (body.problem()) return answer(exchange, response, *body.problem());
  if (const auto problem = refuse_naming(caller, whose)) return answer(exchange, response, *problem);
  if (const auto refused = service.identity().confirm(caller, password, exchange.address)) {
    return answer_not_let_in(exchange, response, *refused);
  }
  auto minted = mint_token();
  if (!minted) return answer(exchange, response, minted.error());
  const auto now = service.identity().now();
  minted->token.role = role.value_or(caller.actor.role);
  minted->token.label = label ? label->str() : std::string();
  minted->token.created = now;
  minted->token.expires = now + std::int64_t(days.value_or(kTokenDays)) * kDay;
  minted->token.per_second = static_cast<std::uint32_t>(per_second.value_or(0));
  auto done = service.identity().change([&](std::vector<User>& users) {
    return issue_token(users, whose, minted->token, &caller);
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  answer_token(service, response, minted->token.id, minted->text);
}

void delete_token(Service& service, Exchange& exchange, const httplib::Request&,
                  httplib::Response& response) {
  const Caller& caller = *exchange.caller;
  if (!handles(caller, exchange.path[0])) return answer(exchange, response, problem_of(Protocol::session_needed));
  auto done = service.identity().change([&](std::vector<User>& users) {
    return revoke_token(users, token_of(exchange), &caller, service.identity().now());
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  response.status = 204;
}

void post_rotation(Service& service, Exchange& exchange, const httplib::Request& request,
                   httplib::Response& response) {
  const Caller& caller = *exchange.caller;
  const bool in_session = caller.means == Means::session;
  JsonBody body = in_session ? JsonBody(request.body, {"password", "overlap_hours"}) : JsonBody(request.body, {"overlap_hours"});
  const auto overlap = body.number("overlap_hours", 0, kMaxOverlapHours);
  const auto password = in_session ? body.needed("password") : std::string();
  if (body.problem()) return answer(exchange, response, *body.problem());
  if (!handles(caller, exchange.path[0])) return answer(exchange, response, problem_of(Protocol::session_needed));
  if (in_session) {
    if (const auto refused = service.identity().confirm(caller, password, exchange.address)) {
      return answer_not_let_in(exchange, response, *refused);
    }
  }
  auto minted = mint_token();
  if (!minted) return answer(exchange, response, minted.error());
  const auto now = service.identity().now();
  auto done = service.identity().change([&](std::vector<User>& users) {
    return rotate_token(users, token_of(exchange), minted->token, &caller, now,
                        now + std::int64_t(overlap.value_or(kOverlapHours)) * 3600);
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  answer_token(service, response, minted->token.id, minted->text);
}

}  // namespace fundtrail::api
