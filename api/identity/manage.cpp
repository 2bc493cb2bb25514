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

std::optional<UserRefusal> refuse_machine_password(const User& user) {
  if (user.machine && !user.password.empty()) return UserRefusal{UserNo::machine_password, user.id.str()};
  return std::nullopt;
}

// Who asks, as the book has them now; nothing when they are no longer what they were let in as.
const User* asker(const std::vector<User>& users, const Caller& by) {
  const auto found = std::find_if(users.begin(), users.end(), [&](const User& user) { return user.id.str() == by.user; });
  if (found == users.end() || found->disabled || !found->holds(by.actor.role)) return nullptr;
  return by.means == Means::session && found->generation != by.generation ? nullptr : &*found;
}

bool may_keep(const std::vector<User>& users, By by, const User& user) {
  if (by == nullptr) return true;
  const User* administrator = by->actor.role == Role::administrator ? asker(users, *by) : nullptr;
  return administrator != nullptr && may_keep(*administrator, user);
}

// The user of that id, if `by` may look after them.
User* find_kept(std::vector<User>& users, std::string_view id, By by) {
  User* user = find_user(users, id);
  return user != nullptr && may_keep(users, by, *user) ? user : nullptr;
}

bool is_own(const std::vector<User>& users, By by, const User& user) {
  return by != nullptr && asker(users, *by) == &user;
}

// Whoever makes or has a token of somebody acts in their name.
std::optional<UserRefusal> refuse_acting_as(const std::vector<User>& users, By by, const User& user) {
  const bool machine = user.machine && user.password.empty();
  if (by == nullptr || machine || is_own(users, by, user)) return std::nullopt;
  return UserRefusal{UserNo::not_a_machine, user.id.str()};
}

// Who lets people in to a ledger by HTTP; nothing: to one that the book does not name.
bool lets_in(const User& user, const std::optional<LedgerId>& ledger) {
  if (!user.holds(Role::administrator) || user.disabled || !user.regions.empty()) return false;
  const auto& all = user.ledgers;
  return all.empty() || (ledger && std::find(all.begin(), all.end(), *ledger) != all.end());
}

// Of each ledger somebody must be left who can let people in by HTTP, when somebody could before.
bool leaves_nobody(const std::vector<User>& users, const User& before, const User& after) {
  std::vector<std::optional<LedgerId>> ledgers = {std::nullopt};
  for (const auto& user : users) ledgers.insert(ledgers.end(), user.ledgers.begin(), user.ledgers.end());
  return std::any_of(ledgers.begin(), ledgers.end(), [&](const auto& ledger) {
    if (!lets_in(before, ledger) || lets_in(after, ledger)) return false;
    return std::none_of(users.begin(), users.end(), [&](const User& other) {
      return other.id != before.id && lets_in(other, ledger);
    });
  });
}

struct Found {
  User* user = nullptr;
  Token* token = nullptr;
};
// A token that is `by`'s own, or of somebody whom they look after.
Found find_token(std::vector<User>& users, std::string_view id, By by) {
  for (auto& user : users) {
    Token* token = user.token(id);
    if (token != nullptr && (is_own(users, by, user) || may_keep(users, by, user))) return {&user, token};
  }
  return {};
}

void end_sessions(User& user, std::int64_t now) {
  ++user.generation;
  for (auto& token : user.tokens) {
    if (token.made_by == user.id.str() && token.live(now)) token.revoked = now;
  }
}

}  // namespace

std::optional<UserRefusal> add_user(std::vector<User>& users, const NewUser& fresh, By by, std::int64_t now) {
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
  user.machine = fresh.machine;
  user.password = fresh.password;
  user.must_change = !fresh.password.empty();
  user.password_set = fresh.password.empty() ? 0 : now;
  if (auto refusal = check(user)) return refusal;
  if (auto refusal = refuse_machine_password(user)) return refusal;
  if (!may_keep(users, by, user)) return UserRefusal{UserNo::beyond_own_ledgers};
  users.push_back(std::move(user));
  return std::nullopt;
}

std::optional<UserRefusal> change_user(std::vector<User>& users, std::string_view id,
                                       const UserChange& change, By by, std::int64_t now) {
  User* user = find_kept(users, id, by);
  if (!user) return unknown(id);
  const bool only_name = !change.roles && !change.ledgers && !change.regions &&
                         !change.provider && !change.disabled && !change.machine;
  if (!only_name && by != nullptr && id == by->user) return UserRefusal{UserNo::own_account};
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
  if (change.machine) after.machine = *change.machine;
  if (change.roles || change.provider) {  // a book taken over may hold what is not allowed any more
    if (auto refusal = check(after)) return refusal;
  }
  if (auto refusal = refuse_machine_password(after)) return refusal;
  if (!may_keep(users, by, after)) return UserRefusal{UserNo::beyond_own_ledgers};
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

std::optional<UserRefusal> set_first_password(std::vector<User>& users, std::string_view id,
                                              const std::string& hash, By by, std::int64_t now) {
  User* user = find_kept(users, id, by);
  if (!user) return unknown(id);
  if (by != nullptr && id == by->user) return UserRefusal{UserNo::own_account};
  if (user->machine) return UserRefusal{UserNo::machine_password, std::string(id)};
  user->password = hash;
  user->must_change = true;
  user->password_set = now;
  user->locked_until = 0;
  end_sessions(*user, now);
  return std::nullopt;
}

std::optional<UserRefusal> set_own_password(std::vector<User>& users, std::string_view id, const std::string& shown,
                                            const std::string& hash, std::int64_t now) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  if (user->password != shown) return UserRefusal{UserNo::password_wrong};  // somebody set another one meanwhile
  user->password = hash;
  user->must_change = false;
  user->password_set = now;
  user->locked_until = 0;
  ++user->generation;
  return std::nullopt;
}

std::optional<UserRefusal> unlock_user(std::vector<User>& users, std::string_view id, By by) {
  User* user = find_kept(users, id, by);
  if (!user) return unknown(id);
  user->locked_until = 0;
  ++user->unlocks;
  return std::nullopt;
}

std::optional<UserRefusal> end_sessions(std::vector<User>& users, std::string_view id, std::int64_t now) {
  User* user = find_user(users, id);
  if (!user) return unknown(id);
  end_sessions(*user, now);
  return std::nullopt;
}

std::optional<UserRefusal> add_certificate(std::vector<User>& users, std::string_view id,
                                           const std::string& fingerprint, By by) {
  User* user = find_kept(users, id, by);
  if (!user) return unknown(id);
  if (by != nullptr && !user->machine) return UserRefusal{UserNo::not_a_machine, std::string(id)};
  for (const auto& other : users) {
    const auto& all = other.certificates;
    if (std::find(all.begin(), all.end(), fingerprint) != all.end()) {
      return UserRefusal{UserNo::certificate_taken, may_keep(users, by, other) ? other.id.str() : kUnnamed};
    }
  }
  user->certificates.push_back(fingerprint);
  return std::nullopt;
}

std::optional<UserRefusal> remove_certificate(std::vector<User>& users, std::string_view id,
                                              const std::string& fingerprint, By by) {
  User* user = find_kept(users, id, by);
  if (!user) return unknown(id);
  if (std::erase(user->certificates, fingerprint) == 0) {
    return UserRefusal{UserNo::unknown_certificate, fingerprint};
  }
  return std::nullopt;
}

std::optional<UserRefusal> issue_token(std::vector<User>& users, std::string_view id, Token token, By by) {
  User* user = find_user(users, id);
  if (!user || !(is_own(users, by, *user) || may_keep(users, by, *user))) return unknown(id);
  if (auto refusal = refuse_acting_as(users, by, *user)) return refusal;
  if (!user->holds(token.role)) {
    return UserRefusal{UserNo::role_not_held, std::string(name_of(token.role))};
  }
  if (auto refusal = refuse_number({token.label})) return refusal;
  if (by != nullptr) token.made_by = by->user;
  user->tokens.push_back(std::move(token));
  return std::nullopt;
}

std::optional<UserRefusal> revoke_token(std::vector<User>& users, std::string_view token, By by, std::int64_t now) {
  const auto found = find_token(users, token, by);
  if (!found.token) return UserRefusal{UserNo::unknown_token, std::string(token)};
  // Each only once: a book that somebody wrote by hand may lead round in a circle.
  std::size_t most = found.user->tokens.size();
  for (Token* one = found.token; one != nullptr && most-- > 0; one = found.user->token(one->replaced_by)) {
    if (one->revoked == 0) one->revoked = now;
  }
  return std::nullopt;
}

std::optional<UserRefusal> rotate_token(std::vector<User>& users, std::string_view token, Token fresh, By by,
                                        std::int64_t now, std::int64_t old_ends) {
  constexpr std::int64_t kLongest = std::int64_t(kMaxTokenDays) * 24 * 3600;
  const auto found = find_token(users, token, by);
  if (!found.token) return UserRefusal{UserNo::unknown_token, std::string(token)};
  if (auto refusal = refuse_acting_as(users, by, *found.user)) return refusal;
  Token& old = *found.token;
  if (!old.live(now) || !old.replaced_by.empty()) {
    return UserRefusal{UserNo::token_ended, std::string(token)};
  }
  fresh.role = old.role;
  fresh.label = old.label;
  fresh.per_second = old.per_second;
  fresh.created = now;
  fresh.expires = now + (old.expires == 0 ? kLongest : std::min(kLongest, old.expires - old.created));
  fresh.last_used = 0;
  if (by != nullptr) fresh.made_by = by->means == Means::bearer ? old.made_by : by->user;
  old.replaced_by = fresh.id;
  old.expires = old.expires == 0 ? old_ends : std::min(old.expires, old_ends);
  found.user->tokens.push_back(std::move(fresh));
  return std::nullopt;
}

}  // namespace fundtrail::api
