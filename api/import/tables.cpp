#include "api/import/tables.h"

#include <optional>

#include "api/import/columns_money.h"
#include "api/import/columns_people.h"

namespace fundtrail::api::import {
namespace {

using namespace columns;

constexpr Step kRegistered[] = {{"", "registrar", "date", Role::registrar}};
// The role of a step is in its row: the policy says which step it is.
constexpr Step kDone[] = {{"", "actor", "date", Role::preparer}};
constexpr Step kPrepared[] = {{"", "preparer", "date", Role::preparer}};
constexpr Step kClosed[] = {{"", "reviewer", "date", Role::reviewer}};
constexpr Step kSettlementSteps[] = {{"prepare", "preparer", "prepared_on", Role::preparer},
                                     {"review", "reviewer", "reviewed_on", Role::reviewer},
                                     {"approve", "approver", "approved_on", Role::approver},
                                     {"return", "returner", "returned_on", Role::reviewer}};
constexpr Step kDisbursementSteps[] = {{"prepare", "preparer", "prepared_on", Role::preparer},
                                       {"approve", "approver", "approved_on", Role::approver},
                                       {"pay", "cashier", "paid_on", Role::cashier},
                                       {"bounce", "cashier", "bounced_on", Role::cashier}};
constexpr Step kRecoverySteps[] = {{"decide", "preparer", "decided_on", Role::preparer},
                                   {"receive", "preparer", "received_on", Role::preparer}};

constexpr Table kTables[] = {
    {"funds", kFunds, kRegistered, "fund"},
    {"regions", kRegions, kRegistered, "region"},
    {"accounts", kAccounts, kRegistered, "account"},
    {"providers", kProviders, kRegistered, "provider"},
    {"provider_changes", kProviderChanges, kRegistered, "provider"},
    {"worker_certificates", kWorkerCertificates, kRegistered, "doc"},
    {"assessments", kAssessments, kRegistered, "doc"},
    {"elders", kElders, kRegistered, "id_number"},
    {"elder_changes", kElderChanges, kRegistered, "id_number"},
    {"applications", kApplications, kRegistered, "application"},
    {"application_steps", kApplicationSteps, kDone, "application"},
    {"fund_receipts", kFundReceipts, kPrepared, "doc"},
    {"counterpart_pledges", kPledges, kPrepared, "doc"},
    {"counterpart_receipts", kCounterpartReceipts, kPrepared, "doc"},
    {"allotments", kAllotments, kPrepared, "doc"},
    {"corrections", kCorrections, kPrepared, "doc"},
    {"voucher_issues", kIssues, kPrepared, "doc", Grouping::doc},
    {"redemptions", kRedemptions, kPrepared, "doc", Grouping::doc},
    {"service_records", kServiceRecords, kPrepared, "doc", Grouping::doc},
    {"entitlement_ends", kEntitlementEnds, kRegistered, "id_number"},
    {"voucher_changes", kVoucherChanges, kPrepared, "doc", Grouping::doc},
    {"settlements", kSettlements, kSettlementSteps, "settlement"},
    {"disbursements", kDisbursements, kDisbursementSteps, "disbursement"},
    {"recoveries", kRecoveries, kRecoverySteps, "recovery"},
    {"bank_statement", kBankStatement, kPrepared, "account", Grouping::month},
    {"period_closes", kPeriodCloses, kClosed, "period"},
    {"voucher_lots", kVoucherLots, {}, "doc", Grouping::row, true},
    {"pass_downs", kPassDowns, {}, "doc", Grouping::row, true},
    {"expenditures", kExpenditures, {}, "doc", Grouping::row, true},
};

}  // namespace

std::optional<std::size_t> Table::find(std::string_view column_key) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].key == column_key) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Table::find_title(std::string_view title) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].zh == title || columns[i].key == title) return i;
  }
  return std::nullopt;
}

std::span<const Table> tables() { return kTables; }

std::size_t table_order(const Table& table) { return std::size_t(&table - kTables); }

const Table* table_named(std::string_view name) {
  for (const auto& table : kTables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

const Table* table_of_file(std::string_view file_name) {
  for (const std::string_view end : {".csv", ".xlsx"}) {
    if (file_name.ends_with(end)) return table_named(file_name.substr(0, file_name.size() - end.size()));
  }
  return nullptr;
}

}  // namespace fundtrail::api::import
