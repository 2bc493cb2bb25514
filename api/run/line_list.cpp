#include "api/run/line_list.h"

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
      {"state", {"处理", "Treatment"}}};
  return list;
}

// What is not recorded as it stands says so in each of its lines.
const Label& state_of(const PlannedDocument& document, bool lowered) {
  static const Label refused{"refused", {"将被拒绝", "would be refused"}};
  static const Label waits{"waits", {"指标不足，暂不入账", "waits for an allotment"}};
  static const Label takes_off{"lowered", {"付款前调减", "taken off what is not settled yet"}};
  static const Label recorded{"recorded", {"入账", "to be recorded"}};
  if (document.refusal) return refused;
  if (!document.covered) return waits;
  return lowered ? takes_off : recorded;
}

std::string share(const ShareFund& fund, const Money& amount) {
  return fund.level.str() + " " + amount.str() + " (" + fund.fund.str() + ")";
}

class Lines {
 public:
  explicit Lines(const NameBook& names) : names_(names) {}

  std::vector<Row> of(const PlannedDocument& document) {
    rows_.clear();
    document_ = &document;
    std::visit([&](const auto& d) { add(d); }, document.command.document);
    return std::move(rows_);
  }

 private:
  template <class Doc>
  void add(const Doc&) {}  // nothing else is planned by a run

  void add(const EntitlementCalculation& d) {
    for (const auto& line : d.lines) {
      std::string shares;
      for (std::size_t i = 0; i < line.shares.size(); ++i) {
        shares += (i == 0 ? "" : ", ") + share(d.funds[i], line.shares[i]);
      }
      put(line.beneficiary ? plain(line.beneficiary->str()) : names_.label(NameOf::provider, d.payee.str()),
          line.period.value_or(d.period).str(), line.units.str(), line.amount, std::move(shares), {}, false);
    }
  }
  void add(const CalculationReduction& d) {
    for (const auto& line : d.lines) {
      put(line.beneficiary ? plain(line.beneficiary->str())
                           : names_.label(NameOf::provider, document_->payee.str()),
          line.period.str(), {}, -line.amount, share({line.fund, line.level}, -line.amount), {}, true);
    }
  }
  void add(const VoucherIssue& d) {
    for (const auto& line : d.lines) {
      put(plain(line.beneficiary.str()), d.month.str(), {}, line.face, {}, line.voucher.str(), false);
    }
  }
  void put(Label subject, std::string period, std::string units, const Money& amount, std::string shares,
           std::string voucher, bool lowered) {
    rows_.push_back({{names_.label(NameOf::region, document_->region.str()),
                      names_.label(NameOf::provider, document_->payee.str()), std::move(subject), std::move(period),
                      std::move(units), amount, std::move(shares), std::move(voucher),
                      state_of(*document_, lowered)}});
  }

  const NameBook& names_;
  const PlannedDocument* document_ = nullptr;
  std::vector<Row> rows_;
};

}  // namespace

Result<std::string> list_lines(const View& view, const planning::Plan& plan, reports::Language language) {
  const auto names = NameBook::read(view);
  if (!names.ok()) return names.error();
  std::string out = reports::csv_headings(columns(), language);
  Lines lines(*names);
  for (const auto& document : plan.documents) reports::append_csv_rows(lines.of(document), language, out);
  return out;
}

}  // namespace fundtrail::api::run
