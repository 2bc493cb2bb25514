#include "ledger/engine/entries_check.h"

#include <optional>
#include <string>
#include <vector>

#include "ledger/chain/document_codec.h"
#include "ledger/chain/entry_scanner.h"
#include "ledger/core/bilingual.h"

namespace fundtrail {
namespace {

constexpr std::uint64_t kLook = 256;  // entries from one look at the watch to the next

Error altered(std::uint64_t index, const char* zh, const char* en) {
  const std::string number = std::to_string(index);
  return {Fault::tampered,
          in_both("第 " + number + " 号记录" + zh + "；请保留现场，用 fundtrail verify 检查。",
                  "entry " + number + en + "; keep the directory as it is and run fundtrail verify")};
}

class Checker {
 public:
  explicit Checker(chain::Suite suite) : hasher_(suite) {}

  Status look(std::uint64_t index, std::string_view bytes, std::string_view block) {
    entries_.append(hasher_, hasher_.leaf(bytes));
    const auto named = root_of_lines(bytes);
    if (!named.ok()) return named.error();
    leaves_.clear();
    while (!block.empty()) {
      const auto end = block.find('\n');
      if (end == block.npos) return altered(index, "的明细不完整", " has lines that are cut");
      leaves_.push_back(hasher_.leaf(block.substr(0, end)));
      block.remove_prefix(end + 1);
    }
    const bool same = *named ? chain::root_of(hasher_, leaves_) == **named : leaves_.empty();
    if (!same) return altered(index, "的明细不是该记录所指的那些", " has other lines than it names");
    return success();
  }
  chain::Hash root() { return entries_.root(hasher_); }

 private:
  Result<std::optional<chain::Hash>> root_of_lines(std::string_view bytes) {
    using Found = std::optional<chain::Hash>;
    if (scanner_.scan(bytes, scanned_)) return scanned_.has_lines ? Found(scanned_.lines_root) : Found();
    const auto entry = chain::decode_entry(bytes);  // what the scanner does not accept
    if (!entry.ok()) return entry.error();
    return entry->lines ? chain::hash_from_hex(entry->lines->root) : Found();
  }

  chain::Hasher hasher_;
  chain::EntryScanner scanner_;
  chain::ScannedEntry scanned_;
  chain::Frontier entries_;
  std::vector<chain::Hash> leaves_;
};

}  // namespace

Status check_entries(const View& view, const ReplayWatch& watch) {
  Checker checker(view.suite());
  Status fault = success();
  const auto scanned = view.scan(
      0, view.size(), View::Lines::with,
      [&](std::uint64_t index, std::string_view bytes, std::string_view lines) {
        fault = checker.look(index, bytes, lines);
        if (!fault.ok() || index % kLook != 0) return fault.ok();
        if (watch.progress) watch.progress(index, view.size());
        if (watch.cancelled && watch.cancelled()) {
          fault = Error{Fault::unavailable, in_both("检查已中止。", "the check was called off")};
        }
        return fault.ok();
      });
  if (!fault.ok()) return fault;
  if (!scanned.ok()) return scanned;
  if (checker.root() == view.root()) return success();
  return Error{Fault::tampered,
               in_both("各号记录推不出链头的根；请保留现场，用 fundtrail verify 找出首条不符的记录。",
                       "the entries do not lead to the root of the head; keep the directory as it is, and "
                       "fundtrail verify names the first bad entry")};
}

}  // namespace fundtrail
