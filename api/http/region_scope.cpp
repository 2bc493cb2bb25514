#include "api/http/region_scope.h"

#include <algorithm>

#include "ledger/chain/document_codec.h"
#include "ledger/rules/regions.h"

namespace fundtrail::api {

std::optional<Problem> refuse_other_region(const Caller& caller, const std::optional<RegionCode>& region) {
  if (!region || !caller.limited() || caller.covers(*region)) return std::nullopt;
  return problem_of(Protocol::out_of_scope, {}, "region");
}

Result<bool> RegionScope::covers(const Document& document,
                                 const std::vector<Posting>& postings) const {
  if (!caller_.limited()) return true;
  try {
    const auto regions = rules::regions_of(state_, document, postings);
    return regions && std::all_of(regions->begin(), regions->end(),
                                  [&](const auto& region) { return caller_.covers(region); });
  } catch (const rules::StateUnreadable& unreadable) {
    return unreadable.error;
  }
}

Result<bool> RegionScope::shows(const Entry& entry) const {
  if (rules::concerns_everybody(entry.document)) return true;
  return covers(entry.document, entry.postings);
}

Result<bool> RegionScope::shows(std::string_view bytes) const {
  if (!caller_.limited()) return true;
  auto entry = chain::decode_entry(bytes);
  if (!entry) return entry.error();
  return shows(*entry);
}

Result<bool> RegionScope::records(const Command& command) const {
  return covers(command.document, {});
}

Result<bool> RegionScope::shows_all(const View& view,
                                    const std::vector<std::uint64_t>& entries) const {
  for (const auto index : entries) {
    auto entry = view.decoded(index);
    if (!entry) return entry.error();
    // Who a provider is belongs to no region; what it did does.
    if (std::holds_alternative<ProviderRegistration>(entry->document) ||
        std::holds_alternative<ProviderAmendment>(entry->document)) {
      continue;
    }
    auto shown = shows(*entry);
    if (!shown || !*shown) return shown;
  }
  return true;
}

}  // namespace fundtrail::api
