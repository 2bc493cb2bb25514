#include "api/import/commands.h"

#include <algorithm>
#include <charconv>

#include "api/import/cell_fields.h"
#include "ledger/core/check.h"

namespace fundtrail::api::import {
namespace {

// Everything that the makers below need at hand.
struct Making {
  const Builder& builder;
  const Sheet& sheet;
  const Step& step;
  const std::vector<Row>& rows;
  Command& command;

  const std::string& cell(std::string_view key, std::size_t row = 0) const {
    return rows[row].cells[*sheet.table().find(key)];
  }
  void report(std::string_view key, Trouble trouble, std::size_t row = 0,
              const Expected& expected = {}) const {
    builder.findings.push_back(sheet.at(rows[row], *sheet.table().find(key), trouble, expected));
  }
  template <class T>
  void fill(T& value, std::size_t row = 0, const char* prefix = "") const {
    CellFields fields(sheet, rows[row], builder.vault, builder.findings, prefix);
    T::fields(value, fields);
  }
};

// The document whose fields all stand in the row.
template <class T>
T document_of(const Making& making) {
  T document;
  making.fill(document);
  if constexpr (HasLines<T>) {
    document.lines.resize(making.rows.size());
    for (std::size_t i = 0; i < making.rows.size(); ++i) {
      making.fill(document.lines[i], i, "lines.");
    }
  }
  return document;
}

template <class T>
Status make(const Making& making) {
  making.command.document = document_of<T>(making);
  return success();
}

Status make_elder(const Making& making) {
  making.command.identity.emplace();
  making.fill(*making.command.identity, 0, "identity.");
  return make<BeneficiaryRegistration>(making);
}

Status make_voucher_change(const Making& making) {
  const std::string& change = making.cell("change");
  if (change == "returned") return make<VoucherReturn>(making);
  if (change == "expired") return make<VoucherExpiry>(making);
  VoucherVoid document;
  document.reason = *parse_name<VoidReason>(change);
  for (std::size_t i = 0; i < making.rows.size(); ++i) {
    making.fill(document.lines.emplace_back(), i, "lines.");
  }
  making.command.document = std::move(document);
  return success();
}

// Redemptions are named by their document number; calculations, which no file makes, by the number of
// their entry.
std::optional<std::uint64_t> entry_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  return fault == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

Status list_claims(const Making& making, const char* column, std::vector<std::uint64_t>& claims) {
  const bool redeemed = column == std::string_view("redemptions");
  std::string_view rest = making.cell(column);
  while (!rest.empty()) {
    std::string id(rest.substr(0, rest.find(';')));
    rest.remove_prefix(std::min(rest.find(';'), rest.size() - 1) + 1);
    if (const auto number = redeemed ? std::nullopt : entry_number(id)) {
      claims.push_back(*number);
      continue;
    }
    if (redeemed) id = "redemptions." + id;
    const auto index = making.builder.recorded.find(id);
    if (!index) return index.error();
    if (*index) {
      claims.push_back(**index);
    } else {
      Finding unknown = finding(making.sheet.file(), making.rows[0].number,
                                Trouble::unknown_document, id);
      making.sheet.name_column(unknown, *making.sheet.table().find(column));
      making.builder.findings.push_back(std::move(unknown));
    }
  }
  std::sort(claims.begin(), claims.end());
  return success();
}

Status make_settlement(const Making& making) {
  auto document = document_of<SettlementPreparation>(making);
  if (auto listed = list_claims(making, "redemptions", document.redemptions); !listed) return listed;
  if (document.calculations) {
    if (auto listed = list_claims(making, "calculations", *document.calculations); !listed) {
      return listed;
    }
  }
  making.command.document = std::move(document);
  return success();
}

Status make_bounce(const Making& making) {
  auto document = document_of<DisbursementBounce>(making);
  const std::string& reference = making.cell("bounce_reference");
  if (reference.empty()) {
    making.report("bounce_reference", Trouble::missing_cell);
  } else if (auto parsed = Reference::parse(reference)) {
    document.bank_reference = std::move(*parsed);
  } else {
    making.report("bounce_reference", Trouble::malformed_value, 0, kReferenceForm);
  }
  making.command.document = std::move(document);
  return success();
}

// Each row's balance follows from the one before; the first gives the opening balance.
Status make_bank_statement(const Making& making) {
  auto document = document_of<BankStatement>(making);
  document.period = Month::of(document.lines[0].date);
  for (std::size_t i = 0; i < making.rows.size(); ++i) {
    const auto& line = document.lines[i];
    const Money balance = Money::parse(making.cell("balance", i)).value_or(Money());
    const Money before = line.direction == Direction::in ? balance - line.amount
                                                         : balance + line.amount;
    if (i == 0) {
      document.opening = before;
    } else if (before != document.closing) {
      const std::string expected = (document.closing + (balance - before)).str();
      making.report("balance", Trouble::balance_breaks, i, {expected, expected});
    }
    document.closing = balance;
  }
  making.command.document = std::move(document);
  return success();
}

// The corrected document is the original with another amount.
template <class T>
void set_corrected(std::optional<T>& target, const Document& original, const Money& amount) {
  if (const auto* document = std::get_if<T>(&original)) {
    target = *document;
    target->amount = amount;
  }
}

Status make_correction(const Making& making) {
  constexpr std::string_view kCorrectable[] = {"fund_receipts", "allotments", "counterpart_pledges",
                                               "counterpart_receipts"};
  Correction document;
  document.method = *parse_name<CorrectionMethod>(making.cell("method"));
  document.reason = *Text::parse(making.cell("reason"));
  const std::string& table = making.cell("table");
  if (std::find(std::begin(kCorrectable), std::end(kCorrectable), table) == std::end(kCorrectable)) {
    const std::string list = "fund_receipts, allotments, counterpart_pledges, counterpart_receipts";
    making.report("table", Trouble::table_not_correctable, 0, {list, list});
    return success();
  }
  const auto index = making.builder.recorded.find(table + "." + making.cell("corrects_doc"));
  if (!index) return index.error();
  if (!*index) {
    making.report("corrects_doc", Trouble::unknown_document);
    return success();
  }
  document.corrects = **index;
  const auto original = making.builder.recorded.entry(**index);
  if (!original) return original.error();
  making.command.policy = original->policy;  // what is corrected obeyed it
  if (const auto amount = Money::parse(making.cell("amount"))) {
    set_corrected(document.fund_receipt, original->document, *amount);
    set_corrected(document.allotment, original->document, *amount);
    set_corrected(document.counterpart_pledge, original->document, *amount);
    set_corrected(document.counterpart_receipt, original->document, *amount);
  }
  making.command.document = std::move(document);
  return success();
}

struct Maker {
  std::string_view table;
  std::string_view step;
  Status (*make)(const Making&);
};
constexpr Maker kMakers[] = {
    {"funds", "", make<FundRegistration>},
    {"regions", "", make<RegionRegistration>},
    {"accounts", "", make<DesignatedAccountRegistration>},
    {"providers", "", make<ProviderRegistration>},
    {"provider_changes", "", make<ProviderAmendment>},
    {"worker_certificates", "", make<WorkerCertificate>},
    {"assessments", "", make<ProviderAssessment>},
    {"elders", "", make_elder},
    {"elder_changes", "", make<BeneficiaryAmendment>},
    {"applications", "", make<EntitlementApplication>},
    {"application_steps", "", make<ApplicationStep>},
    {"fund_receipts", "", make<FundReceipt>},
    {"counterpart_pledges", "", make<CounterpartPledge>},
    {"counterpart_receipts", "", make<CounterpartReceipt>},
    {"allotments", "", make<Allotment>},
    {"corrections", "", make_correction},
    {"voucher_issues", "", make<VoucherIssue>},
    {"redemptions", "", make<Redemption>},
    {"service_records", "", make<ServiceRecords>},
    {"entitlement_ends", "", make<EntitlementEnd>},
    {"voucher_changes", "", make_voucher_change},
    {"settlements", "prepare", make_settlement},
    {"settlements", "review", make<SettlementReview>},
    {"settlements", "approve", make<SettlementApproval>},
    {"settlements", "return", make<SettlementReturn>},
    {"disbursements", "prepare", make<DisbursementPreparation>},
    {"disbursements", "approve", make<DisbursementApproval>},
    {"disbursements", "pay", make<DisbursementPayment>},
    {"disbursements", "bounce", make_bounce},
    {"recoveries", "decide", make<RecoveryDecision>},
    {"recoveries", "receive", make<RecoveryReceipt>},
    {"bank_statement", "", make_bank_statement},
    {"period_closes", "", make<PeriodClose>},
};

// What the header of a document says must be the same in all of its rows.
void check_agreement(const Making& making) {
  const auto columns = making.sheet.table().columns;
  for (std::size_t i = 1; i < making.rows.size(); ++i) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string& first = making.rows[0].cells[c];
      if (columns[c].in_line() || making.rows[i].cells[c] == first) continue;
      const std::string shown = may_be_shown(making.sheet.file(), first) ? first : "…";
      making.builder.findings.push_back(
          making.sheet.at(making.rows[i], c, Trouble::differs_in_document, {shown, shown}));
    }
  }
}

bool set_frame(const Making& making, const Table& table) {
  const auto& row = making.rows[0];
  const std::string key = document_key(table, row, making.builder.vault);
  const auto id = CommandId::parse(command_id(table, key, making.step));
  if (!id) {
    making.report(table.key, Trouble::id_too_long);
    return false;
  }
  making.command.id = *id;
  making.command.date = *date_of(table, making.step, row);
  making.command.time = making.builder.time;
  making.command.actor = {*ActorId::parse(making.cell(making.step.actor)), making.step.role};
  if (table.find("role")) making.command.actor.role = *parse_name<Role>(making.cell("role"));
  // What was approved only an approver returns.
  if (making.step.suffix == "return" && !making.cell("approver").empty()) making.command.actor.role = Role::approver;
  if (const auto policy = table.find("policy")) {
    making.command.policy = PolicyRef::parse(row.cells[*policy]);
  }
  return true;
}

}  // namespace

Result<std::optional<Command>> Builder::build(const Sheet& sheet, const Step& step,
                                              const std::vector<Row>& rows) const {
  const Table& table = sheet.table();
  const auto maker = std::find_if(std::begin(kMakers), std::end(kMakers), [&](const Maker& m) {
    return m.table == table.name && m.step == step.suffix;
  });
  FT_CHECK(maker != std::end(kMakers) && !rows.empty());
  const std::size_t before = findings.size();
  Command command;
  const Making making = {*this, sheet, step, rows, command};
  check_agreement(making);
  if (set_frame(making, table)) {
    if (const auto made = maker->make(making); !made) return made.error();
  }
  if (findings.size() != before) return std::optional<Command>();
  return std::optional(std::move(command));
}

std::string document_key(const Table& table, const Row& row, const Vault& vault) {
  const std::size_t column = *table.find(table.key);
  const std::string& cell = row.cells[column];
  // What may happen to one person or one application several times.
  if (table.name == "elder_changes") {
    return vault.pseudonym_of(cell).str() + "." + row.cells[*table.find("date")];
  }
  if (table.name == "application_steps") {
    const std::string& outcome = row.cells[*table.find("outcome")];
    const std::string& to = row.cells[*table.find("to")];
    // A withdrawal is proposed by the same step with the same outcome; somebody else decides it.
    const bool proposes = outcome == "rejected" && !to.empty() && row.cells[*table.find("from")].empty() &&
                          row.cells[*table.find("role")] != name_of(Role::approver);
    return cell + "." + row.cells[*table.find("step")] + "." + outcome + (proposes ? "." + to : "");
  }
  if (table.columns[column].kind == Value::id_number) return vault.pseudonym_of(cell).str();
  if (table.grouping == Grouping::month || table.name == "provider_changes") {
    const std::string& date = row.cells[*table.find("date")];
    return cell + "." + date.substr(0, table.grouping == Grouping::month ? 7 : 10);
  }
  return cell;
}

std::string command_id(const Table& table, const std::string& key, const Step& step) {
  std::string id = std::string(table.name) + "." + key;
  if (!step.suffix.empty()) id += "." + std::string(step.suffix);
  return id;
}

std::optional<Date> date_of(const Table& table, const Step& step, const Row& row) {
  const auto date = Date::parse(row.cells[*table.find(step.date)]);
  if (date && table.grouping == Grouping::month) return Month::of(*date).last_day();
  return date;
}

std::optional<std::size_t> column_of(const Table& table, const Step& step,
                                     std::string_view field) {
  if (field.starts_with("actor")) return table.find(step.actor);
  if (field == "date") return table.find(step.date);
  if (field.starts_with("policy")) return table.find("policy");
  std::string path;
  if (field.starts_with("lines[")) {
    const auto end = field.find("].");
    if (end == std::string_view::npos) return std::nullopt;
    path = "lines." + std::string(field.substr(end + 2));
  } else {
    path = field.substr(field.starts_with("doc.") ? 4 : 0);
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!path.empty() && table.columns[i].path == path) return i;
  }
  // "bank" of a document is several columns; "beneficiary" of an elder is the identity number.
  if (path == "beneficiary") return table.find("id_number");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!path.empty() && table.columns[i].path.starts_with(path + ".")) return i;
  }
  return std::nullopt;
}

bool needs_recorded(const Table& table, const Step& step) {
  return table.name == "corrections" || (table.name == "settlements" && step.suffix == "prepare");
}

}  // namespace fundtrail::api::import
