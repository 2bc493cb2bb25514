#include "api/policy_check.h"

#include <string>

#include "api/answers.h"
#include "ledger/core/policy_codes.h"

namespace fundtrail::api {

CheckedPolicy check_policy(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CheckedPolicy checked;
  if (text.size() <= kMaxPolicyBytes) checked.syntax = find_json_fault(text);
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
    value["syntax"] = {{"line", checked.syntax->line}, {"column", checked.syntax->column},
                       {"zh", in_words(token(checked.syntax->why), true)},
                       {"en", in_words(token(checked.syntax->why), false)}};
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
