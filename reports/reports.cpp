#include "reports/reports.h"

#include <algorithm>
#include <array>

#include "ledger/core/bilingual.h"
#include "reports/making.h"

namespace fundtrail::reports {
namespace {

using Maker = Result<Report> (*)(const View&, const Request&);
constexpr std::array<Maker, 6> kMakers = {make_trial_balance, make_fund_flow,
                                          make_provider_statement, make_vouchers,
                                          make_applications, make_duties};

// The newest business date on which money moved, or that of the newest entry.
Result<Date> latest_date(const View& view) {
  Date latest = first_date();
  if (view.size() > 0) {
    const auto newest = view.decoded(view.size() - 1);
    if (!newest.ok()) return newest.error();
    latest = newest.value().date;
  }
  // Only what is dated later than the newest entry can be later: hardly anything.
  const auto seen = view.turnovers(
      latest, last_date(), [&](Date date, FundAccount, const Dimensions&, const store::Turnover&) {
        latest = std::max(latest, date);
      });
  if (!seen.ok()) return seen.error();
  return latest;
}

}  // namespace

std::span<const ReportInfo> catalogue() {
  static constexpr std::string_view kBalance[] = {"fund", "breakdown", "recompute"};
  static constexpr std::string_view kFlow[] = {"fund", "region", "entries"};
  static constexpr std::string_view kStatement[] = {"provider"};
  static constexpr std::string_view kVouchers[] = {"fund", "region"};
  static constexpr std::string_view kApplications[] = {"entries"};
  static constexpr std::string_view kDuties[] = {"provider", "region"};
  static const std::array<ReportInfo, 6> list = {{
      {"trial-balance", {"科目余额表", "Trial balance"}, kBalance},
      {"fund-flow", {"资金来龙去脉表", "Where the fund's money came from and went"}, kFlow},
      {"provider-statement", {"服务机构对账单", "Provider statement"}, kStatement},
      {"vouchers", {"服务券守恒表", "Conservation of service vouchers"}, kVouchers},
      {"applications", {"申请办理情况表", "Applications and their limits"}, kApplications},
      {"duties", {"履职情况表", "Duties and complaints"}, kDuties},
  }};
  return list;
}

std::optional<std::string_view> not_honoured(const Request& request) {
  const std::pair<std::string_view, bool> given[] = {
      {"fund", request.fund.has_value()},       {"provider", request.provider.has_value()},
      {"region", request.region.has_value()},   {"breakdown", !request.breakdown.empty()},
      {"recompute", request.recompute},         {"entries", !request.entries}};
  for (const auto& info : catalogue()) {
    if (info.name != request.name) continue;
    for (const auto& [field, is_given] : given) {
      if (is_given && std::ranges::find(info.honours, field) == info.honours.end()) return field;
    }
  }
  return std::nullopt;
}

Result<Report> make(const View& view, const Request& request) {
  if (const auto field = not_honoured(request)) {
    return Error{Fault::invalid_argument, in_both("该报表不按“" + std::string(*field) + "”筛选或细分",
                                                  "the report does not honour \"" + std::string(*field) + "\"")};
  }
  for (std::size_t i = 0; i < catalogue().size(); ++i) {
    if (catalogue()[i].name == request.name) return kMakers[i](view, request);
  }
  return Error{Fault::not_found, "there is no report of that name"};
}

Date first_date() { return *Date::from_ymd(1900, 1, 1); }
Date last_date() { return *Date::from_ymd(2999, 12, 31); }

Result<Period> period_of(const View& view, const Request& request) {
  const auto latest = latest_date(view);
  if (!latest.ok()) return latest.error();
  Period period;
  // Without a last day the period reaches to the latest date, or is the first day alone.
  period.as_of = request.as_of.value_or(
      std::max(latest.value(), request.from.value_or(latest.value())));
  period.last = request.as_of.value_or(last_date());
  period.everything = period.last >= latest.value();
  period.from = request.from.value_or(*Date::from_ymd(period.as_of.year(), 1, 1));
  if (period.from > period.as_of) {
    return Error{Fault::invalid_argument, in_both("起始日期不晚于截止日期", "a period that does not end before it begins")};
  }
  return period;
}

Report report_head(const View& view, const Request& request, const Period& period) {
  Report report;
  report.name = request.name;
  for (const auto& info : catalogue()) {
    if (info.name == request.name) report.title = info.title;
  }
  report.ledger = view.id().str();
  report.size = view.size();
  report.root = chain::to_hex(view.root());
  report.from = period.from;
  report.as_of = period.as_of;
  return report;
}

Label label_of(FundAccount account) {
  const auto& about = info(account);
  return {std::string(name_of(account)), {std::string(about.name_zh), std::string(about.name_en)}};
}

Label label_of_kind(std::size_t kind) {
  const auto title = title_of_kind(kind);
  return {std::string(kKindNames[kind]), {std::string(title.zh), std::string(title.en)}};
}

Result<FundId> fund_of(const NameBook& names, const Request& request) {
  if (request.fund) {
    if (names.knows(NameOf::fund, request.fund->str())) return *request.fund;
    return Error{Fault::not_found, "there is no fund of that id"};
  }
  if (names.count(NameOf::fund) != 1) {
    return Error{Fault::invalid_argument, in_both("资金编号（账套里的资金不是恰好一项）",
                                                "the id of a fund (the ledger does not have exactly one)")};
  }
  return *FundId::parse(names.first(NameOf::fund));
}

Status name_fund(const NameBook& names, const Request& request, Report& report) {
  if (!request.fund) return success();
  const auto fund = fund_of(names, request);
  if (!fund.ok()) return fund.error();
  report.parameters.push_back({"fund", {"资金", "Fund"}, names.label(NameOf::fund, fund.value().str())});
  return success();
}

Status name_region(const NameBook& names, const Request& request, Report& report) {
  if (!request.region) return success();
  if (!names.knows_region(*request.region)) {
    return Error{Fault::not_found, "there is no region of that code"};
  }
  report.parameters.push_back({"region", {"区划", "Region"}, names.label(NameOf::region, request.region->str())});
  return success();
}

Result<std::string> render(const Report& report, Format format, Language language) {
  switch (format) {
    case Format::text: return render_text(report, language);
    case Format::json: return render_json(report);
    case Format::csv: return render_csv(report, language);
    case Format::xlsx: return render_xlsx(report, language);
  }
  return Error{Fault::invalid_argument, "there is no such format"};
}

std::string_view media_type(Format format) {
  switch (format) {
    case Format::text: return "text/plain; charset=utf-8";
    case Format::json: return "application/json";
    case Format::csv: return "text/csv; charset=utf-8";
    case Format::xlsx: return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  }
  return "application/octet-stream";
}

}  // namespace fundtrail::reports
