// What the renderers share. Private to reports/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reports/report.h"

namespace fundtrail::reports {

// Columns of a terminal that a UTF-8 text takes: 2 for East Asian wide and full-width characters
// (UAX #11), 0 for combining marks, 1 for others; ambiguous ones count 1.
std::size_t display_width(std::string_view utf8);

// Entry numbers for people: "3, 5-9".
std::string ranges_of(const std::vector<std::uint64_t>& numbers);

// A cell as people read it: amounts grouped, labels by their words.
std::string cell_text(const Cell& cell, Language language);

// Whether the cell says nothing: empty, zero or no entries.
bool is_blank(const Cell& cell);

// The columns that are worth printing: without the optional ones in which every cell is blank.
std::vector<std::size_t> shown_columns(const Section& section);

// The head of a report, line by line: heading and value (ledger, period, parameters, head).
std::vector<std::pair<std::string, std::string>> head_lines(const Report& report,
                                                            Language language);

// The checks as a table of their own.
Section check_section(const Report& report);

}  // namespace fundtrail::reports
