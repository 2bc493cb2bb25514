#include "reports/rendering.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace fundtrail::reports {
namespace {

std::size_t width_of(UChar32 c) {
  const auto category = u_charType(c);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK ||
      category == U_FORMAT_CHAR) {
    return 0;
  }
  const auto width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  std::int32_t i = 0;
  const auto size = static_cast<std::int32_t>(utf8.size());
  while (i < size) {
    UChar32 c = 0;
    U8_NEXT(utf8.data(), i, size, c);
    width += c < 0 ? 1 : width_of(c);
  }
  return width;
}

std::string ranges_of(const std::vector<std::uint64_t>& numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!out.empty()) out += ", ";
    out += std::to_string(numbers[i]);
    if (last > i) out += "-" + std::to_string(numbers[last]);
    i = last + 1;
  }
  return out;
}

std::string cell_text(const Cell& cell, Language language) {
  return std::visit(
      Overloaded{[](std::monostate) { return std::string(); },
                 [](const std::string& text) { return text; },
                 [&](const Label& label) { return label.words.in(language); },
                 [](const Money& money) { return money.grouped(); },
                 [](std::uint64_t number) { return std::to_string(number); },
                 [](Date date) { return date.str(); },
                 [](const std::vector<std::uint64_t>& numbers) { return ranges_of(numbers); }},
      cell);
}

bool is_blank(const Cell& cell) {
  return std::visit(
      Overloaded{[](std::monostate) { return true; },
                 [](const std::string& text) { return text.empty(); },
                 [](const Label& label) { return label.words.zh.empty(); },
                 [](const Money& money) { return money.is_zero(); },
                 [](std::uint64_t number) { return number == 0; },
                 [](Date) { return false; },
                 [](const std::vector<std::uint64_t>& numbers) { return numbers.empty(); }},
      cell);
}

std::vector<std::size_t> shown_columns(const Section& section) {
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < section.columns.size(); ++i) {
    const auto blank = [&](const Row& row) {
      return is_blank(row.cells[i]) && !row.behind.contains(i);
    };
    if (section.columns[i].optional &&
        std::all_of(section.rows.begin(), section.rows.end(), blank) &&
        std::all_of(section.totals.begin(), section.totals.end(), blank)) {
      continue;
    }
    shown.push_back(i);
  }
  return shown;
}

std::vector<std::pair<std::string, std::string>> head_lines(const Report& report,
                                                            Language language) {
  const bool zh = language == Language::zh;
  std::vector<std::pair<std::string, std::string>> lines;
  lines.emplace_back(zh ? "账套" : "Ledger", report.ledger);
  for (const auto& parameter : report.parameters) {
    lines.emplace_back(parameter.heading.in(language), parameter.value.words.in(language));
  }
  lines.emplace_back(zh ? "期间" : "Period",
                     report.from.str() + (zh ? " 至 " : " to ") + report.as_of.str());
  lines.emplace_back(zh ? "单位" : "Unit", zh ? "人民币元" : "yuan (CNY)");
  lines.emplace_back(zh ? "依据" : "Made from",
                     (zh ? "前 " + std::to_string(report.size) + " 条记录，根 "
                         : "the first " + std::to_string(report.size) + " entries, root ") +
                         report.root);
  return lines;
}

Section check_section(const Report& report) {
  Section section{"checks", {"核对", "Checks"}, {}, {}, {}};
  section.columns = {{"check", {"核对项目", "What must hold"}},
                     {"left", {"左方", "Left"}, ColumnType::money},
                     {"right", {"右方", "Right"}, ColumnType::money},
                     {"holds", {"结果", "Result"}}};
  for (const auto& check : report.checks) {
    const Label result = check.holds() ? Label{"balanced", {"平", "OK"}}
                                       : Label{"unbalanced", {"不平", "OFF"}};
    section.rows.push_back({{Label{check.key, check.statement}, check.left, check.right, result}});
  }
  return section;
}

}  // namespace fundtrail::reports
