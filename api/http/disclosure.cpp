#include "api/http/disclosure.h"

#include "api/access_log/access_log.h"
#include "api/http/loop.h"
#include "api/http/routes.h"
#include "api/http/service.h"
#include "ledger/chain/canonical.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

constexpr std::size_t kMaxPurpose = 600;  // bytes: 200 characters

AccessRecord record_of(const Service& service, const Exchange& exchange, int status) {
  AccessRecord record{.time = service.now(), .address = exchange.address,
                      .request = exchange.request_id, .status = status};
  if (exchange.caller) {
    record.actor = exchange.caller->actor.id.str();
    record.role = name_of(exchange.caller->actor.role);
    if (exchange.caller->user != record.actor) record.user = exchange.caller->user;
  }
  if (!exchange.route) return record;
  record.route = exchange.method + " " + std::string(exchange.route->pattern);
  if (exchange.route->pattern.find("/{beneficiary}") != std::string_view::npos) {
    if (const auto person = Pseudonym::parse(exchange.path[1])) record.person = person->str();
  }
  return record;
}

}  // namespace

std::optional<Problem> read_purpose(const httplib::Request& request, std::optional<std::string>& purpose) {
  if (!request.has_header(kPurposeHeader)) return std::nullopt;
  std::string text = request.get_header_value(kPurposeHeader);
  if (request.get_header_value_count(kPurposeHeader) != 1 || text.size() < 2 || text.size() > kMaxPurpose ||
      !Text::parse(text.substr(0, Text::kMaxBytes / 2)) || !chain::is_text(text) || masked(text) != text) {
    return problem_of(Protocol::bad_parameter,
                      "2 to 200 characters that say what for, without identity or card numbers",
                      kPurposeHeader);
  }
  purpose = std::move(text);
  return std::nullopt;
}

void find_disclosure(const httplib::Request& request, const httplib::Response& response,
                     Exchange& exchange) {
  if (exchange.disclosure || response.status != 200 || !exchange.route || exchange.route->method != "GET" ||
      exchange.route->access == Access::open) {
    return;
  }
  // The member's name in canonical JSON, which has no blanks: the same in entries, lines and pages; and
  // where a line is quoted as a text, beside its proof.
  constexpr std::string_view kPseudonym = R"("beneficiary":")";
  constexpr std::string_view kQuoted = R"(\"beneficiary\":\")";
  if (response.body.find(kPseudonym) == std::string::npos &&
      response.body.find(kQuoted) == std::string::npos) {
    return;
  }
  Exchange::Disclosure found;
  if (exchange.route->pattern.find("/{index}") != std::string_view::npos) {
    found.subject = "entry " + exchange.path[1];
  }
  const auto person = Pseudonym::parse(request.get_param_value("beneficiary"));
  if (person) found.person = person->str();
  std::optional<std::string> purpose;
  if (!read_purpose(request, purpose) && purpose) found.purpose = *purpose;
  exchange.disclosure = std::move(found);
}

bool keep_disclosure(Service& service, const Exchange& exchange, int status) {
  AccessLog* const log = service.access_log();
  if (log == nullptr) return false;
  auto record = record_of(service, exchange, status);
  record.action = AccessAction::read;
  if (!exchange.disclosure->person.empty()) record.person = exchange.disclosure->person;
  record.subject = exchange.disclosure->subject;
  record.purpose = exchange.disclosure->purpose;
  Task* const task = Task::current();
  bool durable = false;
  log->record(std::move(record), [&durable, task](bool kept) {
    durable = kept;
    task->wake();
  });
  task->sleep();
  return durable;
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
    log->note(std::move(record));
  }
}

}  // namespace fundtrail::api
