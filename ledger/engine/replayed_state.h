// The state that the entries lead to: every entry applied again, by the rules themselves, into a store of
// its own. What it was made for is to be compared with the state that is kept: by whoever wants to know
// whether they are the same (state_check.h), or to make them so (state_upgrade.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ledger/core/result.h"
#include "ledger/ledger.h"
#include "ledger/replay_watch.h"
#include "ledger/store/rocks_store.h"
#include "ledger/store/store.h"

namespace fundtrail {

class ReplayedState {
 public:
  // Of entries that hold: what they say is believed. `parent` is where the store of its own is made, as
  // large as the state; it goes with this. Memory is bounded. Faults: io, unreadable, unavailable.
  static Result<std::unique_ptr<ReplayedState>> make(const View& view, const std::filesystem::path& parent,
                                                     const ReplayWatch& watch,
                                                     const store::RocksMachine& machine = {});
  virtual ~ReplayedState() = default;

  // An entry that the rules cannot apply: nothing behind it was.
  struct Stopped {
    std::uint64_t entry = 0;
    std::string why;  // in_both()
  };
  virtual const std::optional<Stopped>& stopped() const = 0;
  virtual std::uint64_t entries() const = 0;  // applied

  // A row that is not the same in both; nothing: there is no such row.
  struct Difference {
    std::string key;
    std::optional<std::string> stored, replayed;
  };
  // Calls `visit` for each, in the order of keys; `state` and `commands` are the tables there are. Which
  // lines were refused when a command was recorded the entries do not say: that part of a row is not
  // looked at. Answers how many rows are stored.
  virtual Result<std::uint64_t> compare(const store::Snapshot& stored, store::Table table,
                                        const std::function<Status(Difference)>& visit) const = 0;
};

}  // namespace fundtrail
