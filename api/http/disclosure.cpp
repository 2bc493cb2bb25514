#include "api/http/disclosure.h"

#include <algorithm>

#include "api/access_log/access_log.h"
#include "api/http/loop.h"
#include "api/http/routes.h"
#include "api/http/service.h"
#include "ledger/chain/canonical.h"
#include "ledger/core/personal_number.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

// Whether it is text, as ledger/core/ids.h has it, of 2 to 200 characters, however many bytes these take. The
// two parts that it is looked at in are cut between characters, and not at a blank.
bool is_purpose_text(std::string_view text) {
  constexpr std::size_t kLeast = 2, kMost = 200;
  const auto characters = static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; }));
  if (characters < kLeast || characters > kMost || !chain::is_text(text)) return false;
  if (text.size() <= Text::kMaxBytes) return Text::parse(text).has_value();
  for (std::size_t cut = Text::kMaxBytes; cut > text.size() - Text::kMaxBytes; --cut) {
    if (Text::parse(text.substr(0, cut)) && Text::parse(text.substr(cut))) return true;
  }
  return false;
}

void name_who(AccessRecord& record, const Caller& caller) {
  record.actor = caller.actor.id.str();
  record.user = caller.user != record.actor ? caller.user : std::string();
}

void name(AccessRecord& record, const Caller& caller) {
  name_who(record, caller);
  record.role = name_of(caller.actor.role);
}

AccessRecord record_of(const Service& service, const Exchange& exchange, int status) {
  AccessRecord record{.time = service.now(), .address = exchange.address,
                      .request = exchange.request_id, .status = status};
  if (exchange.caller) name(record, *exchange.caller);
  else if (exchange.denied) name_who(record, *exchange.denied);
  else record.user = exchange.claimed;
  if (!exchange.route) return record;
  record.route = exchange.method + " " + std::string(exchange.route->pattern);
  if (exchange.route->pattern.find("/{beneficiary}") != std::string_view::npos) {
    if (const auto person = Pseudonym::parse(exchange.path[1])) record.person = person->str();
  }
  return record;
}

// Which one, of a route that shows one: "entry 17", "report applications".
std::string subject_of(const Exchange& exchange) {
  struct Named {
    std::string_view part;
    std::string_view word;
  };
  constexpr Named kNamed[] = {
      {"{index}", "entry "}, {"{job}", "job "}, {"{name}", "report "}, {"{voucher}", "voucher "},
      {"{application}", "application "}};
  for (const auto& one : kNamed) {
    if (exchange.route->pattern.find(one.part) != std::string_view::npos) {
      return std::string(one.word) + exchange.path[1];
    }
  }
  return {};
}

// False when it is not durable.
bool keep(Service& service, AccessRecord record) {
  AccessLog* const log = service.access_log();
  if (log == nullptr) return false;
  Task* const task = Task::current();
  bool durable = false;
  log->record(std::move(record), [&durable, task](bool kept) {
    durable = kept;
    task->wake();
  });
  task->sleep();
  return durable;
}

}  // namespace

bool is_purpose(std::string_view text) {
  return is_purpose_text(text) && masked(text) == text && !holds_personal_number(text);
}

std::optional<Problem> read_purpose(const httplib::Request& request, std::optional<std::string>& purpose) {
  if (!request.has_header(kPurposeHeader)) return std::nullopt;
  std::string text = request.get_header_value(kPurposeHeader);
  if (request.get_header_value_count(kPurposeHeader) != 1 || !is_purpose(text)) {
    return problem_of(Protocol::bad_parameter,
                      "2 to 200 characters that say what for, without numbers of identity cards, bank cards or phones",
                      kPurposeHeader);
  }
  purpose = std::move(text);
  return std::nullopt;
}

void find_disclosure(const httplib::Request& request, httplib::Response& response, Exchange& exchange) {
  if (!exchange.route || !exchange.route->names_people()) return;
  response.headers.erase("Cache-Control");  // the server says "no-store" then
  if (exchange.disclosure || response.status != 200) return;
  Exchange::Disclosure found{.person = {}, .subject = subject_of(exchange), .purpose = {}};
  if (const auto person = Pseudonym::parse(request.get_param_value("beneficiary"))) found.person = person->str();
  std::optional<std::string> purpose;
  if (!read_purpose(request, purpose) && purpose) found.purpose = *purpose;
  exchange.disclosure = std::move(found);
}

bool keep_disclosure(Service& service, const Exchange& exchange, int status) {
  auto record = record_of(service, exchange, status);
  record.action = AccessAction::read;
  if (!exchange.disclosure->person.empty()) record.person = exchange.disclosure->person;
  record.subject = exchange.disclosure->subject;
  record.purpose = exchange.disclosure->purpose;
  return keep(service, std::move(record));
}

bool keep_done(Service& service, const Exchange& exchange, int status) {
  bool kept = true;
  for (const auto& done : exchange.done) {
    auto record = record_of(service, exchange, status);
    if (!exchange.caller && done.by) name(record, *done.by);
    record.action = done.action;
    record.subject = done.subject;
    auto again = record;
    if (keep(service, std::move(record))) continue;
    kept = false;
    if (auto* log = service.access_log()) log->note(std::move(again));  // it has happened: tried again
  }
  return kept;
}

bool may_manage(const Exchange& exchange) {
  const auto& pattern = exchange.route->pattern;
  return exchange.route->method != "GET" && (pattern.starts_with("/v1/users") || pattern.starts_with("/v1/tokens") ||
                                             pattern.starts_with("/v1/session"));
}

AccessRecord refusal_record(const Service& service, const Exchange& exchange) {
  auto record = record_of(service, exchange, 0);
  record.action = AccessAction::refused;
  return record;
}

void keep_refusals(Service& service, const Exchange& exchange) {
  AccessLog* const log = service.access_log();
  if (log == nullptr) return;
  for (const auto& refusal : exchange.refusals) {
    auto record = record_of(service, exchange, refusal.status);
    record.action = AccessAction::refused;
    record.outcome = refusal.code;
    record.command = refusal.command;
    record.count = refusal.lines;
    if (!refusal.person.empty()) record.person = refusal.person;
    log->note(std::move(record));
  }
}

}  // namespace fundtrail::api
