// Ctrl-C and SIGTERM for commands that can be called off: the first one is noted, and the command ends by itself
// and says what it has done; a second one ends the program. What is ignored from the start stays so: the hang-up, of
// whoever begins it with nohup.
#pragma once

#include <signal.h>

#include <atomic>

namespace fundtrail::api::cli {

inline std::atomic<bool> was_told_to_end{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // for the handler

inline bool is_ending() { return was_told_to_end; }

// From now on. SA_RESTART: no system call of the store is to fail for it.
inline void end_soon() {
  struct sigaction action {};
  action.sa_handler = [](int) { was_told_to_end = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before {};
    sigaction(one, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(one, &action, nullptr);
  }
}

}  // namespace fundtrail::api::cli
