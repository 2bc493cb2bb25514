// Proofs of RFC 9162, receipts that carry all that is needed to check them, and signed checkpoints.
#include <nlohmann/json.hpp>

#include "api/http/entry_filter.h"
#include "api/http/handlers.h"
#include "api/http/page.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

Json path_json(const std::vector<chain::Hash>& path) {
  Json json = Json::array();
  for (const auto& hash : path) json.push_back(chain::to_hex(hash));
  return json;
}

// The line of that number in a block, without its line feed.
std::optional<std::string_view> nth_line(std::string_view block, std::uint64_t number) {
  for (;; --number) {
    const auto end = block.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    if (number == 0) return block.substr(0, end);
    block.remove_prefix(end + 1);
  }
}

// Adds the proof that a line belongs to its document. Nothing on success.
Result<std::optional<Problem>> add_line(Service& service, const View& view,
                                        const StoredEntry& entry, std::uint64_t line, Json& json) {
  const auto bytes = nth_line(entry.lines, line);
  if (!bytes) return std::optional(problem_of(Protocol::not_found, "line"));
  auto path = view.line_proof(entry.index, line);
  if (!path) return path.error();
  auto decoded = view.decoded(entry.index);
  if (!decoded) return decoded.error();
  chain::Hasher hasher(service.suite());
  Json part;
  part["line"] = line;
  part["bytes"] = std::string(*bytes);
  part["leaf"] = chain::to_hex(hasher.leaf(*bytes));
  part["count"] = decoded->lines ? decoded->lines->count : 0;
  part["root"] = decoded->lines ? decoded->lines->root : "";
  part["path"] = path_json(*path);
  json["line"] = std::move(part);
  return std::optional<Problem>();
}

// What a proof of an entry was asked for.
struct Asked {
  std::uint64_t index = 0;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> line;
};

// Whether the entry names no provider but this one: else it would show what others got.
Result<bool> names_nobody_else(const StoredEntry& entry, const std::string& provider) {
  bool alone = true;
  auto facts = EntryReader().read(entry.bytes, entry.lines, [&](Term term, std::string_view value) {
    alone = alone && (term != Term::provider || value == provider);
  });
  if (!facts) return facts.error();
  return alone;
}

// A provider learns nothing about entries that are not its own, not even whether they are there, and has
// no proof of one that names others, too: a hash confirms what somebody guesses of an amount.
Result<std::optional<Problem>> read_asked(Service& service, const Exchange& exchange,
                                          const View& view, const httplib::Request& request,
                                          Asked& out) {
  const auto index = parse_index(exchange.path[1]);
  if (exchange.caller->actor.role == Role::provider) {
    const auto self = ProviderId::parse(exchange.caller->actor.id.str());
    auto own = index && self ? service.providers().concerns(view, *self, *index)
                             : Result<bool>(false);
    if (!own) return own.error();
    if (!*own) return std::optional(problem_of(Protocol::forbidden, name_of(Role::provider)));
  }
  if (!index || *index >= view.size()) {
    return std::optional(problem_of(Protocol::not_found, "entry"));
  }
  out.index = *index;
  if (exchange.caller->actor.role == Role::provider) {
    auto entry = view.entry(*index);
    if (!entry) return entry.error();
    auto alone = names_nobody_else(*entry, exchange.caller->actor.id.str());
    if (!alone) return alone.error();
    if (!*alone) return std::optional(problem_of(Protocol::forbidden, name_of(Role::provider)));
  }
  if (exchange.caller->limited()) {
    auto entry = view.entry(*index);
    if (!entry) return entry.error();
    const auto shown = RegionScope(*exchange.caller, view).shows(entry->bytes);
    if (!shown) return shown.error();
    if (!*shown) return std::optional(problem_of(Protocol::out_of_scope));
  }
  auto problem = read_number(request, "size", 0, view.size(), out.size);
  if (!problem) problem = read_number(request, "line", 0, kMaxLines - 1, out.line);
  if (!problem && out.size && *out.size <= out.index) {
    problem = problem_of(Protocol::bad_parameter, "a size above the index", "size");
  }
  return problem;
}

// Everything of a proof but what it is proven against.
Result<std::optional<Problem>> add_proof(Service& service, const View& view,
                                         const StoredEntry& entry, const Asked& asked,
                                         std::uint64_t tree, Json& json) {
  auto path = view.inclusion_proof(asked.index, tree);
  if (!path) return path.error();
  auto root = view.root_at(tree);
  if (!root) return root.error();
  chain::Hasher hasher(service.suite());
  json["ledger"] = service.id().str();
  json["suite"] = chain::name(service.suite());
  json["index"] = asked.index;
  json["size"] = tree;
  json["leaf"] = chain::to_hex(hasher.leaf(entry.bytes));
  json["root"] = chain::to_hex(*root);
  json["path"] = path_json(*path);
  if (!asked.line) return std::optional<Problem>();
  return add_line(service, view, entry, *asked.line, json);
}

// Answers for them when there is nothing to go on with.
bool ended(Exchange& exchange, httplib::Response& response,
           const Result<std::optional<Problem>>& outcome) {
  if (!outcome) {
    answer(exchange, response, outcome.error());
  } else if (*outcome) {
    answer(exchange, response, **outcome);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void get_proof(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  const auto view = service.ledger().view();
  Asked asked;
  if (ended(exchange, response, read_asked(service, exchange, *view, request, asked))) return;
  auto entry = view->entry(asked.index);
  if (!entry) return answer(exchange, response, entry.error());
  Json json;
  auto proven = add_proof(service, *view, *entry, asked, asked.size.value_or(view->size()), json);
  if (ended(exchange, response, proven)) return;
  answer(response, 200, json.dump(), kJson);
}

void get_receipt(Service& service, Exchange& exchange, const httplib::Request& request,
                 httplib::Response& response) {
  auto note = service.checkpoint();  // signed first: the picture below has all that it covers
  if (!note) return answer(exchange, response, note.error());
  const auto view = service.ledger().view();
  Asked asked;
  if (ended(exchange, response, read_asked(service, exchange, *view, request, asked))) return;
  auto parsed = chain::parse_note(*note);
  if (!parsed) return answer(exchange, response, parsed.error());
  auto head = chain::parse_checkpoint(parsed->body);
  if (!head) return answer(exchange, response, head.error());
  if (asked.index >= head->size) {  // recorded this very moment
    return answer(exchange, response, problem_of(Protocol::unavailable));
  }
  auto entry = view->entry(asked.index);
  if (!entry) return answer(exchange, response, entry.error());
  Json json;
  json["receipt"] = "fundtrail/receipt/v1";
  json["entry"] = entry->bytes;
  if (ended(exchange, response, add_proof(service, *view, *entry, asked, head->size, json))) return;
  json["checkpoint"] = *note;
  const auto& key = service.ledger().verifier_key();
  json["verifier_key"] = chain::encode_verifier_key(key.name, key.key);
  json["fingerprint"] = key.key.fingerprint();
  answer(response, 200, json.dump(), kJson);
  name_file(response, service, "receipt-" + std::to_string(asked.index), "json");
}

void get_consistency(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  const auto view = service.ledger().view();
  std::optional<std::uint64_t> old_size;
  std::optional<std::uint64_t> new_size;
  auto problem = read_number(request, "old", 0, view->size(), old_size);
  if (!problem) problem = read_number(request, "new", 0, view->size(), new_size);
  const auto to = new_size.value_or(view->size());
  if (!problem && (!old_size || *old_size > to)) {
    problem = problem_of(Protocol::bad_parameter, "a size of at most \"new\"", "old");
  }
  if (problem) return answer(exchange, response, *problem);
  auto path = view->consistency_proof(*old_size, to);
  if (!path) return answer(exchange, response, path.error());
  auto old_root = view->root_at(*old_size);
  auto new_root = view->root_at(to);
  if (!old_root) return answer(exchange, response, old_root.error());
  if (!new_root) return answer(exchange, response, new_root.error());
  Json json;
  json["ledger"] = service.id().str();
  json["suite"] = chain::name(service.suite());
  json["old"] = {{"size", *old_size}, {"root", chain::to_hex(*old_root)}};
  json["new"] = {{"size", to}, {"root", chain::to_hex(*new_root)}};
  json["path"] = path_json(*path);
  answer(response, 200, json.dump(), kJson);
}

void get_checkpoint(Service& service, Exchange& exchange, const httplib::Request&,
                    httplib::Response& response) {
  auto note = service.checkpoint();
  if (!note) return answer(exchange, response, note.error());
  answer(response, 200, std::move(*note), kText);
}

void get_checkpoints(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  Page page;
  if (const auto problem = read_page(service, exchange, request, page)) return answer(exchange, response, *problem);
  const auto notes = service.ledger().view()->checkpoints();
  if (!notes) return answer(exchange, response, notes.error());
  std::map<std::string, std::string_view> numbered;  // they only become more
  for (const auto& note : *notes) numbered.emplace(page_key(numbered.size()), note);
  Json json = {{"ledger", service.id().str()}};
  add_page(service, json, "checkpoints", numbered, page, [](std::string_view note) { return note; });
  answer(response, 200, json.dump(), kJson);
}

}  // namespace fundtrail::api
