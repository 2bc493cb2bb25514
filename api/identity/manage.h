// What may be done to the users of a book, once for the command line and for HTTP: functions for
// alter() (api/identity/user_book.h). Each alters the users or says why not, and then has altered
// nothing. They ask no clock and no random numbers: both come with the arguments. Pure.
//
// `by` is the user who asks for it; empty: whoever keeps the machine, who may do everything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/identity/refusal.h"
#include "api/identity/user.h"

namespace fundtrail::api {

struct NewUser {
  ActorId id;
  std::string name = {};
  std::vector<Role> roles = {};
  std::vector<LedgerId> ledgers = {};
  std::vector<RegionCode> regions = {};
  std::optional<ProviderId> provider = {};  // absent with role provider: the one of the user's own id
  std::string password = {};                // Argon2id, to be changed at once; empty: none
};
std::optional<UserRefusal> add_user(std::vector<User>& users, const NewUser& fresh,
                                    std::int64_t now);

// What is absent stays as it is.
struct UserChange {
  std::optional<std::string> name = {};
  std::optional<std::vector<Role>> roles = {};
  std::optional<std::vector<LedgerId>> ledgers = {};
  std::optional<std::vector<RegionCode>> regions = {};
  std::optional<ProviderId> provider = {};
  std::optional<bool> disabled = {};
};
// Ends the user's sessions, unless only the name changes. Whoever is disabled loses the tokens for good: enabled
// again, he gets new ones, for nobody knows any more where the old ones lie.
std::optional<UserRefusal> change_user(std::vector<User>& users, std::string_view id,
                                       const UserChange& change, std::string_view by, std::int64_t now);

// `hash`: Argon2id. `must_change`: somebody else knows it.
std::optional<UserRefusal> set_password(std::vector<User>& users, std::string_view id,
                                        const std::string& hash, bool must_change,
                                        std::int64_t now);
std::optional<UserRefusal> unlock_user(std::vector<User>& users, std::string_view id);
std::optional<UserRefusal> end_sessions(std::vector<User>& users, std::string_view id);

std::optional<UserRefusal> add_certificate(std::vector<User>& users, std::string_view id,
                                           const std::string& fingerprint);
std::optional<UserRefusal> remove_certificate(std::vector<User>& users, std::string_view id,
                                              const std::string& fingerprint);

// Of `token`, id, digest, role, label, created, expires and per_second are given.
std::optional<UserRefusal> issue_token(std::vector<User>& users, std::string_view id, Token token);
// With all that were made of it by rotation. `owner`: only if it is this user's; empty: anybody's.
std::optional<UserRefusal> revoke_token(std::vector<User>& users, std::string_view token,
                                        std::string_view owner, std::int64_t now);
// Once only: whoever has the token a second time, a thief or its owner, is refused, and the owner learns of it.
// The old token serves until `old_ends` at the latest, so that both are good while a client is given
// the new one (`id` and `digest` of `fresh`; the rest is as it was, the same length of life).
std::optional<UserRefusal> rotate_token(std::vector<User>& users, std::string_view token,
                                        std::string_view owner, Token fresh, std::int64_t now,
                                        std::int64_t old_ends);

}  // namespace fundtrail::api
