#include "api/http/known.h"

#include "ledger/planning/region_tree.h"
#include "ledger/rules/rows.h"

namespace fundtrail::api {
namespace {

std::optional<Problem> refuse_without_row(const View& view, std::string_view key, std::string_view expected,
                                          const char* field, const std::string& id) {
  const auto row = view.raw().get(store::Table::state, key);
  if (!row) return problem_of(row.error());
  if (!*row) return problem_of(Protocol::bad_parameter, expected, field, id);
  return std::nullopt;
}

}  // namespace

std::optional<Problem> refuse_unknown_fund(const View& view, const std::optional<FundId>& fund) {
  if (!fund) return std::nullopt;
  return refuse_without_row(view, rules::fund_key(*fund), "a fund of this ledger", "fund", fund->str());
}

std::optional<Problem> refuse_unknown_provider(const View& view, const std::optional<ProviderId>& provider) {
  if (!provider) return std::nullopt;
  return refuse_without_row(view, rules::provider_key(*provider), "a provider of this ledger", "provider",
                            provider->str());
}

std::optional<Problem> refuse_unknown_region(const View& view, const std::optional<RegionCode>& region) {
  if (!region) return std::nullopt;
  const auto known = planning::knows_region(view.raw(), *region);
  if (!known) return problem_of(known.error());
  if (!*known) {
    return problem_of(Protocol::bad_parameter, "a region of this ledger, or one that contains some", "region",
                      region->str());
  }
  return std::nullopt;
}

}  // namespace fundtrail::api
