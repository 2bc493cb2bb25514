// What is wrong with a running server, as /readyz tells it: a closed set of states with stable codes
// and a sentence in Chinese and English each. Codes never change.
//
// Thread-safety: pure but for what it asks of the operating system; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "api/operations/settings.h"
#include "ledger/core/result.h"

namespace fundtrail {
class Ledger;
}

namespace fundtrail::api {

enum class State : std::uint8_t {
  shutting_down, write_failed, store_detached, disk_read_only, disk_full, disk_low, clock_behind,
  signing_key_missing, vault_key_missing, vault_key_unread, access_log_failing, access_log_new,
};

struct StateInfo {
  State state;
  std::string_view code;  // "disk-read-only"
  bool writes;            // whether writes are accepted all the same
  std::string_view en, zh;
};
std::span<const StateInfo> states();
const StateInfo& info(State state);

struct Limits {
  std::int64_t clock_tolerance_seconds = 300;
  std::int64_t disk_reserve_mb = 256;
};
Limits limits_of(const Settings& settings);

// Whether a command received now would carry a time that is known to be wrong: its entry may not be
// earlier than the one before it. Whatever records asks it, the server and the command line alike, and says
// State::clock_behind.
bool is_clock_behind(const Ledger& ledger, std::int64_t now, const Limits& limits);

// Everything that is wrong now, in the order of State; empty: ready. `now` in unix seconds.
std::vector<State> look(const Ledger& ledger, const std::filesystem::path& directory,
                        std::int64_t now, const Limits& limits, bool stopping);

}  // namespace fundtrail::api
