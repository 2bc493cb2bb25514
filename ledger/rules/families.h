// What each family provides for its documents. check() adds findings, postings and refused lines to
// the context; record() writes what the document leaves in the state beside its postings.
// Private to ledger/rules; decide.h is the way in.
#pragma once

#include "ledger/core/entry.h"
#include "ledger/rules/context.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

#define FUNDTRAIL_RULES_OF(Document)             \
  void check(Context& c, const Document& d);     \
  void record(Overlay& state, const Entry& entry, const Document& d)

// registration.cpp
FUNDTRAIL_RULES_OF(LedgerOpening);
FUNDTRAIL_RULES_OF(FundRegistration);
FUNDTRAIL_RULES_OF(RegionRegistration);
FUNDTRAIL_RULES_OF(ProviderRegistration);
FUNDTRAIL_RULES_OF(ProviderAmendment);
FUNDTRAIL_RULES_OF(DesignatedAccountRegistration);
// policy_registration.cpp
FUNDTRAIL_RULES_OF(PolicyRegistration);
// beneficiary.cpp
FUNDTRAIL_RULES_OF(BeneficiaryRegistration);
FUNDTRAIL_RULES_OF(EntitlementEnd);
FUNDTRAIL_RULES_OF(EntitlementReinstatement);
FUNDTRAIL_RULES_OF(BeneficiaryAmendment);
// funding.cpp
FUNDTRAIL_RULES_OF(FundReceipt);
FUNDTRAIL_RULES_OF(Allotment);
FUNDTRAIL_RULES_OF(CounterpartPledge);
FUNDTRAIL_RULES_OF(CounterpartReceipt);
// voucher_issue.cpp
FUNDTRAIL_RULES_OF(VoucherIssue);
// redemption.cpp
FUNDTRAIL_RULES_OF(Redemption);
// redemption_withdrawal.cpp
FUNDTRAIL_RULES_OF(RedemptionWithdrawal);
// voucher_release.cpp
FUNDTRAIL_RULES_OF(VoucherReturn);
FUNDTRAIL_RULES_OF(VoucherVoid);
FUNDTRAIL_RULES_OF(VoucherExpiry);
// settlement.cpp
FUNDTRAIL_RULES_OF(SettlementPreparation);
FUNDTRAIL_RULES_OF(SettlementReview);
FUNDTRAIL_RULES_OF(SettlementApproval);
FUNDTRAIL_RULES_OF(SettlementReturn);
// disbursement.cpp
FUNDTRAIL_RULES_OF(DisbursementPreparation);
FUNDTRAIL_RULES_OF(DisbursementApproval);
FUNDTRAIL_RULES_OF(DisbursementPayment);
FUNDTRAIL_RULES_OF(DisbursementBounce);
FUNDTRAIL_RULES_OF(DisbursementCancellation);
// recovery.cpp
FUNDTRAIL_RULES_OF(RecoveryDecision);
FUNDTRAIL_RULES_OF(RecoveryReceipt);
// correction.cpp
FUNDTRAIL_RULES_OF(Correction);
// closing.cpp
FUNDTRAIL_RULES_OF(PeriodClose);
// outside_facts.cpp
FUNDTRAIL_RULES_OF(BankStatement);
FUNDTRAIL_RULES_OF(ImportedRecord);

// application.cpp
FUNDTRAIL_RULES_OF(EntitlementApplication);
FUNDTRAIL_RULES_OF(ApplicationStep);
// service_records.cpp
FUNDTRAIL_RULES_OF(ServiceRecords);
FUNDTRAIL_RULES_OF(WorkerCertificate);
// provider_assessment.cpp
FUNDTRAIL_RULES_OF(ProviderAssessment);
// calculation.cpp
FUNDTRAIL_RULES_OF(EntitlementCalculation);
// points.cpp
FUNDTRAIL_RULES_OF(PointsJournal);
// duty.cpp
FUNDTRAIL_RULES_OF(DutyRecord);
// calculation_reduction.cpp
FUNDTRAIL_RULES_OF(CalculationReduction);
// service_withdrawal.cpp
FUNDTRAIL_RULES_OF(ServiceWithdrawal);
// cutover.cpp
FUNDTRAIL_RULES_OF(ProgrammeCutover);
FUNDTRAIL_RULES_OF(BeneficiaryCutover);
// governance.cpp
FUNDTRAIL_RULES_OF(LedgerRestoration);
FUNDTRAIL_RULES_OF(PersonErasure);
// signatures.cpp
FUNDTRAIL_RULES_OF(ActorKeyRegistration);
FUNDTRAIL_RULES_OF(ActorKeyEnd);

#undef FUNDTRAIL_RULES_OF

// closing.cpp: settlements under way, by the month of their preparation.
void count_draft(Overlay& state, Date prepared_on, int change);

}  // namespace fundtrail::rules
