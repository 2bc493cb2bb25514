// Ctrl-C and SIGTERM for commands that can be called off: the first one is noted, and the command ends by itself
// and says what it has done; a second one ends the program.
#pragma once

#include <signal.h>

#include <atomic>

namespace fundtrail::api::cli {

inline std::atomic<bool> was_told_to_end{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // for the handler

inline bool is_ending() { return was_told_to_end; }

// From now on.
inline void end_soon() {
  struct sigaction action {};
  action.sa_handler = [](int) { was_told_to_end = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) sigaction(one, &action, nullptr);
}

}  // namespace fundtrail::api::cli
