#include "ledger/planning/claims.h"

#include <algorithm>
#include <map>
#include <utility>

#include "ledger/planning/snapshot_state.h"
#include "ledger/rules/packing.h"

namespace fundtrail::planning {

std::vector<OpenClaim> open_claims(const store::Snapshot& snapshot, const Run& run) {
  std::vector<OpenClaim> claims;
  std::map<std::string, Date, std::less<>> free;  // what these settlements claimed, from their return on
  each_row_under(snapshot, "S", [&](std::string_view key, std::string_view bytes) {
    if (const auto on = rules::returned_on(bytes)) free.emplace(key, *on);
  });
  each_row(snapshot, store::Table::state, "K", "L", [&](std::string_view key, std::string_view bytes) {
    auto row = rules::RedemptionRow::decode(bytes);
    if (run.date < row.lowered) return;
    if (!row.settlement.empty()) {
      const auto found = free.find(rules::settlement_key(row.settlement));
      if (found == free.end() || run.date < found->second) return;
    }
    const auto is_of_run = [&](const auto& group) {
      return group.at.programme == run.programme && group.amount.is_positive();
    };
    if (std::none_of(row.groups.begin(), row.groups.end(), is_of_run)) return;
    if (key.size() != 9) rules::Unpacker::damaged();
    claims.push_back({rules::get_big_endian(key.data() + 1, 8), std::move(row)});
  });
  return claims;
}

}  // namespace fundtrail::planning
