#include "ledger/chain/policy_reader.h"

#include <algorithm>

#include "ledger/chain/field_reader.h"

namespace fundtrail::chain {
namespace {

// The member of the policy that a path leads into, a programme with its number.
std::string_view part_of(std::string_view path) {
  const bool numbered = path.starts_with("programmes[");
  return path.substr(0, path.find_first_of(numbered ? "." : ".["));
}

// Of a programme's bands only their days, and whether a band can apply, depend on the policy's.
bool is_about_days(std::string_view path) {
  const auto field = path.substr(path.rfind('.') + 1);
  return field == "from" || field == "to" || field == "id" || field == "nothing_after";
}

// Judging what stands at `path` looks at the part `other` too.
bool looks_at(std::string_view path, std::string_view other) {
  const auto part = part_of(path);
  const auto programmes = [](std::string_view name) { return name.starts_with("programmes"); };
  if (part == other) return true;
  // Whether a list holds something twice, or holds everything, is about the whole list.
  if (programmes(part) && other == "programmes") return true;
  if (part == "programmes" && programmes(other)) return true;
  if (part == "voucher" || part == "approval") return programmes(other) || other == "eligibility";
  if (programmes(part)) return other == "eligibility" || (other.starts_with("in_force_") && is_about_days(path));
  if (part == "calendar") return other == "approval" || other == "voucher" || other.starts_with("in_force_");
  return (part == "transition" || part == "in_force_to") && other.starts_with("in_force_");
}

}  // namespace

ReadPolicy read_policy(std::string_view json) {
  ReadPolicy result;
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);
  const auto unreadable = [&](Form why) {
    result.findings.faults.push_back({Reason::malformed_command, "", std::string(kWholePolicy), token(why), {}});
    return result;
  };
  if (json.size() > kMaxPolicyBytes) return unreadable(Form::json_size);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (const auto code = parser.parse(json.data(), json.size()).get(object)) return unreadable(form_of(code));
  std::vector<Rejection>& faults = result.findings.faults;
  FieldReader reader(object, "", &faults);
  Policy& policy = result.policy.emplace();
  Policy::fields(policy, reader);
  reader.refuse_unknown_of(policy);

  // "0.4" is how somebody writes 40 %: what the number means says more than which numbers there are.
  for (auto& fault : faults) {
    if (fault.detail != token(Form::integer)) continue;
    fault.detail = fault.field.ends_with(".percent") ? "policy.percent" : "policy.integer";
  }

  std::vector<std::string> unread;
  for (const auto& fault : faults) {
    if (fault.reason != Reason::unknown_field) unread.emplace_back(part_of(fault.field));
  }
  const auto rests_on_unread = [&](const auto& finding) {
    return std::any_of(unread.begin(), unread.end(), [&](const std::string& other) {
      return looks_at(finding.field, other);
    });
  };
  if (faults.size() >= kMaxPolicyFindings) return result;  // the rest was not read
  PolicyFindings meaning = check_policy(policy);
  std::erase_if(meaning.faults, rests_on_unread);
  std::erase_if(meaning.warnings, rests_on_unread);
  std::move(meaning.faults.begin(), meaning.faults.end(), std::back_inserter(faults));
  result.findings.warnings = std::move(meaning.warnings);
  return result;
}

}  // namespace fundtrail::chain
