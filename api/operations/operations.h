// What a running server knows of its own operation, beside the ledger. One a Service.
#pragma once

#include <atomic>
#include <filesystem>

#include "api/operations/metrics.h"
#include "api/operations/state.h"

namespace fundtrail::api {

struct Operations {
  ServerCounters counters;
  // Set before the server runs.
  Limits limits;
  std::filesystem::path directory;  // of the ledger
  std::atomic<bool> stopping{false};
};

}  // namespace fundtrail::api
