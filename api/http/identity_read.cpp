// GET .../beneficiaries/{beneficiary}/identity: who a pseudonym is, from the vault.
#include <nlohmann/json.hpp>

#include "api/http/disclosure.h"
#include "api/http/handlers.h"
#include "api/http/json_body.h"
#include "api/http/lookup.h"
#include "api/http/masking.h"
#include "api/http/row_page.h"
#include "api/http/service.h"
#include "ledger/rules/rows.h"
#include "ledger/vault.h"

namespace fundtrail::api {
namespace {

// A purpose that names the person would carry the name into the log. The answer is the same whether it does:
// whoever sees a masked name only would learn the whole one from a refusal.
std::string without(std::string purpose, const fundtrail::Identity& identity) {
  const auto leave_out = [&](const std::string& part) {
    constexpr std::string_view kInstead = "***";  // which may hold the part: what was put in is not looked at again
    if (part.empty()) return;
    for (auto at = purpose.find(part); at != std::string::npos; at = purpose.find(part, at + kInstead.size())) {
      purpose.replace(at, part.size(), kInstead);
    }
  };
  if (identity.address) leave_out(*identity.address);
  leave_out(identity.name);
  leave_out(identity.id_number);
  if (identity.phone) leave_out(*identity.phone);
  return purpose;
}

std::string body_of(const Pseudonym& person, const fundtrail::Identity& identity, Sight sight) {
  const bool full = sight == Sight::full;
  nlohmann::ordered_json json;
  json["beneficiary"] = person.str();
  json["view"] = full ? "full" : "masked";
  json["name"] = full ? identity.name : mask_name(identity.name);
  json["id_number"] = full ? identity.id_number : mask_id_number(identity.id_number);
  if (identity.phone) json["phone"] = full ? *identity.phone : mask_phone(*identity.phone);
  if (identity.address) json["address"] = full ? *identity.address : mask_address(*identity.address);
  return json.dump();
}

// What may be asked, and for what purpose; or the problem with it.
std::optional<Problem> read_request(const Exchange& exchange, const httplib::Request& request, Sight& sight,
                                    std::string& purpose) {
  const auto most = most_for(exchange.caller->actor.role);
  const auto wanted = parameter(request, "view");
  if (wanted && *wanted != "masked" && *wanted != "full") {
    return problem_of(Protocol::bad_parameter, "masked or full", "view");
  }
  sight = wanted && *wanted == "full" ? Sight::full : Sight::masked;
  if (sight > most) return problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role));
  std::optional<std::string> given;
  if (auto problem = read_purpose(request, given)) return problem;
  if (!given) return problem_of(Protocol::purpose_required, {}, kPurposeHeader);
  purpose = std::move(*given);
  return std::nullopt;
}

}  // namespace

void post_lookup(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  if (!may_look_up(exchange.caller->actor.role)) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role)));
  }
  std::optional<std::string> purpose;
  if (auto problem = read_purpose(request, purpose)) return answer(exchange, response, *problem);
  if (!purpose) return answer(exchange, response, problem_of(Protocol::purpose_required, {}, kPurposeHeader));
  JsonBody body(request.body, {"id_number"});
  const auto number = body.needed("id_number");
  if (check_id_number(number) != IdNumberFault::none) body.fail("id_number", "an identity number");
  if (body.problem()) return answer(exchange, response, *body.problem());
  const auto& vault = service.ledger().vault();
  if (vault.locked()) return answer(exchange, response, problem_of(Protocol::vault_key_missing));
  const auto found = look_up(*service.ledger().view(), vault, number, *exchange.caller);
  if (!found) return answer(exchange, response, found.error());
  // That somebody is not registered is an answer about a person too.
  exchange.disclosure = Exchange::Disclosure{.person = {}, .subject = "lookup", .purpose = *purpose};
  if (!found->person) return answer(exchange, response, problem_of(Protocol::not_found, "beneficiary"));
  exchange.disclosure->person = found->person->str();
  if (found->erased) return answer(exchange, response, problem_of(Protocol::person_erased));
  answer(response, 200, nlohmann::ordered_json{{"beneficiary", found->person->str()}}.dump(), kJson);
}

void get_identity(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  Sight sight = Sight::masked;
  std::string purpose;
  if (auto problem = read_request(exchange, request, sight, purpose)) {
    return answer(exchange, response, *problem);
  }
  const auto person = Pseudonym::parse(exchange.path[1]);
  if (!person) return answer(exchange, response, problem_of(Protocol::not_found, "beneficiary"));
  const auto view = service.ledger().view();
  const auto row = view->raw().get(store::Table::state, rules::beneficiary_key(*person));
  if (!row) return answer(exchange, response, row.error());
  const auto region = *row ? RegionCode::parse(rules::BeneficiaryView(**row).region()) : std::nullopt;
  if (!region || !exchange.caller->covers(*region)) {
    return answer(exchange, response, problem_of_hidden(*exchange.caller, "beneficiary"));
  }
  const auto sealed = view->raw().get(store::Table::vault, person->str());
  if (!sealed) return answer(exchange, response, sealed.error());
  // That nobody knows any more who it was is an answer about a person too.
  exchange.disclosure = Exchange::Disclosure{
      .person = person->str(), .subject = sight == Sight::full ? "full" : "masked", .purpose = purpose};
  if (!*sealed) return answer(exchange, response, problem_of(Protocol::person_erased));
  if (service.ledger().vault().locked()) {
    return answer(exchange, response, problem_of(Protocol::vault_key_missing));
  }
  const auto identity = service.ledger().vault().unseal(*person, **sealed);
  if (!identity) return answer(exchange, response, identity.error());
  exchange.disclosure->purpose = without(std::move(purpose), *identity);
  answer(response, 200, body_of(*person, *identity, sight), kJson);
}

}  // namespace fundtrail::api
