// What stands in the sentence of a problem, in Chinese: the thing that is not there, what was expected. The
// code that finds the problem says it in English; this is the one place that says the same in Chinese.
#pragma once

#include <string>
#include <string_view>

namespace fundtrail::api {

// Names of ours (roles, kinds, forms) as ledger/core/wording.h says them; the phrases of the table and
// "a to b", "an integer from a to b"; anything else, such as a list of names, as it is.
std::string in_chinese(std::string_view phrase);

}  // namespace fundtrail::api
