// POST /v1/ledgers/{ledger}/entries: the only write. One command, or a batch of them; or what would become of
// them (dry_run).
#include <nlohmann/json.hpp>

#include "api/derived_ids.h"
#include "api/http/handlers.h"
#include "api/http/head_fields.h"
#include "api/http/loop.h"
#include "api/http/parameters.h"
#include "api/http/region_scope.h"
#include "api/http/service.h"
#include "api/http/submission.h"
#include "api/withheld.h"
#include "ledger/engine/trial.h"
#include "ledger/rules/authority.h"
#include "ledger/vault.h"

namespace fundtrail::api {
namespace {

// An inspector and an administrator record nothing. The rules say the same of each document; here it
// is said whatever was sent, so that nobody without a part in it learns how documents are read.
std::optional<Problem> refuse_onlooker(const Caller& caller) {
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (rules::may_record(caller.actor.role, kind)) return std::nullopt;
  }
  return problem_of(Rejection{.reason = Reason::role_not_permitted,
                              .field = "actor",
                              .subject = std::string(name_of(caller.actor.role)),
                              .detail = std::string(kAnyDocument)});
}

// What keeps a command from the ledger, if anything does.
using Objection = Result<std::optional<Problem>>;

// Asks of each command what keeps it from the ledger: of an independent batch that command alone, of anything else
// the whole request, which is answered then.
template <class Judge>
Objection turn_away(Submission& what, const Judge& judge) {
  std::vector<Command> staying;
  std::size_t place = 0;
  for (auto& command : what.commands) {
    Objection found = judge(command);
    if (!found) return found;
    if (*found) *found = problem_about(std::move(**found), command.id);
    if (!what.turns_away()) {
      if (*found) return found;
      continue;
    }
    while (what.turned_away[place]) ++place;
    if (*found) what.turned_away[place] = std::move(*found);
    else staying.push_back(std::move(command));
    ++place;
  }
  if (what.turns_away()) what.commands = std::move(staying);
  return std::optional<Problem>();
}

// Somebody who is limited to regions records what concerns these only.
Objection refuse_other_regions(const View& view, const Caller& caller, Submission& what) {
  if (!caller.limited()) return std::optional<Problem>();
  const RegionScope scope(caller, view);
  return turn_away(what, [&](const Command& command) -> Objection {
    const auto within = scope.records(command);
    if (!within) return within.error();
    return *within ? std::optional<Problem>() : std::optional(problem_of(Protocol::out_of_scope));
  });
}

// One who records and one who ordered it are two people: the rules see that their ids differ, the book whether
// there is such a user at all. Whoever may not record it learns nothing about users, and what is recorded already
// stays recorded, whatever became of them.
Objection refuse_unknown_orderer(Service& service, const View& view, Submission& what) {
  const auto orders = [](const Command& command) { return std::get_if<LedgerRestoration>(&command.document); };
  if (std::none_of(what.commands.begin(), what.commands.end(), orders)) return std::optional<Problem>();
  const auto book = service.identity().book();
  return turn_away(what, [&](const Command& command) -> Objection {
    const auto* restoration = orders(command);
    if (!restoration || !rules::may_record(command.actor.role, command.document.index())) {
      return std::optional<Problem>();
    }
    const auto recorded = view.find_command(command.id);
    if (!recorded) return recorded.error();
    const User* const user = book->find(restoration->ordered_by.str());
    const bool serves = service.identity().may_enter(user) && !user->holds(Role::provider);
    if (*recorded || serves) return std::optional<Problem>();
    return std::optional(problem_of(Rejection{.reason = Reason::invalid_value,
                                              .field = "doc.ordered_by",
                                              .subject = restoration->ordered_by.str(),
                                              .detail = "a user in service"}));
  });
}

// Ids that imports and runs make are theirs. One that is recorded already is answered like any other that is repeated.
Objection refuse_derived_ids(const View& view, const Exchange& exchange, Submission& what) {
  std::size_t number = 0;
  return turn_away(what, [&](const Command& command) -> Objection {
    const auto place = "commands[" + std::to_string(number++) + "].";
    auto derived = refuse_derived(command.id);
    if (!derived) return std::optional<Problem>();
    if (what.batch && !what.turns_away()) derived->field.insert(0, place);
    const auto recorded = view.find_command(command.id);
    if (!recorded) return recorded.error();
    if (*recorded) return std::optional<Problem>();
    if (command.id == exchange.key) derived->field = kKeyHeader;
    return std::optional(problem_of(*derived));
  });
}

// A key names one request. A command's own id is checked by the ledger; what only the door can see
// is that the key of a single command comes back with a batch, or the key of an atomic batch with
// fewer or more commands than it had. A batch is looked up in one picture of the ledger: between two
// looks somebody else may record half of what is asked for.
// Answers the entry that the key stands for already.
using Found = Result<std::optional<std::uint64_t>>;
Found key_is_reused(const Ledger& ledger, const Exchange& exchange, const Submission& what) {
  const auto look_up = [](const auto& where, const std::string& id) -> Found {
    const auto parsed = CommandId::parse(id);
    if (!parsed) return std::optional<std::uint64_t>();
    return where.find_command(*parsed);
  };
  const auto& key = exchange.key.str();
  if (!what.batch) return look_up(ledger, key + ".0");
  const auto view = ledger.view();
  const auto recorded = [&](const std::string& id) { return look_up(*view, id); };
  if (auto single = recorded(key); !single || *single) return single;
  if (what.mode == BatchMode::independent) return std::optional<std::uint64_t>();
  if (auto more = recorded(key + "." + std::to_string(what.commands.size())); !more || *more) {
    return more;
  }
  std::size_t old = 0;
  std::optional<std::uint64_t> first;
  for (const auto& command : what.commands) {
    auto found = recorded(command.id.str());
    if (!found) return found;
    old += *found ? 1 : 0;
    if (!first) first = *found;
  }
  if (old == what.commands.size()) first.reset();
  return first;
}

// Whom the commands register, before they go to the ledger.
void note_people(Service& service, Submission& what) {
  for (const auto& command : what.commands) {
    if (!command.identity) continue;
    const auto& vault = service.ledger().vault();
    if (vault.locked()) return;
    what.registered[command.id.str()] = vault.pseudonym_of(command.identity->id_number).str();
  }
}

// That somebody is registered already must be said, or people would be paid twice. Who it is, is what a lookup
// tells, to whoever may know it and says what for; here only the access log learns it.
Problem problem_for(const Caller& caller, const Refusal& refusal) {
  Problem problem = problem_of(told_to(caller, refusal.reason));
  problem.command = refusal.command.str();
  problem.refused_lines = told_to(caller, refusal.refused_lines);
  if (auto withheld = withhold_registered(refusal.reason)) {
    problem.person = withheld->person.str();
    problem.detail_en = std::move(withheld->en);
    problem.detail_zh = std::move(withheld->zh);
  }
  return problem;
}

// Of a dry run: what the entry would move. Number, leaf and time are for entries that are recorded, and who
// somebody would be stays unsaid: nobody is looked up this way.
void append_trial(const Submission& what, const std::vector<Rejection>& refused_lines,
                  const std::string& entry, std::string& out) {
  out += R"(","dry_run":true,"size":)" + std::to_string(*what.tried_on) + R"(,"refused_lines":)";
  out += refused_lines.empty() ? "[]" : refused_lines_json(refused_lines);
  out += R"(,"postings":)";
  out += entry.empty() ? "[]" : nlohmann::json::parse(entry).at("postings").dump();
  out += '}';
}

void append_receipt(const Service& service, const Caller& caller, const Submission& what, const Tried& tried,
                    std::string& out) {
  const auto& receipt = std::get<Receipt>(tried.answer);
  out += R"({"ledger":")";
  out += service.id().str();
  out += R"(","command":")";
  out += receipt.command.str();
  const auto refused_lines = told_to(caller, receipt.refused_lines);
  // One that is recorded already has its receipt in a dry run, too.
  if (what.tried_on && receipt.index >= *what.tried_on) return append_trial(what, refused_lines, tried.entry, out);
  out += R"(","index":)";
  out += std::to_string(receipt.index);
  out += R"(,"leaf":")";
  out += chain::to_hex(receipt.leaf);
  out += R"(","time":")";
  out += receipt.time.str();
  out += R"(","repeated":)";
  out += receipt.repeated ? "true" : "false";
  if (const auto person = what.registered.find(receipt.command.str()); person != what.registered.end()) {
    out += R"(,"beneficiary":")" + person->second + '"';
  }
  if (!receipt.repeated) {
    out += R"(,"refused_lines":)";
    out += refused_lines.empty() ? "[]" : refused_lines_json(refused_lines);
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

void answer_single(Service& service, Exchange& exchange, const Submission& what, const Tried& outcome,
                   httplib::Response& response) {
  if (const auto* refusal = std::get_if<Refusal>(&outcome.answer)) {
    return answer(exchange, response, problem_for(*exchange.caller, *refusal));
  }
  const auto& receipt = std::get<Receipt>(outcome.answer);
  note_refused_lines(exchange, receipt);
  std::string body;
  append_receipt(service, *exchange.caller, what, outcome, body);
  answer(response, receipt.repeated || what.tried_on ? 200 : 201, std::move(body), kJson);
  if (what.tried_on && !receipt.repeated) return;
  if (receipt.repeated) response.set_header(kHit, "true");
  response.set_header("Location", "/v1/ledgers/" + service.id().str() + "/entries/" +
                                      std::to_string(receipt.index));
}

// {"mode", "results": [{"status", "receipt"} | {"status", "problem"}]}
void answer_batch(Service& service, Exchange& exchange, const Submission& what,
                  const std::vector<Tried>& outcomes, httplib::Response& response) {
  const bool atomic = what.mode == BatchMode::atomic;
  std::string body = atomic ? R"({"mode":"atomic","results":[)" : R"({"mode":"independent","results":[)";
  const auto add_problem = [&](const Problem& problem) {
    note_refusal(exchange, problem);
    body += R"({"status":)" + std::to_string(problem.status) + R"(,"problem":)" + to_json_part(problem) + "},";
  };
  bool refused = false;
  bool all_repeated = true;
  auto outcome = outcomes.begin();
  const std::size_t size = atomic ? outcomes.size() : what.turned_away.size();
  for (std::size_t place = 0; place < size; ++place) {
    if (!atomic && what.turned_away[place]) {
      add_problem(*what.turned_away[place]);
      refused = true;
      continue;
    }
    const Tried& one = *outcome++;
    if (const auto* receipt = std::get_if<Receipt>(&one.answer)) {
      note_refused_lines(exchange, *receipt);
      all_repeated = all_repeated && receipt->repeated;
      body += receipt->repeated || what.tried_on ? R"({"status":200,"receipt":)" : R"({"status":201,"receipt":)";
      append_receipt(service, *exchange.caller, what, one, body);
      body += "},";
      continue;
    }
    const auto problem = problem_for(*exchange.caller, std::get<Refusal>(one.answer));
    if (atomic) return answer(exchange, response, problem);
    add_problem(problem);
    refused = true;
  }
  body.back() = ']';
  body += '}';
  const int status = refused ? 207 : all_repeated || what.tried_on ? 200 : 201;
  answer(response, status, std::move(body), kJson);
  if (status == 200 && all_repeated) response.set_header(kHit, "true");
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

// What was recorded, or what would be.
Result<std::vector<Tried>> outcomes_of(Service& service, Submission& what, const View* picture) {
  if (what.commands.empty()) return std::vector<Tried>();
  auto& ledger = service.ledger();
  if (picture != nullptr) return try_out(ledger, *picture, std::move(what.commands), what.mode);
  auto answers = submit(ledger, std::move(what.commands), what.mode);
  if (!answers) return answers.error();
  std::vector<Tried> outcomes;
  outcomes.reserve(answers->size());
  for (auto& answer : *answers) outcomes.push_back({std::move(answer), {}});
  return outcomes;
}

}  // namespace

void post_entries(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  if (auto problem = refuse_onlooker(*exchange.caller)) {
    return answer(exchange, response, *problem);
  }
  bool dry_run = false;
  if (auto problem = read_flag(request, "dry_run", dry_run)) return answer(exchange, response, *problem);
  Submission what;
  if (auto problem = read_submission(exchange, request.body, service.now(), what)) {
    return answer(exchange, response, *problem);
  }
  {
    const auto view = service.ledger().view();
    auto objection = refuse_other_regions(*view, *exchange.caller, what);
    if (objection && !*objection) objection = refuse_derived_ids(*view, exchange, what);
    if (objection && !*objection) objection = refuse_unknown_orderer(service, *view, what);
    if (!objection) return answer(exchange, response, objection.error());
    if (*objection) return answer(exchange, response, **objection);
  }
  if (service.clock_behind()) return answer(exchange, response, problem_of(Protocol::clock_behind));
  std::optional<Flight> flight;
  if (!dry_run) flight.emplace(service.keys(), exchange.key.str());
  if (flight && !flight->entered()) return answer(exchange, response, problem_of(Protocol::in_flight));
  auto reused = key_is_reused(service.ledger(), exchange, what);
  if (!reused) return answer(exchange, response, reused.error());
  if (*reused) {
    return answer(exchange, response,
                  problem_of(told_to(*exchange.caller, {.reason = Reason::command_id_reused,
                                                        .field = "Idempotency-Key",
                                                        .subject = exchange.key.str(),
                                                        .detail = std::to_string(**reused)})));
  }
  // Whose vouchers are whose, and what became of them, whoever tries could ask number by number.
  if (dry_run && exchange.caller->provides()) {
    exchange.disclosure = Exchange::Disclosure{.person = {}, .subject = "trial", .purpose = {}};
  }
  const auto picture = dry_run ? service.ledger().view() : nullptr;
  if (picture) what.tried_on = picture->size();
  else note_people(service, what);
  auto outcomes = outcomes_of(service, what, picture.get());
  if (!outcomes) {
    const auto& locked = service.ledger().vault().locked();
    if (locked && locked->message == outcomes.error().message) {
      return answer(exchange, response, problem_of(Protocol::vault_key_missing));
    }
    return answer(exchange, response, outcomes.error());
  }
  if (what.batch) return answer_batch(service, exchange, what, *outcomes, response);
  answer_single(service, exchange, what, outcomes->front(), response);
}

}  // namespace fundtrail::api
