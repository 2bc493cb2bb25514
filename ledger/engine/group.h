// One group: the commands that are decided one after the other and committed in one piece. A group
// collects changes and touches nothing until the engine commits them; dropping it undoes it.
//
// Not thread-safe; the writer owns it.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/signed_command.h"
#include "ledger/core/entry.h"
#include "ledger/engine/commands_table.h"
#include "ledger/engine/prepared.h"
#include "ledger/ledger.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/state.h"
#include "ledger/store/layout.h"
#include "ledger/store/store.h"
#include "ledger/vault.h"

namespace fundtrail {

// The end of the chain, as the writer carries it from group to group.
struct ChainEnd {
  store::Head head;
  std::string open_tile;  // leaf hashes of the entries behind the last complete tile
};

// What all groups of one ledger share; outlives them.
struct GroupSetting {
  const chain::SignedLedger& ledger;
  Stored stored;
  const rules::StateSource& state;
  const Vault& vault;
  chain::Hasher& hasher;
};

// What an exception means to whoever waits for an answer. Call it inside a catch block.
Error current_fault();

class Group {
 public:
  Group(const GroupSetting& setting, ChainEnd end)
      : setting_(setting), overlay_(setting.state), end_(std::move(end)) {}

  // Decides and records the commands of one submission; consumes what was prepared. One answer each.
  // An Error or an exception concerns this submission only, unless broken() is true afterwards.
  Result<std::vector<Answer>> run(std::vector<Prepared>& commands, BatchMode mode);
  // An exception came in the middle of a change: the group must be dropped.
  bool broken() const { return changing_; }

  // Whether an identity was erased, now or by an earlier command that is repeated here.
  bool erases() const { return erases_; }
  // Nothing was recorded: there is nothing to commit.
  bool empty() const { return changes_.empty(); }
  const ChainEnd& end() const { return end_; }
  ChainEnd take_end() { return std::move(end_); }
  // All changes of the group, those of the state included. Call once.
  std::vector<store::Change> take_changes();

 private:
  struct Recorded {
    RecordedCommand command;
    chain::Hash leaf{};
    Timestamp time;
  };
  Result<Answer> record(Prepared& prepared, rules::Overlay& state);
  Result<std::vector<Answer>> run_atomic(std::vector<Prepared>& commands);
  Result<std::optional<Recorded>> find_recorded(const CommandId& id) const;
  // Rows with what this group has changed; as long as both live.
  Stored as_of_now(const rules::Overlay& state) const;
  // The vault's record of a person, those of this group included.
  Result<std::optional<std::string>> sealed_of(const Pseudonym& person) const;
  // Whether the identity is that of the first time; a person whose key is gone matches anybody.
  Result<bool> same_identity(const Command& command) const;
  Result<Answer> repeated_or_reused(const Prepared& prepared, const Recorded& recorded,
                                    const rules::Overlay& state);
  // The vault's record of a person from now on; nothing: erased.
  void change_sealed(const Pseudonym& person, std::optional<std::string> record);
  Receipt append(Prepared& prepared, rules::Accepted accepted, rules::Overlay& state);
  void grow_tree(const chain::Hash& leaf);

  GroupSetting setting_;
  rules::Overlay overlay_;
  ChainEnd end_;
  std::vector<store::Change> changes_;
  std::unordered_map<std::string, Recorded> recorded_;            // of this group, by command id
  std::vector<std::string> order_;                                // of recorded_
  using Sealed = std::optional<std::string>;                      // nothing: erased
  std::unordered_map<std::string, Sealed> sealed_;                // of this group, by pseudonym
  // What stood in sealed_ before each change, to undo a batch.
  std::vector<std::pair<std::string, std::optional<Sealed>>> sealed_before_;
  bool changing_ = false;
  bool erases_ = false;
};

}  // namespace fundtrail
