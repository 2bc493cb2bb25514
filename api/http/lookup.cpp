#include "api/http/lookup.h"

#include <string>

#include "ledger/rules/rows.h"

namespace fundtrail::api {

Sight most_for(Role role) {
  switch (role) {
    case Role::registrar:
    case Role::reviewer:
    case Role::inspector: return Sight::full;
    case Role::preparer:
    case Role::approver:
    case Role::cashier: return Sight::masked;
    case Role::provider:
    case Role::administrator: break;
  }
  return Sight::nothing;
}

bool may_look_up(Role role) { return most_for(role) == Sight::full; }

Result<LookedUp> look_up(const View& view, const Vault& vault, std::string_view number, const Caller& caller) {
  const auto person = vault.pseudonym_of(std::string(number));
  const auto row = view.raw().get(store::Table::state, rules::beneficiary_key(person));
  if (!row) return row.error();
  const auto region = *row ? RegionCode::parse(rules::BeneficiaryView(**row).region()) : std::nullopt;
  // Of another region's people whoever answers for some regions learns no more than of nobody.
  if (!region || !caller.covers(*region)) return LookedUp{};
  const auto sealed = view.raw().get(store::Table::vault, person.str());
  if (!sealed) return sealed.error();
  return LookedUp{person, !sealed->has_value()};
}

}  // namespace fundtrail::api
