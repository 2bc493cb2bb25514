#include "audit/integrity/source.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

#include "audit/bundle_layout.h"
#include "ledger/store/layout.h"

namespace fundtrail::audit {
namespace {

// Large enough that beginning a scan costs nothing, small enough that the last ones end together.
constexpr std::size_t kPieceBytes = 4u << 20;
constexpr std::size_t kFilePieceBytes = 1u << 20;
constexpr std::uint64_t kMinRows = 16;
constexpr std::uint64_t kMaxRows = 512;

}  // namespace

struct StoreSource::Span {
  std::string from;                // the first key, "" for the very first
  std::optional<std::string> to;   // the first key of entries behind the piece; nothing: none
};

std::optional<RecordSource::Piece> StoreSource::take() {
  const std::lock_guard lock(mutex_);
  if (ended_) return std::nullopt;
  Piece piece;
  piece.from = next_;
  next_ = next_ > ~rows_ ? 0 : next_ + rows_;
  piece.to = next_;
  ended_ = next_ == 0;
  return piece;
}

Examination StoreSource::examine(Piece piece, Examiner& examiner) {
  Examination out = examiner.begin();
  Span span;
  if (piece.from != 0) span.from = store::key_of(piece.from);
  scan_entries(piece, examiner, span, out);
  learn(span, out);
  if (!out.fault || !out.records.empty()) scan_lines(examiner, span, out);
  out.last = !span.to;
  examiner.end(out);
  return out;
}

void StoreSource::scan_entries(const Piece& piece, Examiner& examiner, Span& span,
                               Examination& out) const {
  const std::string behind = piece.to != 0 ? store::key_of(piece.to) : std::string();
  const auto status = snapshot_.scan(
      store::Table::entries, span.from, "", [&](std::string_view key, std::string_view value) {
        if (!behind.empty() && key >= behind) {
          span.to = key;
          return false;
        }
        const auto index = store::index_of(key);
        if (!index.ok()) {
          out.fault = index.error();
          span.to = key;
          return false;
        }
        examiner.entry(*index, value, false, out);
        return true;
      });
  if (status.ok()) return;
  out.fault = status.error();
  span.to = out.records.empty() ? span.from : store::key_of(out.records.back().key) + '\0';
}

// Lines before an entry's key belong to no entry; behind the last entry, all that are left.
void StoreSource::scan_lines(Examiner& examiner, const Span& span, Examination& out) const {
  std::size_t next = 0;
  std::optional<Error> fault;
  const auto stray = [&](std::uint64_t key) {
    if (!out.stray) out.stray = key;
  };
  const auto status = snapshot_.scan(
      store::Table::lines, span.from, span.to.value_or(""),
      [&](std::string_view key, std::string_view block) {
        const auto index = store::index_of(key);
        if (!index.ok()) {
          fault = index.error();
          return false;
        }
        for (; next < out.records.size() && out.records[next].key < *index; ++next) {
          examiner.lines(out.records[next], std::nullopt);
        }
        if (next == out.records.size() || out.records[next].key != *index) {
          stray(*index);
        } else {
          examiner.lines(out.records[next++], block);
        }
        return true;
      });
  if (!status.ok()) fault = status.error();
  // Behind a damaged place nothing is known of lines, so the first entry that should have some ends it.
  for (; next < out.records.size(); ++next) {
    if (fault && out.records[next].has_lines) {
      out.records.erase(out.records.begin() + static_cast<std::ptrdiff_t>(next),
                        out.records.end());
      break;
    }
    examiner.lines(out.records[next], std::nullopt);
  }
  if (fault) out.fault = std::move(fault);
}

// Pieces of about the same number of bytes, and none over a stretch without entries.
void StoreSource::learn(const Span& span, const Examination& examined) {
  std::uint64_t bytes = 0;
  for (const auto& record : examined.records) bytes += record.bytes + record.line_count * 100;
  const std::lock_guard lock(mutex_);
  if (bytes != 0) {
    rows_ = std::clamp(kPieceBytes * examined.records.size() / bytes, kMinRows, kMaxRows);
  }
  if (!span.to || examined.fault) ended_ = true;
  else if (const auto index = store::index_of(*span.to); index.ok()) next_ = std::max(next_, *index);
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

std::optional<RecordSource::Piece> BundleSource::take() {
  if (ended_) return std::nullopt;
  Piece piece;
  piece.from = place_;
  if (!entries_.is_open()) piece.fault = Error{Fault::not_found, "entries.jsonl"};
  piece.bytes = std::move(rest_);
  rest_.clear();
  std::size_t end = std::string::npos;  // of the last whole line
  while (!piece.fault && end == std::string::npos && entries_) {
    const std::size_t before = piece.bytes.size();
    piece.bytes.resize(before + kFilePieceBytes);
    entries_.read(piece.bytes.data() + before, static_cast<std::streamsize>(kFilePieceBytes));
    piece.bytes.resize(before + static_cast<std::size_t>(entries_.gcount()));
    if (entries_.bad()) piece.fault = Error{Fault::io, "cannot read entries.jsonl"};
    end = piece.bytes.rfind('\n');
  }
  piece.last = ended_ = piece.fault || !entries_;
  if (!ended_) {
    rest_ = piece.bytes.substr(end + 1);
    piece.bytes.resize(end + 1);
  }
  place_ += static_cast<std::uint64_t>(std::count(piece.bytes.begin(), piece.bytes.end(), '\n'));
  return piece;
}

Examination BundleSource::examine(Piece piece, Examiner& examiner) {
  Examination out = examiner.begin();
  std::string_view rest = piece.bytes;
  for (std::uint64_t place = piece.from; !rest.empty() && !out.fault; ++place) {
    const auto end = rest.find('\n');
    const bool cut = end == std::string_view::npos;
    examiner.entry(place, rest.substr(0, end), cut, out);
    rest.remove_prefix(cut ? rest.size() : end + 1);
    std::optional<std::string_view> block;
    Result<std::string> content = std::string();
    if (std::binary_search(with_lines_.begin(), with_lines_.end(), place)) {
      content = read_file(bundle_ / bundle::lines_of(place));
      if (content.ok()) {
        block = *content;
      } else {
        out.records.pop_back();
        out.fault = content.error();
        break;
      }
    }
    examiner.lines(out.records.back(), block);
  }
  if (piece.fault && !out.fault) out.fault = std::move(piece.fault);
  out.last = piece.last;
  examiner.end(out);
  return out;
}

}  // namespace fundtrail::audit
