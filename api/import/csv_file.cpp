#include "api/import/csv_file.h"

#include <csv.h>
#include <iconv.h>
#include <simdjson.h>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include "ledger/core/check.h"

namespace fundtrail::api::import {

struct MappedFile::Region {
  boost::interprocess::mapped_region mapped;  // address nullptr: the file is empty
};

MappedFile::MappedFile(std::unique_ptr<Region> region) : region_(std::move(region)) {}
MappedFile::MappedFile(MappedFile&&) noexcept = default;
MappedFile::~MappedFile() = default;

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  try {
    auto region = std::make_unique<Region>();
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) return Error{Fault::io, error.message()};
    if (size > 0) {
      const boost::interprocess::file_mapping file(path.c_str(), boost::interprocess::read_only);
      region->mapped =
          boost::interprocess::mapped_region(file, boost::interprocess::read_only);
    }
    return MappedFile(std::move(region));
  } catch (const std::exception& error) {
    return Error{Fault::io, error.what()};
  }
}

std::string_view MappedFile::bytes() const {
  return {static_cast<const char*>(region_->mapped.get_address()), region_->mapped.get_size()};
}

// libcsv with its callbacks. Blank lines are reported (CSV_REPALL_NL), blanks are kept: trimming is
// the business of cells.h, which knows more kinds of them.
struct RowReader::Parser {
  csv_parser csv{};
  std::vector<std::string> cells;
  bool row_ended = false;
  bool two_rows = false;  // a lone carriage return ended a row within the line

  Parser() {
    FT_CHECK(csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) == 0);
    csv_set_space_func(&csv, [](unsigned char) { return 0; });
  }
  ~Parser() { csv_free(&csv); }

  static void on_cell(void* text, std::size_t size, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    parser.two_rows |= parser.row_ended;
    parser.cells.emplace_back(static_cast<const char*>(text), size);
  }
  static void on_row(int, void* self) { static_cast<Parser*>(self)->row_ended = true; }

  bool parse(std::string_view line) {
    return csv_parse(&csv, line.data(), line.size(), on_cell, on_row, this) == line.size() &&
           !two_rows;
  }
  bool finish() { return csv_fini(&csv, on_cell, on_row, this) == 0 && !two_rows; }
};

RowReader::RowReader(std::string_view bytes, std::uint64_t offset, std::uint32_t first_row)
    : rest_(bytes), offset_(offset), row_(first_row), next_row_(first_row),
      parser_(std::make_unique<Parser>()) {}
RowReader::~RowReader() = default;

bool RowReader::feed_line() {
  const auto end = rest_.find('\n');
  const auto line = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
  rest_.remove_prefix(line.size());
  offset_ += line.size();
  return parser_->parse(line) && (!rest_.empty() || parser_->finish());
}

RowReader::Got RowReader::next() {
  constexpr std::uint64_t kMaxRowBytes = 1 << 20;
  while (!rest_.empty()) {
    row_ = next_row_++;
    row_offset_ = offset_;
    parser_->cells.clear();
    parser_->row_ended = false;
    while (!parser_->row_ended) {
      if (rest_.empty() || !feed_line() || offset_ - row_offset_ > kMaxRowBytes) {
        rest_ = {};
        return Got::malformed;
      }
    }
    if (parser_->cells.empty()) continue;  // a blank line
    cells_.swap(parser_->cells);
    return Got::row;
  }
  return Got::end;
}

Run RowReader::run() const {
  return {row_offset_, std::uint32_t(offset_ - row_offset_), row_, 1};
}

const char* name(Encoding encoding) {
  static constexpr const char* kNames[] = {"UTF-8", "UTF-8 (BOM)", "GB18030"};
  return kNames[std::size_t(encoding)];
}

std::size_t bom_size(Encoding encoding) { return encoding == Encoding::utf8_bom ? 3 : 0; }

Encoding detect_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return Encoding::utf8_bom;
  return simdjson::validate_utf8(bytes.data(), bytes.size()) ? Encoding::utf8 : Encoding::gb18030;
}

CellDecoder::CellDecoder(Encoding encoding) : encoding_(encoding) {
  if (encoding != Encoding::gb18030) return;
  converter_ = iconv_open("UTF-8", "GB18030");
  FT_CHECK(converter_ != reinterpret_cast<iconv_t>(-1));
}
CellDecoder::~CellDecoder() {
  if (converter_ != nullptr) iconv_close(converter_);
}

bool CellDecoder::decode(std::string& cell) {
  if (encoding_ != Encoding::gb18030) {
    if (simdjson::validate_utf8(cell.data(), cell.size())) return true;
    cell.clear();
    return false;
  }
  std::string utf8(cell.size() * 2 + 8, '\0');  // a GB18030 character grows from 2 bytes to 3
  char* in = cell.data();
  char* out = utf8.data();
  std::size_t in_left = cell.size(), out_left = utf8.size();
  iconv(converter_, nullptr, nullptr, nullptr, nullptr);
  const bool fine = iconv(converter_, &in, &in_left, &out, &out_left) != std::size_t(-1);
  utf8.resize(fine ? utf8.size() - out_left : 0);
  cell = std::move(utf8);
  return fine;
}

}  // namespace fundtrail::api::import
