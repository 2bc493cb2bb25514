#include "ledger/core/result.h"

namespace fundtrail {

const char* name(Fault fault) {
  switch (fault) {
    case Fault::io: return "io";
    case Fault::unreadable: return "unreadable";
    case Fault::unknown_version: return "unknown-version";
    case Fault::tampered: return "tampered";
    case Fault::truncated: return "truncated";
    case Fault::not_found: return "not-found";
    case Fault::unavailable: return "unavailable";
    case Fault::invalid_argument: return "invalid-argument";
  }
  return "unknown";
}

}  // namespace fundtrail
