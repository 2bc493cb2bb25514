// The rows of an imported past as facts.
#include <algorithm>

#include "audit/indicators/gather.h"

namespace fundtrail::audit {

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

namespace {

void add_cash(Facts& facts, const Row& row, const char* date, const char* reference, bool in) {
  const auto day = row.date(date);
  const auto amount = row.money("amount");
  if (!day || !amount) return;
  facts.cash.push_back({row.text("account"), row.text(reference), *day, in ? *amount : -*amount,
                        {row.at()}});
}

void add_duties(Facts& facts, const Row& row, const char* kind, const char* id) {
  DutyFact fact;
  fact.kind = kind;
  if (fact.kind == "disbursement") fact.settlement = row.text("settlement");
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
                                  row.text("economic_code"), row.money("total"), row.at(), std::nullopt, true});
  }
  add_duties(facts, row, "settlement", "settlement");
}

void add_disbursement(Facts& facts, const Row& row) {
  const bool paid = !row.text("paid_on").empty(), bounced = !row.text("bounced_on").empty();
  facts.payments.push_back({row.text("disbursement"), row.text("settlement"), row.money("amount"),
                            paid, bounced, row.at()});
  if (paid) add_cash(facts, row, "paid_on", "bank_reference", false);
  if (bounced) add_cash(facts, row, "bounced_on", "bounce_reference", true);
  add_duties(facts, row, "disbursement", "disbursement");
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
  } else if (table == "service_records") {
    if (row.text("bill_no").empty()) return;
    facts.bills.push_back({row.text("provider"), row.text("bill_no"), row.text("beneficiary"),
                           row.money("bill"), row.at()});
  } else if (table == "voucher_lots") {
    facts.lots.push_back({row.text("doc"), row.count("issued"), row.count("redeemed"),
                          row.count("returned"), row.count("voided"), row.count("expired"),
                          row.count("outstanding"), row.at()});
  } else if (table == "pass_downs") {
    facts.pass_downs.push_back({row.text("doc"), row.text("region"), row.money("due"),
                                row.money("passed"), row.text("explanation"), row.at()});
  } else if (table == "expenditures") {
    facts.expenditures.push_back({row.text("doc"), row.text("purpose"), row.text("economic_code"),
                                  row.money("amount"), row.at(), std::nullopt});
    if (!row.text("bank_reference").empty()) add_cash(facts, row, "date", "bank_reference", false);
    add_duties(facts, row, "expenditure", "doc");
  } else if (table == "settlements") {
    add_settlement(facts, row);
  } else if (table == "disbursements") {
    add_disbursement(facts, row);
  } else if (table == "recoveries") {
    if (!row.text("received_on").empty()) add_cash(facts, row, "received_on", "bank_reference", true);
  }
}

// What the bank's balances of one day say. Rows of one day may stand in any order, so the day's
// movements are added up and the closing balance is the one among the day's that fits.
struct Day {
  Money moved;
  std::vector<Money> balances, before;
  Evidence at;

  bool has(const std::vector<Money>& among, const Money& value) const {
    return std::find(among.begin(), among.end(), value) != among.end();
  }
  Money closing(const std::optional<Money>& previous) const {
    if (previous && has(balances, *previous + moved)) return *previous + moved;
    for (auto it = balances.rbegin(); it != balances.rend(); ++it) {
      if (has(before, *it - moved)) return *it;
    }
    return balances.back();
  }
};

}  // namespace

void ImportedFacts::add(const Entry& entry, const ImportedRecord& record) {
  // A file's documents follow one another; the same file imported another time begins anew.
  const bool goes_on = entry.index == last_entry_ + 1 && record.source.str() == source_ &&
                       record.file_digest == digest_;
  if (!goes_on) next_row_ = 2;  // row 1 of the file names the columns
  source_ = record.source.str();
  digest_ = record.file_digest;
  last_entry_ = entry.index;
  const std::string table = record.table.str();
  for (std::size_t i = 0; i < record.lines.size(); ++i, ++next_row_) {
    const Row row(record.lines[i], {entry.index, i, source_, next_row_});
    if (table == "fund_receipts" || table == "counterpart_receipts") {
      const auto size = facts_.cash.size();
      add_cash(facts_, row, "date", "bank_reference", true);
      if (facts_.cash.size() > size) cash_.know(table + "." + row.text("doc"), size);
    } else if (table == "corrections") {
      add_correction(row);
    } else if (table == "bank_statement") {
      add_bank_row(row);
    } else {
      add_row(table, row, facts_);
    }
  }
}

void ImportedFacts::add_correction(const Row& row) {
  const auto method = parse_name<CorrectionMethod>(row.text("method"));
  const auto amount = row.money("amount");
  if (!method || (!amount && *method != CorrectionMethod::red_blue)) return;
  cash_.correct(row.text("table") + "." + row.text("corrects_doc"),
                "corrections." + row.text("doc"), {*method, amount, {}, {}, row.at()});
}

void ImportedFacts::add_bank_row(const Row& row) {
  const auto day = row.date("date");
  const auto amount = row.money("amount");
  if (!day || !amount) return;
  const Money moved = row.text("direction") == "in" ? *amount : -*amount;
  facts_.bank.push_back({row.text("account"), row.text("reference"), *day, moved, row.at()});
  bank_rows_.push_back({row.text("account"), *day, moved, row.money("balance"), row.at()});
}

void ImportedFacts::finish() {
  std::map<std::string, std::map<Date, Day>> accounts;
  for (const auto& row : bank_rows_) {
    Day& day = accounts[row.account][row.date];
    if (day.balances.empty()) day.at = row.at;
    day.moved += row.moved;
    if (!row.balance) continue;
    day.balances.push_back(*row.balance);
    day.before.push_back(*row.balance - row.moved);
  }
  for (const auto& [account, days] : accounts) {
    std::optional<Money> previous;
    for (const auto& [date, day] : days) {
      if (day.balances.empty()) {
        if (previous) *previous += day.moved;  // a day whose balances cannot be read
        continue;
      }
      const Money closing = day.closing(previous);
      facts_.statements.push_back({account, date, date, closing - day.moved, closing, day.at});
      previous = closing;
    }
  }
}

}  // namespace fundtrail::audit
