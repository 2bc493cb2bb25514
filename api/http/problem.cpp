#include "api/http/problem.h"

#include <array>
#include <nlohmann/json.hpp>

#include "ledger/core/check.h"

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
     "The Idempotency-Key must be 1 to 64 of A-Z a-z 0-9 . _ - (in a batch, with room for \".n\").",
     "Idempotency-Key 须为 1 至 64 个字符（A-Z a-z 0-9 . _ -；批量时须为“.序号”留出位置）。"},
    {P::unauthenticated, "unauthenticated", 401, "Not signed in", "未登录",
     "The request needs a valid bearer token.", "请求需要有效的访问令牌（Bearer）。"},
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
     "The parameter is unknown, repeated or malformed; expected: {0}.",
     "参数未知、重复或格式错误，应为：{0}。"},
    {P::in_flight, "in-flight", 409, "Still in progress", "正在处理",
     "A request with this Idempotency-Key is still in progress. Repeat it later.",
     "同一 Idempotency-Key 的请求正在处理，请稍后重试。"},
    {P::unavailable, "unavailable", 503, "Unavailable", "暂不可用",
     "The ledger accepts no requests now. Repeat the request later with the same key.",
     "账套目前不受理请求，请稍后用同一编号重试。"},
    {P::internal, "internal", 500, "Internal error", "内部错误",
     "The request failed by a fault of the server ({0}). Its log has the details.",
     "服务器故障（{0}），详情见服务器日志。"},
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

std::string fill(std::string_view text, std::string_view subject) {
  std::string out(text);
  if (const auto at = out.find("{0}"); at != std::string::npos) out.replace(at, 3, subject);
  return out;
}

std::string type_of(std::string_view code) { return "urn:fundtrail:problem:" + std::string(code); }

Json line_json(const Rejection& rejection) {
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

Problem problem_of(Protocol protocol, std::string_view subject, std::string field) {
  const auto& row = info(protocol);
  return {.code = row.code,
          .status = row.http_status,
          .title_en = row.title_en,
          .title_zh = row.title_zh,
          .detail_en = fill(row.en, subject),
          .detail_zh = fill(row.zh, subject),
          .field = std::move(field)};
}

Problem problem_of(const Rejection& rejection) {
  const auto& row = info(rejection.reason);
  const auto& title = class_title(row.http_status);
  return {.code = row.code,
          .status = row.http_status,
          .title_en = title.en,
          .title_zh = title.zh,
          .detail_en = rejection.en(),
          .detail_zh = rejection.zh(),
          .field = rejection.field,
          .line = rejection.line};
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
    case Fault::invalid_argument: return problem_of(Protocol::bad_parameter, error.message);
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
