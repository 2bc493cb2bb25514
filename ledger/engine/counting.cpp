// What the engine counts (ledger/counters.h).
#include <algorithm>
#include <variant>

#include "ledger/chain/document_codec.h"
#include "ledger/engine/engine.h"

namespace fundtrail {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

// Recorded time of one entry; 0 when it cannot be read: then the count is late, and nothing else.
std::int64_t time_of(const store::Store& store, std::uint64_t index) {
  const auto bytes = store.get(store::Table::entries, store::key_of(index));
  if (!bytes.ok() || !*bytes) return 0;
  const auto entry = chain::decode_entry(**bytes);
  return entry.ok() ? entry->time.unix_seconds() : 0;
}

// Entries that the newest checkpoint covers.
std::uint64_t newest_checkpoint(const store::Store& store, std::uint64_t size) {
  std::uint64_t newest = 0;
  const std::string first = store::checkpoint_key(0), behind = store::checkpoint_key(size + 1);
  const auto prefix = first.size() - store::key_of(0).size();
  const auto scanned = store.snapshot()->scan(
      store::Table::meta, first, behind, [&](std::string_view key, std::string_view) {
        newest = store::index_of(key.substr(prefix)).ok() ? *store::index_of(key.substr(prefix)) : 0;
        return true;
      });
  return scanned.ok() ? newest : 0;
}

}  // namespace

void Engine::count_opened() {
  const auto& head = parts_.end.head;
  counters_.size.store(head.size(), relaxed);
  counters_.last_time.store(head.last_time, relaxed);
  counters_.anchored.store(parts_.anchor.head() ? parts_.anchor.head()->size : 0, relaxed);
  const auto covered = newest_checkpoint(*parts_.store, head.size());
  counters_.checkpoint.store(covered, relaxed);
  counters_.unsigned_since.store(covered < head.size() ? time_of(*parts_.store, covered) : 0,
                                 relaxed);
}

void Engine::count(const Submissions& submissions) {
  std::uint64_t entries = 0, lines = 0, repeated = 0;
  std::int64_t first_time = 0;
  const auto refuse = [](auto& by_reason, const Rejection& rejection) {
    by_reason[static_cast<std::size_t>(rejection.reason)].fetch_add(1, relaxed);
  };
  for (const auto& submission : submissions) {
    if (!submission->outcome->ok()) continue;
    const auto& answers = **submission->outcome;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (const auto* refusal = std::get_if<Refusal>(&answers[i])) {
        refuse(counters_.refused, refusal->reason);
        continue;
      }
      const auto& receipt = std::get<Receipt>(answers[i]);
      if (receipt.repeated) {
        ++repeated;
        continue;
      }
      if (entries++ == 0) first_time = receipt.time.unix_seconds();
      lines += submission->commands[i].lines.leaves.size();
      for (const auto& line : receipt.refused_lines) refuse(counters_.refused_lines, line);
    }
  }
  if (repeated != 0) counters_.repeated.fetch_add(repeated, relaxed);
  if (entries == 0) return;  // nothing was synced
  counters_.group_commands.observe(entries);
  counters_.entries.fetch_add(entries, relaxed);
  counters_.lines.fetch_add(lines, relaxed);
  counters_.size.store(parts_.end.head.size(), relaxed);
  counters_.last_time.store(parts_.end.head.last_time, relaxed);
  if (counters_.unsigned_since.load(relaxed) == 0) {
    counters_.unsigned_since.store(first_time, relaxed);
  }
}

}  // namespace fundtrail
