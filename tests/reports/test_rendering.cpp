// Alignment of Chinese text, cells that must not become formulas, amounts that do not fit a double.
#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>
#include <string>

#include "reports/rendering.h"
#include "reports/reports.h"
#include "tests/reports/sample_year.h"

namespace fundtrail::reports {
namespace {

using tests::yuan;

Report report_of(std::vector<Cell> texts) {
  Report report{"x", {"表", "Table"}, "wujin", 1, std::string(64, '0'), tests::day("2008-01-01"),
                tests::day("2008-12-31")};
  Section section{"s", {"节", "Section"}, {}, {}, {}};
  section.columns = {{"a", {"文字", "Text"}}, {"b", {"金额", "Amount"}, ColumnType::money}};
  for (auto& text : texts) section.rows.push_back({{std::move(text), yuan("-5.00")}});
  report.sections.push_back(std::move(section));
  return report;
}

}  // namespace

TEST_CASE("display width follows East Asian Width") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("湖塘镇") == 6);
  CHECK(display_width("（券）") == 6);
  CHECK(display_width("e\xCC\x81") == 1);           // a combining accent
  CHECK(display_width("\xF0\xA0\xAE\xB7") == 2);    // 𠮷, outside the basic plane
  CHECK(display_width("ｱ") == 1);                   // half-width katakana
  CHECK(display_width("\xFF") == 1);                // malformed: shown as one replacement
  CHECK(display_width("") == 0);
}

TEST_CASE("columns of text stand below each other in both languages") {
  const auto view = tests::sample_year();
  const auto report = make(*view, {.name = "trial-balance"});
  REQUIRE(report.ok());
  for (const auto language : {Language::zh, Language::en}) {
    std::istringstream text(render_text(report.value(), language));
    std::string line;
    std::size_t rule = 0;
    int tables = 0;
    // The last column is text: its cells begin at one display column, right after a gap.
    std::size_t begins = 0;
    while (std::getline(text, line)) {
      if (line.starts_with("---")) {
        rule = line.size();
        begins = 0;
        ++tables;
        continue;
      }
      if (line.empty()) rule = 0;
      if (rule == 0 || tables > 6) continue;
      for (const std::string word : {"借", "贷", "平", "Dr", "Cr", "Even"}) {
        if (!line.ends_with("  " + word)) continue;
        const auto at = display_width(line) - display_width(word);
        if (begins == 0) begins = at;
        CHECK(at == begins);
        CHECK(display_width(line) <= rule);
      }
    }
    CHECK(tables >= 6);
  }
}

TEST_CASE("a spreadsheet runs nothing that a text cell says") {
  const auto csv = render_csv(report_of({std::string("=1+1"), std::string("+86"),
                                         std::string("-x"), std::string("@SUM(A1)"),
                                         std::string("\tx"), std::string("\rx"),
                                         std::string("＝1"), std::string("a=1"),
                                         Label{"l", {"=cmd", "=cmd"}}}),
                              Language::en);
  for (const char* line : {"\r\n'=1+1,-5.00\r\n", "\r\n'+86,-5.00\r\n", "\r\n'-x,-5.00\r\n",
                           "\r\n'@SUM(A1),-5.00\r\n", "\r\n'\tx,-5.00\r\n",
                           "\r\n\"'\rx\",-5.00\r\n", "\r\n'＝1,-5.00\r\n", "\r\na=1,-5.00\r\n",
                           "\r\n'=cmd,-5.00\r\n"}) {
    INFO(line);
    CHECK(csv.find(line) != std::string::npos);
  }
}

TEST_CASE("CSV is RFC 4180 behind a BOM, line by line") {
  const auto csv = render_csv(report_of({std::string("a,\"b\"\r\nc")}), Language::zh);
  CHECK(csv.starts_with("\xEF\xBB\xBF" "表\r\n"));
  CHECK(csv.find("\"a,\"\"b\"\"\r\nc\",-5.00\r\n") != std::string::npos);
  CHECK(csv.ends_with("\r\n"));
  for (std::size_t i = 0; i < csv.size(); ++i) {
    if (csv[i] == '\n') CHECK(csv[i - 1] == '\r');
  }
}

TEST_CASE("an optional column stays away only when it says nothing") {
  Report report = report_of({std::string("a")});
  report.sections[0].columns[1].optional = true;
  CHECK(render_text(report, Language::en).find("-5.00") != std::string::npos);
  report.sections[0].rows[0].cells[1] = Money();
  CHECK(render_text(report, Language::en).find("Amount") == std::string::npos);
  CHECK(render_csv(report, Language::en).find("Amount") != std::string::npos);
  CHECK(render_json(report).find("\"b\": \"0.00\"") != std::string::npos);
}

TEST_CASE("entry numbers are told in ranges") {
  CHECK(ranges_of({}) == "");
  CHECK(ranges_of({3}) == "3");
  CHECK(ranges_of({3, 5, 6, 7, 9}) == "3, 5-7, 9");
}

}  // namespace fundtrail::reports
