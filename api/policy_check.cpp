#include "api/policy_check.h"

#include <algorithm>
#include <string>

#include "api/answers.h"
#include "ledger/core/policy_codes.h"

namespace fundtrail::api {
namespace {

// Where in the text the byte lies, both counted from 1.
CheckedPolicy::Place place_in(std::string_view text, std::size_t byte) {
  CheckedPolicy::Place place;
  for (std::size_t i = 0; i < std::min(byte, text.size()); ++i) {
    if (text[i] == '\n') {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

// Keeps nothing of what is read but where it had to stop: somebody's text may be nested a million times.
struct Reading {
  using Json = nlohmann::json;
  std::optional<std::size_t> stopped;  // behind the byte that does not fit

  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const Json::string_t&) { return true; }
  bool string(Json::string_t&) { return true; }
  bool binary(Json::binary_t&) { return true; }
  bool start_object(std::size_t) { return true; }
  bool key(Json::string_t&) { return true; }
  bool end_object() { return true; }
  bool start_array(std::size_t) { return true; }
  bool end_array() { return true; }
  // Of a number that no machine can hold (1e999), too.
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) {
    stopped = position;
    return false;
  }
};

// Where the text stops being JSON, if it does.
std::optional<CheckedPolicy::Place> syntax_fault(std::string_view text) {
  Reading reading;
  if (Reading::Json::sax_parse(text, &reading)) return std::nullopt;
  const auto behind = reading.stopped.value_or(1);
  return place_in(text, behind > 0 ? behind - 1 : 0);
}

}  // namespace

CheckedPolicy check_policy(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CheckedPolicy checked;
  if (text.size() <= kMaxPolicyBytes) checked.syntax = syntax_fault(text);
  if (!checked.syntax) checked.read = chain::read_policy(text);
  return checked;
}

nlohmann::ordered_json to_json(const CheckedPolicy& checked) {
  nlohmann::ordered_json value = {{"ok", checked.ok()}};
  if (checked.ok()) {
    value["policy"] = checked.read.policy->ref().str();
    auto codes = nlohmann::ordered_json::array();
    for (const auto& use : codes_of(*checked.read.policy)) {
      codes.push_back({{"kind", use.kind}, {"code", use.code}, {"places", use.places}});
    }
    value["codes"] = std::move(codes);
  }
  if (checked.syntax) {
    value["syntax"] = {{"line", checked.syntax->line}, {"column", checked.syntax->column}};
  }
  auto faults = nlohmann::ordered_json::array(), warnings = faults;
  for (const auto& fault : checked.read.findings.faults) faults.push_back(to_json(fault));
  for (const auto& warning : checked.read.findings.warnings) {
    warnings.push_back({{"code", warning.token}, {"field", warning.field},
                        {"zh", warning.zh()}, {"en", warning.en()}});
  }
  value["faults"] = std::move(faults);
  value["warnings"] = std::move(warnings);
  return value;
}

}  // namespace fundtrail::api
