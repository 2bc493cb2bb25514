// FT_CHECK: an assertion that survives release builds.
//
// For statements about money, the chain and our own invariants: when one fails the process must
// stop before it writes or answers anything. Never use it on input from outside; bad input gets a
// Rejection or an Error.
#pragma once

namespace fundtrail {

// Prints the statement and its place to stderr and aborts. Never returns.
[[noreturn]] void check_failed(const char* statement, const char* file, int line);

}  // namespace fundtrail

#define FT_CHECK(statement) \
  ((statement) ? static_cast<void>(0) \
               : ::fundtrail::check_failed(#statement, __FILE__, __LINE__))
