// Rows of the commands table: idempotency id → where the command was recorded, the digest of its
// content (8 bytes big-endian, 32 bytes), and the lines that were refused, so that a repeated command
// gets the whole answer again. Index and content stand in the entry too; refused lines are no part of
// the book and are nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"

namespace fundtrail {

struct RecordedCommand {
  std::uint64_t index = 0;
  chain::Hash content{};
  std::vector<Rejection> refused_lines;
};

std::string encode_recorded(const RecordedCommand& recorded);
// Faults: unreadable.
Result<RecordedCommand> decode_recorded(std::string_view row);
// Only where it was recorded.
Result<std::uint64_t> decode_recorded_index(std::string_view row);

}  // namespace fundtrail
