// CSV for spreadsheets: RFC 4180 behind a BOM, and no cell that a spreadsheet would run.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "reports/rendering.h"
#include "reports/reports.h"

namespace fundtrail::reports {
namespace {

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kEnd = "\r\n";

// Full-width signs begin a formula too in Chinese and Japanese spreadsheets.
bool begins_formula(std::string_view text) {
  static constexpr std::array<std::string_view, 10> kSigns = {"=", "+", "-", "@", "\t", "\r",
                                                              "＝", "＋", "－", "＠"};
  for (const auto sign : kSigns) {
    if (text.starts_with(sign)) return true;
  }
  return false;
}

std::string escaped(std::string_view text) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string text_field(const std::string& text) {
  return escaped(begins_formula(text) ? "'" + text : text);
}

std::string field(const Cell& cell, Language language) {
  if (const auto* money = std::get_if<Money>(&cell)) return money->str();
  if (const auto* numbers = std::get_if<std::vector<std::uint64_t>>(&cell)) {
    return escaped(ranges_of(*numbers));
  }
  return text_field(cell_text(cell, language));
}

void append_headings(const std::vector<Column>& columns, Language language, std::string& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    out += text_field(columns[i].heading.in(language));
  }
  out += kEnd;
}

void append_section(const Section& section, Language language, std::string& out) {
  out += kEnd;
  out += text_field(section.title.in(language));
  out += kEnd;
  append_headings(section.columns, language, out);
  append_csv_rows(section.rows, language, out);
  append_csv_rows(section.totals, language, out);
  for (const auto& note : section.notes) {
    out += text_field(note.in(language));
    out += kEnd;
  }
}

}  // namespace

void append_csv_rows(const std::vector<Row>& rows, Language language, std::string& out) {
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) out += ',';
      out += field(row.cells[i], language);
    }
    out += kEnd;
  }
}

std::string csv_headings(const std::vector<Column>& columns, Language language) {
  std::string out(kBom);
  append_headings(columns, language, out);
  return out;
}

std::string render_csv(const Report& report, Language language) {
  std::string out(kBom);
  out += text_field(report.title.in(language));
  out += kEnd;
  for (const auto& [heading, value] : head_lines(report, language)) {
    out += text_field(heading) + "," + text_field(value);
    out += kEnd;
  }
  for (const auto& section : report.sections) append_section(section, language, out);
  if (!report.checks.empty()) append_section(check_section(report), language, out);
  if (!report.notes.empty()) out += kEnd;
  for (const auto& note : report.notes) {
    out += text_field(note.in(language));
    out += kEnd;
  }
  return out;
}

}  // namespace fundtrail::reports
