#include "api/identity/sessions.h"

#include <algorithm>
#include <cstring>

#include "api/identity/user_book.h"

namespace fundtrail::api {

std::size_t Sessions::Hash::operator()(const chain::Hash& digest) const {
  std::size_t first = 0;
  std::memcpy(&first, digest.data(), sizeof first);
  return first;
}

void Sessions::make_room(const std::string& user, std::int64_t now) {
  std::erase_if(sessions_, [&](const auto& each) { return over(each.second, now); });
  const auto oldest = [&](const std::string* of) {
    auto found = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
      if (of && at->second.user != *of) continue;
      if (found == sessions_.end() || at->second.used < found->second.used) found = at;
    }
    return found;
  };
  const auto own = std::count_if(sessions_.begin(), sessions_.end(),
                                 [&](const auto& each) { return each.second.user == user; });
  if (std::size_t(own) >= limits_.by_user) sessions_.erase(oldest(&user));
  if (sessions_.size() >= limits_.all) sessions_.erase(oldest(nullptr));
}

Result<Sessions::Opened> Sessions::open(const std::string& user, Role role,
                                        std::uint64_t generation, std::int64_t now) {
  auto token = random_hex(32);
  if (!token) return token.error();
  auto csrf = random_hex(32);
  if (!csrf) return csrf.error();
  const Session session{user, role, generation, *csrf, now, now};
  std::lock_guard lock(mutex_);
  make_room(user, now);
  sessions_[digest_of(*token)] = session;
  return Opened{*token, session};
}

std::optional<Session> Sessions::find(std::string_view token, std::int64_t now) {
  const auto digest = digest_of(token);
  std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest);
  if (found == sessions_.end()) return std::nullopt;
  if (over(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = std::max(found->second.used, now);
  return found->second;
}

void Sessions::close(std::string_view token) {
  const auto digest = digest_of(token);
  std::lock_guard lock(mutex_);
  sessions_.erase(digest);
}

void Sessions::close_all(std::string_view user) {
  std::lock_guard lock(mutex_);
  std::erase_if(sessions_, [&](const auto& each) { return each.second.user == user; });
}

}  // namespace fundtrail::api
