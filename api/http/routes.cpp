#include "api/http/routes.h"

#include "api/http/handlers.h"
#include "ledger/core/policy_check.h"

namespace fundtrail::api {
namespace {

constexpr Route kRoutes[] = {
    {"GET", "/", Access::open, "", get_console},
    {"GET", "/sign-in", Access::open, "", get_sign_in},
    {"GET", "/console/{file}", Access::open, "", get_console_file},
    {"GET", "/healthz", Access::open, "", get_health},
    {"GET", "/readyz", Access::open, "", get_ready},
    {"GET", "/metrics", Access::staff, "", get_metrics},
    {"GET", "/v1/ledgers/{ledger}", Access::staff, "", get_ledger, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/access-log", Access::watcher, "actor from to text cursor limit",
     get_access_log, kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/access-log/head", Access::watcher, "", get_access_head},
    {"GET", "/v1/ledgers/{ledger}/accounts", Access::staff, "limit cursor", get_register},
    {"GET", "/v1/ledgers/{ledger}/accounts/{account}", Access::staff, "", get_registered},
    {"GET", "/v1/ledgers/{ledger}/applications", Access::staff,
     "state step due_before programme provider region beneficiary limit cursor", get_applications,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/applications/{application}", Access::staff, "", get_application,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/balances", Access::staff,
     "account fund programme region provider as_of", get_balances, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/beneficiaries", Access::staff, "region programme category ended as_of limit cursor",
     get_beneficiaries, kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/beneficiaries/{beneficiary}", Access::staff, "as_of", get_beneficiary,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/beneficiaries/{beneficiary}/identity", Access::staff, "view",
     get_identity, kByRegion | kNamesPeople},
    {"POST", "/v1/ledgers/{ledger}/beneficiaries/lookup", Access::staff, "", post_lookup,
     kUnkeyed | kByRegion | kNamesPeople, kForm},
    {"GET", "/v1/ledgers/{ledger}/checkpoint", Access::anyone, "", get_checkpoint, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/checkpoints", Access::staff, "limit cursor", get_checkpoints},
    {"GET", "/v1/ledgers/{ledger}/consistency", Access::staff, "old new", get_consistency, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/disbursements", Access::own, "step settlement provider region limit cursor",
     get_disbursements, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/disbursements/{disbursement}", Access::own, "", get_disbursement,
     kByRegion},
    {"POST", "/v1/ledgers/{ledger}/entries", Access::anyone, "dry_run", post_entries, kByRegion, kLarge},
    {"GET", "/v1/ledgers/{ledger}/entries", Access::staff,
     "kind from to fund programme region provider beneficiary voucher actor min_amount max_amount "
     "after cursor limit",
     get_entries, kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/entries/{index}", Access::staff, "", get_entry,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/entries/{index}/lines", Access::staff, "", get_lines,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/funds", Access::staff, "limit cursor", get_register, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/funds/{fund}", Access::staff, "", get_registered, kByRegion},
    {"POST", "/v1/ledgers/{ledger}/imports", Access::staff, "dry_run past encoding", post_imports, 0, kLarge,
     "application/zip"},
    {"GET", "/v1/ledgers/{ledger}/indicators", Access::staff, "rule", get_indicators, kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/jobs", Access::staff, "limit cursor", get_jobs},
    {"POST", "/v1/ledgers/{ledger}/jobs", Access::staff, "", post_jobs},
    {"GET", "/v1/ledgers/{ledger}/jobs/{job}", Access::staff, "", get_job},
    {"DELETE", "/v1/ledgers/{ledger}/jobs/{job}", Access::staff, "", delete_job},
    {"GET", "/v1/ledgers/{ledger}/jobs/{job}/result", Access::staff, "", get_job_result, kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/journal", Access::staff,
     "kind from to fund programme region provider beneficiary voucher actor min_amount max_amount "
     "after cursor lines",
     get_journal, kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/policies", Access::staff, "limit cursor", get_register, kByRegion},
    {"POST", "/v1/ledgers/{ledger}/policies/check", Access::staff, "", post_policy_check,
     kUnkeyed | kByRegion, kMaxPolicyBytes},
    {"GET", "/v1/ledgers/{ledger}/policies/{policy}", Access::staff, "", get_registered, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/proofs/{index}", Access::own, "size line", get_proof,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/providers", Access::staff, "limit cursor", get_register},
    {"GET", "/v1/ledgers/{ledger}/providers/{provider}", Access::staff, "", get_registered},
    {"GET", "/v1/ledgers/{ledger}/providers/{provider}/payments", Access::own, "as_of",
     get_payments, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/receipts/{index}", Access::own, "line", get_receipt,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/recoveries", Access::own, "provider fund programme region open limit cursor",
     get_recoveries, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/recoveries/{recovery}", Access::own, "", get_recovery, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/regions", Access::staff, "limit cursor", get_register, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/regions/{region}", Access::staff, "", get_registered, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/reports", Access::staff, "", get_reports, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/reports/{name}", Access::staff,
     "as_of from fund provider region breakdown entries recompute format lang", get_report,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/rules", Access::staff, "", get_rules, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/settlements", Access::own, "step provider region limit cursor", get_settlements,
     kByRegion},
    {"GET", "/v1/ledgers/{ledger}/settlements/{settlement}", Access::own, "", get_settlement, kByRegion},
    {"GET", "/v1/ledgers/{ledger}/vouchers", Access::staff,
     "series status month fund programme region beneficiary cursor limit", get_vouchers,
     kByRegion | kNamesPeople},
    {"GET", "/v1/ledgers/{ledger}/vouchers/{voucher}", Access::staff, "", get_voucher,
     kByRegion | kNamesPeople},
    {"POST", "/v1/session", Access::open, "", post_session, kUnkeyed, kForm},
    {"GET", "/v1/session", Access::self, "", get_session, kByRegion},
    {"DELETE", "/v1/session", Access::self, "everywhere", delete_session, kByRegion},
    {"POST", "/v1/session/password", Access::self, "", post_own_password,
     kUnkeyed | kByRegion | kSession, kForm},
    {"GET", "/v1/tokens", Access::anyone, "user limit cursor", get_tokens, kByRegion},
    {"POST", "/v1/tokens", Access::anyone, "", post_token, kUnkeyed | kByRegion | kSession},
    {"DELETE", "/v1/tokens/{token}", Access::anyone, "", delete_token, kByRegion},
    {"POST", "/v1/tokens/{token}/rotation", Access::anyone, "", post_rotation,
     kUnkeyed | kByRegion, kForm},
    {"GET", "/v1/users", Access::administrator, "limit cursor", get_users},
    {"POST", "/v1/users", Access::administrator, "", post_users, kUnkeyed | kSession},
    {"GET", "/v1/users/{user}", Access::administrator, "", get_user},
    {"POST", "/v1/users/{user}", Access::administrator, "", post_user,
     kUnkeyed | kSession},
    {"POST", "/v1/users/{user}/certificates", Access::administrator, "", post_certificate,
     kUnkeyed | kSession, kForm},
    {"DELETE", "/v1/users/{user}/certificates/{certificate}", Access::administrator, "",
     delete_certificate, kSession},
    {"POST", "/v1/users/{user}/password", Access::administrator, "", post_user_password,
     kUnkeyed | kSession, kForm},
    {"POST", "/v1/users/{user}/unlock", Access::administrator, "", post_user_unlock,
     kUnkeyed | kSession, kForm},
};

std::string_view next_part(std::string_view& rest) {
  const auto end = rest.find('/');
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

// Whether the path has the pattern's shape; fills the variable parts.
bool fits(std::string_view pattern, std::string_view path, std::array<std::string, 3>& parts) {
  if (path.empty() || path.front() != '/' || path.back() == '/') return path == pattern;
  pattern.remove_prefix(1);
  path.remove_prefix(1);
  std::size_t variable = 0;
  while (!pattern.empty() && !path.empty()) {
    const auto expected = next_part(pattern);
    const auto found = next_part(path);
    if (expected.starts_with('{')) {
      if (found.empty() || variable == parts.size()) return false;
      parts[variable++] = found;
    } else if (expected != found) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

bool is_among(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
  }
  return false;
}

std::span<const Route> routes() { return kRoutes; }

Match match(std::string_view method, std::string_view path, std::array<std::string, 3>& parts) {
  Match result;
  const auto wanted = method == "HEAD" ? std::string_view("GET") : method;
  std::array<std::string, 3> found;
  for (const auto& route : kRoutes) {
    if (!fits(route.pattern, path, found)) continue;
    parts = found;
    if (route.method == wanted) {
      result.route = &route;
      return result;
    }
    for (const auto also : {route.method, std::string_view(route.method == "GET" ? "HEAD" : "")}) {
      if (also.empty()) continue;
      if (!result.allowed.empty()) result.allowed += ", ";
      result.allowed += also;
    }
  }
  return result;
}

}  // namespace fundtrail::api
