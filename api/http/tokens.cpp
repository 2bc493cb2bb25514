// Tokens: a user's own, and anybody's for an administrator. The token itself is in the answer that
// makes it and nowhere else.
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/json_body.h"
#include "api/http/page.h"
#include "api/http/service.h"
#include "api/http/user_json.h"
#include "api/identity/manage.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::int64_t kDay = 24 * 3600;

// Whose tokens the caller may look after; nothing: somebody else's, and that is refused.
std::optional<std::string> owner(const Caller& caller, const std::optional<std::string>& wanted) {
  if (!wanted || *wanted == caller.user) return caller.user;
  if (caller.actor.role == Role::administrator) return wanted;
  return std::nullopt;
}
// Of whom a token must be that the caller names by its id; empty: of anybody.
std::string owned_by(const Caller& caller) {
  return caller.actor.role == Role::administrator ? std::string() : caller.user;
}

// A token acts in its user's name. Who can sign in makes it, or nobody; for machines, which cannot, an
// administrator does.
bool is_of_a_person(const User* user, const Caller& caller) {
  return user != nullptr && user->id.str() != caller.user && !user->password.empty();
}

const User* holder_of(const UserBook& book, const std::string& token) {
  for (std::size_t i = 0; i < book.token_count(); ++i) {
    if (book.holder(i).token->id == token) return book.holder(i).user;
  }
  return nullptr;
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
  const auto whose = owner(*exchange.caller, parameter(request, "user"));
  if (!whose) {
    return answer(exchange, response,
                  problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role)));
  }
  const auto book = service.identity().book();
  const User* user = book->find(*whose);
  if (!user) return answer(exchange, response, problem_of(UserRefusal{UserNo::unknown_user, kUnnamed}));
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
  JsonBody body(request.body, {"user", "role", "label", "days", "per_second"});
  const auto whose = owner(caller, body.text("user"));
  const auto role = body.parsed("role", "a role", [](const std::string& text) {
    return parse_name<Role>(text);
  });
  const auto label = body.parsed("label", "1 to 500 bytes of text", [](const std::string& text) {
    return Text::parse(text);
  });
  const auto days = body.number("days", 1, kMaxTokenDays);
  const auto per_second = body.number("per_second", 1, 1'000'000);
  if (body.problem()) return answer(exchange, response, *body.problem());
  // Whoever has found a token must not be able to make others of it that live longer.
  if (caller.means == Means::bearer) {
    return answer(exchange, response, problem_of(Protocol::session_needed));
  }
  if (!whose) {
    return answer(exchange, response,
                  problem_of(Protocol::forbidden, name_of(caller.actor.role)));
  }
  const auto book = service.identity().book();
  if (is_of_a_person(book->find(*whose), caller)) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(caller.actor.role)));
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
    return issue_token(users, *whose, minted->token);
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  answer_token(service, response, minted->token.id, minted->text);
}

void delete_token(Service& service, Exchange& exchange, const httplib::Request&,
                  httplib::Response& response) {
  auto done = service.identity().change([&](std::vector<User>& users) {
    return revoke_token(users, token_of(exchange), owned_by(*exchange.caller),
                        service.identity().now());
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  response.status = 204;
}

void post_rotation(Service& service, Exchange& exchange, const httplib::Request& request,
                   httplib::Response& response) {
  const Caller& caller = *exchange.caller;
  JsonBody body(request.body, {"overlap_hours"});
  const auto overlap = body.number("overlap_hours", 0, kMaxOverlapHours);
  if (body.problem()) return answer(exchange, response, *body.problem());
  if (caller.means == Means::bearer && caller.credential != exchange.path[0]) {
    return answer(exchange, response, problem_of(Protocol::session_needed));
  }
  const auto book = service.identity().book();
  if (caller.actor.role == Role::administrator && is_of_a_person(holder_of(*book, exchange.path[0]), caller)) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(caller.actor.role)));
  }
  auto minted = mint_token();
  if (!minted) return answer(exchange, response, minted.error());
  const auto now = service.identity().now();
  auto done = service.identity().change([&](std::vector<User>& users) {
    return rotate_token(users, token_of(exchange), owned_by(caller), minted->token, now,
                        now + std::int64_t(overlap.value_or(kOverlapHours)) * 3600);
  });
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  answer_token(service, response, minted->token.id, minted->text);
}

}  // namespace fundtrail::api
