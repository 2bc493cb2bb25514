// Sessions of people who signed in with a password. In memory only: they end with the server. What a
// browser holds is a random token; here is its digest, so that nothing that reads this memory or a dump
// of it could be a key. All times come from the caller. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"

namespace fundtrail::api {

struct SessionLimits {
  std::int64_t idle = 30 * 60;         // seconds without a request
  std::int64_t absolute = 8 * 3600;    // seconds in all: a working day
  std::size_t by_user = 8;             // at the same time; the one idle for longest makes room
  std::size_t all = 10'000;
};

struct Session {
  std::string user;
  Role role = Role::inspector;  // in which the user acts, unless a request says otherwise
  std::uint64_t generation = 0;  // of the user when it was opened (api/identity/user.h)
  std::string csrf;              // what a request that changes something must repeat in a header
  std::int64_t opened = 0;
  std::int64_t used = 0;
};

class Sessions {
 public:
  explicit Sessions(const SessionLimits& limits) : limits_(limits) {}

  // The token of a new session. Faults: io (no random numbers).
  struct Opened {
    std::string token;
    Session session;
  };
  Result<Opened> open(const std::string& user, Role role, std::uint64_t generation,
                      std::int64_t now);
  // The session of a token if it goes on; it counts as used.
  std::optional<Session> find(std::string_view token, std::int64_t now);
  void close(std::string_view token);
  void close_all(std::string_view user);

 private:
  struct Hash {
    std::size_t operator()(const chain::Hash& digest) const;
  };
  bool over(const Session& session, std::int64_t now) const {
    return now - session.used >= limits_.idle || now - session.opened >= limits_.absolute;
  }
  void make_room(const std::string& user, std::int64_t now);

  const SessionLimits limits_;
  std::mutex mutex_;
  std::unordered_map<chain::Hash, Session, Hash> sessions_;
};

}  // namespace fundtrail::api
