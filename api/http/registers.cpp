// The registers of a ledger as they are now: funds, regions, accounts, providers, policies. Each is a range of the state's
// rows (ledger/rules/rows.h), listed by id.
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/routes.h"
#include "api/http/row_page.h"
#include "api/http/service.h"
#include "api/policy_check.h"
#include "ledger/chain/document_codec.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

Json document(std::string_view, std::string_view row) { return Json::parse(row); }

Json provider(std::string_view, std::string_view row) {
  const auto read = rules::ProviderRow::decode(row);
  Json json = Json::parse(chain::encode_document(read.provider));
  auto& contracts = json["contracts"] = Json::array();
  for (const auto& period : read.contracts) {
    contracts.push_back(
        {{"number", period.number}, {"from", period.from.str()}, {"to", period.to.str()}});
  }
  return json;
}

Json policy_summary(std::string_view key, std::string_view row) {
  const auto policy = rules::decode_policy(row);
  Json json = {{"policy", key},
               {"title", policy.title.str()},
               {"in_force_from", policy.in_force_from.str()}};
  if (policy.in_force_to) json["in_force_to"] = policy.in_force_to->str();
  auto& programmes = json["programmes"] = Json::array();
  for (const auto& programme : policy.programmes) programmes.push_back(programme.id.str());
  return json;
}

Json policy(std::string_view, std::string_view row) {
  return Json::parse(chain::encode_document(PolicyRegistration{rules::decode_policy(row)}))
      .at("policy");
}

// By the last part of the address.
struct Register {
  std::string_view name;
  std::string_view one;  // of them
  char kind;             // of row
  Json (*listed)(std::string_view key, std::string_view row);
  Json (*single)(std::string_view key, std::string_view row);
};
constexpr Register kRegisters[] = {
    {"accounts", "account", 'A', document, document},
    {"funds", "fund", 'F', document, document},
    {"policies", "policy", 'P', policy_summary, policy},
    {"providers", "provider", 'O', provider, provider},
    {"regions", "region", 'R', document, document},
};

const Register& register_of(const Exchange& exchange) {
  for (const auto& one : kRegisters) {
    if (exchange.route->pattern.find("/" + std::string(one.name)) != std::string_view::npos) return one;
  }
  FT_CHECK(false);
  return kRegisters[0];
}

// An id or a policy's name@version: what may stand behind the kind in a key.
bool is_key(std::string_view text) { return is_well_formed_id(text) || PolicyRef::parse(text); }

// Funds and policies are everybody's; of the regions somebody limited is shown theirs. The other registers are
// not served to them at all (routes.cpp).
bool is_shown(const Caller& caller, const Register& which, std::string_view id) {
  if (!caller.limited() || which.kind == 'F' || which.kind == 'P') return true;
  const auto region = RegionCode::parse(id);
  return region && caller.covers(*region);
}

}  // namespace

// What `fundtrail policy check` says; nothing of the ledger is asked.
void post_policy_check(Service&, Exchange&, const httplib::Request& request, httplib::Response& response) {
  answer(response, 200, to_json(check_policy(request.body)).dump(), kJson);
}

void get_register(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  const auto& which = register_of(exchange);
  const auto view = service.ledger().view();
  answer_rows(service, exchange, request, response, *view, which.kind, which.name,
              [&](std::string_view key, std::string_view row, std::size_t&) -> std::optional<Json> {
                if (!is_shown(*exchange.caller, which, key)) return std::nullopt;
                return which.listed(key, row);
              });
}

void get_registered(Service& service, Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  const auto& which = register_of(exchange);
  const auto& id = exchange.path[1];
  const auto view = service.ledger().view();
  const bool shown = is_shown(*exchange.caller, which, id);
  const auto hidden = shown ? problem_of(Protocol::not_found, which.one) : problem_of(Protocol::out_of_scope);
  answer_row(exchange, request, response, *view, which.kind, shown && is_key(id) ? id : std::string(),
             [&](std::string_view key, std::string_view row, std::size_t&) { return which.single(key, row); }, hidden);
}

}  // namespace fundtrail::api
