// "Did you mean ...?": the name that somebody may have misspelt. Pure; thread-safe.
#pragma once

#include <string_view>
#include <vector>

namespace fundtrail {

// Of `names` the one from which `typed` differs in up to a third of its letters; the nearest one, empty: none.
std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& names);

}  // namespace fundtrail
