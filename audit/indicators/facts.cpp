#include "audit/indicators/facts.h"

#include "ledger/chain/document_codec.h"

namespace fundtrail::audit {
namespace {

// --- controlled entries ------------------------------------------------------------------------

// What has to be remembered from one entry to the next: a settlement's later steps name only its
// id, a payment's account stands in its preparation.
class Gatherer {
 public:
  explicit Gatherer(Facts& facts) : facts_(facts) {}

  void add(const Entry& entry) {
    std::visit([&](const auto& document) { add(entry, document); }, entry.document);
  }

  // Duties are complete only at the end.
  void finish() {
    for (auto& [doc, duties] : duties_) facts_.duties.push_back(std::move(duties));
  }

 private:
  static Evidence at(const Entry& entry) { return {entry.index, std::nullopt, {}, 0}; }
  static Evidence at(const Entry& entry, std::size_t line) { return {entry.index, line, {}, 0}; }

  template <class Doc>
  void add(const Entry&, const Doc&) {}  // kinds that no rule looks at

  void add(const Entry&, const PolicyRegistration& d) { facts_.policies.push_back(d.policy); }

  void add(const Entry& e, const BeneficiaryRegistration& d) {
    facts_.persons.push_back({d.beneficiary.str(), "ok", "", at(e)});
  }

  void add(const Entry& e, const EntitlementEnd& d) {
    facts_.ends.push_back({d.beneficiary.str(), std::string(name_of(d.reason)), d.ended_on, at(e)});
  }

  void add(const Entry& e, const VoucherIssue& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.issues.push_back({std::to_string(e.index), line.voucher.str(), line.beneficiary.str(),
                               e.date, line.face, at(e, i)});
    }
  }

  void add(const Entry& e, const Redemption& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.redemptions.push_back({std::to_string(e.index), d.provider.str(), line.voucher.str(),
                                    line.item.str(), line.hours.str(), line.service_date,
                                    at(e, i)});
    }
  }

  void add(const Entry& e, const SettlementPreparation& d) {
    ClaimFact claim{d.settlement.str(), d.provider.str(), "", "", {}, d.total, false, at(e)};
    for (const auto index : d.redemptions) claim.redemptions.insert(std::to_string(index));
    if (d.grant) {
      claim.invoice_no = d.grant->invoice_no.str();
      facts_.expenditures.push_back({d.settlement.str(), purpose_of(d.grant->programme),
                                     d.grant->economic_code.str(), d.total, at(e)});
    }
    claims_[claim.settlement] = facts_.claims.size();
    facts_.claims.push_back(std::move(claim));
    duty(d.settlement.str(), "preparer", e);
  }
  void add(const Entry& e, const SettlementReview& d) { duty(d.settlement.str(), "reviewer", e); }
  void add(const Entry& e, const SettlementApproval& d) { duty(d.settlement.str(), "approver", e); }
  void add(const Entry&, const SettlementReturn& d) {
    if (const auto claim = claims_.find(d.settlement.str()); claim != claims_.end()) {
      facts_.claims[claim->second].returned = true;
    }
  }

  void add(const Entry& e, const DisbursementPreparation& d) {
    payments_[d.disbursement.str()] = {facts_.payments.size(), d.account.str()};
    facts_.payments.push_back(
        {d.disbursement.str(), d.settlement.str(), d.amount, false, false, at(e)});
    duty(d.disbursement.str(), "preparer", e);
  }
  void add(const Entry& e, const DisbursementApproval& d) {
    duty(d.disbursement.str(), "approver", e);
  }
  void add(const Entry& e, const DisbursementPayment& d) {
    duty(d.disbursement.str(), "cashier", e);
    const auto payment = payments_.find(d.disbursement.str());
    if (payment == payments_.end()) return;
    auto& fact = facts_.payments[payment->second.fact];
    fact.paid = true;
    cash(e, payment->second.account, d.bank_reference.str(), -fact.amount.value_or(Money()));
  }
  void add(const Entry& e, const DisbursementBounce& d) {
    const auto payment = payments_.find(d.disbursement.str());
    if (payment == payments_.end()) return;
    auto& fact = facts_.payments[payment->second.fact];
    fact.bounced = true;
    cash(e, payment->second.account, d.bank_reference.str(), fact.amount.value_or(Money()));
  }

  void add(const Entry& e, const FundReceipt& d) {
    receipts_[e.index] = {d.account.str(), d.bank_reference.str(), d.amount};
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }
  void add(const Entry& e, const CounterpartReceipt& d) {
    receipts_[e.index] = {d.account.str(), d.bank_reference.str(), d.amount};
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }
  void add(const Entry& e, const RecoveryReceipt& d) {
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }

  // A correction of a receipt corrects what the books said of one bank item: the item keeps its
  // date, reference and account, so the corrected amount takes the place of the wrong one.
  void add(const Entry& e, const Correction& d) {
    const auto receipt = receipts_.find(d.corrects);
    if (receipt == receipts_.end()) return;
    const auto& was = receipt->second;
    if (d.method != CorrectionMethod::difference) {
      cancel(was);
    }
    if (d.fund_receipt) {
      cash(e, d.fund_receipt->account.str(), d.fund_receipt->bank_reference.str(), d.fund_receipt->amount);
    } else if (d.counterpart_receipt) {
      cash(e, d.counterpart_receipt->account.str(), d.counterpart_receipt->bank_reference.str(),
           d.counterpart_receipt->amount);
    }
  }

  void add(const Entry& e, const BankStatement& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.bank.push_back({d.account.str(), line.reference.str(), line.date,
                             line.direction == Direction::in ? line.amount : -line.amount,
                             i == 0 ? std::optional(d.opening) : std::nullopt, at(e, i)});
    }
  }

  void add(const Entry& e, const ImportedRecord& d) {
    auto& row = next_row_[d.source.str()];
    if (row == 0) row = 2;  // row 1 of the file names the columns
    add_imported(e, d, row, facts_);
    row += d.lines.size();
  }

  struct Receipt {
    std::string account, reference;
    Money amount;
  };
  struct Payment {
    std::size_t fact;
    std::string account;
  };

  void cash(const Entry& e, const std::string& account, const std::string& reference,
            const Money& amount) {
    facts_.cash.push_back({account, reference, e.date, amount, at(e)});
  }
  void cancel(const Receipt& receipt) {
    std::erase_if(facts_.cash, [&](const CashFact& fact) {
      return fact.account == receipt.account && fact.reference == receipt.reference &&
             fact.amount == receipt.amount;
    });
  }
  void duty(const std::string& doc, const char* what, const Entry& e) {
    auto& fact = duties_[doc];
    fact.doc = doc;
    fact.duties[what] = e.actor.id.str();
    fact.at.push_back(at(e));
  }
  std::string purpose_of(const ProgrammeId& id) const {
    for (const auto& policy : facts_.policies) {
      if (const auto* programme = policy.programme(id)) return programme->purpose.str();
    }
    return {};
  }

  Facts& facts_;
  std::map<std::string, std::size_t> claims_;
  std::map<std::string, Payment> payments_;
  std::map<std::uint64_t, Receipt> receipts_;
  std::map<std::string, DutyFact> duties_;
  std::map<std::string, std::uint64_t> next_row_;
};

// --- rows of an imported past --------------------------------------------------------------------

class Row {
 public:
  Row(const ImportedRow& row, Evidence at) : row_(row), at_(std::move(at)) {}

  const Evidence& at() const { return at_; }
  std::string text(const char* key) const {
    const auto found = row_.values.find(key);
    return found == row_.values.end() ? std::string() : found->second;
  }
  std::optional<Money> money(const char* key) const { return Money::parse(text(key)); }
  std::optional<Date> date(const char* key) const { return Date::parse(text(key)); }
  std::optional<std::uint64_t> count(const char* key) const {
    const auto digits = text(key);
    if (digits.empty() || digits.size() > 15 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      return std::nullopt;
    }
    return std::stoull(digits);
  }

 private:
  const ImportedRow& row_;
  Evidence at_;
};

void add_cash(Facts& facts, const Row& row, const char* date, const char* reference, bool in) {
  const auto day = row.date(date);
  const auto amount = row.money("amount");
  if (!day || !amount) return;
  facts.cash.push_back({row.text("account"), row.text(reference), *day, in ? *amount : -*amount,
                        row.at()});
}

void add_duties(Facts& facts, const Row& row, const char* id) {
  DutyFact fact;
  fact.doc = row.text(id);
  for (const char* duty : {"preparer", "reviewer", "approver", "poster", "cashier"}) {
    if (const auto person = row.text(duty); !person.empty()) fact.duties[duty] = person;
  }
  fact.at.push_back(row.at());
  facts.duties.push_back(std::move(fact));
}

std::string quarter_of(std::optional<Date> date) {
  return date ? std::to_string(date->year()) + "Q" + std::to_string((date->month() + 2) / 3)
              : std::string();
}

void add_settlement(Facts& facts, const Row& row) {
  facts.claims.push_back({row.text("settlement"), row.text("provider"), row.text("invoice_no"),
                          quarter_of(row.date("prepared_on")), {}, row.money("total"),
                          !row.text("returned_on").empty(), row.at()});
  if (!row.text("economic_code").empty()) {
    facts.expenditures.push_back({row.text("settlement"), row.text("purpose"),
                                  row.text("economic_code"), row.money("total"), row.at()});
  }
  add_duties(facts, row, "settlement");
}

void add_disbursement(Facts& facts, const Row& row) {
  const bool paid = !row.text("paid_on").empty(), bounced = !row.text("bounced_on").empty();
  facts.payments.push_back({row.text("disbursement"), row.text("settlement"), row.money("amount"),
                            paid, bounced, row.at()});
  if (paid) add_cash(facts, row, "paid_on", "bank_reference", false);
  if (bounced) add_cash(facts, row, "bounced_on", "bounce_reference", true);
  add_duties(facts, row, "disbursement");
}

void add_bank_line(Facts& facts, const Row& row) {
  const auto day = row.date("date");
  const auto amount = row.money("amount");
  if (!day || !amount) return;
  const Money moved = row.text("direction") == "in" ? *amount : -*amount;
  std::optional<Money> before;
  if (const auto balance = row.money("balance")) before = *balance - moved;
  facts.bank.push_back(
      {row.text("account"), row.text("reference"), *day, moved, before, row.at()});
}

void add_row(const std::string& table, const Row& row, Facts& facts) {
  if (table == "elders") {
    facts.persons.push_back(
        {row.text("beneficiary"), row.text("id_check"), row.text("person"), row.at()});
  } else if (table == "entitlement_ends") {
    facts.ends.push_back(
        {row.text("beneficiary"), row.text("reason"), row.date("ended_on"), row.at()});
  } else if (table == "voucher_issues") {
    facts.issues.push_back({row.text("doc"), row.text("voucher"), row.text("beneficiary"),
                            row.date("date"), row.money("face"), row.at()});
  } else if (table == "redemptions") {
    facts.redemptions.push_back({row.text("doc"), row.text("provider"), row.text("voucher"),
                                 row.text("item"), row.text("hours"), row.date("service_date"),
                                 row.at()});
  } else if (table == "voucher_lots") {
    facts.lots.push_back({row.text("doc"), row.count("issued"), row.count("redeemed"),
                          row.count("returned"), row.count("voided"), row.count("expired"),
                          row.count("outstanding"), row.at()});
  } else if (table == "pass_downs") {
    facts.pass_downs.push_back({row.text("doc"), row.text("region"), row.money("due"),
                                row.money("passed"), row.text("explanation"), row.at()});
  } else if (table == "expenditures") {
    facts.expenditures.push_back({row.text("doc"), row.text("purpose"), row.text("economic_code"),
                                  row.money("amount"), row.at()});
    if (!row.text("bank_reference").empty()) add_cash(facts, row, "date", "bank_reference", false);
    add_duties(facts, row, "doc");
  } else if (table == "settlements") {
    add_settlement(facts, row);
  } else if (table == "disbursements") {
    add_disbursement(facts, row);
  } else if (table == "fund_receipts" || table == "counterpart_receipts") {
    add_cash(facts, row, "date", "bank_reference", true);
  } else if (table == "recoveries") {
    if (!row.text("received_on").empty()) add_cash(facts, row, "received_on", "bank_reference", true);
  } else if (table == "bank_statement") {
    add_bank_line(facts, row);
  }
}

}  // namespace

void add_imported(const Entry& entry, const ImportedRecord& record, std::uint64_t first_row,
                  Facts& facts) {
  for (std::size_t i = 0; i < record.lines.size(); ++i) {
    const Row row(record.lines[i], {entry.index, i, record.source.str(), first_row + i});
    add_row(record.table.str(), row, facts);
  }
}

Result<Facts> gather_facts(const View& view) {
  Facts facts;
  Gatherer gatherer(facts);
  std::optional<Error> fault;
  const auto read = view.scan(0, view.size(), View::Lines::with,
                              [&](std::uint64_t, std::string_view bytes, std::string_view lines) {
                                auto entry = chain::decode_entry(bytes);
                                if (!entry.ok()) return fault = entry.error(), false;
                                const auto status = chain::decode_lines(lines, entry->document);
                                if (!status.ok()) return fault = status.error(), false;
                                gatherer.add(*entry);
                                return true;
                              });
  if (!read.ok()) return read.error();
  if (fault) return *fault;
  gatherer.finish();
  return facts;
}

}  // namespace fundtrail::audit
