#include "api/access_log/record.h"

#include <nlohmann/json.hpp>

#include "ledger/chain/canonical.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

constexpr std::uint64_t kVersion = 1;

// What a caller sent may be anything.
std::string fit(const std::string& text) {
  return chain::is_text(text) ? masked(text) : std::string("***");
}

}  // namespace

std::string encode(const AccessRecord& record, std::string_view ledger, std::uint64_t n,
                   const chain::Hash& prev) {
  std::string line;
  chain::CanonicalWriter w(line);
  const auto text = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) w.key(key).string(fit(value));
  };
  w.begin_object();
  w.key("action").string(name_of(record.action));
  text("actor", record.actor);
  text("address", record.address);
  text("command", record.command);
  if (record.count != 0) w.key("count").integer(record.count);
  if (record.from_n) w.key("from_n").integer(*record.from_n);
  if (!record.from_prev.empty()) w.key("from_prev").string(record.from_prev);
  if (!record.key.empty()) w.key("key").string(record.key);
  w.key("ledger").string(ledger);
  w.key("n").integer(n);
  text("outcome", record.outcome);
  if (!record.person.empty()) w.key("person").string(record.person);
  w.key("prev").string(chain::to_hex(prev));
  text("purpose", record.purpose);
  if (record.repeats != 0) w.key("repeats").integer(record.repeats);
  text("request", record.request);
  text("role", record.role);
  text("route", record.route);
  if (record.status != 0) w.key("status").integer(record.status);
  text("subject", record.subject);
  w.key("time").string(record.time.str());
  text("user", record.user);
  w.key("v").integer(kVersion);
  w.end_object();
  return line;
}

Result<AccessLink> read_link(std::string_view line) {
  if (auto canonical = chain::check_canonical(line); !canonical.ok()) return canonical.error();
  const auto json = nlohmann::json::parse(line, nullptr, false);
  const auto text = [&](const char* key) {
    const auto at = json.find(key);
    return at != json.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const auto number = [&](const char* key) -> std::optional<std::uint64_t> {
    const auto at = json.find(key);
    if (at == json.end() || !at->is_number_unsigned()) return std::nullopt;
    return at->get<std::uint64_t>();
  };
  const auto version = number("v");
  if (!version) return Error{Fault::unreadable, in_both("不是访问日志的记录", "not a record of an access log")};
  if (*version != kVersion) {
    return Error{Fault::unknown_version, in_both("记录的版本不同", "a record of another version")};
  }
  const auto n = number("n");
  const auto prev = chain::hash_from_hex(text("prev"));
  const auto time = Timestamp::parse(text("time"));
  AccessLink link;
  link.ledger = text("ledger");
  link.action = text("action");
  link.key = text("key");
  link.from_n = number("from_n");
  link.from_prev = text("from_prev");
  if (text("outcome") == kNewLog) link.former_records = number("count").value_or(0);
  if (!n || !prev || !time || link.ledger.empty() || !parse_name<AccessAction>(link.action)) {
    return Error{Fault::unreadable,
                 in_both("记录缺少字段，或字段格式不对", "a field of the record is missing or malformed")};
  }
  link.n = *n;
  link.prev = *prev;
  link.time = *time;
  return link;
}

}  // namespace fundtrail::api
