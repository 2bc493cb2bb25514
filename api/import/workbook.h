// An XLSX workbook (ECMA-376) as rows of CSV text, so that a sheet is checked the same way whatever it
// was kept in. libzip opens it, pugixml reads its parts.
//
// What a spreadsheet holds as a number is not what people see. Numbers are written as Excel shows them,
// with 15 significant digits (0.1+0.2 is stored as 0.30000000000000004); in columns of dates and months a
// number is a serial and becomes the date; in columns of codes a number has lost its leading zeros or its
// last digits, which nobody can tell: such cells are named, not guessed at.
//
// A file is a workbook by its first bytes, not by its name. Thread-safety: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/import/findings.h"
#include "api/import/tables.h"

namespace fundtrail::api::import {

struct Workbook {
  // UTF-8, each cell in quotes, a line feed behind each row; rows that are not there are blank lines, so
  // that the number of a row is the one that the spreadsheet shows.
  std::string rows;
  // Row number and position of the cells whose kind does not belong there: a number for a code, TRUE for an
  // amount. What stands in rows for them is of no use.
  std::map<std::pair<std::uint32_t, std::size_t>, Trouble> misplaced;
};

// What the workbooks of one import have in common.
struct WorkbookReading {
  std::function<bool()> cancelled = {};  // whether to give up; may be empty
  std::size_t left = 128u << 20;         // bytes of rows: they are kept until all have been recorded
  bool is_cancelled() const { return cancelled && cancelled(); }
};

bool is_workbook(std::string_view bytes);

// The only sheet with anything in it. Nothing when it was cancelled, or when the workbook cannot be used; `findings`
// then says why: damaged, too large, or several sheets are filled. A workbook takes 512 MiB of memory at most, beside
// its rows; of several threads one reads at a time, and the others wait.
std::optional<Workbook> read_workbook(std::string_view bytes, const std::string& file,
                                      const Table& table, std::vector<Finding>& findings,
                                      WorkbookReading& reading);

}  // namespace fundtrail::api::import
