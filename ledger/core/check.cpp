#include "ledger/core/check.h"

#include <cstdio>
#include <cstdlib>

namespace fundtrail {

void check_failed(const char* statement, const char* file, int line) {
  std::fprintf(stderr, "fundtrail: invariant broken: %s (%s:%d)\n", statement, file, line);
  std::abort();
}

}  // namespace fundtrail
