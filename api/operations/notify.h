// Tells systemd how the service is (the protocol of sd_notify(3)); does nothing where nobody asked.
#pragma once

#include <string_view>

namespace fundtrail::api {

// "READY=1", "STOPPING=1", "STATUS=..."
void notify_supervisor(std::string_view state);

}  // namespace fundtrail::api
