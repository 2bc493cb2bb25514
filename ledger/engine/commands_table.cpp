#include "ledger/engine/commands_table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ledger/store/layout.h"

namespace fundtrail {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kIndex = 8, kContent = 32;

Error damaged() { return {Fault::unreadable, "a row of the commands is damaged"}; }

// [line, code, field, subject, detail] of each: a code outlives an enumerator's number.
Json to_json(const std::vector<Rejection>& refused) {
  Json list = Json::array();
  for (const auto& one : refused) {
    list.push_back({one.line.value_or(0), info(one.reason).code, one.field, one.subject,
                    one.detail});
  }
  return list;
}

bool read_one(const Json& json, Rejection& out) {
  if (!json.is_array() || json.size() != 5 || !json[0].is_number_unsigned()) return false;
  for (std::size_t i = 1; i < 5; ++i) {
    if (!json[i].is_string()) return false;
  }
  const auto reason = reason_from_code(json[1].get<std::string>());
  if (!reason) return false;
  out = {*reason, json[2], json[3], json[4], json[0].get<std::size_t>()};
  return true;
}

}  // namespace

std::string encode_recorded(const RecordedCommand& recorded) {
  std::string row = store::key_of(recorded.index);
  row += chain::bytes_of(recorded.content);
  if (!recorded.refused_lines.empty()) row += to_json(recorded.refused_lines).dump();
  return row;
}

Result<std::uint64_t> decode_recorded_index(std::string_view row) {
  if (row.size() < kIndex + kContent) return damaged();
  return store::index_of(row.substr(0, kIndex));
}

Result<RecordedCommand> decode_recorded(std::string_view row) {
  const auto index = decode_recorded_index(row);
  if (!index.ok()) return index.error();
  RecordedCommand recorded{*index, {}, {}};
  std::copy_n(row.begin() + kIndex, kContent, recorded.content.begin());
  row.remove_prefix(kIndex + kContent);
  if (row.empty()) return recorded;
  const Json list = Json::parse(row.begin(), row.end(), nullptr, false);
  if (!list.is_array()) return damaged();
  for (const auto& one : list) {
    recorded.refused_lines.emplace_back();
    if (!read_one(one, recorded.refused_lines.back())) return damaged();
  }
  return recorded;
}

}  // namespace fundtrail
