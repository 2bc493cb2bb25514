#include "api/http/problem.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "api/json_fault.h"
#include "api/quotation.h"
#include "api/words.h"
#include "api/http/phrases.h"
#include "ledger/chain/document_codec.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/check.h"
#include "ledger/core/nearest.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

using P = Protocol;
using Json = nlohmann::ordered_json;

constexpr std::array<ProtocolInfo, kProtocols> kTable = {{
    {P::malformed_request, "malformed-request", 400, "Malformed request", "请求格式错误",
     "The HTTP request is malformed: {0}.", "HTTP 请求格式错误：{0}。"},
    {P::uri_too_long, "uri-too-long", 414, "Address too long", "地址过长",
     "The address of the request is too long.", "请求地址过长。"},
    {P::missing_idempotency_key, "missing-idempotency-key", 400, "Idempotency-Key is missing",
     "缺少 Idempotency-Key",
     "Every write needs the header Idempotency-Key, so that it can be repeated safely.",
     "每次写入都必须带 Idempotency-Key 请求头，以便安全重试。"},
    {P::bad_idempotency_key, "bad-idempotency-key", 400, "Idempotency-Key is not acceptable",
     "Idempotency-Key 不可用",
     "The Idempotency-Key must be 1 to 64 of A-Z a-z 0-9 . _ - (in a batch, with room for \".n\"), not "
     "begin with . or -, and hold no number of a person: no mobile number, no 15 to 19 digits in a row. It is kept for ever; a UUID is best.",
     "Idempotency-Key 须为 1 至 64 个字符（A-Z a-z 0-9 . _ -，不以 . 或 - 开头；批量时须为“.序号”留出位置），且不得含手机号、"
     "身份证号、银行卡号（11 位手机号或连续 15 至 19 位数字）：该编号将永久保存，宜用 UUID。"},
    {P::unauthenticated, "unauthenticated", 401, "Not signed in", "未登录",
     "The request needs a valid bearer token, session or client certificate.",
     "请求需要有效的访问令牌（Bearer）、登录会话或客户端证书。"},
    {P::forbidden, "forbidden", 403, "Not permitted", "无权访问",
     "The role \"{0}\" may not do this, or not for somebody else.",
     "角色“{0}”无权进行此操作，或不得代他人操作。"},
    {P::not_found, "not-found", 404, "Not found", "未找到", "There is no such {0}.",
     "没有该资源（{0}）。"},
    {P::method_not_allowed, "method-not-allowed", 405, "Method not allowed", "不支持的方法",
     "This address answers only: {0}.", "该地址只支持：{0}。"},
    {P::unsupported_media_type, "unsupported-media-type", 415, "Unsupported media type",
     "不支持的内容类型", "The body must be {0} (JSON in UTF-8), not compressed.",
     "请求体必须是未压缩的 {0}（JSON 须为 UTF-8）。"},
    {P::payload_too_large, "payload-too-large", 413, "Body too large", "请求体过大",
     "The body is larger than {0} bytes.", "请求体超过 {0} 字节。"},
    {P::malformed_json, "malformed-json", 400, "Malformed JSON", "JSON 格式错误",
     "The body is not acceptable JSON: {0}", "请求体不是可接受的 JSON：{0}"},
    {P::bad_parameter, "bad-parameter", 400, "Bad parameter", "参数错误",
     "A parameter or field is unknown or stands twice; known here: {0}.",
     "含有未知或重复的参数或字段，可用的有：{0}。"},
    {P::sign_in_failed, "sign-in-failed", 401, "Not signed in", "登录失败",
     "The name or the password is wrong, or the account is not in use.",
     "用户名或口令不正确，或账户未启用。"},
    {P::too_many_attempts, "too-many-attempts", 429, "Too many attempts", "尝试次数过多",
     "Too many failed attempts. Try again in {0} seconds, or ask the administrator.",
     "失败次数过多，请 {0} 秒后再试，或联系管理员。"},
    {P::too_many_requests, "too-many-requests", 429, "Too many requests", "请求过于频繁",
     "This user sends more requests than are allowed. Slow down.", "该用户请求过于频繁，请放慢。"},
    {P::cross_site, "cross-site", 403, "Not from our own page", "并非来自本系统页面",
     "Signing in, and a change with a session, must come from our own page. Missing or wrong: the header {0}.",
     "登录以及使用登录会话的改动须来自本系统页面。缺少或不符的请求头：{0}。"},
    {P::session_needed, "session-needed", 403, "Sign in for this", "须登录办理",
     "This needs a session opened with a password; a token does not suffice.",
     "此事须用口令登录后办理，令牌不足以办理。"},
    {P::role_needed, "role-needed", 403, "Name a role", "请指明角色",
     "The user holds several roles: say in the header Fundtrail-Role which one acts.",
     "该用户有多个角色，请用 Fundtrail-Role 请求头指明以哪个角色办理。"},
    {P::password_change_required, "password-change-required", 403, "Change the password first",
     "请先修改口令", "The password was set by somebody else: change it before anything else.",
     "口令是他人设置的，须先修改口令。"},
    {P::out_of_scope, "out-of-scope", 403, "Outside your regions", "超出所辖区划",
     "This concerns regions that are not yours, or cannot be limited to yours.",
     "涉及您所辖以外的区划，或无法只限于您所辖的区划。"},
    {P::in_flight, "in-flight", 409, "Still in progress", "正在处理",
     "A request with this Idempotency-Key is still in progress. Repeat it later.",
     "同一 Idempotency-Key 的请求正在处理，请稍后重试。"},
    {P::unavailable, "unavailable", 503, "Unavailable", "暂不可用",
     "The ledger cannot do this now. Repeat the request later, a write with the same key.",
     "账套目前无法办理，请稍后重试；写入请用同一编号重试。"},
    {P::clock_behind, "clock-behind", 503, "The clock is wrong", "系统时钟有误",
     "The server's clock is behind the newest entry; nothing is recorded until it is right. Repeat the "
     "request later with the same key.",
     "服务器时钟落后于末条记录，校正之前不入账。请稍后用同一编号重试。"},
    {P::internal, "internal", 500, "Internal error", "内部错误",
     "The request failed by a fault of the server ({0}). Its log has the details.",
     "服务器故障（{0}），详情见服务器日志。"},
    {P::purpose_required, "purpose-required", 400, "Purpose required", "须说明目的",
     "The header Access-Purpose must say what a person's data are wanted for.",
     "查看个人信息须在请求头 Access-Purpose 中说明目的。"},
    {P::person_erased, "person-erased", 410, "Erased", "已销毁",
     "The identity of this beneficiary was destroyed; nobody can tell any more who it was.",
     "该受益人的身份资料已依法销毁，无法再得知其身份。"},
    {P::precondition_failed, "precondition-failed", 412, "The ledger has changed", "账套已变动",
     "If-Match names another head than the present one, {0}. Look again before you decide.",
     "If-Match 所指的账套状态不是当前状态 {0}，请重新查看后再决定。"},
    {P::incomplete_request, "incomplete-request", 422, "The work cannot be done as asked",
     "无法按所请求的办理", "Something is missing.", "缺少必要的内容。"},
    {P::too_many_jobs, "too-many-jobs", 429, "Too many jobs", "作业过多",
     "Too many jobs are waiting. Ask again later with the same key.",
     "等待中的作业过多，请稍后用同一编号重试。"},
    {P::no_result, "no-result", 409, "No result", "没有结果",
     "The job has no result: it is {0}.", "该作业没有结果（状态：{0}）。"},
    {P::job_interrupted, "job-interrupted", 503, "Interrupted", "作业中断",
     "The server stopped before the job ended. What it had recorded stays; ask again with another key.",
     "作业未完成时服务器停止。已入账的保留；请换一个编号重新发起。"},
    {P::vault_key_missing, "vault-key-missing", 503, "The vault's key is missing", "缺少身份库密钥",
     "People's identities can neither be read nor kept: the vault's key is missing. /readyz says what to do. "
     "Everything else is served.",
     "身份库密钥缺失，无法读取或保存身份信息。处理办法见 /readyz；其余事项照常办理。"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kProtocols; ++i) {
    if (kTable[i].protocol != static_cast<Protocol>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table of protocol problems follows the enumeration");

// Titles of refusals: one a class of reasons, so that a reader knows at once where to look.
struct ClassTitle {
  int status;
  std::string_view en;
  std::string_view zh;
};
constexpr ClassTitle kClassTitles[] = {
    {400, "The command cannot be read", "命令无法读取"},
    {403, "You may not do this", "无权办理"},
    {404, "What it names does not exist", "所指事项不存在"},
    {409, "The present state forbids it", "当前状态不允许"},
    {422, "The rules forbid it", "不符合规定"},
};
const ClassTitle& class_title(int status) {
  for (const auto& title : kClassTitles) {
    if (title.status == status) return title;
  }
  return kClassTitles[std::size(kClassTitles) - 1];
}

// Of a bad parameter that has a name; "{0}" is what was expected.
struct Sentences {
  std::string en;
  std::string zh;
};
Sentences about(std::string_view field, std::string_view value) {
  const std::string name(field), shown(value);
  if (value.empty() || !may_be_quoted(value)) {
    return {"\"" + name + "\" is missing, repeated or malformed; expected: {0}.",
            "“" + name + "”缺失、重复或格式错误，应为：{0}。"};
  }
  return {"The value \"" + shown + "\" of \"" + name + "\" is not acceptable; expected: {0}.",
          "“" + name + "”的值“" + shown + "”不可用，应为：{0}。"};
}

constexpr std::size_t kLongestName = 64;

std::string type_of(std::string_view code) { return "urn:fundtrail:problem:" + std::string(code); }

// What could not be read is told only when it is no text of somebody's.
Rejection shown(Rejection rejection) {
  const bool quotes = rejection.reason == Reason::unknown_field || rejection.reason == Reason::unknown_kind ||
                      rejection.reason == Reason::malformed_field;
  if (!quotes) return rejection;
  for (auto* text : {&rejection.field, &rejection.subject}) {
    if (!may_be_quoted(*text)) *text = "***";
  }
  return rejection;
}

Json line_json(const Rejection& given) {
  const Rejection rejection = shown(given);
  Json json;
  if (rejection.line) json["line"] = *rejection.line;
  json["type"] = type_of(info(rejection.reason).code);
  if (!rejection.field.empty()) json["field"] = rejection.field;
  json["detail"] = rejection.en();
  json["detail_zh"] = rejection.zh();
  return json;
}

Json problem_json(const Problem& problem) {
  Json json;
  json["type"] = type_of(problem.code);
  json["title"] = problem.title_en;
  json["title_zh"] = problem.title_zh;
  json["status"] = problem.status;
  json["detail"] = problem.detail_en;
  json["detail_zh"] = problem.detail_zh;
  if (!problem.command.empty()) json["command"] = problem.command;
  if (!problem.field.empty()) json["field"] = problem.field;
  if (problem.line) json["line"] = *problem.line;
  if (!problem.refused_lines.empty()) {
    Json lines = Json::array();
    for (const auto& line : problem.refused_lines) lines.push_back(line_json(line));
    json["refused_lines"] = std::move(lines);
  }
  return json;
}

// What a caller sent may be quoted in a refusal; bytes that are no text must not break the answer.
std::string text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

const ProtocolInfo& info(Protocol protocol) { return kTable[static_cast<std::size_t>(protocol)]; }

Problem problem_of(Protocol protocol, std::string_view subject, std::string field, std::string_view value) {
  const auto& row = info(protocol);
  const bool named = protocol == Protocol::bad_parameter && !field.empty();
  const auto sentences = named ? about(field, value) : Sentences{std::string(row.en), std::string(row.zh)};
  const bool soon = protocol == Protocol::in_flight || protocol == Protocol::unavailable ||
                    protocol == Protocol::clock_behind || protocol == Protocol::too_many_requests ||
                    protocol == Protocol::too_many_jobs;
  return {.code = row.code,
          .status = row.http_status,
          .title_en = row.title_en,
          .title_zh = row.title_zh,
          .detail_en = fill(sentences.en, in_words(subject, false)),
          .detail_zh = fill(sentences.zh, in_chinese(subject)),
          .field = std::move(field),
          .retry_after = soon ? std::optional<std::int64_t>(1) : std::nullopt};
}

Problem unknown_name(std::string_view name, const std::vector<std::string_view>& known) {
  std::string list;
  for (const auto one : known) (list += list.empty() ? "" : ", ") += one;
  auto problem = problem_of(Protocol::bad_parameter, list.empty() ? "none" : list);
  if (name.size() > kLongestName || !may_be_quoted(name)) return problem;
  problem.field = name;
  const std::string meant(nearest(name, known));
  problem.detail_en = "\"" + problem.field + "\" is unknown here." +
                      (meant.empty() ? "" : " Did you mean \"" + meant + "\"?") + " Known here: " + (list.empty() ? "none" : list) + ".";
  problem.detail_zh = "此处没有“" + problem.field + "”" + (meant.empty() ? "。" : "，是否应为“" + meant + "”？") +
                      "可用的有：" + (list.empty() ? in_chinese("none") : list) + "。";
  return problem;
}

Problem malformed_json(std::string_view body) {
  const auto& row = info(Protocol::malformed_json);
  if (const auto fault = find_json_fault(body)) {
    auto problem = problem_of(row.protocol);
    problem.detail_en = fill(row.en, fault->en());
    problem.detail_zh = fill(row.zh, fault->zh());
    return problem;
  }
  // What is JSON to others, and too deep or too large for us.
  const auto commands = chain::split_commands(body);
  return problem_of(row.protocol, commands ? token(Form::json_other) : commands.error().detail);
}

Problem problem_of(const UserRefusal& refusal, std::string field) {
  const auto& row = info(refusal.no);
  const auto& title = class_title(row.http_status);
  return {.code = row.code,
          .status = row.http_status,
          .title_en = title.en,
          .title_zh = title.zh,
          .detail_en = refusal.en(),
          .detail_zh = refusal.zh(),
          .field = std::move(field)};
}

Problem problem_of(const Rejection& given) {
  const Rejection rejection = shown(given);
  const auto& row = info(rejection.reason);
  const auto& title = class_title(row.http_status);
  return {.code = row.code,
          .status = row.http_status,
          .title_en = title.en,
          .title_zh = title.zh,
          .detail_en = rejection.en(),
          .detail_zh = rejection.zh(),
          .field = rejection.field,
          .line = rejection.line,
          .by_rules = true};
}

Problem problem_of(const Refusal& refusal) {
  Problem problem = problem_of(refusal.reason);
  problem.command = refusal.command.str();
  problem.refused_lines = refusal.refused_lines;
  return problem;
}

Problem problem_of(const Error& error) {
  switch (error.fault) {
    case Fault::not_found: return problem_of(Protocol::not_found, "entry, report or id");
    case Fault::invalid_argument: {
      auto problem = problem_of(Protocol::bad_parameter);
      problem.detail_en = fill("What was sent does not fit; expected: {0}.", english_of(error.message));
      problem.detail_zh = fill("所送内容不合要求，应为：{0}。", in_chinese(chinese_of(error.message)));
      return problem;
    }
    case Fault::unavailable: return problem_of(Protocol::unavailable);
    case Fault::io:
    case Fault::unreadable:
    case Fault::unknown_version:
    case Fault::tampered:
    case Fault::truncated: break;
  }
  return problem_of(Protocol::internal, name(error.fault));
}

std::string to_json(const Problem& problem, std::string_view request_id) {
  Json json = problem_json(problem);
  json["instance"] = "urn:fundtrail:request:" + std::string(request_id);
  return text(json);
}

std::string to_json_part(const Problem& problem) { return text(problem_json(problem)); }

std::string refused_lines_json(std::span<const Rejection> lines) {
  Json json = Json::array();
  for (const auto& line : lines) json.push_back(line_json(line));
  return text(json);
}

}  // namespace fundtrail::api
