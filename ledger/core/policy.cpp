#include "ledger/core/policy.h"

#include <charconv>

namespace fundtrail {

std::optional<PolicyRef> PolicyRef::parse(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto name = PolicyName::parse(text.substr(0, at));
  const auto digits = text.substr(at + 1);
  std::uint32_t version = 0;
  const auto end = digits.data() + digits.size();
  const auto [stop, fault] = std::from_chars(digits.data(), end, version);
  if (!name || fault != std::errc() || stop != end || version == 0 || digits[0] == '0') {
    return std::nullopt;
  }
  return PolicyRef{*name, version};
}

const Programme* Policy::programme(const ProgrammeId& id) const {
  for (const auto& candidate : programmes) {
    if (candidate.id == id) return &candidate;
  }
  return nullptr;
}

const std::string* Policy::setting(std::string_view id) const {
  for (const auto& candidate : settings) {
    if (candidate.id == id) return &candidate.value;
  }
  return nullptr;
}

}  // namespace fundtrail
