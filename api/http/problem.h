// Problems: every error answer of the HTTP interface, as RFC 9457 problem+json in English and
// Chinese. A problem is either a refusal by the ledger's rules (ledger/core/rejection.h) or one of
// the closed set of protocol problems below; its `type` is "urn:fundtrail:problem:" and the code.
// Codes never change. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/identity/refusal.h"
#include "ledger/core/names.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::api {

// What can be wrong with a request, or with us, before and beside the rules.
enum class Protocol : std::uint8_t {
  malformed_request, uri_too_long, missing_idempotency_key, bad_idempotency_key, unauthenticated,
  forbidden, not_found, method_not_allowed, unsupported_media_type, payload_too_large,
  malformed_json, bad_parameter, sign_in_failed, too_many_attempts, too_many_requests, cross_site,
  session_needed, role_needed, password_change_required, out_of_scope, in_flight, unavailable,
  clock_behind, internal, purpose_required, person_erased, precondition_failed, incomplete_request,
  too_many_jobs, no_result, job_interrupted, vault_key_missing,
};
inline constexpr std::size_t kProtocols = static_cast<std::size_t>(Protocol::vault_key_missing) + 1;

struct ProtocolInfo {
  Protocol protocol;
  std::string_view code;  // "missing-idempotency-key"
  int http_status;
  std::string_view title_en;
  std::string_view title_zh;
  std::string_view en;  // "{0}" is the subject
  std::string_view zh;
};
const ProtocolInfo& info(Protocol protocol);

struct Problem {
  std::string_view code;
  int status = 500;
  std::string_view title_en;
  std::string_view title_zh;
  std::string detail_en;
  std::string detail_zh;
  std::string field = {};                    // "doc.amount", a parameter or a header
  std::optional<std::size_t> line = {};      // of the document, from 0
  std::string command = {};                  // the id of the refused command
  std::string person = {};                   // pseudonym, for the access log and nobody else
  std::vector<Rejection> refused_lines = {};
  bool by_rules = false;  // a refusal of the ledger's, not of the protocol
  std::optional<std::int64_t> retry_after = {};  // seconds, for the header
};

// `subject` never holds personal data or secrets. Of a bad parameter it says what was expected; `value` is what
// came, and is told only when it may be quoted (api/quotation.h).
Problem problem_of(Protocol protocol, std::string_view subject = {}, std::string field = {},
                   std::string_view value = {});
// A bad parameter: there is none of the name that came, which is told, with the one that may have been meant, when it
// may be quoted.
Problem unknown_name(std::string_view name, const std::vector<std::string_view>& known);
// Of a body that is no JSON: where it stops being it, and nothing of it.
Problem malformed_json(std::string_view body);
Problem problem_of(const Rejection& rejection);
Problem problem_of(const Refusal& refusal);
Problem problem_of(const UserRefusal& refusal, std::string field = {});
// A fault of ours. Says what kind it is and nothing of its message, which goes to the log.
Problem problem_of(const Error& error);

inline constexpr std::string_view kProblemMediaType = "application/problem+json";

// The body. `request_id` becomes the instance.
std::string to_json(const Problem& problem, std::string_view request_id);
// The same without instance, as a part of a larger answer.
std::string to_json_part(const Problem& problem);
// A JSON array of {line, type, field?, detail, detail_zh}.
std::string refused_lines_json(std::span<const Rejection> lines);

}  // namespace fundtrail::api
