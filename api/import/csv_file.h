// A CSV file (RFC 4180, read by libcsv), mapped into memory and read row by row, from the start or
// from any row that was read before. Memory does not grow with the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/result.h"

namespace fundtrail::api::import {

// Read-only view of a whole file. An empty file is an empty view.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&&) noexcept;
  ~MappedFile();
  std::string_view bytes() const;

 private:
  struct Region;
  explicit MappedFile(std::unique_ptr<Region> region);
  std::unique_ptr<Region> region_;
};

// Where rows stand in a file: enough to read them again.
struct Run {
  std::uint64_t offset = 0;
  std::uint32_t length = 0;  // bytes
  std::uint32_t row = 0;     // number of the first one
  std::uint32_t rows = 0;
};

// Rows of a piece of a file. A row's number is the one a spreadsheet shows: blank rows count, a line
// feed within quotes does not.
class RowReader {
 public:
  RowReader(std::string_view bytes, std::uint64_t offset, std::uint32_t first_row);
  RowReader(const RowReader&) = delete;
  RowReader& operator=(const RowReader&) = delete;
  ~RowReader();

  enum class Got { row, end, malformed };
  // The next row that is not blank. `malformed`: the quotes of the row at row() do not match; reading
  // goes on with the line after its first one.
  Got next();

  const std::vector<std::string>& cells() const { return cells_; }
  std::uint32_t row() const { return row_; }
  Run run() const;  // of this row alone

 private:
  struct Parser;
  std::size_t parse_row();  // its length, its cells in parser_; 0: malformed
  void skip(std::size_t size);
  std::string_view rest_;
  std::uint64_t offset_;       // of rest_ in the file
  std::uint64_t row_offset_ = 0;
  std::uint32_t row_;
  std::uint32_t next_row_;
  std::vector<std::string> cells_;
  std::unique_ptr<Parser> parser_;
};

enum class Encoding : std::uint8_t { utf8, utf8_bom, gb18030, workbook };  // the last: XLSX
const char* name(Encoding encoding);

// UTF-8 when there is a byte order mark or every byte fits. Of other text, well-formed sequences of
// three and four bytes are counted, which are nearly all of Chinese text in UTF-8 and by accident
// hardly ever stand in GB18030, against the bytes that fit nowhere: more sequences than such bytes is
// damaged UTF-8 (its bad cells are found one by one), at most a quarter is GB18030. Nothing when it
// is neither, or when a text has two-byte sequences only, which may be either.
// (No byte of a GB18030 character can be mistaken for a quote, a comma or a line end, so rows are
// split before decoding.)
std::optional<Encoding> detect_encoding(std::string_view bytes);
// Length of the byte order mark, if any.
std::size_t bom_size(Encoding encoding);

// Turns cells of one file into UTF-8. Not thread-safe.
class CellDecoder {
 public:
  explicit CellDecoder(Encoding encoding);
  CellDecoder(const CellDecoder&) = delete;
  CellDecoder& operator=(const CellDecoder&) = delete;
  ~CellDecoder();
  // False when the bytes do not fit the encoding; the cell is then empty.
  bool decode(std::string& cell);

 private:
  Encoding encoding_;
  void* converter_ = nullptr;  // iconv_t
};

}  // namespace fundtrail::api::import
