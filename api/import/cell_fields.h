// CellFields: fills a document from the cells of a row. A visitor for fields(), like the reader and
// the writer of canonical JSON, so that a document's shape stands in ledger/core/documents.h alone
// and a table only says which column is which field.
#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "api/import/sheet.h"
#include "ledger/chain/field_reader.h"
#include "ledger/core/entry.h"
#include "ledger/vault.h"

namespace fundtrail::api::import {

inline const Expected kReferenceForm = {"1 至 64 个可打印的 ASCII 字符",
                                        "1 to 64 printable ASCII characters"};

class CellFields {
 public:
  CellFields(const Sheet& sheet, const Row& row, const Vault& vault, std::vector<Finding>& findings,
             std::string prefix = {})
      : sheet_(sheet), row_(row), vault_(vault), findings_(findings), prefix_(std::move(prefix)) {}

  // A field without a column keeps its value: it is derived from something else.
  template <class T>
  void operator()(std::string_view key, T& value) {
    if constexpr (chain::IsVector<T>::value) {
      if constexpr (requires { T::value_type::parse(std::string_view()); }) read_list(key, value);
    } else if constexpr (chain::IsOptional<T>::value) {
      if (!any_cell(key)) return;
      value.emplace();
      (*this)(key, *value);
    } else if constexpr (requires(CellFields& v) { T::fields(value, v); }) {
      CellFields inner(sheet_, row_, vault_, findings_, prefix_ + std::string(key) + ".");
      T::fields(value, inner);
    } else if (const auto column = find(key)) {
      const std::string& cell = row_.cells[*column];
      if (cell.empty()) {
        findings_.push_back(sheet_.at(row_, *column, Trouble::missing_cell));
      } else if (!read(cell, value)) {
        const Expected form = std::is_same_v<T, Reference> ? kReferenceForm : Expected{};
        findings_.push_back(sheet_.at(row_, *column, Trouble::malformed_value, form));
      }
    }
  }

 private:
  std::optional<std::size_t> find(std::string_view key) const {
    const auto columns = sheet_.table().columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto path = columns[i].path;
      if (path.size() == prefix_.size() + key.size() && path.starts_with(prefix_) &&
          path.ends_with(key)) {
        return i;
      }
    }
    return std::nullopt;
  }
  // Ids separated by ';' (Value::id_list). Other lists are not fields of one cell.
  template <class T>
  void read_list(std::string_view key, std::vector<T>& value) const {
    const auto column = find(key);
    if (!column) return;
    std::string_view rest = row_.cells[*column];
    while (!rest.empty()) {
      const auto end = std::min(rest.find(';'), rest.size());
      auto parsed = T::parse(rest.substr(0, end));
      if (!parsed) {
        findings_.push_back(sheet_.at(row_, *column, Trouble::malformed_value));
        return;
      }
      value.push_back(std::move(*parsed));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  // Whether the field, or any field within it, has something in its cell.
  bool any_cell(std::string_view key) const {
    const std::string path = prefix_ + std::string(key);
    const auto columns = sheet_.table().columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row_.cells[i].empty()) continue;
      if (columns[i].path == path || columns[i].path.starts_with(path + ".")) return true;
    }
    return false;
  }

  template <class T>
  bool read(const std::string& cell, T& value) const {
    if constexpr (std::is_same_v<T, std::string>) {
      value = cell;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = cell == "yes";
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      return std::from_chars(cell.data(), cell.data() + cell.size(), value).ptr ==
             cell.data() + cell.size();
    } else if constexpr (std::is_same_v<T, Pseudonym>) {
      value = vault_.pseudonym_of(cell);
    } else {
      std::optional<T> parsed;
      if constexpr (requires { Names<T>::list; }) {
        parsed = parse_name<T>(cell);
      } else {
        parsed = T::parse(cell);
      }
      if (!parsed) return false;
      value = std::move(*parsed);
    }
    return true;
  }

  const Sheet& sheet_;
  const Row& row_;
  const Vault& vault_;
  std::vector<Finding>& findings_;
  std::string prefix_;
};

}  // namespace fundtrail::api::import
