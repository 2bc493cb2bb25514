#include "ledger/engine/trial.h"

#include <map>
#include <utility>

#include "ledger/engine/engine.h"
#include "ledger/engine/group.h"
#include "ledger/engine/opening.h"
#include "ledger/engine/prepared.h"
#include "ledger/engine/view.h"
#include "ledger/planning/snapshot_state.h"

namespace fundtrail {

Result<std::vector<Tried>> try_out(const Ledger& ledger, const View& view, std::vector<Command> commands,
                                   BatchMode mode) {
  if (auto error = too_large(commands)) return *error;
  if (auto error = ledger.refusing()) return *error;
  const Vault& vault = ledger.vault();
  try {
    const auto& snapshot = view.raw();
    const auto signing = signed_ledger(view);
    if (!signing.ok()) return signing.error();
    auto end = read_end(snapshot, view.suite());
    if (!end.ok()) return end.error();
    const planning::SnapshotState state(snapshot);
    const Stored stored = [&](store::Table table, std::string_view key) { return snapshot.get(table, key); };
    std::vector<Prepared> prepared;
    prepared.reserve(commands.size());
    for (auto& command : commands) {
      prepared.push_back(prepare(vault, view.suite(), std::move(command)));
      look_up_facts(state, stored, vault, *signing, prepared.back());
    }
    chain::Hasher hasher(view.suite());
    Group group({*signing, stored, state, vault, hasher}, std::move(*end));
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
