// Rows of the commands table: idempotency id → where the command was recorded, and the digest of
// its content (8 bytes big-endian, 32 bytes). Both stand in the entry; the row saves reading it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/core/result.h"
#include "ledger/store/layout.h"

namespace fundtrail {

struct RecordedCommand {
  std::uint64_t index = 0;
  chain::Hash content{};
};

inline std::string encode_recorded(const RecordedCommand& recorded) {
  return store::key_of(recorded.index) + std::string(chain::bytes_of(recorded.content));
}

inline Result<RecordedCommand> decode_recorded(std::string_view row) {
  if (row.size() != 40) return Error{Fault::unreadable, "a row of the commands has a wrong length"};
  const auto index = store::index_of(row.substr(0, 8));
  if (!index.ok()) return index.error();
  RecordedCommand recorded{*index, {}};
  std::copy_n(row.begin() + 8, 32, recorded.content.begin());
  return recorded;
}

}  // namespace fundtrail
