// Result<T>: a value or an Error. Error is a *fault* (I/O, storage, corruption, malformed bytes);
// a business "no" is a Rejection (ledger/core/rejection.h) and never travels as an Error.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "ledger/core/check.h"

namespace fundtrail {

// What kind of fault. "Tampered", "truncated", "unreadable" and "unknown version" are different
// answers on purpose: an inspector acts differently on each.
enum class Fault {
  io,               // the operating system or the store could not read or write
  unreadable,       // bytes that are not what their place calls for (not JSON, not canonical, ...)
  unknown_version,  // well-formed, but of a format version this program does not know
  tampered,         // bytes that contradict a hash, a link or a signature
  truncated,        // something that was acknowledged or signed for is not there
  not_found,        // nothing under that name or index
  unavailable,      // refusing on purpose: stopping, store poisoned after a failed sync, locked
  invalid_argument, // the caller's request makes no sense (a programming or usage mistake)
};

// A stable lower-case name ("tampered"), for JSON answers and logs.
const char* name(Fault fault);

struct Error {
  Fault fault = Fault::io;
  std::string message;  // English, one sentence, without personal data or secrets
};

// A value of T, or E. Ask ok() before value(); both accessors check in release builds.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  Result(E error) : content_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { FT_CHECK(ok()); return std::get<0>(content_); }
  const T& value() const& { FT_CHECK(ok()); return std::get<0>(content_); }
  T&& value() && { FT_CHECK(ok()); return std::get<0>(std::move(content_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const E& error() const { FT_CHECK(!ok()); return std::get<1>(content_); }

 private:
  std::variant<T, E> content_;
};

struct Nothing {};
// Success without a value, or an Error.
using Status = Result<Nothing>;
inline Status success() { return Nothing{}; }

}  // namespace fundtrail
