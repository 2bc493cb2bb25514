// .../jobs: asking for work, looking at it, taking its result, calling it off.
#include <simdjson.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "api/http/as_sent.h"
#include "api/http/disclosure.h"
#include "api/http/handlers.h"
#include "api/http/head_fields.h"
#include "api/http/job_work.h"
#include "api/http/page.h"
#include "api/http/parameters.h"
#include "api/http/routes.h"
#include "api/http/service.h"
#include "api/words.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/nearest.h"
#include "ledger/core/wording.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;

// What a request for work says, by the kind of its fields.
struct JobWords {
  std::string kind;
  std::map<std::string, std::string, std::less<>> texts;
  std::map<std::string, std::vector<std::string>, std::less<>> lists;
  std::map<std::string, bool, std::less<>> flags;

  std::string text(std::string_view name) const {
    const auto found = texts.find(name);
    return found == texts.end() ? std::string() : found->second;
  }
  bool flag(std::string_view name, bool otherwise) const {
    const auto found = flags.find(name);
    return found == flags.end() ? otherwise : found->second;
  }
};

// The fields of each kind, separated by blanks.
struct Shape {
  std::string_view kind;
  std::string_view texts;
  std::string_view lists;
  std::string_view flags;
  std::string_view required;
};
constexpr Shape kShapes[] = {
    {"verify", "", "", "state", ""},
    {"access_log", "", "heads", "", ""},
    {"audit", "", "rules", "", ""},
    {"export", "provider from to", "", "", ""},
    {"run", "programme period policy payee region series date", "funds", "dry_run settle settle_only lines",
     "programme period"},
};
constexpr std::size_t kMaxItems = 100;

std::vector<std::string_view> names_of(const Shape& shape) {
  std::vector<std::string_view> names{"kind"};
  for (const auto words : {shape.texts, shape.lists, shape.flags}) {
    for (const auto name : split(words)) names.push_back(name);
  }
  return names;
}

// A field that is missing or unknown.
Problem field_problem(Reason reason, std::string_view field, std::string_view detail = {}) {
  const auto name = std::string(field.substr(0, 64));
  return problem_of(Rejection{.reason = reason, .field = name, .subject = name, .detail = std::string(detail)});
}
Problem value_problem(std::string_view field, std::string value, std::string expected) {
  return problem_of(Rejection{.reason = Reason::malformed_field, .field = std::string(field),
                              .subject = std::move(value), .detail = std::move(expected)});
}
// What a field of the shape must be.
std::string expected_of(const Shape& shape, std::string_view name) {
  if (is_among(shape.texts, name)) return "up to 200 bytes";
  return is_among(shape.flags, name) ? token(Form::boolean) : "1 to 100 texts";
}

bool read_field(const Shape& shape, std::string_view name, simdjson::dom::element value,
                JobWords& out) {
  std::string_view text;
  if (is_among(shape.texts, name)) {
    return value.get(text) == simdjson::SUCCESS && text.size() <= 200 &&
           out.texts.emplace(name, text).second;
  }
  if (is_among(shape.flags, name)) {
    bool flag = false;
    return value.get(flag) == simdjson::SUCCESS && out.flags.emplace(name, flag).second;
  }
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS || array.size() > kMaxItems) return false;
  std::vector<std::string> list;
  for (const auto element : array) {
    if (element.get(text) != simdjson::SUCCESS) return false;
    list.emplace_back(text);
  }
  return out.lists.emplace(name, std::move(list)).second;
}

std::optional<Problem> read_words(const std::string& body, JobWords& out) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body).get(root) != simdjson::SUCCESS) return malformed_json(body);
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return problem_of(Protocol::malformed_json, "expected one object");
  }
  std::string_view kind;
  simdjson::dom::element given;
  if (object.at_key("kind").get(given) != simdjson::SUCCESS) {
    return field_problem(Reason::missing_field, "kind");
  }
  const auto shape = given.get(kind) == simdjson::SUCCESS
                         ? std::find_if(std::begin(kShapes), std::end(kShapes),
                                        [&](const auto& one) { return one.kind == kind; })
                         : std::end(kShapes);
  if (shape == std::end(kShapes)) {
    return value_problem("kind", as_sent(given), "verify | access_log | audit | export | run");
  }
  out.kind = kind;
  std::set<std::string_view> seen;
  for (const auto [name, value] : object) {
    const bool known = name == "kind" || is_among(shape->texts, name) || is_among(shape->lists, name) ||
                       is_among(shape->flags, name);
    if (!known || !seen.insert(name).second) {
      return field_problem(Reason::unknown_field, name, known ? kRepeatedField : nearest(name, names_of(*shape)));
    } else if (name != "kind" && !read_field(*shape, name, value, out)) {
      return value_problem(name, as_sent(value), expected_of(*shape, name));
    }
  }
  for (const auto* needed : {"programme", "period"}) {
    if (is_among(shape->required, needed) && out.text(needed).empty()) {
      return field_problem(Reason::missing_field, needed);
    }
  }
  return std::nullopt;
}

template <class T>
bool read_text(const JobWords& words, std::string_view name, std::optional<T>& out) {
  const auto text = words.text(name);
  if (!text.empty()) out = T::parse(text);
  return text.empty() || out;
}

using Made = std::variant<JobWork, Problem>;

Made make_audit(Service& service, const JobWords& words) {
  std::vector<audit::RuleId> rules;
  const auto found = words.lists.find("rules");
  if (found != words.lists.end()) {
    for (const auto& code : found->second) {
      const auto rule = audit::rule_from_code(code);
      const auto place = "rules[" + std::to_string(rules.size()) + "]";
      if (!rule) return value_problem(place, code, "a rule such as R-BEN-01");
      rules.push_back(*rule);
    }
  }
  return audit_work(service, std::move(rules));
}

// The access log is for whoever watches the others.
bool may_watch(const Caller& caller) {
  return caller.actor.role == Role::inspector || caller.actor.role == Role::administrator;
}

Made make_access_log(Service& service, const Exchange& exchange, const JobWords& words) {
  if (!may_watch(*exchange.caller)) {
    return problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role));
  }
  const auto found = words.lists.find("heads");
  return access_log_work(service, found == words.lists.end() ? std::vector<std::string>() : found->second);
}

Made make_export(Service& service, const JobWords& words) {
  audit::BundleSelection selection;
  if (!read_text(words, "provider", selection.provider)) {
    return value_problem("provider", words.text("provider"), token(Form::id));
  }
  for (const auto& [name, date] :
       {std::pair{"from", &selection.from}, std::pair{"to", &selection.to}}) {
    if (!read_text(words, name, *date)) return value_problem(name, words.text(name), token(Form::date));
  }
  if (selection.from && selection.to && *selection.to < *selection.from) {
    return value_problem("to", words.text("to"), ">= from");
  }
  if (selection.provider) {
    const auto row = service.ledger().view()->raw().get(store::Table::state,
                                                        rules::provider_key(*selection.provider));
    if (!row) return problem_of(row.error());
    if (!*row) {
      return problem_of(Rejection{.reason = Reason::unknown_provider, .field = "provider",
                                  .subject = selection.provider->str()});
    }
  }
  return export_work(service, selection);
}

Made make_run(Service& service, const Exchange& exchange, const httplib::Request& request,
              const JobWords& words) {
  RunAsked asked;
  asked.actor = exchange.caller->actor;
  asked.dry_run = words.flag("dry_run", true);
  asked.settle = words.flag("settle", false);
  asked.settle_only = words.flag("settle_only", false);
  asked.lines = words.flag("lines", false);
  if (asked.settle_only && (asked.settle || asked.lines)) {
    return value_problem("settle_only", "true", "settle: false, lines: false");
  }
  if (asked.lines && !asked.dry_run) return value_problem("lines", "true", "false, or dry_run: true");
  if (!asked.dry_run && asked.actor.role != Role::preparer) {
    return problem_of(Protocol::forbidden, name_of(asked.actor.role));
  }
  auto& to = asked.words;
  to.of_job = true;
  to.programme = words.text("programme");
  to.period = words.text("period");
  to.policy = words.text("policy");
  to.payee = words.text("payee");
  to.region = words.text("region");
  to.series = words.text("series");
  to.date = words.text("date");
  to.actor = asked.actor.id.str();
  if (const auto funds = words.lists.find("funds"); funds != words.lists.end()) {
    to.funds = funds->second;
  }
  const auto view = service.ledger().view();
  const auto tag = head_tag(*view);
  if (request.has_header(kIfMatchHeader)) {
    if (!has_tag(request, kIfMatchHeader, tag)) return problem_of(Protocol::precondition_failed, tag, kIfMatchHeader);
    asked.head = tag;
  }
  // What can be asked is asked now, not by a job that fails.
  auto resolved = run::resolve(*view, to, service.now());
  if (!resolved) return problem_of(resolved.error());
  if (const auto* question = std::get_if<run::Question>(&*resolved)) return problem_of(*question);
  return run_work(service, std::move(asked));
}

JobBoard::Asked asked_for(Service& service, const Exchange& exchange, std::string kind, const std::string& content) {
  chain::Hasher hasher(service.suite());
  const auto allowed = [&service, caller = *exchange.caller] {
    return service.identity().may_still_act(caller);
  };
  return {exchange.key, std::move(kind), exchange.caller->actor, chain::to_hex(hasher.digest(content)), allowed};
}

void answer_job(Service& service, Exchange& exchange, httplib::Response& response, const JobBoard::Addition& added) {
  using Added = JobBoard::Added;
  if (added.what == Added::full) {
    return answer(exchange, response, problem_of(Protocol::too_many_jobs));
  }
  if (added.what == Added::other_content) {
    auto problem = problem_of(Rejection{.reason = Reason::command_id_reused,
                                        .field = kKeyHeader, .subject = exchange.key.str(), .detail = {}});
    problem.detail_en = fill("The key \"{0}\" was used for another job.", exchange.key.str());
    problem.detail_zh = fill("编号“{0}”已用于另一作业。", exchange.key.str());
    return answer(exchange, response, problem);
  }
  const bool repeated = added.what == Added::repeated;
  answer(response, repeated ? 200 : 201, added.job.dump(), kJson);
  if (repeated) response.set_header(kHit, "true");
  response.set_header("Location",
                      "/v1/ledgers/" + service.id().str() + "/jobs/" + added.job.at("job").get<std::string>());
}

void ask(Service& service, Exchange& exchange, httplib::Response& response, const JobBoard::Asked& asked,
         JobWork work) {
  const auto added = service.jobs().add(asked, std::move(work));
  if (!added) return answer(exchange, response, added.error());
  answer_job(service, exchange, response, *added);
}

// A result, a piece at a time.
class FileStream final : public Stream {
 public:
  explicit FileStream(const std::filesystem::path& file) : in_(file, std::ios::binary) {}
  bool good() const { return in_.good(); }
  Status next(std::string& piece) override {
    piece.resize(kPiece);
    in_.read(piece.data(), std::streamsize(piece.size()));
    if (in_.bad()) return Error{Fault::io, "a result cannot be read"};
    piece.resize(static_cast<std::size_t>(in_.gcount()));
    return success();
  }

 private:
  std::ifstream in_;
};

}  // namespace

void post_jobs(Service& service, Exchange& exchange, const httplib::Request& request,
               httplib::Response& response) {
  JobWords words;
  if (auto problem = read_words(request.body, words)) return answer(exchange, response, *problem);
  const auto asked = asked_for(service, exchange, words.kind, request.body);
  // Whoever repeats a request whose answer was lost is told of its job, whatever has been recorded meanwhile and
  // whatever condition comes with it.
  if (const auto known = service.jobs().known(asked)) return answer_job(service, exchange, response, *known);
  if (words.kind == "run" && service.clock_behind()) return answer(exchange, response, problem_of(Protocol::clock_behind));
  if (words.kind != "run" && request.has_header(kIfMatchHeader)) {
    return answer(exchange, response, problem_of(Protocol::bad_parameter, "no condition, but for a run", kIfMatchHeader));
  }
  Made made = words.kind == "verify"       ? Made(verify_work(service, words.flag("state", false)))
              : words.kind == "access_log" ? make_access_log(service, exchange, words)
              : words.kind == "audit"  ? make_audit(service, words)
              : words.kind == "export" ? make_export(service, words)
                                       : make_run(service, exchange, request, words);
  if (const auto* problem = std::get_if<Problem>(&made)) return answer(exchange, response, *problem);
  ask(service, exchange, response, asked, std::move(std::get<JobWork>(made)));
}

void post_imports(Service& service, Exchange& exchange, const httplib::Request& request,
                  httplib::Response& response) {
  ImportAsked asked;
  auto problem = read_flag(request, "dry_run", asked.dry_run);
  if (!problem) problem = read_flag(request, "past", asked.past);
  asked.encoding = parameter(request, "encoding");
  if (!problem && asked.encoding && *asked.encoding != "utf-8" && *asked.encoding != "gb18030") {
    problem = problem_of(Protocol::bad_parameter, "utf-8 or gb18030", "encoding");
  }
  asked.actor = exchange.caller->actor;
  if (!problem && (asked.past || !asked.dry_run) && asked.actor.role != Role::registrar) {
    problem = problem_of(Protocol::forbidden, name_of(asked.actor.role));
  }
  std::optional<std::string> purpose;
  if (!problem) problem = read_purpose(request, purpose);
  if (problem) return answer(exchange, response, *problem);
  asked.archive = request.body;
  asked.asker = refusal_record(service, exchange);
  asked.asker.purpose = purpose.value_or("");
  const std::string content = std::string(asked.dry_run ? "dry|" : "real|") +
                              (asked.past ? "past|" : "year|") + asked.encoding.value_or("") + "|" +
                              request.body;
  const auto job = asked_for(service, exchange, "import", content);
  if (const auto known = service.jobs().known(job)) return answer_job(service, exchange, response, *known);
  if (service.clock_behind()) return answer(exchange, response, problem_of(Protocol::clock_behind));
  ask(service, exchange, response, job, import_work(service, std::move(asked)));
}

void get_jobs(Service& service, Exchange& exchange, const httplib::Request& request,
              httplib::Response& response) {
  Page page;
  if (const auto problem = read_page(service, exchange, request, page)) return answer(exchange, response, *problem);
  Json json = {{"ledger", service.id().str()}};
  add_page(service, json, "jobs", service.jobs().list(), page, [](const Json& job) { return job; });
  answer(response, 200, json.dump(), kJson);
}

void get_job(Service& service, Exchange& exchange, const httplib::Request&,
             httplib::Response& response) {
  const auto job = service.jobs().find(exchange.path[1]);
  if (!job) return answer(exchange, response, problem_of(Protocol::not_found, "job"));
  answer(response, 200, job->dump(), kJson);
}

void delete_job(Service& service, Exchange& exchange, const httplib::Request&,
                httplib::Response& response) {
  const auto& id = exchange.path[1];
  const auto owner = service.jobs().owner(id);
  if (!owner) return answer(exchange, response, problem_of(Protocol::not_found, "job"));
  if (owner->id != exchange.caller->actor.id && exchange.caller->actor.role != Role::administrator) {
    return answer(exchange, response,
                  problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role)));
  }
  const auto job = service.jobs().cancel(id);
  if (!job) return answer(exchange, response, problem_of(Protocol::not_found, "job"));
  answer(response, 200, job->dump(), kJson);
}

void get_job_result(Service& service, Exchange& exchange, const httplib::Request&,
                    httplib::Response& response) {
  const auto& id = exchange.path[1];
  const auto job = service.jobs().find(id);
  if (!job) return answer(exchange, response, problem_of(Protocol::not_found, "job"));
  // What is wrong with somebody's files is between them and the server.
  const auto owner = service.jobs().owner(id);
  if (job->at("kind") == "import" && (!owner || owner->id != exchange.caller->actor.id)) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role)));
  }
  if (job->at("kind") == "access_log" && !may_watch(*exchange.caller)) {
    return answer(exchange, response, problem_of(Protocol::forbidden, name_of(exchange.caller->actor.role)));
  }
  const auto result = service.jobs().result(id);
  if (!result) {
    return answer(exchange, response,
                  problem_of(Protocol::no_result, job->at("state").get<std::string>()));
  }
  auto stream = std::make_shared<FileStream>(result->first);
  if (!stream->good()) return answer(exchange, response, problem_of(Protocol::not_found, "job"));
  answer(exchange, response, result->second, std::move(stream));
  name_file(response, service, id, result->first.extension().string().substr(1));
}

}  // namespace fundtrail::api
