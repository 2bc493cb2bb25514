// The console: one static page, embedded in the program (api/console/index.html).
#pragma once

#include <string_view>

namespace fundtrail::api {
std::string_view console_page();
}  // namespace fundtrail::api
