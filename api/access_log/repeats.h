// Refusals that repeat one another become one record, or whoever is refused fast enough would fill the
// disk that the ledger is on, and nobody may remove these records for months.
//
// The first of its kind is written at once. Those that follow within the window, by the same one from the
// same place for the same reason, are counted, and the count becomes a record when the window ends. The
// kinds of a window are bounded, those of nobody known more tightly and apart from the others: a crowd of
// strangers hides no refusal of a user. What is beyond the bound is told without place and object.
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
  static constexpr std::size_t kUsers = 10'000;   // an import that is refused has one for each command
  static constexpr char kAnywhere[] = "*";        // the address of what is beyond

  // What is to be written now; nothing: it was counted.
  std::optional<AccessRecord> add(AccessRecord record, Clock::time_point now);
  bool counting() const { return counting_; }
  // Whether there is something to take because the window has ended.
  bool due(Clock::time_point now) const { return counting_ && now >= end_; }
  // The counts, and the end of the window.
  std::vector<AccessRecord> take();

 private:
  struct Kind {
    std::uint64_t repeats = 0;
    AccessRecord last;
  };
  std::map<std::string, Kind> kinds_;
  std::size_t strangers_ = 0, users_ = 0;
  Clock::time_point end_{};
  bool counting_ = false;
};

}  // namespace fundtrail::api
