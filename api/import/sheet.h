// One file of an import with its columns found: rows come out with normalised cells in the order of
// the table's columns, and everything that is wrong with them goes to the list of findings.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/import/csv_file.h"
#include "api/import/findings.h"
#include "api/import/tables.h"
#include "api/import/workbook.h"

namespace fundtrail::api::import {

struct Row {
  std::uint32_t number = 0;
  Run run;
  std::vector<std::string> cells;  // by Table::columns; empty: nothing there
  bool good = true;                // false: a finding was reported
};

// What is asked of the cells.
enum class Strictness : std::uint8_t {
  documents,  // every required cell there and every cell well-formed
  facts,      // a past year: only what cannot be read at all is wrong
};

// Not thread-safe.
class Sheet {
 public:
  // A CSV file, or a workbook. `encoding` of CSV files without a byte order mark; absent: detected.
  // Nothing when the file or its header cannot be used; `findings` then says why. `titles`: whether it may quote a
  // title that it does not know, which may be anything.
  static std::unique_ptr<Sheet> open(const std::filesystem::path& path, const Table& table,
                                     Strictness strictness, std::optional<Encoding> encoding,
                                     std::vector<Finding>& findings, WorkbookReading& reading,
                                     Telling titles = Telling::withheld);

  const Table& table() const { return table_; }
  const std::string& file() const { return file_; }
  Encoding encoding() const { return encoding_; }
  // Whether its header has a column of identity numbers.
  bool names_people() const;
  std::string_view bytes() const { return mapped_.bytes(); }  // of the file

  // The next row with data; false at the end.
  bool next(Row& row, std::vector<Finding>& findings);
  // Rows that were read before, again.
  void read_again(const Run& run, std::vector<Row>& rows, std::vector<Finding>& findings) const;

  // A finding about a cell of this file.
  Finding at(const Row& row, std::size_t column, Trouble trouble,
             const Expected& expected = {}) const;
  // The header's words for a column.
  void name_column(Finding& finding, std::size_t column) const;

 private:
  Sheet(std::string file, const Table& table, Strictness strictness, MappedFile mapped,
        Encoding encoding, Workbook workbook);
  bool bind_header(std::vector<Finding>& findings, Telling titles);
  // False: the row is blank.
  bool take(const RowReader& reader, Row& row, std::vector<Finding>& findings) const;
  void check_cell(std::size_t column, Row& row, std::vector<Finding>& findings) const;

  std::string file_;
  const Table& table_;
  Strictness strictness_;
  MappedFile mapped_;
  Encoding encoding_;
  const Workbook workbook_;  // empty: the file itself is CSV
  std::string_view text_;    // the rows
  std::unique_ptr<CellDecoder> decoder_;
  std::unique_ptr<RowReader> reader_;
  std::vector<std::size_t> columns_;  // position in the file → column of the table
};

}  // namespace fundtrail::api::import
