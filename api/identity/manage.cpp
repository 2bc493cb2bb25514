#include "api/identity/manage.h"

#include <algorithm>

#include "api/identity/user_book.h"
#include "api/words.h"
#include "ledger/core/personal_number.h"

namespace fundtrail::api {
namespace {

UserRefusal unknown(std::string_view id) { return {UserNo::unknown_user, std::string(id)}; }

std::string names(const std::vector<Role>& roles) {
  std::string out;
  for (const auto role : roles) out += (out.empty() ? "" : ", ") + std::string(name_of(role));
  return out;
}

// Of what the book itself makes up: the id of a provider is the ledger's.
std::optional<UserRefusal> refuse_number(std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) {
    if (holds_personal_number(text)) return UserRefusal{UserNo::personal_number};
  }
  return std::nullopt;
}

// What must be so of every user.
std::optional<UserRefusal> check(const User& user) {
  if (!roles_fit(user.roles)) return UserRefusal{UserNo::roles_do_not_fit, names(user.roles)};
  if (user.holds(Role::provider) && !user.provider) return UserRefusal{UserNo::provider_needed};
  if (!user.holds(Role::provider) && user.provider) {
    return UserRefusal{UserNo::provider_not_needed};
  }
  return std::nullopt;
}

bool administers(const User& user) { return user.holds(Role::administrator) && !user.disabled; }

// Somebody must be left who can let people in by HTTP, when somebody could before.
bool leaves_nobody(const std::vector<User>& users, const User& before, const User& after) {
  if (!administers(before) || administers(after)) return false;
  return std::none_of(users.begin(), users.end(), [&](const User& other) {
    return other.id != before.id && administers(other);
  });
}

struct Found {
  User* user = nullptr;
  Token* token = nullptr;
};
Found find_token(std::vector<User>& users, std::string_view id, std::string_view owner) {
  for (auto& user : users) {
    if (!owner.empty() && user.id.str() != owner) continue;
    if (Token* token = user.token(id)) return {&user, token};
  }
  return {};
}

}  // namespace

std::optional<UserRefusal> add_user(std::vector<User>& users, const NewUser& fresh,
                                    std::int64_t now) {
  if (auto refusal = refuse_number({fresh.id.str(), fresh.name})) return refusal;
  for (const auto& other : users) {  // to the rules, ids that differ in case only are one person's
    if (lower_ascii(other.id.str()) == lower_ascii(fresh.id.str())) {
      return UserRefusal{UserNo::user_exists, other.id.str()};
    }
  }
  User user;
  user.id = fresh.id;
  user.name = fresh.name;
  user.roles = fresh.roles;
  user.ledgers = fresh.ledgers;
  user.regions = fresh.regions;
  user.provider = fresh.provider;
  if (user.holds(Role::provider) && !user.provider) {
    user.provider = ProviderId::parse(user.id.str());
  }
  user.created = now;
  user.password = fresh.password;
  user.must_change = !fresh.password.empty();
  user.password_set = fresh.password.empty() ? 0 : now;
  if (auto refusal = check(user)) return refusal;
  users.push_back(std::move(user));
  return std::nullopt;
}

std::optional<UserRefusal> change_user(std::vector<User>& users, std::string_view id,
                                       const UserChange& change, std::string_view by, std::int64_t now) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  const bool only_name = !change.roles && !change.ledgers && !change.regions &&
                         !change.provider && !change.disabled;
  if (!only_name && id == by) return UserRefusal{UserNo::own_account};
  const auto name = change.name.value_or(std::string());
  if (auto refusal = refuse_number({name})) return refusal;
  User after = *user;
  if (change.name) after.name = *change.name;
  if (change.roles) after.roles = *change.roles;
  if (change.ledgers) after.ledgers = *change.ledgers;
  if (change.regions) after.regions = *change.regions;
  if (change.provider) after.provider = change.provider;
  if (!after.holds(Role::provider) && !change.provider) after.provider.reset();
  if (change.disabled) after.disabled = *change.disabled;
  if (change.roles || change.provider) {  // a book taken over may hold what is not allowed any more
    if (auto refusal = check(after)) return refusal;
  }
  if (leaves_nobody(users, *user, after)) return UserRefusal{UserNo::last_administrator,
                                                             std::string(id)};
  if (!only_name) ++after.generation;
  if (after.disabled) {
    for (auto& token : after.tokens) {
      if (token.live(now)) token.revoked = now;
    }
  }
  *user = std::move(after);
  return std::nullopt;
}

std::optional<UserRefusal> set_password(std::vector<User>& users, std::string_view id,
                                        const std::string& hash, bool must_change,
                                        std::int64_t now) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  user->password = hash;
  user->must_change = must_change;
  user->password_set = now;
  user->locked_until = 0;
  ++user->generation;
  return std::nullopt;
}

std::optional<UserRefusal> unlock_user(std::vector<User>& users, std::string_view id) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  user->locked_until = 0;
  ++user->unlocks;
  return std::nullopt;
}

std::optional<UserRefusal> end_sessions(std::vector<User>& users, std::string_view id) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  ++user->generation;
  return std::nullopt;
}

std::optional<UserRefusal> add_certificate(std::vector<User>& users, std::string_view id,
                                           const std::string& fingerprint) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  for (const auto& other : users) {
    const auto& all = other.certificates;
    if (std::find(all.begin(), all.end(), fingerprint) != all.end()) {
      return UserRefusal{UserNo::certificate_taken, other.id.str()};
    }
  }
  user->certificates.push_back(fingerprint);
  return std::nullopt;
}

std::optional<UserRefusal> remove_certificate(std::vector<User>& users, std::string_view id,
                                              const std::string& fingerprint) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  if (std::erase(user->certificates, fingerprint) == 0) {
    return UserRefusal{UserNo::unknown_certificate, fingerprint};
  }
  return std::nullopt;
}

std::optional<UserRefusal> issue_token(std::vector<User>& users, std::string_view id,
                                       Token token) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  if (!user->holds(token.role)) {
    return UserRefusal{UserNo::role_not_held, std::string(name_of(token.role))};
  }
  if (auto refusal = refuse_number({token.label})) return refusal;
  user->tokens.push_back(std::move(token));
  return std::nullopt;
}

std::optional<UserRefusal> revoke_token(std::vector<User>& users, std::string_view token,
                                        std::string_view owner, std::int64_t now) {
  const auto found = find_token(users, token, owner);
  if (!found.token) return UserRefusal{UserNo::unknown_token, std::string(token)};
  // Each only once: a book that somebody wrote by hand may lead round in a circle.
  std::size_t most = found.user->tokens.size();
  for (Token* one = found.token; one != nullptr && most-- > 0; one = found.user->token(one->replaced_by)) {
    if (one->revoked == 0) one->revoked = now;
  }
  return std::nullopt;
}

std::optional<UserRefusal> rotate_token(std::vector<User>& users, std::string_view token,
                                        std::string_view owner, Token fresh, std::int64_t now,
                                        std::int64_t old_ends) {
  const auto found = find_token(users, token, owner);
  if (!found.token) return UserRefusal{UserNo::unknown_token, std::string(token)};
  Token& old = *found.token;
  if (!old.live(now) || !old.replaced_by.empty()) {
    return UserRefusal{UserNo::token_ended, std::string(token)};
  }
  fresh.role = old.role;
  fresh.label = old.label;
  fresh.per_second = old.per_second;
  fresh.created = now;
  fresh.expires = old.expires == 0 ? 0 : now + (old.expires - old.created);
  fresh.last_used = 0;
  old.replaced_by = fresh.id;
  old.expires = old.expires == 0 ? old_ends : std::min(old.expires, old_ends);
  found.user->tokens.push_back(std::move(fresh));
  return std::nullopt;
}

}  // namespace fundtrail::api
