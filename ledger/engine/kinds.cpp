#include "ledger/engine/kinds.h"

#include "ledger/rules/rows.h"

namespace fundtrail {

Result<std::vector<std::uint64_t>> entries_of_kinds(const store::Snapshot& snapshot,
                                                    std::uint64_t size, const Kinds& wanted) {
  constexpr std::uint64_t kEntriesInRow = 256;
  std::vector<std::uint64_t> found;
  std::uint64_t seen = 0;
  const std::string from(rules::entry_kinds_key(0));
  const std::string behind(rules::entry_kinds_key(size + kEntriesInRow));
  const auto status = snapshot.scan(
      store::Table::state, from, behind, [&](std::string_view key, std::string_view kinds) {
        if (key != rules::entry_kinds_key(seen)) return false;
        for (const char kind : kinds) {
          const auto number = static_cast<unsigned char>(kind);
          if (number >= wanted.size() || seen == size) return false;
          if (wanted[number]) found.push_back(seen);
          ++seen;
        }
        return seen % kEntriesInRow == 0;
      });
  if (!status.ok()) return status.error();
  if (seen != size) return Error{Fault::unreadable, "the kinds of the entries are not complete"};
  return found;
}

}  // namespace fundtrail
