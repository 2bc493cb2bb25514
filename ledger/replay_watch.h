// How a replay of all entries is watched: it takes as long as recording them took.
#pragma once

#include <cstdint>
#include <functional>

namespace fundtrail {

// Each may be empty.
struct ReplayWatch {
  // Called now and then with how much is done, and of how much.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress = {};
  std::function<bool()> cancelled = {};  // asked as often: whether to give up, with Fault::unavailable
};

}  // namespace fundtrail
