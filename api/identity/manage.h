// What may be done to the users of a book, once for the command line and for HTTP: functions for
// alter() (api/identity/user_book.h). Each alters the users or says why not, and then has altered
// nothing. They ask no clock and no random numbers: both come with the arguments. Pure.
//
// `by` is who asks for it; nullptr: whoever keeps the host, who may do everything. Others may do it while they are what
// they were let in as, by what the book says when it is altered: administrators for whom they look after (may_keep()),
// to whom others are unknown.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/identity/caller.h"
#include "api/identity/refusal.h"
#include "api/identity/user.h"

namespace fundtrail::api {

using By = const Caller*;

struct NewUser {
  ActorId id;
  std::string name = {};
  std::vector<Role> roles = {};
  std::vector<LedgerId> ledgers = {};
  std::vector<RegionCode> regions = {};
  std::optional<ProviderId> provider = {};  // absent with role provider: the one of the user's own id
  std::string password = {};                // Argon2id, to be changed at once; empty: none
  bool machine = false;
};
std::optional<UserRefusal> add_user(std::vector<User>& users, const NewUser& fresh, By by, std::int64_t now);

// What is absent stays as it is.
struct UserChange {
  std::optional<std::string> name = {};
  std::optional<std::vector<Role>> roles = {};
  std::optional<std::vector<LedgerId>> ledgers = {};
  std::optional<std::vector<RegionCode>> regions = {};
  std::optional<ProviderId> provider = {};
  std::optional<bool> disabled = {};
  std::optional<bool> machine = {};  // at the command line only: it lets administrators act as the user
};
// Ends the user's sessions, unless only the name changes. Whoever is disabled loses the tokens for good: enabled
// again, he gets new ones, for nobody knows any more where the old ones lie.
std::optional<UserRefusal> change_user(std::vector<User>& users, std::string_view id,
                                       const UserChange& change, By by, std::int64_t now);

// `hash`: Argon2id.
// A first password, which somebody else knows. Ends what end_sessions() ends, and a lock-out.
std::optional<UserRefusal> set_first_password(std::vector<User>& users, std::string_view id,
                                              const std::string& hash, By by, std::int64_t now);
// Their own, in place of the one that they have shown. Ends their sessions.
std::optional<UserRefusal> set_own_password(std::vector<User>& users, std::string_view id, const std::string& shown,
                                            const std::string& hash, std::int64_t now);
std::optional<UserRefusal> unlock_user(std::vector<User>& users, std::string_view id, By by);
// And the tokens that the user made in sessions for themselves: whoever had one may have made them.
std::optional<UserRefusal> end_sessions(std::vector<User>& users, std::string_view id, std::int64_t now);

// By an administrator for a machine only: whoever has it acts in the user's name.
std::optional<UserRefusal> add_certificate(std::vector<User>& users, std::string_view id,
                                           const std::string& fingerprint, By by);
std::optional<UserRefusal> remove_certificate(std::vector<User>& users, std::string_view id,
                                              const std::string& fingerprint, By by);

// Of `token`, id, digest, role, label, created, expires and per_second are given. By somebody for themselves, by an
// administrator for a machine.
std::optional<UserRefusal> issue_token(std::vector<User>& users, std::string_view id, Token token, By by);
// With all that were made of it by rotation. One's own; by an administrator also of others.
std::optional<UserRefusal> revoke_token(std::vector<User>& users, std::string_view token, By by, std::int64_t now);
// Once only: whoever has the token a second time, a thief or its owner, is refused, and the owner learns of it.
// The old token serves until `old_ends` at the latest, so that both are good while a client is given
// the new one (`id` and `digest` of `fresh`; the rest is as it was, the same length of life, but a year at most).
// By those who may issue it.
std::optional<UserRefusal> rotate_token(std::vector<User>& users, std::string_view token, Token fresh, By by,
                                        std::int64_t now, std::int64_t old_ends);

}  // namespace fundtrail::api
