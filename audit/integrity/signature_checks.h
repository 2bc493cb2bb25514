// Signatures on their way to being checked, in threads of their own: the one thread that follows the
// entries only says whose key it must be. Private to audit/integrity.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "ledger/chain/keys.h"

namespace fundtrail::audit {

// add() and finish() from one thread.
class SignatureChecks {
 public:
  explicit SignatureChecks(unsigned threads) : count_(threads) {}  // 0: one a core
  ~SignatureChecks();
  SignatureChecks(const SignatureChecks&) = delete;
  SignatureChecks& operator=(const SignatureChecks&) = delete;

  struct Wrong {
    std::uint64_t entry = 0;
    std::string detail;  // in_both()
  };
  // `value`: base64. `detail`: what is said when it does not fit. Waits while too many are waiting; the
  // threads begin with the first.
  void add(std::uint64_t entry, chain::PublicKey key, std::string statement, std::string value,
           std::string detail);
  // When all are checked: of those that do not fit, the one that was added first. Call once.
  std::optional<Wrong> finish();

 private:
  struct Check {
    std::uint64_t number;
    chain::PublicKey key;
    std::string statement, value;
    Wrong wrong;
  };
  void run();
  void stop();

  unsigned count_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<Check> waiting_;
  std::uint64_t added_ = 0;
  std::optional<Check> first_;  // that does not fit
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fundtrail::audit
