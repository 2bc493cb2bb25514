// Signs notes in a thread of its own, one at a time: begin() returns at once, take() waits.
//
// Thread-safety: begin() and take() by one thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ledger/chain/keys.h"
#include "ledger/core/result.h"

namespace fundtrail {

class NoteSigner {
 public:
  NoteSigner(std::string name, chain::SigningKey key);
  ~NoteSigner();

  void begin(std::string body);
  // The signed note of this body, whether or not begin() was called with it.
  Result<std::string> take(const std::string& body);

 private:
  Result<std::string> sign(const std::string& body) const;
  void loop();

  const std::string name_;
  const chain::SigningKey key_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::string> waiting_;  // to be signed
  std::string body_;                    // of `note_`, or that is being signed
  std::optional<Result<std::string>> note_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fundtrail
