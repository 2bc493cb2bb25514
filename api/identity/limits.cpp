#include "api/identity/limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

namespace fundtrail::api {
namespace {

// A name has no line feed.
std::string pair_of(const std::string& name, const std::string& network) {
  return name + '\n' + network;
}

}  // namespace

std::string network_of(const std::string& address) {
  in6_addr six{};
  const auto bare = address.substr(0, address.find('%'));  // without a zone
  if (inet_pton(AF_INET6, bare.c_str(), &six) != 1) return address;
  char text[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    inet_ntop(AF_INET, six.s6_addr + 12, text, sizeof text);
    return text;
  }
  std::fill(six.s6_addr + 8, six.s6_addr + 16, std::uint8_t(0));
  inet_ntop(AF_INET6, &six, text, sizeof text);
  return std::string(text) + "/64";
}

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

void Attempts::add(Count& count, std::uint32_t most, std::int64_t now) {
  if (++count.failures < most) return;
  count.locked_until = now + limits_.lock;
  count.failures = 0;
  count.told = false;
}

std::int64_t Attempts::begin(const std::string& name, const std::string& address,
                             std::int64_t now) {
  const auto network = network_of(address);
  std::lock_guard lock(mutex_);
  Count& by_pair = count_of(pairs_, pair_of(name, network), now);
  Count& by_name = count_of(names_, name, now);
  Count& by_address = count_of(addresses_, network, now);
  const auto until =
      std::max({by_pair.locked_until, by_name.locked_until, by_address.locked_until});
  if (until > now) return until - now;
  add(by_pair, limits_.by_pair, now);
  add(by_name, limits_.by_name, now);
  add(by_address, limits_.by_address, now);
  return 0;
}

bool Attempts::to_be_told(Counts& counts, const std::string& key, std::int64_t now) {
  const auto found = counts.find(key);
  if (found == counts.end() || found->second.locked_until <= now || found->second.told) return false;
  return found->second.told = true;
}

void Attempts::failed(const std::string& name, const std::string& address, std::int64_t now) {
  const auto network = network_of(address);
  const auto pair = pair_of(name, network);
  std::lock_guard lock(mutex_);
  if (to_be_told(names_, name, now)) newly_locked_.emplace_back(name, names_[name].locked_until);
  if (to_be_told(pairs_, pair, now)) newly_closed_.emplace_back(name, Closed{network, pairs_[pair].locked_until});
}

void Attempts::succeeded(const std::string& name, const std::string& address) {
  const auto network = network_of(address);
  std::lock_guard lock(mutex_);
  pairs_.erase(pair_of(name, network));
  names_.erase(name);
  std::erase_if(newly_locked_, [&](const auto& each) { return each.first == name; });
  std::erase_if(newly_closed_, [&](const auto& each) { return each.first == name && each.second.address == network; });
  if (const auto found = addresses_.find(network); found != addresses_.end()) {
    if (found->second.failures > 0) --found->second.failures;
  }
}

std::vector<Attempts::Closed> Attempts::closed(const std::string& name, std::int64_t now) {
  const auto begin = pair_of(name, {});
  std::vector<Closed> found;
  std::lock_guard lock(mutex_);
  for (const auto& [key, count] : pairs_) {
    if (count.locked_until > now && key.starts_with(begin)) found.push_back({key.substr(begin.size()), count.locked_until});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
  return found;
}

void Attempts::forget(const std::string& name) {
  const auto begin = pair_of(name, {});
  std::lock_guard lock(mutex_);
  names_.erase(name);
  std::erase_if(pairs_, [&](const auto& each) { return each.first.starts_with(begin); });
  std::erase_if(newly_locked_, [&](const auto& each) { return each.first == name; });
}

std::vector<std::pair<std::string, std::int64_t>> Attempts::newly_locked() {
  std::lock_guard lock(mutex_);
  return std::exchange(newly_locked_, {});
}

std::vector<std::pair<std::string, Attempts::Closed>> Attempts::newly_closed() {
  std::lock_guard lock(mutex_);
  return std::exchange(newly_closed_, {});
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
