// Which operations of a life fail. The normal form takes a sample, chosen by a seed that the test
// prints; FUNDTRAIL_FAULTS=all takes every one, FUNDTRAIL_SEED=n repeats a sample.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

namespace fundtrail::faults {

inline bool every_one() { return std::getenv("FUNDTRAIL_FAULTS") != nullptr; }

inline unsigned seed() {
  const char* given = std::getenv("FUNDTRAIL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                          : std::random_device()();
}

// Of `n`: all, or the first and last and a sample between, so many in all.
inline std::vector<std::size_t> places(std::size_t n, std::size_t sample, std::mt19937& random) {
  std::vector<std::size_t> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = i;
  if (every_one() || n <= sample) return all;
  std::shuffle(all.begin() + 1, all.end() - 1, random);
  all[sample - 1] = all.back();
  all.resize(sample);
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace fundtrail::faults
