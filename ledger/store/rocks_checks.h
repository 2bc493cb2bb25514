// What RocksDB itself does not notice when files are damaged or cut. Private to ledger/store.
//
//   SequenceWatch   its recovery takes a journal that ends early for one that a crash cut short, also
//                   when younger journals follow: then a hole would be in the middle. The numbers of
//                   the writes have no gaps; a gap refuses the opening.
//   Marks           its MANIFEST may lose its last records without a word, and with them a table's
//                   newest files. Each commit notes its number in every table that it changes and,
//                   for all tables, in `meta`; opening compares the two. (That `meta` itself is whole
//                   is what the anchor is for.)
#pragma once

#include <rocksdb/wal_filter.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/core/result.h"
#include "ledger/store/store.h"

namespace fundtrail::store {

class SequenceWatch final : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "fundtrail.sequence"; }
  WalProcessingOption LogRecordFound(unsigned long long journal, const std::string& file,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override;
  // The journal in or before which something is missing; nothing when all is there.
  const std::optional<std::string>& gap() const { return gap_; }
  // The journal that was read last; empty before any.
  const std::string& last() const { return last_; }

 private:
  std::optional<std::uint64_t> next_;
  std::optional<std::string> gap_;
  std::string last_;
};

// The key of a table's own mark: behind every key of a row, and never shown to anybody.
inline constexpr std::string_view kMarkKey =
    "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
// meta: the marks of all tables.
inline constexpr std::string_view kMarksKey = "marks";

// The number of the newest commit that changed each table; 0: none did.
struct Marks {
  std::array<std::uint64_t, kTables> of{};

  std::uint64_t newest() const;
  std::string encode() const;
  // "" gives no marks. Fault::unreadable.
  static Result<Marks> decode(std::string_view bytes);
};

// Fault::unreadable with both languages, naming the table.
Error incomplete_table(Table table);
Error journal_gap(const std::string& file);
// `last` is the journal whose records were read well last.
Error damaged_journal(const std::string& last, const std::string& why);

}  // namespace fundtrail::store
