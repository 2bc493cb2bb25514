#include "api/identity/book_facts.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "ledger/core/date.h"

namespace fundtrail::api {
namespace {

constexpr std::string_view kLocked = "locked ";
constexpr std::size_t kFingerprint = 16;  // hex digits that tell certificates apart

std::string time_text(std::int64_t seconds) { return Timestamp(seconds, 8 * 60).str(); }

// Of a salted hash, and short: nobody learns anything of the password.
std::string digest(const std::string& password) {
  return chain::to_hex(chain::Hasher(chain::Suite::sha256_ed25519).digest(password)).substr(0, 8);
}

std::set<std::string> facts_of(const User& user) {
  std::set<std::string> facts = {"user"};
  for (const auto role : user.roles) facts.insert("role " + std::string(name_of(role)));
  for (const auto& ledger : user.ledgers) facts.insert("ledger " + ledger.str());
  for (const auto& region : user.regions) facts.insert("region " + region.str());
  if (user.provider) facts.insert("provider " + user.provider->str());
  if (user.disabled) facts.insert("disabled");
  if (user.machine) facts.insert("machine");
  if (!user.password.empty()) facts.insert("password " + digest(user.password));
  if (user.must_change) facts.insert("first password");
  if (user.locked_until != 0) facts.insert(std::string(kLocked) + "to " + time_text(user.locked_until));
  if (user.unlocks != 0) facts.insert("unlocked " + std::to_string(user.unlocks));
  for (const auto& certificate : user.certificates) {
    facts.insert("certificate " + certificate.substr(0, kFingerprint));
  }
  for (const auto& token : user.tokens) {
    std::string fact = "token " + token.id + " " + std::string(name_of(token.role));
    if (token.expires != 0) fact += " to " + time_text(token.expires);
    facts.insert(std::move(fact));
    if (token.revoked != 0) facts.insert("revoked token " + token.id);
  }
  return facts;
}

std::set<std::string> without(const std::set<std::string>& all, const std::set<std::string>& others) {
  std::set<std::string> left;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::inserter(left, left.end()));
  return left;
}

const std::set<std::string>& of(const BookFacts& facts, const std::string& user) {
  static const std::set<std::string> kNone;
  const auto found = facts.find(user);
  return found == facts.end() ? kNone : found->second;
}

}  // namespace

BookFacts facts_of(const std::vector<User>& users) {
  BookFacts facts;
  for (const auto& user : users) facts[user.id.str()] = facts_of(user);
  return facts;
}

std::vector<BookChange> changes(const BookFacts& before, const BookFacts& after) {
  std::set<std::string> users;
  for (const auto* facts : {&before, &after}) {
    for (const auto& [user, all] : *facts) users.insert(user);
  }
  std::vector<BookChange> found;
  for (const auto& user : users) {
    const auto& old = of(before, user);
    const auto& now = of(after, user);
    if (old != now) found.push_back({user, without(now, old), without(old, now)});
  }
  return found;
}

std::string text_of(const BookChange& change) {
  std::string text;
  for (const auto& [sign, facts] : {std::pair("+", &change.came), std::pair("-", &change.went)}) {
    for (const auto& fact : *facts) text += (text.empty() ? ": " : ", ") + (sign + fact);
  }
  return change.user + text;
}

BookChange lock_out_at(const std::string& user, const std::string& address, std::int64_t until) {
  return {user, {std::string(kLocked) + "at " + address + " to " + time_text(until)}, {}};
}

bool is_lock_out(const BookChange& change) {
  return !change.came.empty() && std::all_of(change.came.begin(), change.came.end(), [](const auto& fact) {
    return fact.starts_with(kLocked);
  });
}

std::string encode_facts(const BookFacts& facts) { return nlohmann::json(facts).dump(1) + "\n"; }

Result<BookFacts> decode_facts(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  BookFacts facts;
  if (!json.is_object()) return Error{Fault::unreadable, "not the facts of a book of users"};
  for (const auto& [user, all] : json.items()) {
    if (!all.is_array()) return Error{Fault::unreadable, "not the facts of a book of users"};
    for (const auto& fact : all) {
      if (!fact.is_string()) return Error{Fault::unreadable, "not the facts of a book of users"};
      facts[user].insert(fact.get<std::string>());
    }
  }
  return facts;
}

}  // namespace fundtrail::api
