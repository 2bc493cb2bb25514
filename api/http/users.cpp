// What an administrator does with users. The rules are those of api/identity/manage.h; a first password
// is made here, shown once, and has to be changed at once.
#include <httplib.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/json_body.h"
#include "api/http/page.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "api/http/user_json.h"
#include "api/identity/manage.h"
#include "api/identity/password.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

// As the book has it, with what only the server knows.
Json described(Service& service, const User& user) {
  auto& identity = service.identity();
  Json json = user_json(user, identity.now());
  for (const auto& closed : identity.closed_addresses(user.id.str())) {
    json["closed_addresses"].push_back({{"address", closed.address}, {"until", time_text(closed.until)}});
  }
  const auto& ledgers = user.ledgers;
  if (user.regions.empty() ||
      (!ledgers.empty() && std::find(ledgers.begin(), ledgers.end(), service.id()) == ledgers.end())) {
    return json;
  }
  const auto view = service.ledger().view();
  for (const auto& region : user.regions) {
    if (refuse_unknown_region(*view, region)) json["unknown_regions"].push_back(region.str());
  }
  return json;
}

// Whether they are the caller's to look after, by this book.
bool is_kept(const UserBook& book, const Exchange& exchange, const User& user) {
  const User* administrator = book.find(exchange.caller->user);
  return administrator != nullptr && may_keep(*administrator, user);
}

void answer_user(Service& service, Exchange& exchange, httplib::Response& response,
                 const std::string& id, int status, const std::string& password = {}) {
  const auto book = service.identity().book();
  const User* user = book->find(id);
  if (!user || !is_kept(*book, exchange, *user)) {
    return answer(exchange, response, problem_of(UserRefusal{UserNo::unknown_user, id}));
  }
  Json json = described(service, *user);
  if (!password.empty()) json["password"] = password;
  answer(response, status, json.dump(), kJson);
}

// Alters the book and answers with the user.
void change(Service& service, Exchange& exchange, httplib::Response& response,
            const std::string& id, int status, const Alteration& how,
            const std::string& password = {}) {
  auto done = service.identity().change(how);
  if (!done) return answer(exchange, response, done.error());
  if (*done) return answer(exchange, response, problem_of(**done));
  answer_user(service, exchange, response, id, status, password);
}

By by(const Exchange& exchange) { return &*exchange.caller; }

// An id of the path that is none is nobody's, and is not repeated.
std::string user_of(const Exchange& exchange) {
  return is_well_formed_id(exchange.path[0]) ? exchange.path[0] : std::string(kUnnamed);
}

UserChange read_change(JsonBody& body) {
  UserChange change;
  if (const auto name = body.parsed("name", "1 to 500 bytes of text", Text::parse)) {
    change.name = name->str();
  }
  change.roles = body.list<Role>("roles", "one role or more", [](const std::string& text) {
    return parse_name<Role>(text);
  });
  if (change.roles && change.roles->empty()) body.fail("roles", "one role or more");
  change.ledgers = body.list<LedgerId>("ledgers", "ids of ledgers", LedgerId::parse);
  change.regions = body.list<RegionCode>("regions", "codes of 6, 9 or 12 digits",
                                         RegionCode::parse);
  change.provider = body.parsed("provider", "an id", ProviderId::parse);
  return change;
}

struct FirstPassword {
  std::string text;
  std::string hash;
};
Result<FirstPassword> first_password() {
  auto text = random_password();
  if (!text) return text.error();
  auto hash = hash_password(*text);
  if (!hash) return hash.error();
  return FirstPassword{*text, *hash};
}

}  // namespace

void get_users(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  Page page;
  if (const auto problem = read_page(service, exchange, request, page)) return answer(exchange, response, *problem);
  const auto book = service.identity().book();
  std::map<std::string, const User*> users;
  for (const auto& user : book->users()) {
    if (is_kept(*book, exchange, user)) users.emplace(user.id.str(), &user);
  }
  Json json;
  add_page(service, json, "users", users, page, [&](const User* user) { return described(service, *user); });
  answer(response, 200, json.dump(), kJson);
}

void get_user(Service& service, Exchange& exchange, const httplib::Request&,
              httplib::Response& response) {
  answer_user(service, exchange, response, user_of(exchange), 200);
}

void post_users(Service& service, Exchange& exchange, const httplib::Request& request,
                httplib::Response& response) {
  JsonBody body(request.body,
                {"user", "name", "roles", "ledgers", "regions", "provider", "with_password", "machine"});
  const auto id = body.parsed("user", "an id", ActorId::parse);
  if (!id) body.fail("user", "an id");
  auto read = read_change(body);
  if (!read.roles) body.fail("roles", "one role or more");
  const bool machine = body.flag("machine").value_or(false);
  const bool with_password = body.flag("with_password").value_or(!machine);
  if (body.problem()) return answer(exchange, response, *body.problem());
  NewUser fresh{.id = *id,
                .name = read.name.value_or(std::string()),
                .roles = *read.roles,
                .ledgers = read.ledgers.value_or(std::vector<LedgerId>()),
                .regions = read.regions.value_or(std::vector<RegionCode>()),
                .provider = read.provider,
                .password = {},
                .machine = machine};
  FirstPassword first;
  if (with_password) {
    auto made = first_password();
    if (!made) return answer(exchange, response, made.error());
    first = std::move(*made);
    fresh.password = first.hash;
  }
  const auto now = service.identity().now();
  change(service, exchange, response, id->str(), 201,
         [&](std::vector<User>& users) { return add_user(users, fresh, by(exchange), now); }, first.text);
}

void post_user(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  JsonBody body(request.body, {"name", "roles", "ledgers", "regions", "provider", "disabled"});
  auto wanted = read_change(body);
  wanted.disabled = body.flag("disabled");
  if (body.problem()) return answer(exchange, response, *body.problem());
  const auto id = user_of(exchange);
  change(service, exchange, response, id, 200, [&](std::vector<User>& users) {
    return change_user(users, id, wanted, by(exchange), service.identity().now());
  });
}

void post_user_password(Service& service, Exchange& exchange, const httplib::Request& request,
                        httplib::Response& response) {
  JsonBody body(request.body, {});
  if (body.problem()) return answer(exchange, response, *body.problem());
  const auto id = user_of(exchange);
  auto made = first_password();
  if (!made) return answer(exchange, response, made.error());
  const auto now = service.identity().now();
  change(service, exchange, response, id, 200,
         [&](std::vector<User>& users) { return set_first_password(users, id, made->hash, by(exchange), now); },
         made->text);
}

void post_user_unlock(Service& service, Exchange& exchange, const httplib::Request& request,
                      httplib::Response& response) {
  JsonBody body(request.body, {});
  if (body.problem()) return answer(exchange, response, *body.problem());
  const auto id = user_of(exchange);
  change(service, exchange, response, id, 200,
         [&](std::vector<User>& users) { return unlock_user(users, id, by(exchange)); });
}

void post_certificate(Service& service, Exchange& exchange, const httplib::Request& request,
                      httplib::Response& response) {
  JsonBody body(request.body, {"sha256"});
  const auto fingerprint = body.needed("sha256");
  if (!chain::hash_from_hex(fingerprint)) body.fail("sha256", "64 lower-case hex digits");
  if (body.problem()) return answer(exchange, response, *body.problem());
  const auto id = user_of(exchange);
  change(service, exchange, response, id, 200, [&](std::vector<User>& users) {
    return add_certificate(users, id, fingerprint, by(exchange));
  });
}

void delete_certificate(Service& service, Exchange& exchange, const httplib::Request&,
                        httplib::Response& response) {
  const auto id = user_of(exchange);
  const bool well_formed = chain::hash_from_hex(exchange.path[1]).has_value();
  change(service, exchange, response, id, 200, [&](std::vector<User>& users) {
    return remove_certificate(users, id, well_formed ? exchange.path[1] : kUnnamed, by(exchange));
  });
}

}  // namespace fundtrail::api
