// POST /v1/ledgers/{ledger}/entries: the only write. One command, or a batch of them.
#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "api/http/handlers.h"
#include "api/http/loop.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "ledger/chain/document_codec.h"
#include "ledger/rules/authority.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kMaxCommands = 1000;  // in one batch

struct Submission {
  std::vector<Command> commands;
  BatchMode mode = BatchMode::atomic;
  bool batch = false;
  std::vector<bool> own_id;  // of a batch: whether the command carries an id itself
};

Problem malformed_json(std::string_view what) {
  return problem_of(Protocol::malformed_json, what);
}

// An inspector and an administrator record nothing. The rules say the same of each document; here it
// is said whatever was sent, so that nobody without a part in it learns how documents are read.
std::optional<Problem> refuse_onlooker(const Caller& caller) {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (rules::may_record(caller.actor.role, kind)) return std::nullopt;
  }
  return problem_of(Rejection{.reason = Reason::role_not_permitted,
                              .field = "actor",
                              .subject = std::string(name_of(caller.actor.role)),
                              .detail = "*"});
}

// Somebody who is limited to regions records what concerns these only.
std::optional<Problem> refuse_other_regions(Service& service, const Caller& caller,
                                            const Submission& what, std::optional<Error>& fault) {
  if (!caller.limited() || caller.actor.role == Role::provider) return std::nullopt;
  const auto view = service.ledger().view();
  const RegionScope scope(caller, *view);
  for (const auto& command : what.commands) {
    const auto within = scope.records(command);
    if (!within) {
      fault = within.error();
      return std::nullopt;
    }
    if (*within) continue;
    Problem problem = problem_of(Protocol::out_of_scope);
    problem.command = command.id.str();
    return problem;
  }
  return std::nullopt;
}

// A provider records its own claims and nothing else. The rules say the same; the door says it
// before the ledger is asked.
std::optional<Problem> refuse_stranger(const Command& command) {
  if (command.actor.role != Role::provider) return std::nullopt;
  const ProviderId* provider = nullptr;
  if (const auto* d = std::get_if<Redemption>(&command.document)) provider = &d->provider;
  if (const auto* d = std::get_if<ServiceRecords>(&command.document)) provider = &d->provider;
  if (const auto* d = std::get_if<ServiceWithdrawal>(&command.document)) provider = &d->provider;
  if (!provider) {
    return problem_of(Rejection{.reason = Reason::role_not_permitted,
                                .field = "kind",
                                .subject = std::string(name_of(command.actor.role)),
                                .detail = std::string(kind_of(command.document))});
  }
  if (provider->str() != command.actor.id.str()) {
    return problem_of(Rejection{.reason = Reason::not_own_provider,
                                .field = "doc.provider",
                                .subject = provider->str()});
  }
  return std::nullopt;
}

std::optional<Problem> decode_one(const Exchange& exchange, std::string_view json, CommandId id,
                                  const Timestamp& time, Submission& out) {
  auto command = chain::decode_command(json, {exchange.caller->actor, id, time});
  if (!command) {
    Problem problem = problem_of(command.error());
    problem.command = id.str();
    return problem;
  }
  if (!out.batch && command->id != id) {
    return problem_of(Protocol::bad_idempotency_key, {}, "id");
  }
  if (auto problem = refuse_stranger(*command)) return problem;
  out.own_id.push_back(command->id != id);
  out.commands.push_back(std::move(*command));
  return std::nullopt;
}

std::optional<Problem> decode_batch(const Exchange& exchange, simdjson::dom::object body,
                                    const Timestamp& time, Submission& out) {
  out.batch = true;
  simdjson::dom::array commands;
  bool modes = false;
  bool lists = false;
  for (const auto [key, value] : body) {
    std::string_view text;
    if (key == "mode" && !modes && value.get(text) == simdjson::SUCCESS &&
        (text == "atomic" || text == "independent")) {
      modes = true;
      out.mode = text == "atomic" ? BatchMode::atomic : BatchMode::independent;
    } else if (key == "commands" && !lists && value.get(commands) == simdjson::SUCCESS) {
      lists = true;
    } else {
      Rejection rejection{.reason = Reason::unknown_field};
      if (key == "mode" && !modes) {
        rejection.reason = Reason::malformed_field;
        rejection.detail = "atomic | independent";
      } else if (key == "commands" && !lists) {
        rejection.reason = Reason::malformed_field;
        rejection.detail = "an array of commands";
      }
      rejection.field = rejection.subject = std::string(key.substr(0, 64));
      return problem_of(rejection);
    }
  }
  if (commands.size() == 0 || commands.size() > kMaxCommands) {
    return problem_of(Rejection{.reason = Reason::malformed_field,
                                .field = "commands",
                                .subject = std::to_string(commands.size()),
                                .detail = "1 to " + std::to_string(kMaxCommands) + " commands"});
  }
  out.commands.reserve(commands.size());
  std::size_t number = 0;
  for (const auto element : commands) {
    const auto id = CommandId::parse(exchange.key.str() + "." + std::to_string(number));
    if (!id) return problem_of(Protocol::bad_idempotency_key, {}, "Idempotency-Key");
    if (auto problem = decode_one(exchange, simdjson::minify(element), *id, time, out)) {
      problem->field = "commands[" + std::to_string(number) + "]" +
                       (problem->field.empty() ? "" : "." + problem->field);
      return problem;
    }
    ++number;
  }
  return std::nullopt;
}

std::optional<Problem> decode(const Exchange& exchange, const std::string& body,
                              const Timestamp& time, Submission& out) {
  // Most requests are one good command: then one look is enough.
  if (body.find(R"("commands")") == std::string::npos) {
    if (!decode_one(exchange, body, exchange.key, time, out)) return std::nullopt;
    out = {};
  }
  // Looked at once as a whole, so that what is no JSON at all is told from a command that does not
  // fit; simdjson also checks UTF-8 and depth.
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto code = parser.parse(body).get(root)) {
    return malformed_json(simdjson::error_message(code));
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return malformed_json("expected one object");
  simdjson::dom::element commands;
  if (object.at_key("commands").get(commands) == simdjson::SUCCESS) {
    return decode_batch(exchange, object, time, out);
  }
  return decode_one(exchange, body, exchange.key, time, out);
}

// A key names one request. A command's own id is checked by the ledger; what only the door can see
// is that the key of a single command comes back with a batch, or the key of an atomic batch with
// fewer or more commands than it had. A batch is looked up in one picture of the ledger: between two
// looks somebody else may record half of what is asked for.
Result<bool> key_is_reused(const Ledger& ledger, const Exchange& exchange, const Submission& what) {
  const auto look_up = [](const auto& where, const std::string& id) -> Result<bool> {
    const auto parsed = CommandId::parse(id);
    if (!parsed) return false;
    auto found = where.find_command(*parsed);
    if (!found) return found.error();
    return found->has_value();
  };
  const auto& key = exchange.key.str();
  if (!what.batch) return look_up(ledger, key + ".0");
  const auto view = ledger.view();
  const auto recorded = [&](const std::string& id) { return look_up(*view, id); };
  if (auto single = recorded(key); !single || *single) return single;
  if (what.mode == BatchMode::independent) return false;
  if (auto more = recorded(key + "." + std::to_string(what.commands.size())); !more || *more) {
    return more;
  }
  std::size_t old = 0;
  for (const auto& command : what.commands) {
    auto found = recorded(command.id.str());
    if (!found) return found;
    old += *found ? 1 : 0;
  }
  return old != 0 && old != what.commands.size();
}

void append_receipt(const Service& service, const Receipt& receipt, std::string& out) {
  out += R"({"ledger":")";
  out += service.id().str();
  out += R"(","command":")";
  out += receipt.command.str();
  out += R"(","index":)";
  out += std::to_string(receipt.index);
  out += R"(,"leaf":")";
  out += chain::to_hex(receipt.leaf);
  out += R"(","time":")";
  out += receipt.time.str();
  out += R"(","repeated":)";
  out += receipt.repeated ? "true" : "false";
  if (!receipt.repeated) {
    out += R"(,"refused_lines":)";
    out += receipt.refused_lines.empty() ? "[]" : refused_lines_json(receipt.refused_lines);
  }
  out += '}';
}

void note_refused_lines(Exchange& exchange, const Receipt& receipt) {
  if (receipt.refused_lines.empty()) return;
  Problem problem = problem_of(receipt.refused_lines.front());
  problem.command = receipt.command.str();
  problem.refused_lines = receipt.refused_lines;
  note_refusal(exchange, problem);
}

void answer_single(Service& service, Exchange& exchange, const Answer& outcome,
                   httplib::Response& response) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
    return answer(exchange, response, problem_of(*refusal));
  }
  const auto& receipt = std::get<Receipt>(outcome);
  note_refused_lines(exchange, receipt);
  std::string body;
  append_receipt(service, receipt, body);
  answer(response, receipt.repeated ? 200 : 201, std::move(body), kJson);
  if (receipt.repeated) response.set_header(kHit, "true");
  response.set_header("Location", "/v1/ledgers/" + service.id().str() + "/entries/" +
                                      std::to_string(receipt.index));
}

// {"mode", "results": [{"status", "receipt"} | {"status", "problem"}]}
void answer_batch(Service& service, Exchange& exchange, BatchMode mode,
                  const std::vector<Answer>& outcomes, httplib::Response& response) {
  std::size_t refused = 0;
  std::size_t repeated = 0;
  for (const auto& outcome : outcomes) {
    if (std::holds_alternative<Refusal>(outcome)) ++refused;
    else if (std::get<Receipt>(outcome).repeated) ++repeated;
  }
  if (mode == BatchMode::atomic && refused != 0) {
    for (const auto& outcome : outcomes) {
      if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
        return answer(exchange, response, problem_of(*refusal));
      }
    }
  }
  std::string body = mode == BatchMode::atomic ? R"({"mode":"atomic","results":[)"
                                               : R"({"mode":"independent","results":[)";
  bool first = true;
  for (const auto& outcome : outcomes) {
    if (!first) body += ',';
    first = false;
    if (const auto* receipt = std::get_if<Receipt>(&outcome)) {
      note_refused_lines(exchange, *receipt);
      body += receipt->repeated ? R"({"status":200,"receipt":)" : R"({"status":201,"receipt":)";
      append_receipt(service, *receipt, body);
    } else {
      const Problem problem = problem_of(std::get<Refusal>(outcome));
      note_refusal(exchange, problem);
      body += R"({"status":)" + std::to_string(problem.status) + R"(,"problem":)";
      body += to_json_part(problem);
    }
    body += '}';
  }
  body += "]}";
  const int status = refused != 0 ? 207 : repeated == outcomes.size() ? 200 : 201;
  answer(response, status, std::move(body), kJson);
  if (status == 200) response.set_header(kHit, "true");
}

class Flight {
 public:
  Flight(KeysInFlight& keys, const std::string& key)
      : keys_(keys), key_(key), entered_(keys.enter(key)) {}
  ~Flight() {
    if (entered_) keys_.leave(key_);
  }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  bool entered() const { return entered_; }

 private:
  KeysInFlight& keys_;
  const std::string& key_;
  bool entered_;
};

// The ledger's outcome. A loop's thread serves others until it comes; a worker has time.
Result<std::vector<Answer>> submit(Ledger& ledger, std::vector<Command> commands, BatchMode mode) {
  Task* const task = Task::current();
  if (task == nullptr) return ledger.submit(std::move(commands), mode);
  std::optional<Result<std::vector<Answer>>> outcome;
  ledger.submit_async(std::move(commands), mode,
                      [&outcome, task](Result<std::vector<Answer>> answers) {
                        outcome.emplace(std::move(answers));
                        task->wake();
                      });
  task->sleep();
  return std::move(*outcome);
}

}  // namespace

void post_entries(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  if (auto problem = refuse_onlooker(*exchange.caller)) {
    return answer(exchange, response, *problem);
  }
  Submission what;
  if (auto problem = decode(exchange, request.body, service.now(), what)) {
    return answer(exchange, response, *problem);
  }
  std::optional<Error> fault;
  if (auto problem = refuse_other_regions(service, *exchange.caller, what, fault)) {
    return answer(exchange, response, *problem);
  }
  if (fault) return answer(exchange, response, *fault);
  if (service.clock_behind()) return answer(exchange, response, problem_of(Protocol::clock_behind));
  const Flight flight(service.keys(), exchange.key.str());
  if (!flight.entered()) return answer(exchange, response, problem_of(Protocol::in_flight));
  auto reused = key_is_reused(service.ledger(), exchange, what);
  if (!reused) return answer(exchange, response, reused.error());
  if (*reused) {
    return answer(exchange, response,
                  problem_of(Rejection{.reason = Reason::command_id_reused,
                                       .field = "Idempotency-Key",
                                       .subject = exchange.key.str(),
                                       .detail = "-"}));
  }
  auto outcomes = submit(service.ledger(), std::move(what.commands), what.mode);
  if (!outcomes) return answer(exchange, response, outcomes.error());
  if (what.batch) return answer_batch(service, exchange, what.mode, *outcomes, response);
  answer_single(service, exchange, outcomes->front(), response);
}

}  // namespace fundtrail::api
