// What is wrong with the files of an import: one finding a bad cell, row or file, with a stable code
// and one sentence in each language (the table stands in findings.cpp).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/rejection.h"

namespace fundtrail::api::import {

enum class Trouble : std::uint8_t {
  // The file.
  nothing_there, too_many, unknown_file, spreadsheet_file, file_twice, people_by_number, unreadable_file, damaged_workbook, too_large, several_sheets, utf16_file,
  ambiguous_encoding, empty_file, csv_syntax, unknown_column, duplicate_column, missing_column,
  // The row.
  extra_cells, total_row, differs_in_document, id_too_long, duplicate_row, incomplete_step,
  balance_breaks, unknown_document, table_not_correctable, other_actor,
  // The cell.
  undecodable_cell, not_plain_text, missing_cell, scientific_number, number_in_code,
  truth_value, spreadsheet_error,
  full_width, malformed_amount, too_precise, negative_amount, malformed_date, date_serial,
  malformed_month, unknown_word, malformed_value,
};

// What a cell should have been, in both languages.
struct Expected {
  std::string zh;
  std::string en;
};

// With so many nothing more is read: whoever gets this list corrects it first, and a file could fill the memory.
inline constexpr std::size_t kMaxFindings = 10'000;

struct Finding {
  std::string file;
  std::uint64_t row = 0;    // as the spreadsheet counts, the header is row 1; 0: the whole file
  std::string column = {};  // Chinese header; empty: the whole row
  std::string key = {};     // the column's ASCII key
  std::string code = {};    // "cell-malformed-date" or the code of a refusal
  std::string zh = {};
  std::string en = {};
  bool consequence = false;  // follows from another bad row
  std::string subject = {};  // what it is about, for finding consequences; not shown
  std::string person = {};   // pseudonym of whom it does not tell (Telling::withheld); not shown
};

// Whether what stands in the file may be repeated: never where the table has a personal column, for rows are
// shifted and files named wrongly; else what may_be_quoted() lets through (api/quotation.h). Many who may not
// see a person read results of imports.
bool may_be_shown(const std::string& file, std::string_view value);

// `value` is what stands in the cell; it is shown when it may be (cut when long).
Finding finding(std::string file, std::uint64_t row, Trouble trouble, std::string_view value = {},
                const Expected& expected = {});
// Whether a refusal tells whom the ledger means by an identity number (api/withheld.h).
enum class Telling : bool { withheld, told };
Finding finding(std::string file, std::uint64_t row, const Rejection& rejection, Telling who);
std::string_view code(Trouble trouble);

// By file in the order of the import, then row, then column; for a stable list.
void sort(std::vector<Finding>& findings);

}  // namespace fundtrail::api::import
