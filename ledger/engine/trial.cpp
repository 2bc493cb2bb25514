#include "ledger/engine/trial.h"

#include <map>
#include <utility>

#include "ledger/engine/group.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/prepared.h"
#include "ledger/engine/view.h"
#include "ledger/planning/snapshot_state.h"

namespace fundtrail {
Result<std::vector<Tried>> try_out(const View& view, const Vault& vault, std::vector<Command> commands,
                                   BatchMode mode) {
  try {
    const auto& snapshot = view.raw();
    const auto ledger = signed_ledger(view);
    if (!ledger.ok()) return ledger.error();
    auto end = read_end(snapshot, view.suite());
    if (!end.ok()) return end.error();
    const planning::SnapshotState state(snapshot);
    const Stored stored = [&](store::Table table, std::string_view key) { return snapshot.get(table, key); };
    std::vector<Prepared> prepared;
    prepared.reserve(commands.size());
    for (auto& command : commands) {
      prepared.push_back(prepare(vault, view.suite(), std::move(command)));
      look_up_facts(state, stored, vault, *ledger, prepared.back());
    }
    chain::Hasher hasher(view.suite());
    Group group({*ledger, stored, state, vault, hasher}, std::move(*end));
    auto answers = group.run(prepared, mode);
    if (!answers.ok()) return answers.error();
    std::map<std::string, std::string> entries;
    for (auto& change : group.take_changes()) {
      if (change.table == store::Table::entries) entries.emplace(std::move(change.key), std::move(*change.value));
    }
    std::vector<Tried> tried;
    tried.reserve(answers->size());
    for (auto& answer : *answers) {
      std::string entry;
      if (const auto* receipt = std::get_if<Receipt>(&answer); receipt && !receipt->repeated) {
        entry = std::move(entries[store::key_of(receipt->index)]);
      }
      tried.push_back({std::move(answer), std::move(entry)});
    }
    return tried;
  } catch (...) {
    return current_fault();
  }
}

}  // namespace fundtrail
