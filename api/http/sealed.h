// What a client carries from one page of a list to the next and may not read: the place where the next one begins can
// tell of things that are none of theirs. Only the process that sealed it can read it; after a restart a list begins
// anew. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fundtrail::api {

std::string sealed(std::string_view text);  // hexadecimal digits, another time others
// Nothing: it was not sealed here, or was altered.
std::optional<std::string> unsealed(std::string_view seal);

}  // namespace fundtrail::api
