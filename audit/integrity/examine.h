// What can be said of a record without its neighbours: canonical form, leaf hash, place, content, the
// lines of its document, and whether its postings balance. Any thread may do it, in any order.
// Private to audit/integrity.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/integrity/finding.h"
#include "audit/integrity/signers.h"
#include "ledger/chain/digest.h"
#include "ledger/chain/entry_scanner.h"
#include "ledger/chain/line_checker.h"

namespace fundtrail::audit {

struct Examined {
  std::uint64_t key = 0;    // the row's key, or the place in the file
  std::uint64_t bytes = 0;  // of the line with its line feed, and of the document's lines
  chain::Hash leaf{};
  std::unique_ptr<Finding> fault;  // no place in the chain can be read from it; `entry` is not set
  // Without a fault:
  std::uint64_t index = 0;
  chain::Hash prev{};
  std::unique_ptr<Finding> content;  // what is wrong with its content or its lines
  // When its content is not malformed:
  bool decoded = false;
  bool has_lines = false;
  std::uint64_t line_count = 0;
  std::optional<chain::Hash> lines_root;  // nothing when what is written there is no hash
  std::int64_t time = 0;                  // unix seconds
  Date date;
  std::uint32_t ledger = 0;           // number in Examination::ledgers
  std::uint32_t first_posting = 0;    // in Examination::postings
  std::uint32_t posting_count = 0;
  std::unique_ptr<Finding> unbalanced;
  std::uint32_t actor = 0;  // number in Examination::actors
  std::unique_ptr<Governance> governance;
};

// Records in the order in which they lie, with what several of them share.
struct Examination {
  std::vector<Examined> records;
  std::vector<chain::ScannedPosting> postings;  // cells as the examiner numbers them
  std::vector<LedgerId> ledgers;
  std::vector<std::string> actors;
  std::size_t examiner = 0;
  std::vector<chain::Cell> new_cells;  // of this examiner, behind those of its earlier examinations
  std::optional<Error> fault;          // of reading, behind the records
  std::optional<std::uint64_t> stray;  // the first row of lines without an entry
  bool last = false;                   // nothing lies behind it
};

// Not thread-safe: one a thread.
class Examiner {
 public:
  // `genesis`: leaf hash of entry 0, which signatures are bound to.
  Examiner(chain::Suite suite, const chain::Hash& genesis, std::size_t number)
      : hasher_(suite), genesis_(genesis), number_(number) {}

  Examination begin();
  // `cut`: the file ended before the line feed.
  void entry(std::uint64_t key, std::string_view bytes, bool cut, Examination& out);
  // The lines of a record that was examined before, as stored; nothing when there are none.
  void lines(Examined& record, std::optional<std::string_view> block);
  void end(Examination& out);

 private:
  void place(const chain::ScannedEntry& entry, Examined& record, Examination& out);
  void decode(std::string_view bytes, Examined& record, Examination& out);
  std::uint32_t ledger_number(std::string_view ledger, Examination& out);
  std::uint32_t actor_number(std::string_view actor, Examination& out);
  void check_balance(Examined& record, const Examination& out);
  std::optional<Finding> check_lines(const Examined& record,
                                     std::optional<std::string_view> block);

  chain::Hasher hasher_;
  chain::Hash genesis_;
  chain::EntryScanner scanner_;
  chain::ScannedEntry scanned_;
  chain::LineChecker line_checker_;
  std::vector<chain::Hash> leaves_;
  std::unordered_map<std::string, std::uint32_t> actor_numbers_;  // of this examination
  std::string actor_;                                             // room for a key of it
  std::size_t number_;
  std::size_t known_cells_ = 0;  // to those who fold
};

}  // namespace fundtrail::audit
