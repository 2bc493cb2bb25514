#include "ledger/rules/authority.h"

#include <array>
#include <string_view>

#include "ledger/core/check.h"

namespace fundtrail::rules {
namespace {

constexpr unsigned bit(Role role) { return 1u << static_cast<unsigned>(role); }
constexpr unsigned kRegistrar = bit(Role::registrar), kPreparer = bit(Role::preparer),
                   kReviewer = bit(Role::reviewer), kApprover = bit(Role::approver),
                   kCashier = bit(Role::cashier), kProvider = bit(Role::provider);

struct Row {
  std::string_view kind;
  unsigned roles;
};
constexpr std::array<Row, kKinds> kTable = {{
    {"ledger_opening", kRegistrar},
    {"fund_registration", kRegistrar},
    {"policy_registration", kRegistrar},
    {"region_registration", kRegistrar},
    {"provider_registration", kRegistrar},
    {"provider_amendment", kRegistrar},
    {"designated_account_registration", kRegistrar},
    {"beneficiary_registration", kRegistrar},
    {"beneficiary_amendment", kRegistrar},
    {"entitlement_end", kRegistrar},
    {"entitlement_reinstatement", kRegistrar},
    {"fund_receipt", kPreparer},
    {"allotment", kPreparer},
    {"counterpart_pledge", kPreparer},
    {"counterpart_receipt", kPreparer},
    {"voucher_issue", kPreparer},
    {"redemption", kPreparer | kProvider},
    {"voucher_return", kPreparer},
    {"voucher_void", kPreparer},
    {"voucher_expiry", kPreparer},
    {"settlement_preparation", kPreparer},
    {"settlement_review", kReviewer},
    {"settlement_approval", kApprover},
    {"settlement_return", kReviewer | kApprover},
    {"disbursement_preparation", kPreparer},
    {"disbursement_approval", kApprover},
    {"disbursement_payment", kCashier},
    {"disbursement_bounce", kCashier},
    {"disbursement_cancellation", kApprover},
    {"recovery_decision", kPreparer | kApprover},
    {"recovery_receipt", kPreparer},
    {"correction", kPreparer},
    {"period_close", kReviewer},
    {"bank_statement", kPreparer},
    {"imported_record", kRegistrar},
    {"entitlement_application", kRegistrar | kPreparer},
    {"application_step", kPreparer | kReviewer | kApprover},
    {"service_records", kPreparer | kProvider},
    {"worker_certificate", kRegistrar},
    {"provider_assessment", kRegistrar | kReviewer},
    {"entitlement_calculation", kPreparer},
    {"points_journal", kPreparer},
    {"duty_record", kRegistrar | kPreparer | kReviewer | kApprover},
    {"calculation_reduction", kPreparer},
    {"service_withdrawal", kPreparer | kProvider},
    {"programme_cutover", kRegistrar},
    {"beneficiary_cutover", kRegistrar},
    {"ledger_restoration", kRegistrar},
    {"actor_key_registration", kRegistrar},
    {"actor_key_end", kRegistrar},
    {"person_erasure", kRegistrar},
    {"redemption_withdrawal", kPreparer | kProvider},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kKinds; ++i) {
    if (kTable[i].kind != kKindNames[i]) return false;
  }
  return true;
}
static_assert(in_order(), "the table of authority follows the kinds of documents");

}  // namespace

bool may_record(Role role, std::size_t kind_index) {
  FT_CHECK(kind_index < kKinds);
  return (kTable[kind_index].roles & bit(role)) != 0;
}

}  // namespace fundtrail::rules
