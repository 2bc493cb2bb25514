// What a book of users says, as facts that can be compared: who may come in, by which means, as what. Nothing
// secret and no name of a person is in them. So whatever changes a book, through the server or beside it, can be
// told in the access log. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/identity/user.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

// The facts of each user: "user", "role approver", "region 320412", "ledger x", "provider p-01", "disabled", "machine",
// "password 1a2b3c4d" (a digest of what is kept of it), "first password" (somebody else set it),
// "certificate 0123456789abcdef", "token 0123456789abcdef approver to 2027-11-28T09:00:00+08:00", "revoked
// token 0123456789abcdef", "locked to 2026-11-28T09:15:00+08:00".
using BookFacts = std::map<std::string, std::set<std::string>>;
BookFacts facts_of(const std::vector<User>& users);

struct BookChange {
  std::string user;
  std::set<std::string> came;
  std::set<std::string> went;
};
std::vector<BookChange> changes(const BookFacts& before, const BookFacts& after);
// "wang.fang: +role approver, -role preparer"
std::string text_of(const BookChange& change);
// Of a user who is kept out at one address, which is no fact of the book: "locked at 10.0.0.1 to ...".
BookChange lock_out_at(const std::string& user, const std::string& address, std::int64_t until);
// Whether nothing but a lock-out came.
bool is_lock_out(const BookChange& change);

// A JSON object, and back. Fault: unreadable.
std::string encode_facts(const BookFacts& facts);
Result<BookFacts> decode_facts(std::string_view text);

}  // namespace fundtrail::api
