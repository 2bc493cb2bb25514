#include "api/access_log/access_log.h"
#include "api/http/service.h"

#include <httplib.h>
#include <spdlog/spdlog.h>

#include <charconv>
#include <chrono>

#include "ledger/chain/canonical.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {

bool KeysInFlight::enter(const std::string& key) {
  auto& part = shard(key);
  std::lock_guard lock(part.mutex);
  return part.keys.insert(key).second;
}

void KeysInFlight::leave(const std::string& key) {
  auto& part = shard(key);
  std::lock_guard lock(part.mutex);
  part.keys.erase(key);
}

Result<std::unique_ptr<Service>> Service::create(Ledger& ledger,
                                                 std::unique_ptr<Identity> identity) {
  std::unique_ptr<Service> service(new Service(ledger));
  const auto view = ledger.view();
  auto opening = view->decoded(0);
  if (!opening) return opening.error();
  const auto* document = std::get_if<LedgerOpening>(&opening->document);
  if (!document) return Error{Fault::tampered, "entry 0 is not the opening of a ledger"};
  service->id_ = view->id();
  service->name_ = document->name.str();
  service->suite_ = view->suite();
  service->identity_ = std::move(identity);
  return service;
}

Result<std::string> Service::checkpoint() {
  std::lock_guard lock(checkpoint_mutex_);
  const auto size = ledger_.view()->size();
  if (!checkpoint_.empty() && checkpoint_size_ == size) return checkpoint_;
  auto note = ledger_.checkpoint();
  if (!note) return note;
  auto parsed = chain::parse_note(*note);
  if (!parsed) return parsed.error();
  auto body = chain::parse_checkpoint(parsed->body);
  if (!body) return body.error();
  checkpoint_ = *note;
  checkpoint_size_ = body->size;
  return note;
}

void answer(httplib::Response& response, int status, std::string body,
            std::string_view media_type) {
  response.status = status;
  response.body = std::move(body);
  response.set_header("Content-Type", std::string(media_type));
}

void answer(Exchange& exchange, httplib::Response& response, std::string_view media_type,
            std::shared_ptr<Stream> stream) {
  response.status = 200;
  response.set_header("Content-Type", std::string(media_type));
  exchange.stream = std::move(stream);
}

bool has_tag(const httplib::Request& request, const char* header, std::string_view tag) {
  const auto given = request.get_header_value(header);
  return given == "*" || (!given.empty() && given.find(tag) != std::string::npos);
}

namespace {

// The head; of whoever does not see all that was recorded, with what is theirs.
std::string answer_tag(const Exchange& exchange, const View& view) {
  std::string tag = head_tag(view);
  const auto& caller = exchange.caller;
  if (!caller || !caller->sees_part()) return tag;
  std::string theirs = caller->provides() ? "provider " + caller->actor.id.str() + ' ' : "";
  for (const auto& region : caller->regions) theirs += region.str() + ' ';
  chain::Hasher hasher(view.suite());
  tag.insert(tag.size() - 1, "-" + chain::to_hex(hasher.digest(theirs)).substr(0, 16));
  return tag;
}

}  // namespace

bool not_modified(const Exchange& exchange, const httplib::Request& request, httplib::Response& response,
                  const View& view) {
  const auto tag = answer_tag(exchange, view);
  response.set_header("ETag", "W/" + tag);  // weak: a workbook carries the time it was made
  response.set_header("Cache-Control", "private, no-cache");
  // By what a caller is told from another: one browser serves several people after one another.
  response.set_header("Vary", "Authorization, Cookie, Fundtrail-Role");
  if (!has_tag(request, "If-None-Match", tag)) return false;
  response.status = 304;
  return true;
}

std::string head_tag(const View& view) {
  return '"' + std::to_string(view.size()) + "-" + chain::to_hex(view.root()).substr(0, 16) + '"';
}

void note_refusal(Exchange& exchange, const Problem& problem) {
  const bool known = problem.status == 401 || problem.status == 403 || problem.status == 429;
  if (!known && (!problem.by_rules || problem.status == 400)) return;
  exchange.refusals.push_back(
      {problem.code, problem.status, problem.command, problem.refused_lines.size(), problem.person});
}

void answer(Exchange& exchange, httplib::Response& response, const Problem& problem) {
  exchange.problem_code = problem.code;
  response.headers.erase("ETag");
  response.headers.erase("Cache-Control");
  response.headers.erase("Vary");
  note_refusal(exchange, problem);
  answer(response, problem.status, to_json(problem, exchange.request_id), kProblemMediaType);
  if (!exchange.allow.empty()) response.set_header("Allow", exchange.allow);
  if (problem.status == 401) response.set_header("WWW-Authenticate", "Bearer");
  if (problem.retry_after) {
    response.set_header("Retry-After", std::to_string(*problem.retry_after));
  }
}

void answer(Exchange& exchange, httplib::Response& response, const Error& error) {
  if (error.fault != Fault::not_found && error.fault != Fault::invalid_argument) {
    spdlog::error(R"("request":"{}","fault":"{}","message":"{}")", exchange.request_id,
                  name(error.fault), json_text(error));
  }
  answer(exchange, response, problem_of(error));
}

void name_file(httplib::Response& response, const Service& service, std::string_view name,
               std::string_view extension) {
  std::string file = service.id().str() + "-";
  (file += name) += '.';
  response.set_header("Content-Disposition",
                      "attachment; filename=\"" + (file += extension) + "\"");
}

std::string json_text(const Error& error) { return json_text(english_of(error.message)); }

std::string json_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::optional<std::string> parameter(const httplib::Request& request, const char* name) {
  const auto found = request.params.find(name);
  if (found == request.params.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint64_t> parse_index(std::string_view text) {
  if (text.empty() || text.size() > 16 || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      value > std::uint64_t(chain::max_integer)) {
    return std::nullopt;
  }
  return value;
}

std::vector<State> Service::states() const {
  auto found = look(ledger_, operations_.directory, now().unix_seconds(), operations_.limits, operations_.stopping);
  if (access_log_ != nullptr && access_log_->failing()) found.push_back(State::access_log_failing);
  if (access_log_ != nullptr && access_log_->former_records() != 0) found.push_back(State::access_log_new);
  return found;
}

Timestamp Service::now() const {
  if (clock_) return *clock_;
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::seconds>(since).count(), 8 * 60};
}

}  // namespace fundtrail::api
