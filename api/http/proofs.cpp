// Proofs of RFC 9162 and the signed checkpoint.
#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
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

// A parameter that is an index or a size of at most `max`.
std::optional<Problem> read_number(const httplib::Request& request, const char* name,
                                   std::uint64_t max, std::optional<std::uint64_t>& out) {
  const auto text = parameter(request, name);
  if (!text) return std::nullopt;
  out = parse_index(*text);
  if (!out || *out > max) {
    return problem_of(Protocol::bad_parameter, "an integer from 0 to " + std::to_string(max), name);
  }
  return std::nullopt;
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

}  // namespace

void get_proof(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  const auto view = service.ledger().view();
  const auto index = parse_index(exchange.path[1]);
  // A provider learns nothing about entries that are not its own, not even whether they are there.
  const auto& caller = *exchange.caller;
  if (caller.actor.role == Role::provider) {
    const auto self = ProviderId::parse(caller.actor.id.str());
    auto own = index && self ? service.providers().concerns(*view, *self, *index)
                             : Result<bool>(false);
    if (!own) return answer(exchange, response, own.error());
    if (!*own) {
      return answer(exchange, response, problem_of(Protocol::forbidden, name_of(Role::provider)));
    }
  }
  if (!index || *index >= view->size()) {
    return answer(exchange, response, problem_of(Protocol::not_found, "entry"));
  }
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> line;
  auto problem = read_number(request, "size", view->size(), size);
  if (!problem) problem = read_number(request, "line", kMaxLines - 1, line);
  if (!problem && size && *size <= *index) {
    problem = problem_of(Protocol::bad_parameter, "a size above the index", "size");
  }
  if (problem) return answer(exchange, response, *problem);

  const auto tree = size.value_or(view->size());
  auto entry = view->entry(*index);
  if (!entry) return answer(exchange, response, entry.error());
  const auto shown = caller.actor.role == Role::provider
                         ? Result<bool>(true)
                         : RegionScope(caller, *view).shows(entry->bytes);
  if (!shown) return answer(exchange, response, shown.error());
  if (!*shown) return answer(exchange, response, problem_of(Protocol::out_of_scope));
  auto path = view->inclusion_proof(*index, tree);
  if (!path) return answer(exchange, response, path.error());
  auto root = view->root_at(tree);
  if (!root) return answer(exchange, response, root.error());
  chain::Hasher hasher(service.suite());
  Json json;
  json["ledger"] = service.id().str();
  json["suite"] = chain::name(service.suite());
  json["index"] = *index;
  json["size"] = tree;
  json["leaf"] = chain::to_hex(hasher.leaf(entry->bytes));
  json["root"] = chain::to_hex(*root);
  json["path"] = path_json(*path);
  if (line) {
    auto missing = add_line(service, *view, *entry, *line, json);
    if (!missing) return answer(exchange, response, missing.error());
    if (*missing) return answer(exchange, response, **missing);
  }
  answer(response, 200, json.dump(), kJson);
}

void get_consistency(Service& service, Exchange& exchange, const httplib::Request& request,
                     httplib::Response& response) {
  const auto view = service.ledger().view();
  std::optional<std::uint64_t> old_size;
  std::optional<std::uint64_t> new_size;
  auto problem = read_number(request, "old", view->size(), old_size);
  if (!problem) problem = read_number(request, "new", view->size(), new_size);
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

}  // namespace fundtrail::api
