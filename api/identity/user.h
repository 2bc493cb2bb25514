// One user of the book: roles, scopes, and everything by which the user can show who they are. Nothing
// here is a secret in the clear: passwords are Argon2id strings, tokens and certificates digests.
//
// Times are seconds since 1970 by the system's clock; 0: never.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"

namespace fundtrail::api {

// A token of an interface ("ft_" and 64 hex digits, shown once), for one role of its user.
struct Token {
  std::string id;  // 16 hex digits; names the token in lists, logs and commands
  chain::Hash digest{};  // SHA-256
  Role role = Role::inspector;
  std::string label;
  std::int64_t created = 0;
  std::int64_t expires = 0;  // 0: does not
  std::int64_t last_used = 0;
  std::int64_t revoked = 0;
  std::uint32_t per_second = 0;  // requests; 0: as the server sets it for the role
  std::string replaced_by = {};  // id of the token that a rotation made of it; of the same user
  std::string made_by = {};      // in whose session; empty: at the command line, or by an older program

  bool live(std::int64_t now) const { return revoked == 0 && (expires == 0 || now < expires); }
};

// How long tokens live, for the command line and HTTP alike: a year at most. An overlap is time for giving a client
// the new one, no second life of the old one.
inline constexpr std::uint64_t kTokenDays = 365, kMaxTokenDays = 366;
inline constexpr std::uint64_t kOverlapHours = 24, kMaxOverlapHours = 7 * 24;

struct User {
  ActorId id;
  std::string name;          // what people call them; may be empty
  std::vector<Role> roles;   // one of them acts in a request
  std::vector<LedgerId> ledgers;     // empty: every ledger that this book serves
  std::vector<RegionCode> regions;   // empty: all
  std::optional<ProviderId> provider;  // of role provider: for whom it acts
  bool disabled = false;
  bool machine = false;  // a program: it has no password, and administrators make its tokens
  std::int64_t created = 0;

  std::string password;         // Argon2id; empty: cannot sign in with one
  bool must_change = false;     // before anything else
  std::int64_t password_set = 0;
  std::int64_t locked_until = 0;
  // Rises when somebody ends the lock-outs: those that a server has in memory end then, too.
  std::uint64_t unlocks = 0;
  // Sessions opened at another value are over: it rises with each change that must end them.
  std::uint64_t generation = 0;

  std::vector<std::string> certificates;  // SHA-256 of the DER, lower-case hex
  std::vector<Token> tokens;

  bool holds(Role role) const;
  // Not disabled, and of this ledger.
  bool in_service(const LedgerId& ledger) const;
  Token* token(std::string_view id);
  // As whom the ledger knows the user in that role.
  Actor acting(Role role) const;
};

// Whether the administrator looks after the user: all of the user's ledgers are theirs. Whoever is limited to
// regions looks after nobody, for a password or a token reaches beyond any region.
bool may_keep(const User& administrator, const User& user);

// Whether one person may hold these roles. What is incompatible in one case is the engine's business;
// here: a provider, an inspector, an administrator and a cashier (会计法 §25, §35) are nothing else.
bool roles_fit(const std::vector<Role>& roles);

}  // namespace fundtrail::api
