// How often somebody may try: failed sign-ins by name and by address, and requests by user. Kept in
// memory and bounded. All times come from the caller. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace fundtrail::api {

struct AttemptLimits {
  std::int64_t window = 15 * 60;      // seconds in which failures add up
  std::int64_t lock = 15 * 60;        // seconds for which a name or an address waits then
  std::uint32_t by_name = 5;
  std::uint32_t by_address = 60;      // a whole office may stand behind one address
  std::size_t kept = 20'000;          // names, and addresses, that are remembered
};

// A name is counted whether there is such a user or not, so that nobody learns it from here.
class Attempts {
 public:
  explicit Attempts(const AttemptLimits& limits) : limits_(limits) {}

  // Counts an attempt as failed, before it is known: many at once are no way round the limit.
  // 0: go on; otherwise so many seconds are to wait, and nothing may be tried.
  std::int64_t begin(const std::string& name, const std::string& address, std::int64_t now);
  // It was the right password after all.
  void succeeded(const std::string& name, const std::string& address);
  // Unlocked by somebody.
  void forget(const std::string& name);
  // Names that were locked since this was asked last, with the end of the lock.
  std::vector<std::pair<std::string, std::int64_t>> newly_locked();

 private:
  struct Count {
    std::int64_t since = 0;
    std::int64_t locked_until = 0;
    std::uint32_t failures = 0;
  };
  using Counts = std::unordered_map<std::string, Count>;
  Count& count_of(Counts& counts, const std::string& key, std::int64_t now);

  const AttemptLimits limits_;
  std::mutex mutex_;
  Counts names_, addresses_;
  std::vector<std::pair<std::string, std::int64_t>> newly_locked_;
};

// Requests of a user: on the average `per_second`, and twice as many at once. 0: no limit.
class Rates {
 public:
  bool take(const std::string& user, std::uint32_t per_second, std::int64_t now_ns);

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> free_at_;  // by known users only: bounded
};

}  // namespace fundtrail::api
