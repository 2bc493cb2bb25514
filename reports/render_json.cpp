// JSON for programs: both languages, every column, amounts as decimal strings.
#include <nlohmann/json.hpp>

#include <string>

#include "reports/rendering.h"
#include "reports/reports.h"

namespace fundtrail::reports {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const Words& words) { return {{"zh", words.zh}, {"en", words.en}}; }
Json json_of(const std::vector<Words>& list) {
  Json out = Json::array();
  for (const auto& words : list) out.push_back(json_of(words));
  return out;
}

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::text: return "text";
    case ColumnType::money: return "money";
    case ColumnType::count: return "count";
    case ColumnType::date: return "date";
    case ColumnType::entry: return "entry";
    case ColumnType::entries: return "entries";
  }
  return "text";
}

// A label gives two members: its code under the key, its words under <key>_name. Empty cells are
// absent.
void add_cell(Json& row, const std::string& key, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) row[key] = *text;
  else if (const auto* money = std::get_if<Money>(&cell)) row[key] = money->str();
  else if (const auto* number = std::get_if<std::uint64_t>(&cell)) row[key] = *number;
  else if (const auto* date = std::get_if<Date>(&cell)) row[key] = date->str();
  else if (const auto* numbers = std::get_if<std::vector<std::uint64_t>>(&cell)) row[key] = *numbers;
  else if (const auto* label = std::get_if<Label>(&cell)) {
    row[key] = label->code;
    row[key + "_name"] = json_of(label->words);
  }
}

Json json_of(const Row& row, const std::vector<Column>& columns) {
  Json out = Json::object();
  for (std::size_t i = 0; i < row.cells.size(); ++i) add_cell(out, columns[i].key, row.cells[i]);
  if (!row.behind.empty()) {
    Json behind = Json::object();
    for (const auto& [column, entries] : row.behind) behind[columns[column].key] = entries;
    out["entries"] = std::move(behind);
  }
  return out;
}

Json json_of(const std::vector<Row>& rows, const std::vector<Column>& columns) {
  Json out = Json::array();
  for (const auto& row : rows) out.push_back(json_of(row, columns));
  return out;
}

Json json_of(const Section& section) {
  Json columns = Json::array();
  for (const auto& column : section.columns) {
    columns.push_back({{"key", column.key},
                       {"type", type_name(column.type)},
                       {"heading", json_of(column.heading)},
                       {"left_out", true}});
  }
  for (const auto shown : shown_columns(section)) columns[shown].erase("left_out");
  Json out = {{"key", section.key}, {"title", json_of(section.title)}};
  out["columns"] = std::move(columns);
  out["rows"] = json_of(section.rows, section.columns);
  out["totals"] = json_of(section.totals, section.columns);
  if (!section.notes.empty()) out["notes"] = json_of(section.notes);
  return out;
}

Json json_of(const Check& check) {
  return {{"key", check.key},
          {"statement", json_of(check.statement)},
          {"left", check.left.str()},
          {"right", check.right.str()},
          {"holds", check.holds()}};
}

}  // namespace

std::string render_json(const Report& report) {
  Json out = {{"report", report.name}, {"title", json_of(report.title)},
              {"ledger", report.ledger}, {"size", report.size}, {"root", report.root},
              {"from", report.from.str()}, {"as_of", report.as_of.str()},
              {"balanced", report.balanced()}};
  Json parameters = Json::object();
  for (const auto& parameter : report.parameters) {
    add_cell(parameters, parameter.key, parameter.value);
  }
  out["parameters"] = std::move(parameters);
  Json sections = Json::array();
  for (const auto& section : report.sections) sections.push_back(json_of(section));
  out["sections"] = std::move(sections);
  Json checks = Json::array();
  for (const auto& check : report.checks) checks.push_back(json_of(check));
  out["checks"] = std::move(checks);
  if (!report.notes.empty()) out["notes"] = json_of(report.notes);
  return out.dump(2) + "\n";
}

}  // namespace fundtrail::reports
