#include "api/derived_ids.h"

#include <algorithm>
#include <string>

#include "api/import/tables.h"
#include "ledger/core/wording.h"
#include "ledger/planning/plan.h"

namespace fundtrail::api {
namespace {

constexpr std::string_view kBeginnings[] = {derived::kErasure,  derived::kManifest, derived::kPast,      derived::kPolicies,
                                            derived::kPolicy,   derived::kRestoration, planning::kRunIds};

bool is_derived(std::string_view id) {
  const auto point = id.find('.');
  if (point != std::string_view::npos && import::table_named(id.substr(0, point)) != nullptr) return true;
  return std::any_of(std::begin(kBeginnings), std::end(kBeginnings),
                     [&](std::string_view beginning) { return id.starts_with(beginning); });
}

}  // namespace

std::optional<Rejection> refuse_derived(const CommandId& id) {
  if (!is_derived(id.str())) return std::nullopt;
  return Rejection{
      .reason = Reason::malformed_field, .field = "id", .subject = id.str(), .detail = token(Form::own_id)};
}

}  // namespace fundtrail::api
