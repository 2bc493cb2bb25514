// What the ledger is, one entry, its lines.
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "ledger/engine/view.h"

namespace fundtrail::api {
namespace {

// The stored entry of the path, or nothing after the answer has been given.
std::optional<StoredEntry> stored(Service& service, Exchange& exchange,
                                  httplib::Response& response) {
  const auto index = parse_index(exchange.path[1]);
  if (!index) {
    answer(exchange, response, problem_of(Protocol::not_found, "entry"));
    return std::nullopt;
  }
  const auto view = service.ledger().view();
  auto entry = view->entry(*index);
  if (entry) {
    const auto shown = RegionScope(*exchange.caller, *view).shows(entry->bytes);
    if (shown && *shown) return std::move(*entry);
    if (shown) answer(exchange, response, problem_of(Protocol::out_of_scope));
    else answer(exchange, response, shown.error());
    return std::nullopt;
  }
  if (entry.error().fault == Fault::not_found) {
    answer(exchange, response, problem_of(Protocol::not_found, "entry"));
  } else {
    answer(exchange, response, entry.error());
  }
  return std::nullopt;
}

// An entry never changes, nor does its hash: whoever has it asks for it once. A browser does not keep it all
// the same (kNamesPeople).
void answer_immutable(const httplib::Request& request, httplib::Response& response,
                      const std::string& tag, std::string body, const char* media_type) {
  response.set_header("ETag", tag);
  if (has_tag(request, "If-None-Match", tag)) {
    response.status = 304;
    return;
  }
  answer(response, 200, std::move(body), media_type);
}

}  // namespace

void get_ledger(Service& service, Exchange& exchange, const httplib::Request& request,
                httplib::Response& response) {
  const auto view = service.ledger().view();
  if (not_modified(exchange, request, response, *view)) return;
  const auto& key = service.ledger().verifier_key();
  const auto bound = signed_ledger(*view);
  if (!bound.ok()) return answer(exchange, response, bound.error());
  nlohmann::ordered_json json;
  json["ledger"] = view->id().str();
  json["name"] = service.name();
  json["suite"] = chain::name(view->suite());
  json["size"] = view->size();
  json["root"] = chain::to_hex(view->root());
  json["verifier_key"] = chain::encode_verifier_key(key.name, key.key);
  json["fingerprint"] = key.key.fingerprint();
  json["genesis"] = chain::to_hex(bound->genesis);
  answer(response, 200, json.dump(), kJson);
}

void get_entry(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  auto entry = stored(service, exchange, response);
  if (!entry) return;
  chain::Hasher hasher(service.suite());
  const auto tag = '"' + chain::to_hex(hasher.leaf(entry->bytes)) + '"';
  answer_immutable(request, response, tag, std::move(entry->bytes), kJson);
}

void get_lines(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  auto entry = stored(service, exchange, response);
  if (!entry) return;
  chain::Hasher hasher(service.suite());
  const auto tag = '"' + chain::to_hex(hasher.leaf(entry->bytes)) + "-lines\"";
  answer_immutable(request, response, tag, std::move(entry->lines), kJsonLines);
}

}  // namespace fundtrail::api
