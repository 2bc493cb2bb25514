// The files of an import as data: which files there are, which columns they have, where a column's
// value goes in the document, and which steps a row stands for. docs/IMPORT.md says the same to
// people; a test compares the two.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "api/import/cells.h"
#include "ledger/core/entry.h"

namespace fundtrail::api::import {

struct Column {
  std::string_view zh;
  std::string_view key;
  Value kind = Value::text;
  bool required = true;  // the column must be there and no cell empty
  // Field of the document as entries name it ("amount", "bank.number", "lines.voucher"); empty: not
  // a field as it stands.
  std::string_view path = {};
  std::span<const Word> words = {};  // of Value::word

  bool in_line() const { return path.starts_with("lines."); }
};

// One command that a row (or the rows of one document) stands for.
struct Step {
  std::string_view suffix;  // of the command id; empty: the only one
  std::string_view actor;   // column keys
  std::string_view date;
  Role role = Role::preparer;
};

// How rows make documents.
enum class Grouping : std::uint8_t {
  row,    // each row is a document of its own
  doc,    // rows with the same key are one document
  month,  // rows of one account and month are one document (bank statement)
};

struct Table {
  std::string_view name;  // of the file, without ".csv" or ".xlsx", and the first part of command ids
  std::span<const Column> columns;
  std::span<const Step> steps;
  std::string_view key;  // the column whose value is the second part of command ids
  Grouping grouping = Grouping::row;
  bool past_only = false;  // facts that have no document of their own

  // Position of a column, or nothing.
  std::optional<std::size_t> find(std::string_view column_key) const;
  // By what stands above it: the Chinese header or the key.
  std::optional<std::size_t> find_title(std::string_view title) const;
};

// In the order of docs/IMPORT.md.
std::span<const Table> tables();
std::size_t table_order(const Table& table);
// "fund_receipts.csv", "fund_receipts.xlsx" → its table; policy files have none.
const Table* table_of_file(std::string_view file_name);
const Table* table_named(std::string_view name);

}  // namespace fundtrail::api::import
