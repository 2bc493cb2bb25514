#include "api/run/line_list.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "reports/name_book.h"

namespace fundtrail::api::run {
namespace {

using planning::PlannedDocument;
using reports::ColumnType;
using reports::Label;
using reports::NameBook;
using reports::NameOf;
using reports::Row;

Label plain(const std::string& text) { return {text, {text, text}}; }

const std::vector<reports::Column>& columns() {
  static const std::vector<reports::Column> list = {
      {"region", {"区划", "Region"}},  {"payee", {"收款方", "Payee"}},
      {"subject", {"对象", "Subject"}}, {"period", {"期间", "Period"}},
      {"units", {"数量", "Units"}},     {"amount", {"金额", "Amount"}, ColumnType::money},
      {"shares", {"各级分担", "Shares"}}, {"voucher", {"券号", "Voucher"}},
      {"treatment", {"处理", "Treatment"}}};
  return list;
}

// What is not recorded as it stands says so in each of its lines.
const Label& treatment_of(const PlannedDocument& document, bool lowered) {
  static const Label refused{"refused", {"将被拒绝", "would be refused"}};
  static const Label waits{"waits", {"指标不足，暂不入账", "waits for an allotment"}};
  static const Label takes_off{"lowered", {"付款前调减", "taken off what is not settled yet"}};
  static const Label planned{"planned", {"将入账", "to be recorded"}};
  if (document.refusal) return refused;
  if (!document.covered) return waits;
  return lowered ? takes_off : planned;
}

// One line of a planned document.
struct PlannedLine {
  ProviderId payee;                        // empty: of vouchers
  std::optional<Pseudonym> beneficiary;    // nothing: the payee itself
  Month period;
  std::string units;                       // empty: of vouchers and of what is taken off
  Money amount;
  std::vector<std::pair<ShareFund, Money>> shares;
  std::string voucher;
  bool lowered = false;
};

// Gives the lines of a document to `visit`, in their order.
template <class Visit>
void each_line(const PlannedDocument& document, const Visit& visit) {
  if (const auto* d = std::get_if<EntitlementCalculation>(&document.command.document)) {
    for (const auto& line : d->lines) {
      PlannedLine planned{d->payee, line.beneficiary, line.period.value_or(d->period), line.units.str(), line.amount, {}, {}};
      for (std::size_t i = 0; i < line.shares.size(); ++i) planned.shares.emplace_back(d->funds[i], line.shares[i]);
      visit(planned);
    }
  } else if (const auto* less = std::get_if<CalculationReduction>(&document.command.document)) {
    for (const auto& line : less->lines) {
      visit(PlannedLine{document.payee, line.beneficiary, line.period, {}, -line.amount,
                        {{{line.fund, line.level}, -line.amount}}, {}, true});
    }
  } else if (const auto* issue = std::get_if<VoucherIssue>(&document.command.document)) {
    for (const auto& line : issue->lines) {
      visit(PlannedLine{{}, line.beneficiary, issue->month, {}, line.face, {}, line.voucher.str()});
    }
  }
}

std::string in_words(const std::vector<std::pair<ShareFund, Money>>& shares) {
  std::string text;
  for (const auto& [fund, amount] : shares) {
    text += (text.empty() ? "" : ", ") + fund.level.str() + " " + amount.str() + " (" + fund.fund.str() + ")";
  }
  return text;
}

Row row_of(const PlannedDocument& document, const PlannedLine& line, const NameBook& names) {
  const Label payee = names.label(NameOf::provider, line.payee.str());
  return {{names.label(NameOf::region, document.region.str()), payee,
           line.beneficiary ? plain(line.beneficiary->str()) : payee, line.period.str(), line.units, line.amount,
           in_words(line.shares), line.voucher, treatment_of(document, line.lowered)}};
}

nlohmann::ordered_json json_of(const PlannedDocument& document, const PlannedLine& line) {
  nlohmann::ordered_json json = {{"region", document.region.str()}};
  if (!line.payee.empty()) json["payee"] = line.payee.str();
  if (line.beneficiary) json["beneficiary"] = line.beneficiary->str();
  json["period"] = line.period.str();
  if (!line.units.empty()) json["units"] = line.units;
  json["amount"] = line.amount.str();
  for (const auto& [fund, amount] : line.shares) {
    json["shares"].push_back({{"level", fund.level.str()}, {"fund", fund.fund.str()}, {"amount", amount.str()}});
  }
  if (!line.voucher.empty()) json["voucher"] = line.voucher;
  json["treatment"] = treatment_of(document, line.lowered).code;
  return json;
}

}  // namespace

Result<std::string> list_lines(const View& view, const planning::Plan& plan, reports::Language language) {
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  std::string out = reports::csv_headings(columns(), language);
  for (const auto& document : plan.documents) {
    std::vector<Row> rows;
    each_line(document, [&](const PlannedLine& line) { rows.push_back(row_of(document, line, *names)); });
    reports::append_csv_rows(rows, language, out);
  }
  return out;
}

void write_lines(const planning::Plan& plan, std::ostream& out) {
  for (const auto& document : plan.documents) {
    each_line(document, [&](const PlannedLine& line) { out << json_of(document, line).dump() << '\n'; });
  }
}

}  // namespace fundtrail::api::run
