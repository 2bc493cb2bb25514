#include "ledger/store/rocks_checks.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>

#include "ledger/core/bilingual.h"
#include "ledger/store/layout.h"

namespace fundtrail::store {
namespace {

constexpr std::array<std::string_view, kTables> kNames = {"meta",  "entries",  "lines", "tree",
                                                          "state", "commands", "vault"};

// A write batch begins with the number of its first change, least significant byte first.
std::uint64_t first_sequence(const rocksdb::WriteBatch& batch) {
  const std::string& bytes = batch.Data();
  std::uint64_t number = 0;
  for (std::size_t i = 8; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

rocksdb::WalFilter::WalProcessingOption SequenceWatch::LogRecordFound(
    unsigned long long, const std::string& file, const rocksdb::WriteBatch& batch,
    rocksdb::WriteBatch*, bool*) {
  const std::uint64_t first = first_sequence(batch);
  last_ = file;
  if (next_ && first != *next_) {
    if (!gap_) gap_ = file;
    return WalProcessingOption::kCorruptedRecord;
  }
  next_ = first + batch.Count();
  return WalProcessingOption::kContinueProcessing;
}

std::uint64_t Marks::newest() const { return *std::max_element(of.begin(), of.end()); }

std::string Marks::encode() const {
  std::string bytes;
  for (const std::uint64_t mark : of) bytes += key_of(mark);
  return bytes;
}

Result<Marks> Marks::decode(std::string_view bytes) {
  Marks marks;
  if (bytes.empty()) return marks;
  if (bytes.size() != 8 * kTables) {
    return Error{Fault::unreadable, "store: the marks of the tables have the wrong length"};
  }
  for (std::size_t i = 0; i < kTables; ++i) marks.of[i] = *index_of(bytes.substr(8 * i, 8));
  return marks;
}

Error incomplete_table(Table table) {
  const std::string name(kNames[static_cast<std::size_t>(table)]);
  return {Fault::unreadable,
          in_both("账套库不完整：表“" + name +
                      "”缺少最近写入的内容（MANIFEST 或数据文件被截断或替换）。未作任何改动；请按 "
                      "docs/OPERATIONS.md“恢复”处理。",
                  "the store is not whole: the table \"" + name +
                      "\" lacks what was written last (MANIFEST or data files were cut or replaced). "
                      "Nothing of it was accepted; see \"Restoring\" in docs/OPERATIONS.md")};
}

Error journal_gap(const std::string& file) {
  return {Fault::unreadable,
          in_both("账套库的日志有缺口：" + file +
                      " 之前的写入缺失（日志文件被截断、删除或替换）。请按 docs/OPERATIONS.md“恢复”处理。",
                  "the store's journal has a gap: writes before those in " + file +
                      " are missing (a journal file was cut, removed or replaced); see \"Restoring\" in "
                      "docs/OPERATIONS.md")};
}

Error damaged_journal(const std::string& last, const std::string& why) {
  const std::string name = std::filesystem::path(last).filename().string();
  const bool first = name.empty();
  return {Fault::unreadable,
          in_both("账套库的日志已损坏：" +
                      (first ? std::string("第一个 .log 文件") : name + " 或其后的 .log 文件") + "（" + why +
                      "）。未作任何改动；请按 docs/OPERATIONS.md“恢复”处理。",
                  "the store's journal is damaged in " +
                      (first ? std::string("its first .log file")
                             : name + " or the .log file after it") +
                      " (" + why + "); nothing was changed: see \"Restoring\" in docs/OPERATIONS.md")};
}

}  // namespace fundtrail::store
