// fundtrail report: statements of the fund as of any business date, for people and spreadsheets.
#include <unistd.h>

#include <iostream>
#include <memory>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "reports/reports.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{
    "出报表：科目余额表、资金来龙去脉表、服务机构对账单、服务券守恒表、申请办理情况表、履职情况表",
    "make a report: trial-balance, fund-flow, provider-statement, vouchers, applications, "
    "duties"};
constexpr Message kNameHelp{
    "trial-balance 科目余额表，fund-flow 资金来龙去脉表，provider-statement 服务机构对账单，"
    "vouchers 服务券守恒表，applications 申请办理情况表，duties 履职情况表",
    "which report"};
constexpr Message kAsOfHelp{"截止日期 YYYY-MM-DD（默认到最新记录）",
                            "last business date counted (default: everything recorded)"};
constexpr Message kFromHelp{
    "期间的第一天（默认截止日期当年 1 月 1 日；资金来龙去脉表、服务券守恒表、申请办理情况表默认从头起）",
    "first day of the period (default: 1 January of that year; fund-flow, vouchers and "
    "applications: from the beginning)"};
constexpr Message kFundHelp{"资金编号（只有一项资金时可省略）", "the fund's id"};
constexpr Message kProviderHelp{"机构编号（服务机构对账单必填）",
                                "the provider's id (provider-statement needs it)"};
constexpr Message kRegionHelp{"只看一个区划及其下级（资金来龙去脉表、服务券守恒表、履职情况表）",
                              "only one region and what lies in it (fund-flow, vouchers, duties)"};
constexpr Message kByHelp{"科目余额表按此细分：fund、programme、region、counterparty（可重复）",
                          "break the trial balance down by these (repeatable)"};
constexpr Message kNoEntriesHelp{
    "资金来龙去脉表不列明细；申请办理情况表只列超时环节",
    "fund-flow without the list of entries; applications with overrun steps only"};
constexpr Message kRecomputeHelp{
    "科目余额表由全部记录的分录重新加总，并与账上发生额核对",
    "trial-balance: add up the postings of all entries again, and compare with the books"};
constexpr Message kFormatHelp{"格式（默认 text；有 --json 时为 json）",
                              "format (default: text, with --json: json)"};
constexpr Message kOutHelp{"写入文件（已有则覆盖）", "write to this file (replacing it)"};
constexpr Message kWritten{"“{0}”已写入 {1}", "\"{0}\" was written to {1}"};
constexpr Message kNotFound{"账套里没有{0}", "The ledger has no {1}"};
constexpr Message kOr{" 或 ", " or "};
constexpr Message kFund{"资金“{0}”", "fund \"{0}\""};
constexpr Message kProvider{"服务机构“{0}”", "provider \"{0}\""};
constexpr Message kRegion{"区划“{0}”", "region \"{0}\""};
constexpr Message kIgnored{"“{1}”不按 {0} 筛选或细分，请去掉该选项",
                           "\"{1}\" cannot be limited or changed by {0}: leave that option out"};
constexpr Message kOneFund{"账套里的资金不是恰好一项，请用 --fund 指明",
                           "the ledger does not have exactly one fund; name it with --fund"};
constexpr Message kPeriod{"期间的第一天在截止日期之后", "the period begins after its last day"};
constexpr Message kTerminal{"XLSX 不能显示在终端，请用 --out 指明文件",
                            "XLSX cannot be shown on a terminal; name a file with --out"};
constexpr Message kOff{"报表有核对项不平，请先查明原因再使用。",
                       "A check of this report does not hold: find out why before you use it."};

struct ReportOptions {
  std::string name, as_of, from, fund, provider, region, format;
  std::vector<std::string> by;
  std::string out;
  bool no_entries = false;
  bool recompute = false;
};

// Parses one option into its strong type; false after saying what is wrong.
template <class T, class Parse>
bool read(const Context& context, const char* option, const std::string& text, const Message& expected,
          const Parse& parse, std::optional<T>& value) {
  if (text.empty()) return true;
  value = parse(text);
  if (value) return true;
  context.fail(Exit::usage, CliCode::usage, bad_option(option, text, expected));
  return false;
}

std::string list_of_reports() {
  std::string names;
  for (const auto& info : reports::catalogue()) {
    if (!names.empty()) names += " | ";
    names += info.name;
  }
  return names;
}

bool read_request(const Context& context, const ReportOptions& o, reports::Request& request) {
  request.name = o.name;
  request.entries = !o.no_entries;
  request.recompute = o.recompute;
  bool known = false;
  for (const auto& info : reports::catalogue()) known = known || info.name == o.name;
  if (!known) {
    context.fail(Exit::usage, CliCode::usage, say::kBadOption, "NAME", o.name, list_of_reports());
    return false;
  }
  for (const auto& text : o.by) {
    const auto by = parse_name<reports::Breakdown>(text);
    if (!by) {
      context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--by", text,
                   "fund | programme | region | counterparty");
      return false;
    }
    request.breakdown.push_back(*by);
  }
  if (o.name == "provider-statement" && o.provider.empty()) {
    context.fail(Exit::usage, CliCode::usage, say::kMissingOption, "--provider");
    return false;
  }
  const bool read_all =
      read(context, "--as-of", o.as_of, say::kDateForm, Date::parse, request.as_of) &&
      read(context, "--from", o.from, say::kDateForm, Date::parse, request.from) &&
      read(context, "--fund", o.fund, say::kIdForm, FundId::parse, request.fund) &&
      read(context, "--provider", o.provider, say::kIdForm, ProviderId::parse, request.provider) &&
      read(context, "--region", o.region, say::kRegionForm, RegionCode::parse, request.region);
  if (const auto ignored = reports::not_honoured(request); read_all && ignored) {
    context.fail(Exit::usage, CliCode::usage, kIgnored, *ignored, o.name);
    return false;
  }
  if (read_all && request.as_of && request.from && *request.from > *request.as_of) {
    context.fail(Exit::usage, CliCode::usage, say::kUsage, kPeriod.in(context.language));
    return false;
  }
  return read_all;
}

Exit fail_to_make(const Context& context, const ReportOptions& o, const Error& error) {
  if (error.fault == Fault::not_found) {
    const auto named = [&](Language language) {
      std::string text;
      for (const auto& [what, id] : {std::pair(&kFund, &o.fund), {&kProvider, &o.provider}, {&kRegion, &o.region}}) {
        if (!id->empty()) text += (text.empty() ? "" : std::string(kOr.in(language))) + what->in(language, *id);
      }
      return text;
    };
    return context.fail(Exit::refused, CliCode::not_found, kNotFound, named(Language::zh), named(Language::en));
  }
  if (error.fault == Fault::invalid_argument) {
    return context.fail(Exit::usage, CliCode::usage, say::kUsage, kOneFund.in(context.language));
  }
  return context.fail(error);
}

Exit write(const Context& context, const ReportOptions& o, const reports::Report& report,
           reports::Language language, const std::string& bytes) {
  if (o.out.empty()) {
    std::cout << bytes << std::flush;
    return Exit::fine;
  }
  if (const auto written = write_output(o.out, bytes); !written.ok()) return context.fail(written.error());
  context.print(kWritten, report.title.in(language), o.out);
  context.print_json({{"report", report.name},
                      {"out", o.out},
                      {"size", report.size},
                      {"balanced", report.balanced()}});
  return Exit::fine;
}

Exit run(const Context& context, const ReportOptions& o) {
  reports::Request request;
  if (!read_request(context, o, request)) return Exit::usage;
  const std::string format_name = !o.format.empty() ? o.format : context.json ? "json" : "text";
  const auto format = parse_name<reports::Format>(format_name);
  if (!format) {
    return context.fail(Exit::usage, CliCode::usage, say::kBadOption, "--format", format_name,
                        "text | json | csv | xlsx");
  }
  if (*format == reports::Format::xlsx && o.out.empty() && ::isatty(STDOUT_FILENO)) {
    return context.fail(Exit::usage, CliCode::usage, say::kUsage, kTerminal.in(context.language));
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto view = ledger->view();
  const auto report = reports::make(*view, request);
  if (!report) return fail_to_make(context, o, report.error());
  const auto language =
      context.language == Language::zh ? reports::Language::zh : reports::Language::en;
  const auto bytes = reports::render(*report, *format, language);
  if (!bytes) return context.fail(bytes.error());
  exit = write(context, o, *report, language, *bytes);
  if (exit == Exit::fine && !report->balanced()) {
    std::cerr << "fundtrail: " << kOff.in(context.language) << '\n';
    exit = Exit::check_failed;
  }
  return exit;
}

}  // namespace

void add_report_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ReportOptions>();
  auto* command = add_command(app, context, "report", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("name", options->name, both(kNameHelp))->required();
  command->add_option("--as-of", options->as_of, both(kAsOfHelp));
  command->add_option("--from", options->from, both(kFromHelp));
  command->add_option("--fund", options->fund, both(kFundHelp));
  command->add_option("--provider", options->provider, both(kProviderHelp));
  command->add_option("--region", options->region, both(kRegionHelp));
  command->add_option("--by", options->by, both(kByHelp));
  command->add_flag("--no-entries", options->no_entries, both(kNoEntriesHelp));
  command->add_flag("--recompute", options->recompute, both(kRecomputeHelp));
  command->add_option("--format", options->format, both(kFormatHelp));
  add_output(*command, "--out", options->out, kOutHelp);
}

}  // namespace fundtrail::api::cli
