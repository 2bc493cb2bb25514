// How often somebody may try: failed sign-ins by name at an address, by name and by address, and requests
// by user. Kept in memory and bounded. All times come from the caller. Thread-safe.
//
// Five wrong guesses close a name to the address they came from and to nobody else: else anybody could keep
// anybody out, an administrator too, with five requests a quarter of an hour. A name as a whole is closed
// only by many more, from many addresses.
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
  std::int64_t lock = 15 * 60;        // seconds to wait then
  std::uint32_t by_pair = 5;          // of one name, from one address
  std::uint32_t by_name = 50;         // of one name, from all
  std::uint32_t by_address = 60;      // a whole office may stand behind one address
  std::size_t kept = 20'000;          // pairs, names and addresses, each, that are remembered
};

// What counts as one address: an IPv4 address (also written as IPv6), or the 64 bits of an IPv6 address
// that name a subscriber, who has all that lie behind.
std::string network_of(const std::string& address);

// A name is counted whether there is such a user or not, so that nobody learns it from here.
class Attempts {
 public:
  explicit Attempts(const AttemptLimits& limits) : limits_(limits) {}

  // Counts an attempt as failed, before it is known: many at once are no way round the limit.
  // 0: go on; otherwise so many seconds are to wait, and nothing may be tried.
  std::int64_t begin(const std::string& name, const std::string& address, std::int64_t now);
  // It was the wrong one, as counted.
  void failed(const std::string& name, const std::string& address, std::int64_t now);
  // It was the right password after all.
  void succeeded(const std::string& name, const std::string& address);
  // From where this name may not try now, and until when: closed for it alone.
  struct Closed {
    std::string address;  // network_of()
    std::int64_t until = 0;
  };
  std::vector<Closed> closed(const std::string& name, std::int64_t now);
  // Unlocked by somebody.
  void forget(const std::string& name);
  // Names that were locked, for all addresses, since this was asked last, with the end of the lock. Only
  // what has been found wrong locks: an attempt that is still looked at may be the right one.
  std::vector<std::pair<std::string, std::int64_t>> newly_locked();
  // The same of names that were closed to one address.
  std::vector<std::pair<std::string, Closed>> newly_closed();

 private:
  struct Count {
    std::int64_t since = 0;
    std::int64_t locked_until = 0;
    std::uint32_t failures = 0;
    bool told = false;  // that it is locked
  };
  using Counts = std::unordered_map<std::string, Count>;
  Count& count_of(Counts& counts, const std::string& key, std::int64_t now);
  void add(Count& count, std::uint32_t most, std::int64_t now);
  // Whether it is locked and nobody has been told; somebody is now.
  static bool to_be_told(Counts& counts, const std::string& key, std::int64_t now);

  const AttemptLimits limits_;
  std::mutex mutex_;
  Counts pairs_, names_, addresses_;
  std::vector<std::pair<std::string, std::int64_t>> newly_locked_;
  std::vector<std::pair<std::string, Closed>> newly_closed_;
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
