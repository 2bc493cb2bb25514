// Text for people in a terminal.
#include <algorithm>
#include <string>
#include <vector>

#include "reports/rendering.h"
#include "reports/reports.h"

namespace fundtrail::reports {
namespace {

constexpr std::string_view kGap = "  ";

bool right_aligned(ColumnType type) {
  return type == ColumnType::money || type == ColumnType::count || type == ColumnType::entry;
}

struct Grid {
  std::vector<bool> right;                       // by column
  std::vector<std::vector<std::string>> lines;   // heading, rows, totals
  std::size_t totals_at = 0;                     // the line where the totals begin
};

Grid grid_of(const Section& section, Language language) {
  Grid grid;
  const auto shown = shown_columns(section);
  grid.lines.emplace_back();
  for (const auto i : shown) {
    grid.right.push_back(right_aligned(section.columns[i].type));
    grid.lines[0].push_back(section.columns[i].heading.in(language));
  }
  const auto add = [&](const std::vector<Row>& rows) {
    for (const auto& row : rows) {
      grid.lines.emplace_back();
      for (const auto i : shown) grid.lines.back().push_back(cell_text(row.cells[i], language));
    }
  };
  add(section.rows);
  grid.totals_at = grid.lines.size();
  add(section.totals);
  return grid;
}

void append_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& right, std::string& out) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += kGap;
    const std::string blanks(widths[i] - display_width(cells[i]), ' ');
    line += right[i] ? blanks + cells[i] : cells[i] + blanks;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

void append_section(const Section& section, Language language, std::string& out) {
  out += "\n" + section.title.in(language) + "\n";
  const Grid grid = grid_of(section, language);
  std::vector<std::size_t> widths(grid.right.size());
  for (const auto& line : grid.lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line[i]));
    }
  }
  std::size_t full = widths.empty() ? 0 : kGap.size() * (widths.size() - 1);
  for (const auto width : widths) full += width;
  const std::string rule = std::string(full, '-') + "\n";
  out += rule;
  for (std::size_t i = 0; i < grid.lines.size(); ++i) {
    if (i == grid.totals_at) out += rule;
    append_line(grid.lines[i], widths, grid.right, out);
    if (i == 0) out += rule;
  }
  for (const auto& note : section.notes) out += note.in(language) + "\n";
}

}  // namespace

std::string render_text(const Section& section, Language language) {
  std::string out;
  append_section(section, language, out);
  return out.substr(1);  // without the line that parts it from what stands before it
}

std::string render_text(const Report& report, Language language) {
  std::string out = report.title.in(language) + "\n";
  for (const auto& [heading, value] : head_lines(report, language)) {
    out += heading + (language == Language::zh ? "：" : ": ") + value + "\n";
  }
  for (const auto& section : report.sections) append_section(section, language, out);
  if (!report.checks.empty()) append_section(check_section(report), language, out);
  if (!report.notes.empty()) out += "\n";
  for (const auto& note : report.notes) out += note.in(language) + "\n";
  return out;
}

}  // namespace fundtrail::reports
