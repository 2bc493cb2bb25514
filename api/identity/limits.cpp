#include "api/identity/limits.h"

#include <algorithm>
#include <utility>

namespace fundtrail::api {

Attempts::Count& Attempts::count_of(Counts& counts, const std::string& key, std::int64_t now) {
  if (counts.size() >= limits_.kept && !counts.contains(key)) {
    std::erase_if(counts, [&](const auto& each) {
      return each.second.locked_until <= now && each.second.since + limits_.window <= now;
    });
    if (counts.size() >= limits_.kept) {  // then the one that began first
      counts.erase(std::min_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
        return a.second.since < b.second.since;
      }));
    }
  }
  Count& count = counts[key];
  if (count.since + limits_.window <= now) {
    count.since = now;
    count.failures = 0;
  }
  return count;
}

std::int64_t Attempts::begin(const std::string& name, const std::string& address,
                             std::int64_t now) {
  std::lock_guard lock(mutex_);
  Count& by_name = count_of(names_, name, now);
  Count& by_address = count_of(addresses_, address, now);
  const auto until = std::max(by_name.locked_until, by_address.locked_until);
  if (until > now) return until - now;
  if (++by_name.failures >= limits_.by_name) {
    by_name.locked_until = now + limits_.lock;
    by_name.failures = 0;
    newly_locked_.emplace_back(name, by_name.locked_until);
  }
  if (++by_address.failures >= limits_.by_address) {
    by_address.locked_until = now + limits_.lock;
    by_address.failures = 0;
  }
  return 0;
}

void Attempts::succeeded(const std::string& name, const std::string& address) {
  std::lock_guard lock(mutex_);
  names_.erase(name);
  std::erase_if(newly_locked_, [&](const auto& each) { return each.first == name; });
  if (const auto found = addresses_.find(address); found != addresses_.end()) {
    if (found->second.failures > 0) --found->second.failures;
  }
}

void Attempts::forget(const std::string& name) {
  std::lock_guard lock(mutex_);
  names_.erase(name);
}

std::vector<std::pair<std::string, std::int64_t>> Attempts::newly_locked() {
  std::lock_guard lock(mutex_);
  return std::exchange(newly_locked_, {});
}

bool Rates::take(const std::string& user, std::uint32_t per_second, std::int64_t now_ns) {
  if (per_second == 0) return true;
  const std::int64_t interval = 1'000'000'000 / per_second;
  std::lock_guard lock(mutex_);
  std::int64_t& free_at = free_at_[user];
  const auto next = std::max(free_at, now_ns) + interval;
  if (next - now_ns > 2 * std::int64_t(per_second) * interval) return false;
  free_at = next;
  return true;
}

}  // namespace fundtrail::api
