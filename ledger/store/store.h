// The storage seam: what the engine needs from a store, small enough that a distributed database
// can stand behind it later. One writer per ledger; any number of readers.
//
// A store holds a few ordered tables of byte strings, one head and the epoch of its writer. The only
// write is commit(): an atomic, durable compare-and-append of a whole group, by the writer who
// claimed the store last. Tables and keys: ledger/store/layout.h.
//
// tests/store/contract_test.cpp holds every implementation to what stands here.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/result.h"

namespace fundtrail::store {

enum class Table : std::uint8_t {
  meta,        // head, epoch, version of the layout, signed checkpoints
  entries,     // index → canonical line
  lines,       // index → the document's lines, each with '\n'
  tree,        // complete subtrees of the Merkle tree
  state,       // derived: everything that decide() looks at
  commands,    // derived: idempotency id → entry
  vault,       // sealed identities; not derived and not part of the chain
};
inline constexpr std::size_t kTables = 7;

struct Change {
  Table table;
  std::string key;
  std::optional<std::string> value;  // nothing: remove
};

// The number of a writer's claim. It only rises, also across openings.
using Epoch = std::uint64_t;

// What must still be so when a commit is applied.
struct Expected {
  Epoch epoch = 0;        // nobody has claimed the store since
  std::string_view head;  // as committed last (bytes); empty before the first commit
};

// What became of a commit.
enum class Committed : std::uint8_t {
  applied,      // durable
  not_applied,  // certainly not there: the expectation did not hold, or it failed before writing
  unknown,      // a write or sync failed: it may or may not be there. From now on the store refuses
                // every claim and commit until it is opened again.
};
struct CommitResult {
  Committed outcome = Committed::applied;
  std::string message = {};  // why, when not applied or unknown
};

// A consistent view of all tables as of one commit. Cheap; must not outlive its store. May be read by
// several threads at once.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;
  // Calls `visit` for keys in [from, to) in ascending order until it returns false. An empty `to`
  // means: to the end of the table.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status scan(Table table, std::string_view from, std::string_view to,
                      const Visit& visit) const = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Latest committed value; for the writer's own reads of state.
  virtual Result<std::optional<std::string>> get(Table table, std::string_view key) const = 0;
  virtual std::unique_ptr<Snapshot> snapshot() const = 0;

  // Makes the caller the only writer: takes the next epoch, durably, so that commits of every epoch
  // before it are refused. A writer claims once, when it opens the store. Faults: unavailable
  // (refusing), io, unreadable.
  virtual Result<Epoch> claim() = 0;
  // Applies all changes atomically and durably, and sets `new_head`, if `expected` holds.
  virtual CommitResult commit(const Expected& expected, std::string_view new_head,
                              const std::vector<Change>& changes) = 0;
};

}  // namespace fundtrail::store
