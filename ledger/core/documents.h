// The business documents (单据) that a ledger records: one struct a kind, in the order in which a
// fund's year meets them. A document's fields() names every recorded field exactly once, in the
// ascending order of canonical JSON; encoder, decoder, API and import all go through it, so the
// headers of the families included here are the only place where the shape of a document stands.
//
// A document with lines (up to kMaxLines) keeps them in `lines`; each line is recorded, hashed and
// provable on its own (ledger/chain/entry_codec.h). std::optional fields are absent when empty.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <variant>

#include "ledger/core/bookkeeping_documents.h"
#include "ledger/core/entitlement_changes.h"
#include "ledger/core/entitlement_documents.h"
#include "ledger/core/funding_documents.h"
#include "ledger/core/governance_documents.h"
#include "ledger/core/payment_documents.h"
#include "ledger/core/registration_documents.h"
#include "ledger/core/voucher_documents.h"

namespace fundtrail {

// New kinds are added at the end: the state counts kinds by their place.
using DocumentVariant = std::variant<
    LedgerOpening, FundRegistration, PolicyRegistration, RegionRegistration,
    ProviderRegistration, ProviderAmendment, DesignatedAccountRegistration,
    BeneficiaryRegistration, BeneficiaryAmendment, EntitlementEnd, EntitlementReinstatement,
    FundReceipt, Allotment, CounterpartPledge, CounterpartReceipt, VoucherIssue, Redemption,
    VoucherReturn, VoucherVoid, VoucherExpiry, SettlementPreparation, SettlementReview,
    SettlementApproval, SettlementReturn, DisbursementPreparation, DisbursementApproval,
    DisbursementPayment, DisbursementBounce, DisbursementCancellation, RecoveryDecision,
    RecoveryReceipt, Correction, PeriodClose, BankStatement, ImportedRecord,
    EntitlementApplication, ApplicationStep, ServiceRecords, WorkerCertificate,
    ProviderAssessment, EntitlementCalculation, PointsJournal, DutyRecord,
    CalculationReduction, ServiceWithdrawal, ProgrammeCutover, BeneficiaryCutover,
    LedgerRestoration, ActorKeyRegistration, ActorKeyEnd, PersonErasure,
    RedemptionWithdrawal>;

template <class T, class Kinds>
inline constexpr bool kIsOneOf = false;
template <class T, class... Kinds>
inline constexpr bool kIsOneOf<T, std::variant<Kinds...>> = (std::is_same_v<T, Kinds> || ...);

// One document of any kind; std::visit, std::get_if and std::get work on it. A class of its own so that
// copying, moving and destroying fifty kinds is compiled once and not in every file that holds one.
class Document : public DocumentVariant {
 public:
  Document();
  Document(const Document&);
  Document(Document&&) noexcept;
  Document& operator=(const Document&);
  Document& operator=(Document&&) noexcept;
  ~Document();

  template <class D>
    requires kIsOneOf<std::remove_cvref_t<D>, DocumentVariant>
  Document(D&& d) : DocumentVariant(std::in_place_type<std::remove_cvref_t<D>>, std::forward<D>(d)) {}
  // An empty document of a kind.
  template <std::size_t I>
  explicit Document(std::in_place_index_t<I> kind) : DocumentVariant(kind) {}
};

template <std::size_t I>
using DocumentOfKind = std::variant_alternative_t<I, DocumentVariant>;

inline constexpr std::size_t kKinds = std::variant_size_v<DocumentVariant>;

// The written names of the kinds, in the order of Document's alternatives.
inline constexpr std::array<std::string_view, kKinds> kKindNames = {
    "ledger_opening", "fund_registration", "policy_registration", "region_registration",
    "provider_registration", "provider_amendment", "designated_account_registration",
    "beneficiary_registration", "beneficiary_amendment", "entitlement_end",
    "entitlement_reinstatement", "fund_receipt", "allotment", "counterpart_pledge",
    "counterpart_receipt", "voucher_issue", "redemption", "voucher_return", "voucher_void",
    "voucher_expiry", "settlement_preparation", "settlement_review", "settlement_approval",
    "settlement_return", "disbursement_preparation", "disbursement_approval",
    "disbursement_payment", "disbursement_bounce", "disbursement_cancellation",
    "recovery_decision", "recovery_receipt", "correction", "period_close", "bank_statement",
    "imported_record", "entitlement_application", "application_step", "service_records",
    "worker_certificate", "provider_assessment", "entitlement_calculation", "points_journal",
    "duty_record", "calculation_reduction", "service_withdrawal", "programme_cutover",
    "beneficiary_cutover", "ledger_restoration", "actor_key_registration", "actor_key_end",
    "person_erasure", "redemption_withdrawal"};

inline std::string_view kind_of(const Document& document) { return kKindNames[document.index()]; }
// An empty document of that kind, or nothing for a name that is none.
std::optional<Document> document_of_kind(std::string_view kind);
// What people call a kind, in Chinese and English.
struct KindTitle {
  std::string_view zh;
  std::string_view en;
};
KindTitle title_of_kind(std::size_t kind_index);

template <class Doc>
concept HasLines = requires { typename Doc::Line; };

std::size_t line_count(const Document& document);

}  // namespace fundtrail
