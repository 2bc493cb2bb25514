#include "ledger/store/refusals.h"

#include "ledger/core/bilingual.h"
#include "ledger/store/layout.h"

namespace fundtrail::store {

Result<Epoch> epoch_after(std::string_view stored) {
  if (stored.empty()) return Epoch{1};
  const auto epoch = index_of(stored);
  if (!epoch.ok() || *epoch + 1 == 0) {
    return Error{Fault::unreadable, "the stored epoch of the writer is not one"};
  }
  return *epoch + 1;
}

std::optional<std::string> unexpected(const Expected& expected, std::string_view epoch,
                                      std::string_view head) {
  if (epoch != key_of(expected.epoch)) {
    return in_both("另一个写入者已接管此账套（本写入者的任期已过）；本次内容未入账。请重新打开账套。",
                   "another writer has claimed the ledger since this one opened it (its epoch is "
                   "over); nothing of this was recorded: open the ledger again");
  }
  if (head != expected.head) {
    return in_both("库中的链头已不是本写入者所知的链头；本次内容未入账。请重新打开账套。",
                   "the stored head is not the one that this writer knows; nothing of this was "
                   "recorded: open the ledger again");
  }
  return std::nullopt;
}

std::string refusing_since(std::string_view why) {
  return in_both("上一次写入的结果不明（" + std::string(why) + "），此后不再接受写入。",
                 "refusing writes after one whose outcome is unknown: " + std::string(why));
}

}  // namespace fundtrail::store
