// The book of users: one file (users.json) beside the ledger, readable by its owner alone (0600).
//
// It is only ever replaced as a whole, complete and synced before it appears under its name, under a
// lock that every writer takes: a crash leaves the old book or the new one, and of two changes at once
// neither is lost. What a UserBook holds is the book as it was read; it never changes (but for when a
// token was last used), so it is shared freely.
//
// A tokens.json of earlier versions is taken over by the first change, and kept as tokens.json.old.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/identity/refusal.h"
#include "api/identity/user.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

class UserBook {
 public:
  // Faults: not_found, io, unreadable (names the user and the field), invalid_argument when others
  // than the owner may read or write the file.
  static Result<std::shared_ptr<const UserBook>> load(const std::filesystem::path& file);

  const std::vector<User>& users() const { return users_; }
  const User* find(std::string_view id) const;

  struct TokenHolder {
    const User* user = nullptr;
    const Token* token = nullptr;
    std::size_t number = 0;  // of the token, for used()
  };
  // Whose token it is, live or not. The digest is compared in constant time; where in the book one
  // would look depends on the digest of what was sent, which tells nobody anything about a token.
  std::optional<TokenHolder> by_token(std::string_view token) const;
  const User* by_certificate(std::string_view fingerprint) const;

  std::size_t token_count() const { return tokens_.size(); }
  const TokenHolder& holder(std::size_t number) const { return tokens_[number]; }
  // When a token was used last, by what this copy has seen.
  void use(std::size_t number, std::int64_t now) const;
  std::int64_t used(std::size_t number) const;
  // Takes over what an older copy has seen.
  void remember(const UserBook& older) const;
  // Whether this copy has seen a use that the file does not say, to the minute.
  bool has_news() const;

 private:
  void index();
  std::vector<User> users_;
  std::unordered_map<std::string_view, const User*> by_id_;
  std::unordered_map<std::string_view, const User*> by_certificate_;
  std::vector<TokenHolder> tokens_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_digest_;  // by its first bytes
  mutable std::unique_ptr<std::atomic<std::int64_t>[]> used_;
};

// What a change wants: the users as they are now, to be altered in place. A refusal leaves the file as
// it was.
using Alteration = std::function<std::optional<UserRefusal>(std::vector<User>&)>;

// Alters the book, which need not exist yet. Nothing: done and durable. Faults: as load(), io.
Result<std::optional<UserRefusal>> alter(const std::filesystem::path& file, const Alteration& how);

// Takes over a tokens.json that lies beside the file, if there is one.
Status take_over_tokens(const std::filesystem::path& file);

// The user of that id among them.
User* find_user(std::vector<User>& users, std::string_view id);

// The text of the file, and back (book_file.cpp).
std::string encode_book(const std::vector<User>& users);
Result<std::vector<User>> decode_book(std::string_view text);
// The users that a tokens.json of earlier versions stands for.
Result<std::vector<User>> decode_old_tokens(std::string_view text, std::int64_t now);

chain::Hash digest_of(std::string_view token);
// A new token from the system's random numbers: its text, which exists nowhere else, and what the book
// keeps of it (id and digest). Faults: io.
struct MintedToken {
  std::string text;
  Token token;
};
Result<MintedToken> mint_token();
Result<std::string> random_hex(std::size_t bytes);
Error no_random();  // when there are none

std::int64_t system_seconds();

}  // namespace fundtrail::api
