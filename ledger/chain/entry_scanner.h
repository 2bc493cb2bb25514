// Reads the canonical line of an entry in place, for programs that look at every entry of a ledger:
// the integrity check and reports that are computed again from the entries. Builds neither a parse
// tree nor an Entry; takes a fraction of a microsecond.
//
// scan() accepts a line only when check_canonical() and decode_entry() accept it, and then says the
// same as they. It need not accept every such line (strings with escapes are left to the others):
// whoever gets false asks them, and gets their reason or their entry.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ledger/chain/digest.h"
#include "ledger/core/entry.h"

namespace fundtrail::chain {

// A place in the books: what a balance is kept for.
struct Cell {
  FundAccount account = FundAccount::source;
  Dimensions at;
  friend bool operator==(const Cell&, const Cell&) = default;
};

struct ScannedPosting {
  std::uint32_t cell = 0;  // EntryScanner::cells()
  Side side = Side::debit;
  std::int64_t fen = 0;    // as written, signed

  // The change of the balance in the account's normal direction.
  std::int64_t effect(FundAccount account) const {
    return (side == Side::debit) == is_debit_account(account) ? fen : -fen;
  }
};

// Views into the line.
struct ScannedEntry {
  std::uint64_t index = 0;
  Hash prev{};
  std::size_t kind = 0;  // of Document's alternatives
  std::string_view actor;  // the id
  Date date;
  std::int64_t time = 0;  // unix seconds
  std::string_view ledger;
  std::string_view document;  // the value of "doc"
  bool has_lines = false;
  std::uint64_t line_count = 0;
  Hash lines_root{};
  std::vector<ScannedPosting> postings;
};

// Remembers what it has seen (a ledger repeats its actors, dates and places in the books), so that
// most of a line is compared and not read. Memory grows with the number of cells. Not thread-safe.
class EntryScanner {
 public:
  bool scan(std::string_view line, ScannedEntry& out);

  const std::vector<Cell>& cells() const { return cells_; }
  // The number of a cell, new or known.
  std::uint32_t cell(FundAccount account, const Dimensions& at);

 private:
  struct Spelling {       // of a posting, around its amount
    std::string head;     // {"account":"accrued","amount":"
    std::string tail;     // ","counterparty":"p-001",...,"side":"debit"}
    std::uint32_t cell = 0;
    Side side = Side::debit;
  };
  struct Memo {  // a piece of a line that was read and found good
    std::string bytes;
    std::int64_t value = 0;
  };
  class Reading;

  // The number of a spelling, new or known; nothing when it is not that of a posting.
  std::optional<std::uint32_t> spelling_of(std::string_view head, std::string_view tail);
  std::uint32_t* slot_of(std::string_view head, std::string_view tail);
  static bool read_spelling(std::string_view head, std::string_view tail, Cell& cell, Side& side);

  std::vector<Cell> cells_;
  std::unordered_map<std::string, std::uint32_t> cell_numbers_;
  std::vector<Spelling> spellings_;
  std::vector<std::uint32_t> slots_;  // hash table over spellings_: number + 1, or 0
  std::array<std::uint32_t, 8> recent_{};  // the spelling of the n-th posting of the entry before
  Memo actor_, date_, kind_, policy_, time_, ledger_;
};

}  // namespace fundtrail::chain
