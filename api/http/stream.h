// An answer that is longer than memory should hold: made piece by piece while the client takes it.
// The next piece is asked for only when the one before has left, so a slow client costs one piece.
#pragma once

#include <string>

#include "ledger/core/result.h"

namespace fundtrail::api {

inline constexpr std::size_t kPiece = 128 << 10;  // bytes, about

class Stream {
 public:
  virtual ~Stream() = default;
  // Appends the next piece; nothing appended: the end. Called by a worker, one call at a time. After
  // a fault the answer is broken off, which the client sees: the last chunk never comes.
  virtual Status next(std::string& piece) = 0;
};

}  // namespace fundtrail::api
