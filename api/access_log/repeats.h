// Refusals that repeat one another become one record, or whoever is refused fast enough would fill the
// disk that the ledger is on, and nobody may remove these records for months.
//
// The first of its kind is written at once. Those that follow within the window, by the same one from the
// same place for the same reason, are counted, and the count becomes a record when the window ends.
//
// How many kinds there may be is bounded for each user by an allowance of their own, which comes back with time: nobody's
// refusals hide those of somebody else. Whoever has used it up is asked to wait (pause()), and what is refused all the
// same (the rest of a batch, the rows of a file) is told by whom, from where, about which person and for which reason,
// without command and object, as many times more; then by whom and for which reason. That somebody was asked to wait costs
// nothing, and tells nothing about anybody. Of strangers there is one bound for all, and of those who say to be a user one for that name;
// beyond it the address is not told.
//
// Not thread-safe; times come from the caller.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/access_log/record.h"

namespace fundtrail::api {

class Repeats {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kWindow{10};
  static constexpr std::size_t kStrangers = 128;  // kinds in a window, of requests by nobody known
  static constexpr double kAllowance = 1000;      // kinds of one user at once
  static constexpr double kPerSecond = 100;       // and as many more each second
  static constexpr char kAnywhere[] = "*";        // the address of what is beyond
  static constexpr char kAskedToWait[] = "too-many-requests";  // the outcome

  // What is to be written now; nothing: it was counted.
  std::optional<AccessRecord> add(AccessRecord record, Clock::time_point now);
  bool counting() const { return counting_; }
  // How long a user, who used their allowance up, is to wait; 0: not at all.
  std::chrono::seconds pause(const std::string& user, Clock::time_point now);
  // Whether there is something to take because the window has ended.
  bool due(Clock::time_point now) const { return counting_ && now >= end_; }
  // The counts, and the end of the window.
  std::vector<AccessRecord> take();

 private:
  struct Kind {
    std::uint64_t repeats = 0;
    AccessRecord last;
  };
  // Of a user: what is left, below zero what is to come back first.
  struct Allowance {
    double left = kAllowance;
    Clock::time_point at{};
  };
  Allowance& allowance_of(const std::string& user, Clock::time_point now);

  std::map<std::string, Kind> kinds_;
  std::map<std::string, Allowance> allowances_;  // those that are not whole
  std::size_t strangers_ = 0;
  Clock::time_point end_{};
  bool counting_ = false;
};

}  // namespace fundtrail::api
