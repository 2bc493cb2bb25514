#include "api/identity/user.h"

#include <algorithm>

namespace fundtrail::api {

bool User::holds(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

bool User::in_service(const LedgerId& ledger) const {
  return !disabled && (ledgers.empty() || std::find(ledgers.begin(), ledgers.end(), ledger) != ledgers.end());
}

Token* User::token(std::string_view id) {
  const auto found =
      std::find_if(tokens.begin(), tokens.end(), [&](const auto& each) { return each.id == id; });
  return found == tokens.end() ? nullptr : &*found;
}

Actor User::acting(Role role) const {
  if (role == Role::provider && provider) {
    return {ActorId::parse(provider->str()).value_or(id), role};
  }
  return {id, role};
}

bool may_keep(const User& administrator, const User& user) {
  const auto& theirs = administrator.ledgers;
  if (!administrator.holds(Role::administrator) || administrator.disabled || !administrator.regions.empty()) return false;
  if (theirs.empty()) return true;
  return !user.ledgers.empty() && std::all_of(user.ledgers.begin(), user.ledgers.end(), [&](const auto& ledger) {
    return std::find(theirs.begin(), theirs.end(), ledger) != theirs.end();
  });
}

bool roles_fit(const std::vector<Role>& roles) {
  const auto alone = [](Role role) {
    return role == Role::provider || role == Role::inspector || role == Role::administrator ||
           role == Role::cashier;
  };
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (std::find(roles.begin(), roles.begin() + std::ptrdiff_t(i), roles[i]) !=
        roles.begin() + std::ptrdiff_t(i)) {
      return false;
    }
  }
  return !roles.empty() &&
         (roles.size() == 1 || std::none_of(roles.begin(), roles.end(), alone));
}

}  // namespace fundtrail::api
