#include "audit/integrity/source.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "audit/bundle_layout.h"
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

Result<bool> StoreSource::next(Record& record) {
  auto row = entries_.peek();
  if (!row.ok()) return row.error();
  const bool ended = *row == nullptr;
  if (!ended) {
    record.key = (*row)->key;
    record.bytes = std::move((*row)->value);
    record.lines.reset();
    record.cut = false;
    entries_.pop();
  }
  // Lines before this entry's belong to no entry; after the last entry, all that are left.
  for (;;) {
    auto lines = lines_.peek();
    if (!lines.ok()) return lines.error();
    if (*lines == nullptr || (!ended && (*lines)->key > record.key)) break;
    if (!ended && (*lines)->key == record.key) {
      record.lines = std::move((*lines)->value);
    } else if (!stray_) {
      stray_ = (*lines)->key;
    }
    lines_.pop();
  }
  return !ended;
}


Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{Fault::not_found, "cannot open " + path.filename().string()};
  std::ostringstream content;
  content << in.rdbuf();
  if (in.bad() || (content.fail() && !in.eof() && std::filesystem::file_size(path) != 0)) {
    return Error{Fault::io, "cannot read " + path.filename().string()};
  }
  return std::move(content).str();
}

BundleSource::BundleSource(const std::filesystem::path& bundle)
    : bundle_(bundle), entries_(bundle / "entries.jsonl", std::ios::binary) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(bundle / "lines", ignored)) {
    const std::string name = file.path().stem().string();
    std::uint64_t index = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (fault == std::errc{} && end == name.data() + name.size() &&
        "lines/" + file.path().filename().string() == bundle::lines_of(index)) {
      with_lines_.push_back(index);
    }
  }
  std::sort(with_lines_.begin(), with_lines_.end());
}

Result<bool> BundleSource::next(Record& record) {
  if (!entries_.is_open()) return Error{Fault::not_found, "entries.jsonl"};
  if (!std::getline(entries_, record.bytes)) {
    if (entries_.bad()) return Error{Fault::io, "cannot read entries.jsonl"};
    return false;
  }
  record.cut = entries_.eof();
  record.key = place_++;
  record.lines.reset();
  if (std::binary_search(with_lines_.begin(), with_lines_.end(), record.key)) {
    auto content = read_file(bundle_ / bundle::lines_of(record.key));
    if (!content.ok()) return content.error();
    record.lines = std::move(content).value();
  }
  return true;
}

}  // namespace fundtrail::audit
