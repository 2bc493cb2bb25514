// A workbook for accountants: a sheet a section, numbers as numbers, ready for A4 landscape.
// The only place of this folder where an amount meets floating point: a cell of XLSX is a double,
// which holds every amount of up to 15 digits exactly enough to be read back to the fen.
#include <xlsxwriter.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "ledger/scratch_directory.h"
#include "reports/rendering.h"
#include "reports/reports.h"

namespace fundtrail::reports {
namespace {

constexpr std::uint8_t kA4 = 9;
constexpr double kMinWidth = 8, kMaxWidth = 48;
// Excel's own limit is 1,048,576 with the head of the sheet.
constexpr std::size_t kMaxRows = 1'000'000;

struct Formats {
  lxw_format *title, *heading, *text, *money, *count, *date, *note;
  lxw_format *total_text, *total_money, *total_count;

  explicit Formats(lxw_workbook* book) {
    title = make(book, nullptr, true);
    format_set_font_size(title, 14);
    heading = make(book, nullptr, true);
    format_set_text_wrap(heading);
    format_set_border(heading, LXW_BORDER_THIN);
    format_set_align(heading, LXW_ALIGN_CENTER);
    format_set_align(heading, LXW_ALIGN_VERTICAL_CENTER);
    text = make(book, nullptr, false);
    money = make(book, "#,##0.00", false);
    count = make(book, "#,##0", false);
    date = make(book, "yyyy-mm-dd", false);
    note = workbook_add_format(book);
    total_text = total(book, nullptr);
    total_money = total(book, "#,##0.00");
    total_count = total(book, "#,##0");
    for (auto* format : {text, money, count, date}) format_set_border(format, LXW_BORDER_THIN);
  }

 private:
  static lxw_format* make(lxw_workbook* book, const char* number_format, bool bold) {
    auto* format = workbook_add_format(book);
    if (number_format) format_set_num_format(format, number_format);
    if (bold) format_set_bold(format);
    return format;
  }
  static lxw_format* total(lxw_workbook* book, const char* number_format) {
    auto* format = make(book, number_format, true);
    format_set_border(format, LXW_BORDER_THIN);
    return format;
  }
};

// One sheet being written from the top.
class Sheet {
 public:
  Sheet(lxw_worksheet* sheet, const Formats& formats, Language language)
      : sheet_(sheet), formats_(formats), language_(language) {}

  void write(const Report& report, const Section& section, std::size_t from, std::size_t to) {
    const auto shown = shown_columns(section);
    write_head(report, section);
    const lxw_row_t heading_row = row_;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      const auto& heading = section.columns[shown[i]].heading.in(language_);
      worksheet_write_string(sheet_, row_, lxw_col_t(i), heading.c_str(), formats_.heading);
    }
    ++row_;
    for (std::size_t i = from; i < to; ++i) write_row(section, section.rows[i], shown, false);
    const lxw_row_t last_row = row_ - 1;
    if (to == section.rows.size()) {
      for (const auto& total : section.totals) write_row(section, total, shown, true);
      for (const auto& note : section.notes) write_note(note.in(language_));
    }
    set_widths(section, shown, from, to);
    set_page(report, section, heading_row, last_row, shown.size());
  }

 private:
  void write_head(const Report& report, const Section& section) {
    const auto title = report.title.in(language_) +
                       (language_ == Language::zh ? "：" : ": ") + section.title.in(language_);
    worksheet_write_string(sheet_, row_++, 0, title.c_str(), formats_.title);
    for (const auto& [heading, value] : head_lines(report, language_)) {
      write_note(heading + (language_ == Language::zh ? "：" : ": ") + value);
    }
  }

  void write_note(const std::string& text) {
    worksheet_write_string(sheet_, row_++, 0, text.c_str(), formats_.note);
  }

  void write_row(const Section& section, const Row& row, const std::vector<std::size_t>& shown,
                 bool total) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      write_cell(lxw_col_t(i), section.columns[shown[i]].type, row.cells[shown[i]], total);
    }
    ++row_;
  }

  void write_cell(lxw_col_t column, ColumnType type, const Cell& cell, bool total) {
    auto* text_format = total ? formats_.total_text : formats_.text;
    if (const auto* money = std::get_if<Money>(&cell)) {
      auto* format = total ? formats_.total_money : formats_.money;
      if (fits(*money)) {
        const double value = money->fen().convert_to<double>() / 100.0;
        worksheet_write_number(sheet_, row_, column, value, format);
      } else {
        worksheet_write_string(sheet_, row_, column, money->str().c_str(), format);
      }
    } else if (const auto* number = std::get_if<std::uint64_t>(&cell)) {
      auto* counted = total ? formats_.total_count : formats_.count;
      worksheet_write_number(sheet_, row_, column, double(*number),
                             type == ColumnType::count ? counted : text_format);
    } else if (const auto* date = std::get_if<Date>(&cell)) {
      lxw_datetime value{date->year(), int(date->month()), int(date->day()), 0, 0, 0};
      worksheet_write_datetime(sheet_, row_, column, &value, formats_.date);
    } else if (const auto text = cell_text(cell, language_); !text.empty()) {
      write_text(column, text, text_format);
    } else {
      worksheet_write_blank(sheet_, row_, column, text_format);
    }
  }

  // A cell of XLSX ends at 32,767 characters; a long list of entry numbers is cut with a mark.
  void write_text(lxw_col_t column, const std::string& text, lxw_format* format) {
    static constexpr std::size_t kMax = 32'000;
    if (text.size() <= kMax) {
      worksheet_write_string(sheet_, row_, column, text.c_str(), format);
      return;
    }
    const auto cut = text.rfind(',', kMax);
    worksheet_write_string(sheet_, row_, column, (text.substr(0, cut) + ", ...").c_str(), format);
  }

  // Up to 15 digits, fen included.
  static bool fits(const Money& money) {
    static const Money limit = Money::of_fen(1'000'000'000'000'000);
    return money < limit && -money < limit;
  }

  void set_widths(const Section& section, const std::vector<std::size_t>& shown, std::size_t from,
                  std::size_t to) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      std::size_t width = display_width(section.columns[shown[i]].heading.in(language_));
      const auto measure = [&](const Row& row) {
        width = std::max(width, display_width(cell_text(row.cells[shown[i]], language_)));
      };
      std::for_each(section.rows.begin() + long(from), section.rows.begin() + long(to), measure);
      std::for_each(section.totals.begin(), section.totals.end(), measure);
      worksheet_set_column(sheet_, lxw_col_t(i), lxw_col_t(i),
                           std::clamp(double(width) + 2, kMinWidth, kMaxWidth), nullptr);
    }
  }

  void set_page(const Report& report, const Section& section, lxw_row_t heading_row,
                lxw_row_t last_row, std::size_t columns) {
    worksheet_freeze_panes(sheet_, heading_row + 1, 0);
    worksheet_set_landscape(sheet_);
    worksheet_set_paper(sheet_, kA4);
    worksheet_fit_to_pages(sheet_, 1, 0);
    worksheet_repeat_rows(sheet_, heading_row, heading_row);
    const std::string header = "&L" + report.ledger + "&R" + report.from.str() + " - " +
                               report.as_of.str();
    worksheet_set_header(sheet_, header.c_str());
    worksheet_set_footer(sheet_, language_ == Language::zh ? "&C第 &P 页，共 &N 页"
                                                           : "&CPage &P of &N");
    if (section.key == "entries" && columns > 0) {
      worksheet_autofilter(sheet_, heading_row, 0, last_row, lxw_col_t(columns - 1));
    }
  }

  lxw_worksheet* sheet_;
  const Formats& formats_;
  Language language_;
  lxw_row_t row_ = 0;
};

// A name that Excel accepts: at most 31 characters, none of []:*?/\ and different from the others.
std::string sheet_name(std::size_t number, const Section& section, Language language) {
  std::string name = std::to_string(number) + " " + section.title.in(language);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::string_view("[]:*?/\\'").find(c) != std::string_view::npos; }, '-');
  std::size_t characters = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((static_cast<unsigned char>(name[i]) & 0xC0) == 0x80) continue;
    if (++characters > LXW_SHEETNAME_MAX) return name.substr(0, i);
  }
  return name;
}

void write_book(lxw_workbook* book, const Report& report, Language language) {
  lxw_doc_properties about{};
  std::string title = report.title.in(language), company = "FundTrail";
  about.title = title.data();
  about.company = company.data();
  // Not the time of writing: the same report has the same bytes.
  about.created = time_t(report.as_of.days()) * 86'400;
  workbook_set_properties(book, &about);
  const Formats formats(book);
  auto sections = report.sections;
  if (!report.checks.empty()) sections.push_back(check_section(report));
  sections.back().notes.insert(sections.back().notes.end(), report.notes.begin(),
                               report.notes.end());
  std::size_t number = 0;
  for (const auto& section : sections) {
    std::size_t from = 0;
    do {
      const std::size_t to = std::min(section.rows.size(), from + kMaxRows);
      const auto name = sheet_name(++number, section, language);
      auto* sheet = workbook_add_worksheet(book, name.c_str());
      FT_CHECK(sheet != nullptr);
      Sheet(sheet, formats, language).write(report, section, from, to);
      from = to;
    } while (from < section.rows.size());
  }
}

}  // namespace

Result<std::string> render_xlsx(const Report& report, Language language) {
  const auto scratch = ScratchDirectory::make({}, "fundtrail");
  if (!scratch.ok()) return scratch.error();
  const auto file = scratch->path() / "report.xlsx";
  auto* book = workbook_new(file.c_str());
  if (!book) return Error{Fault::io, "the workbook could not be made"};
  write_book(book, report, language);
  const auto closed = workbook_close(book);
  if (closed != LXW_NO_ERROR) {
    return Error{Fault::io, std::string("the workbook could not be written: ") +
                                lxw_strerror(closed)};
  }
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in || bytes.empty()) return Error{Fault::io, "the workbook could not be read back"};
  return bytes;
}

}  // namespace fundtrail::reports
