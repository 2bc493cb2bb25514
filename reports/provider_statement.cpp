// 服务机构对账单: what a provider claimed, what was settled and paid, what is due now.
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "reports/making.h"
#include "reports/provider_payments.h"
#include "reports/provider_words.h"

namespace fundtrail::reports {

Label label_of(PaymentStage stage) {
  static const std::array<Words, 11> words = {{{"已核销，待结算", "Received, not settled yet"},
                                              {"结算已制单，待审核", "Settlement prepared"},
                                              {"结算已审核，待批准", "Settlement reviewed"},
                                              {"结算已批准，待拨付", "Settled, waiting for payment"},
                                              {"拨付已制单，待批准", "Payment prepared"},
                                              {"拨付已批准，待付款", "Payment approved"},
                                              {"已拨付", "Paid"},
                                              {"银行退票", "Bounced by the bank"},
                                              {"拨付已撤销", "Payment cancelled"},
                                              {"已退回", "Returned"},
                                              {"已全部撤回或调减", "Taken back in full"}}};
  return {std::string(name_of(stage)), words[std::size_t(stage)]};
}

namespace {

constexpr std::array kAccounts = {FundAccount::accrued, FundAccount::payable, FundAccount::paid,
                                  FundAccount::in_recovery};

struct Movement {
  Money opening, increase, decrease;
  Money closing() const { return opening + increase - decrease; }
};
using Movements = std::map<FundAccount, Movement>;

Result<Movements> movements_of(const View& view, const Request& request, const Period& period) {
  Movements movements;
  for (const auto account : kAccounts) movements.try_emplace(account);
  const auto seen = view.turnovers(
      first_date(), period.last,
      [&](Date date, FundAccount account, const Dimensions& at, const store::Turnover& turnover) {
        const auto movement = movements.find(account);
        if (movement == movements.end() || at.counterparty != request.provider->str()) return;
        if (date < period.from) {
          movement->second.opening += turnover.debit - turnover.credit;
        } else {
          movement->second.increase += turnover.debit;
          movement->second.decrease += turnover.credit;
        }
      });
  if (!seen.ok()) return seen.error();
  return movements;
}

Section balance_section(const Movements& movements) {
  Section section{"balances", {"余额与本期变动", "Balances and movements"}, {}, {}, {}};
  section.columns = {{"account", {"科目", "Account"}},
                     {"opening", {"期初余额", "Opening balance"}, ColumnType::money},
                     {"increase", {"本期增加", "Increase"}, ColumnType::money},
                     {"decrease", {"本期减少", "Decrease"}, ColumnType::money},
                     {"closing", {"期末余额", "Closing balance"}, ColumnType::money}};
  for (const auto account : kAccounts) {
    const auto& m = movements.at(account);
    section.rows.push_back(
        {{label_of(account), m.opening, m.increase, m.decrease, m.closing()}});
  }
  section.totals.push_back({{Label{"due_now", {"现在应付", "Due now"}}, {}, {}, {},
                             movements.at(FundAccount::payable).closing()}});
  return section;
}

Cell cell_of(const std::optional<std::string>& text) { return text ? Cell(*text) : Cell(); }
Cell date_of(const std::optional<Step>& step) { return step ? Cell(step->date) : Cell(); }
Cell entry_of(const std::optional<Step>& step) { return step ? Cell(step->entry) : Cell(); }

bool in_period(const Step& step, const Period& period) { return step.date >= period.from; }

Column text(const char* key, Words words, bool optional = false) {
  return {key, std::move(words), ColumnType::text, optional};
}
Column date(const char* key, Words words, bool optional = false) {
  return {key, std::move(words), ColumnType::date, optional};
}
Column entry(const char* key, Words words, bool optional = false) {
  return {key, std::move(words), ColumnType::entry, optional};
}
Column amount() { return {"amount", {"金额", "Amount"}, ColumnType::money}; }

Section claim_section(const ProviderPayments& payments, const Period& period) {
  Section section{"claims", {"核销、核定", "Claims"}, {}, {}, {}};
  section.columns = {entry("entry", {"记录号", "Entry"}),
                     date("date", {"日期", "Date"}),
                     text("claim_no", {"单号", "Claim no"}),
                     {"vouchers", {"张数", "Vouchers"}, ColumnType::count, true},
                     amount(),
                     {"reduced", {"已调减", "Reduced by"}, ColumnType::money, true},
                     text("stage", {"状态", "Stage"}),
                     text("settlement", {"结算单号", "Settlement"}),
                     date("settled", {"结算批准", "Settled on"}),
                     text("disbursement", {"拨付单号", "Disbursement"}),
                     date("paid", {"付款日期", "Paid on"}),
                     text("bank_reference", {"银行流水号", "Bank reference"}),
                     text("reason", {"退回、退票原因", "Reason returned or bounced"}, true)};
  std::uint64_t vouchers = 0;
  Money sum, reduced;
  for (const auto& claim : payments.claims) {
    // Earlier claims that are still open belong to this period's business, too.
    const bool open = claim.stage != PaymentStage::taken_back &&
                      (claim.stage != PaymentStage::paid || !claim.paid || in_period(*claim.paid, period));
    if (!in_period(claim.recorded, period) && !open) continue;
    vouchers += claim.vouchers;
    sum += claim.amount;
    reduced += claim.reduced;
    section.rows.push_back({{claim.recorded.entry, claim.recorded.date, claim.claim_no,
                             claim.vouchers, claim.amount, claim.reduced, label_of(claim.stage),
                             cell_of(claim.settlement), date_of(claim.settled),
                             cell_of(claim.disbursement), date_of(claim.paid),
                             cell_of(claim.bank_reference), cell_of(claim.reason)}});
  }
  Row total;
  total.cells.resize(section.columns.size());
  total.cells[2] = Label{"total", total_words()};
  total.cells[3] = vouchers;
  total.cells[4] = sum;
  total.cells[5] = reduced;
  section.totals.push_back(std::move(total));
  if (!reduced.is_zero()) {
    section.notes.push_back({"“金额”为调减后的数，加“已调减”即核定时的数。",
                             "\"Amount\" is what is left; with \"Reduced by\" it is what was calculated."});
  }
  return section;
}

Section service_section(const ProviderPayments& payments, const Period& period) {
  Section section{"services", {"服务记录", "Service records"}, {}, {}, {}};
  section.columns = {entry("entry", {"记录号", "Entry"}),
                     date("date", {"记录日期", "Date"}),
                     text("claim_no", {"单号", "Claim no"}),
                     text("programme", {"项目", "Programme"}),
                     {"records", {"条数", "Records"}, ColumnType::count}};
  for (const auto& s : payments.services) {
    if (!in_period(s.recorded, period)) continue;
    section.rows.push_back({{s.recorded.entry, s.recorded.date, s.claim_no, s.programme, s.records}});
  }
  return section;
}

Section settlement_section(const ProviderPayments& payments) {
  Section section{"settlements", {"结算单", "Settlements"}, {}, {}, {}};
  section.columns = {text("settlement", {"结算单号", "Settlement"}),
                     amount(),
                     text("stage", {"状态", "Stage"}),
                     {"redemptions", {"核销、核定记录号", "Entries of claims"}, ColumnType::entries},
                     text("invoice_no", {"发票号", "Invoice no"}, true),
                     entry("prepared_entry", {"制单记录号", "Prepared: entry"}),
                     date("prepared", {"制单日期", "Prepared on"}),
                     date("reviewed", {"审核日期", "Reviewed on"}),
                     entry("approved_entry", {"批准记录号", "Approved: entry"}),
                     date("approved", {"批准日期", "Approved on"}),
                     date("returned", {"退回日期", "Returned on"}, true),
                     text("return_reason", {"退回原因", "Reason returned"}, true)};
  for (const auto& s : payments.settlements) {
    section.rows.push_back({{s.settlement, s.total, label_of(s.stage), s.redemptions,
                             cell_of(s.invoice_no), s.prepared.entry, s.prepared.date,
                             date_of(s.reviewed), entry_of(s.approved), date_of(s.approved),
                             date_of(s.returned), cell_of(s.return_reason)}});
  }
  return section;
}

Section disbursement_section(const ProviderPayments& payments) {
  Section section{"disbursements", {"拨付单", "Disbursements"}, {}, {}, {}};
  section.columns = {text("disbursement", {"拨付单号", "Disbursement"}),
                     text("settlement", {"结算单号", "Settlement"}),
                     amount(),
                     text("stage", {"状态", "Stage"}),
                     date("prepared", {"制单日期", "Prepared on"}),
                     date("approved", {"批准日期", "Approved on"}),
                     entry("paid_entry", {"付款记录号", "Paid: entry"}),
                     date("paid", {"付款日期", "Paid on"}),
                     text("bank_reference", {"银行流水号", "Bank reference"}),
                     date("bounced", {"退票日期", "Bounced on"}, true),
                     text("bounce_reference", {"退票流水号", "Bank reference of bounce"}, true),
                     text("bounce_reason", {"退票原因", "Reason bounced"}, true)};
  for (const auto& d : payments.disbursements) {
    section.rows.push_back({{d.disbursement, d.settlement, d.amount, label_of(d.stage),
                             d.prepared.date, date_of(d.approved), entry_of(d.paid),
                             date_of(d.paid), cell_of(d.bank_reference), date_of(d.bounced),
                             cell_of(d.bounce_reference), cell_of(d.bounce_reason)}});
  }
  return section;
}

Section recovery_section(const ProviderPayments& payments) {
  Section section{"recoveries", {"追回", "Recoveries"}, {}, {}, {}};
  section.columns = {text("recovery", {"追回单号", "Recovery"}),
                     amount(),
                     text("reason", {"原因", "Reason"}),
                     entry("decided_entry", {"决定记录号", "Decided: entry"}),
                     date("decided", {"决定日期", "Decided on"}),
                     {"received", {"已到账", "Received"}, ColumnType::money},
                     {"open", {"未到账", "Open"}, ColumnType::money}};
  for (const auto& r : payments.recoveries) {
    section.rows.push_back({{r.recovery, r.amount, r.reason, r.decided.entry, r.decided.date,
                             r.amount - r.open, r.open}});
  }
  return section;
}

// A recovery may come back in parts: each has its day and its transaction.
Section recovery_receipt_section(const ProviderPayments& payments) {
  Section section{"recovery_receipts", {"追回到账", "Receipts of recoveries"}, {}, {}, {}};
  section.columns = {entry("entry", {"记录号", "Entry"}),
                     date("date", {"到账日期", "Received on"}),
                     text("recovery", {"追回单号", "Recovery"}),
                     amount(),
                     text("bank_reference", {"银行流水号", "Bank reference"})};
  for (const auto& recovery : payments.recoveries) {
    for (const auto& r : recovery.receipts) {
      section.rows.push_back(
          {{r.recorded.entry, r.recorded.date, recovery.recovery, r.amount, r.bank_reference}});
    }
  }
  return section;
}

// What the documents say is paid or waiting must be what the postings say.
void add_checks(const ProviderPayments& payments, const Movements& movements, Report& report) {
  Money open, paid, to_come;
  for (const auto& claim : payments.claims) {
    const auto stage = claim.stage;
    const bool settled = stage >= PaymentStage::payable && stage <= PaymentStage::cancelled;
    if (!settled) open += claim.amount;
  }
  for (const auto& disbursement : payments.disbursements) {
    if (disbursement.stage == PaymentStage::paid) paid += disbursement.amount;
  }
  for (const auto& recovery : payments.recoveries) {
    paid -= recovery.amount;
    to_come += recovery.open;
  }
  report.checks.push_back({"open_claims_equal_accrued",
                           {"未结算的核销、核定合计 = 已核销待结算余额",
                            "Claims not settled = balance of accrued"},
                           open, movements.at(FundAccount::accrued).closing()});
  report.checks.push_back({"payments_equal_paid",
                           {"拨付单合计 - 追回 = 已拨付余额",
                            "Payments - recoveries = balance of paid"},
                           paid, movements.at(FundAccount::paid).closing()});
  report.checks.push_back({"open_recoveries_equal_in_recovery",
                           {"追回未到账合计 = 追回应收余额",
                            "Open recoveries = balance of in recovery"},
                           to_come, movements.at(FundAccount::in_recovery).closing()});
}

}  // namespace

Result<Report> make_provider_statement(const View& view, const Request& request) {
  if (!request.provider) {
    return Error{Fault::invalid_argument, "a provider statement needs a provider"};
  }
  const auto period = period_of(view, request);
  if (!period.ok()) return period.error();
  const auto payments = provider_payments(view, *request.provider, request.as_of);
  if (!payments.ok()) return payments.error();
  const auto movements = movements_of(view, request, period.value());
  if (!movements.ok()) return movements.error();

  Report report = report_head(view, request, period.value());
  const auto& p = payments.value();
  report.parameters.push_back({"provider", {"服务机构", "Provider"},
                               {p.provider, {p.provider + " " + p.name, p.provider + " " + p.name}}});
  report.sections.push_back(balance_section(movements.value()));
  report.sections.push_back(claim_section(p, period.value()));
  if (!p.services.empty()) report.sections.push_back(service_section(p, period.value()));
  report.sections.push_back(settlement_section(p));
  report.sections.push_back(disbursement_section(p));
  if (!p.recoveries.empty()) {
    report.sections.push_back(recovery_section(p));
    report.sections.push_back(recovery_receipt_section(p));
  }
  add_checks(p, movements.value(), report);
  return report;
}

}  // namespace fundtrail::reports
