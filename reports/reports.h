// START HERE. Reports are made from a View (ledger/ledger.h) as of any business date and rendered
// as text, JSON, CSV or XLSX. Nothing here changes a ledger, reads a clock or uses floating point
// for a sum.
//
//   auto report = reports::make(*view, {.name = "trial-balance"});
//   std::cout << reports::render_text(*report, reports::Language::zh);
//
//   trial-balance       科目余额表 of the fund view; options: fund, breakdown
//   fund-flow           资金来龙去脉 of one fund, by region and programme, down to the entries
//   provider-statement  服务机构对账单: claims, settlements, payments of one provider
//   vouchers            券守恒表: issued = redeemed + returned + voided + expired + outstanding
//   applications        申请办理情况表: steps, limits in working days, what is overrun, what is due
//   duties              履职情况表: visits and inspections missed, complaints that call for action
//
// Thread-safety: all functions may be called from any thread, each View by one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/ids.h"
#include "ledger/core/names.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"
#include "reports/report.h"

namespace fundtrail::reports {

enum class Breakdown : std::uint8_t { fund, programme, region, counterparty };

enum class Format : std::uint8_t { text, json, csv, xlsx };

struct Request {
  std::string name;
  // Last business date counted. Absent: everything recorded, up to the latest business date.
  std::optional<Date> as_of = {};
  // First day of the period. Absent: 1 January of as_of's year. applications: only those made from
  // that day on; absent: all.
  std::optional<Date> from = {};
  // trial-balance, vouchers: only this fund. fund-flow: the fund; may be absent when the ledger has
  // one only.
  std::optional<FundId> fund = {};
  std::optional<ProviderId> provider = {};  // provider-statement: required; duties: only this provider
  // vouchers, fund-flow, duties: only what is or lies in this region (ledger/core/region_tree.h).
  std::optional<RegionCode> region = {};
  std::vector<Breakdown> breakdown = {};    // trial-balance
  // trial-balance: add up the postings of all entries instead of reading the turnovers that the ledger
  // keeps, and compare with these.
  bool recompute = false;
  // fund-flow: list every entry behind the figures (a section of its own, and arrays in JSON).
  // applications: list every step, not only those beyond their limit.
  bool entries = true;
};

struct ReportInfo {
  std::string_view name;
  Words title;
  // The fields of Request that change this report, beside name, as_of and from, which all honour.
  std::span<const std::string_view> honours;
};
// The reports there are, in the order in which people should see them.
std::span<const ReportInfo> catalogue();
// The first field of the request that its report would ignore. Nobody may take a report of everything for
// one of the region asked for: make() refuses it (invalid_argument), and front doors name the field.
std::optional<std::string_view> not_honoured(const Request& request);

// Errors: not_found (no such report, fund, provider or region), invalid_argument (a required field is
// missing, one is not honoured, or `from` is after `as_of`), io and unreadable from the View.
Result<Report> make(const View& view, const Request& request);

// For people in a terminal: columns aligned by East Asian display width. Ends with a line feed.
std::string render_text(const Report& report, Language language);
// One section of it, without a head.
std::string render_text(const Section& section, Language language);
// One object, both languages, money as decimal strings, indented by two. Ends with a line feed.
std::string render_json(const Report& report);
// UTF-8 with BOM, CRLF, RFC 4180 quoting. A text cell that a spreadsheet would take for a formula
// (= + - @ tab CR in front) gets a leading apostrophe; amounts stay numbers. The sections stand one
// below the other, each under its title, separated by an empty row.
std::string render_csv(const Report& report, Language language);
// The same of a table alone that is too long for a report: its headings, behind the BOM, and rows as they come.
std::string csv_headings(const std::vector<Column>& columns, Language language);
void append_csv_rows(const std::vector<Row>& rows, Language language, std::string& out);
// The bytes of a workbook: a sheet a section and one for the checks. Amounts of up to 15 digits are
// numbers with the format #,##0.00, longer ones text. Errors: io.
Result<std::string> render_xlsx(const Report& report, Language language);
// Any of the four.
Result<std::string> render(const Report& report, Format format, Language language);
std::string_view media_type(Format format);

}  // namespace fundtrail::reports

namespace fundtrail {
template <>
struct Names<reports::Language> {
  static constexpr std::string_view list[] = {"zh", "en"};
};
template <>
struct Names<reports::Breakdown> {
  static constexpr std::string_view list[] = {"fund", "programme", "region", "counterparty"};
};
template <>
struct Names<reports::Format> {
  static constexpr std::string_view list[] = {"text", "json", "csv", "xlsx"};
};
}  // namespace fundtrail
