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

// Where the text stops being JSON, if it does.
std::optional<CheckedPolicy::Place> syntax_fault(std::string_view text) {
  try {
    const auto ignored = nlohmann::json::parse(text);
    static_cast<void>(ignored);
    return std::nullopt;
  } catch (const nlohmann::json::parse_error& error) {
    return place_in(text, error.byte > 0 ? error.byte - 1 : 0);
  }
}

}  // namespace

CheckedPolicy check_policy(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CheckedPolicy checked;
  checked.syntax = syntax_fault(text);
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
