#include "api/import/csv_file.h"

#include <csv.h>
#include <iconv.h>
#include <simdjson.h>

#include <boost/interprocess/file_mapping.hpp>
#include <boost/interprocess/mapped_region.hpp>

#include "ledger/core/check.h"
#include "ledger/core/fault_words.h"

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
    if (error) return file_error(Doing::read, path.filename(), error.value());
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

  explicit Parser(unsigned char options) {
    FT_CHECK(csv_init(&csv, options | CSV_REPALL_NL) == 0);
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
  // True when `line` is a whole row.
  bool parse_row(std::string_view line) {
    cells.clear();
    row_ended = two_rows = false;
    return parse(line) && (line.ends_with('\n') || parse("\n")) && row_ended;
  }
};

RowReader::RowReader(std::string_view bytes, std::uint64_t offset, std::uint32_t first_row)
    : rest_(bytes), offset_(offset), row_(first_row), next_row_(first_row),
      parser_(std::make_unique<Parser>(0)) {}
RowReader::~RowReader() = default;

namespace {

std::string_view first_line(std::string_view bytes) {
  const auto end = bytes.find('\n');
  return bytes.substr(0, end == std::string_view::npos ? end : end + 1);
}

}  // namespace

// Most rows have no quote and are one line. A quote within a cell that does not begin with one is
// a character like others (湖"塘), as spreadsheets read it, but only where no cell of the row begins
// with one: there a wrong quote would let cells run together.
std::size_t RowReader::parse_row() {
  constexpr std::size_t kMaxRowBytes = 1 << 20;
  const auto line = first_line(rest_);
  const bool begins_with_quote =
      line.starts_with('"') || line.find(",\"") != std::string_view::npos;
  if (!begins_with_quote && line.size() <= kMaxRowBytes) {
    if (parser_->parse_row(line)) return line.size();
    parser_ = std::make_unique<Parser>(0);
    return 0;
  }
  Parser strict(CSV_STRICT);
  std::size_t size = 0;
  while (!strict.row_ended) {
    const auto more = first_line(rest_.substr(size));
    size += more.size();
    if (more.empty() || size > kMaxRowBytes || !strict.parse(more)) return 0;
    if (size == rest_.size() && !more.ends_with('\n') && !strict.parse("\n")) return 0;
  }
  parser_->cells.swap(strict.cells);
  return size;
}

void RowReader::skip(std::size_t size) {
  rest_.remove_prefix(size);
  offset_ += size;
}

RowReader::Got RowReader::next() {
  while (!rest_.empty()) {
    row_ = next_row_++;
    row_offset_ = offset_;
    const std::size_t size = parse_row();
    skip(size == 0 ? first_line(rest_).size() : size);
    if (size == 0) return Got::malformed;
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
  static constexpr const char* kNames[] = {"UTF-8", "UTF-8 (BOM)", "GB18030", "XLSX"};
  return kNames[std::size_t(encoding)];
}

std::size_t bom_size(Encoding encoding) { return encoding == Encoding::utf8_bom ? 3 : 0; }

namespace {

// How much of a text is UTF-8.
struct Shape {
  std::uint64_t two = 0;   // well-formed sequences of two bytes
  std::uint64_t more = 0;  // of three and four: nearly all Chinese text in UTF-8
  std::uint64_t stray = 0;  // other bytes that are not ASCII
};

Shape shape_of(std::string_view bytes) {
  Shape shape;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (i + size <= bytes.size() && simdjson::validate_utf8(bytes.data() + i, size)) {
      ++(size == 2 ? shape.two : shape.more);
      i += size;
    } else {
      ++shape.stray;
      ++i;
    }
  }
  return shape;
}

}  // namespace

std::optional<Encoding> detect_encoding(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return Encoding::utf8_bom;
  const Shape shape = shape_of(bytes);
  if (shape.stray == 0) {
    if (shape.two > 0 && shape.more == 0) return std::nullopt;
    return Encoding::utf8;
  }
  if (shape.more > shape.stray) return Encoding::utf8;
  if (shape.more * 4 <= shape.stray) return Encoding::gb18030;
  return std::nullopt;
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
