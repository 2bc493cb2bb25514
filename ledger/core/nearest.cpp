#include "ledger/core/nearest.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace fundtrail {
namespace {

// Letters to add, drop, change or exchange with the next one until one name is the other.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t k = 0; k <= b.size(); ++k) {
      if (i == 0 || k == 0) {
        steps[i][k] = i + k;
        continue;
      }
      const std::size_t changed = a[i - 1] == b[k - 1] ? 0 : 1;
      steps[i][k] = std::min({steps[i - 1][k] + 1, steps[i][k - 1] + 1, steps[i - 1][k - 1] + changed});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
        steps[i][k] = std::min(steps[i][k], steps[i - 2][k - 2] + 1);
      }
    }
  }
  return steps[a.size()][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& names) {
  constexpr std::size_t kLongest = 64;
  std::string_view best;
  if (typed.size() > kLongest) return best;
  std::size_t least = typed.size() / 3 + 1;
  for (const auto name : names) {
    const std::size_t slips = slips_between(typed, name);
    if (slips < least) std::tie(least, best) = std::pair(slips, name);
  }
  return best;
}

}  // namespace fundtrail
