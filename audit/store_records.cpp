#include "audit/store_records.h"

#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

constexpr std::size_t kPieceBytes = 1 << 20;

}  // namespace

Status RowCursor::fill() {
  std::size_t bytes = 0;
  bool more = false;
  std::optional<Error> fault;
  auto status = snapshot_.scan(table_, from_, "", [&](std::string_view key, std::string_view value) {
    if (bytes >= kPieceBytes) {
      from_ = key;
      more = true;
      return false;
    }
    const auto index = store::index_of(key);
    if (!index.ok()) {
      fault = index.error();
      return false;
    }
    rows_.push_back({*index, std::string(value)});
    bytes += value.size() + 64;
    return true;
  });
  if (!status.ok()) return status;
  if (fault) return *fault;
  ended_ = !more;
  return success();
}

Result<RowCursor::Row*> RowCursor::peek() {
  if (rows_.empty() && !ended_) {
    if (auto status = fill(); !status.ok()) return status.error();
  }
  return rows_.empty() ? nullptr : &rows_.front();
}

Result<bool> StoreRecords::next(Record& record) {
  auto row = entries_.peek();
  if (!row.ok()) return row.error();
  const bool ended = *row == nullptr;
  if (!ended) {
    record.key = (*row)->key;
    record.bytes = std::move((*row)->value);
    record.lines.reset();
    entries_.pop();
  }
  // Lines before this entry's belong to no entry; after the last entry, all that are left.
  for (;;) {
    auto lines = lines_.peek();
    if (!lines.ok()) return lines.error();
    if (*lines == nullptr || (!ended && (*lines)->key > record.key)) break;
    if (!ended && (*lines)->key == record.key) {
      record.lines = std::move((*lines)->value);
    }
    lines_.pop();
  }
  return !ended;
}

}  // namespace fundtrail::audit
