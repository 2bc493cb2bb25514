// The neutral model of a report: sections of typed rows with headings in both languages, made once
// and spelled by any renderer (reports/reports.h). Amounts are exact; no renderer adds anything up.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "ledger/core/date.h"
#include "ledger/core/money.h"

namespace fundtrail::reports {

enum class Language : std::uint8_t { zh, en };

// One message or heading in both languages.
struct Words {
  std::string zh;
  std::string en;
  const std::string& in(Language language) const { return language == Language::zh ? zh : en; }
  friend bool operator==(const Words&, const Words&) = default;
};

// A code that programs read with the words that people read: an account, a region, a kind.
struct Label {
  std::string code;
  Words words;
};

enum class ColumnType : std::uint8_t {
  text,     // std::string or Label
  money,    // Money
  count,    // std::uint64_t
  date,     // Date
  entry,    // std::uint64_t: the number of one entry
  entries,  // std::vector<std::uint64_t>: the numbers of several
};

struct Column {
  std::string key;  // stable, English, lower case: the member name in JSON
  Words heading;
  ColumnType type = ColumnType::text;
  // Left out of text and XLSX when every cell is empty or zero. CSV has it; JSON has it and says that they left it out.
  bool optional = false;
};

// monostate: an empty cell.
using Cell = std::variant<std::monostate, std::string, Label, Money, std::uint64_t, Date,
                          std::vector<std::uint64_t>>;

struct Row {
  std::vector<Cell> cells;  // one a column, in order
  // Drill-down: the numbers of the entries behind a cell, ascending, by column number. The rows of
  // the section "entries" say the same with dates, kinds and amounts.
  std::map<std::size_t, std::vector<std::uint64_t>> behind = {};
};

struct Section {
  std::string key;  // stable, English
  Words title;
  std::vector<Column> columns;
  std::vector<Row> rows;
  std::vector<Row> totals;  // subtotals and totals, printed below the rows
  std::vector<Words> notes = {};
};

// A statement that must hold, with the two figures that prove it.
struct Check {
  std::string key;
  Words statement;
  Money left;
  Money right;
  bool holds() const { return left == right; }
};

// What the report was asked about, as printed in its head: the fund, the provider.
struct Parameter {
  std::string key;
  Words heading;
  Label value;
};

struct Report {
  std::string name;  // "trial-balance"
  Words title;
  std::string ledger;      // id
  std::uint64_t size = 0;  // the head it was made from: number of entries
  std::string root;        // and their root, hex
  Date from;               // first day of the period
  Date as_of;              // last day: nothing dated later is counted
  std::vector<Parameter> parameters = {};
  std::vector<Section> sections = {};
  std::vector<Check> checks = {};
  std::vector<Words> notes = {};

  // Every check holds.
  bool balanced() const {
    for (const auto& check : checks) {
      if (!check.holds()) return false;
    }
    return true;
  }
};

}  // namespace fundtrail::reports
