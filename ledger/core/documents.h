// The business documents (单据) that a ledger records: one struct a kind, in the order in which a
// fund's year meets them. A document's fields() names every recorded field exactly once, in the
// ascending order of canonical JSON; encoder, decoder, API and import all go through it, so this
// file (with entitlement_documents.h and entitlement_changes.h, for what happens between registration
// and settlement, and governance_documents.h, for what concerns the ledger itself) is the only place
// where the shape of a document stands.
//
// A document with lines (up to kMaxLines) keeps them in `lines`; each line is recorded, hashed and
// provable on its own (ledger/chain/entry_codec.h). std::optional fields are absent when empty.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/core/accounts.h"
#include "ledger/core/date.h"
#include "ledger/core/entitlement_changes.h"
#include "ledger/core/entitlement_documents.h"
#include "ledger/core/governance_documents.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/names.h"
#include "ledger/core/policy.h"

namespace fundtrail {

inline constexpr std::size_t kMaxLines = 1000;

// --- enumerations of document fields -----------------------------------------------------------

// 会计法 §16: a second set of books can be an offence, so a ledger says what it is.
enum class BookNature : std::uint8_t { auxiliary, statutory };
template <>
struct Names<BookNature> {
  static constexpr std::string_view list[] = {"auxiliary", "statutory"};
};

// 国库集中支付专账核算 / 财政专户 (预算法 §56, 实施条例 §52) / 单位实有资金账户.
enum class AccountMode : std::uint8_t { treasury_single_account, fiscal_account, unit_account };
template <>
struct Names<AccountMode> {
  static constexpr std::string_view list[] = {"treasury_single_account", "fiscal_account",
                                              "unit_account"};
};

enum class SourceLevel : std::uint8_t {
  central, provincial, municipal, district, town, lottery, donation, interest,
};
template <>
struct Names<SourceLevel> {
  static constexpr std::string_view list[] = {"central", "provincial", "municipal", "district",
                                              "town", "lottery", "donation", "interest"};
};

enum class EndReason : std::uint8_t { death, moved, ineligible };
template <>
struct Names<EndReason> {
  static constexpr std::string_view list[] = {"death", "moved", "ineligible"};
};

enum class VoidReason : std::uint8_t { lost, damaged, misissued };
template <>
struct Names<VoidReason> {
  static constexpr std::string_view list[] = {"lost", "damaged", "misissued"};
};

// What a settlement pays for.
enum class SettlementBasis : std::uint8_t { redemptions, grant, entitlements };
template <>
struct Names<SettlementBasis> {
  static constexpr std::string_view list[] = {"redemptions", "grant", "entitlements"};
};

enum class PaymentMethod : std::uint8_t { transfer, cash };
template <>
struct Names<PaymentMethod> {
  static constexpr std::string_view list[] = {"transfer", "cash"};
};

// 会计基础工作规范 §51(5).
enum class CorrectionMethod : std::uint8_t {
  red_blue,         // current year: red copy, then the correct document
  difference,       // current year, only the amount was wrong: a document of the difference
  prior_year_blue,  // an earlier year: a blue correcting document; never red
};
template <>
struct Names<CorrectionMethod> {
  static constexpr std::string_view list[] = {"red_blue", "difference", "prior_year_blue"};
};

enum class Direction : std::uint8_t { in, out };
template <>
struct Names<Direction> {
  static constexpr std::string_view list[] = {"in", "out"};
};

// --- shared parts ------------------------------------------------------------------------------

struct BankAccount {
  Text bank;
  Text holder;
  std::string number;  // digits only, 6 to 32

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("holder", d.holder);
    v("number", d.number);
  }
  friend bool operator==(const BankAccount&, const BankAccount&) = default;
};

struct ProviderContract {
  Date from;
  Text number;
  Date to;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("from", d.from);
    v("number", d.number);
    v("to", d.to);
  }
};

// --- setting up --------------------------------------------------------------------------------

// Entry 0 of every ledger: what it is, how it is hashed and signed.
struct LedgerOpening {
  AccountMode account_mode = AccountMode::treasury_single_account;
  BookNature book = BookNature::auxiliary;
  Text name;
  std::string public_key;  // C2SP verifier key of the ledger's own checkpoint signature
  RegionCode region;
  std::string suite;  // "sha256-ed25519" or "sm3-sm2"; never changes

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account_mode", d.account_mode);
    v("book", d.book);
    v("name", d.name);
    v("public_key", d.public_key);
    v("region", d.region);
    v("suite", d.suite);
  }
};

struct FundRegistration {
  std::uint64_t fiscal_year = 0;
  FundId fund;
  std::string functional_code;  // 支出功能分类科目, digits
  Text name;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("fiscal_year", d.fiscal_year);
    v("functional_code", d.functional_code);
    v("fund", d.fund);
    v("name", d.name);
  }
};

struct PolicyRegistration {
  Policy policy;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("policy", d.policy);
  }
};

struct RegionRegistration {
  Text name;
  std::optional<RegionCode> parent;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("name", d.name);
    v("parent", d.parent);
    v("region", d.region);
  }
};

struct ProviderRegistration {
  BankAccount bank;
  ProviderContract contract;
  Text name;
  ProviderId provider;
  std::string uscc;  // 统一社会信用代码

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("contract", d.contract);
    v("name", d.name);
    v("provider", d.provider);
    v("uscc", d.uscc);
  }
};

// A new contract or bank account of a provider; what is absent stays as it was.
struct ProviderAmendment {
  std::optional<BankAccount> bank;
  std::optional<ProviderContract> contract;
  ProviderId provider;
  Text reason;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank", d.bank);
    v("contract", d.contract);
    v("provider", d.provider);
    v("reason", d.reason);
  }
};

struct DesignatedAccountRegistration {
  DesignatedAccountId account;
  Text approval_no;  // 预算法实施条例 §52: no designated account without an approval
  BankAccount bank;
  AccountMode mode = AccountMode::treasury_single_account;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("approval_no", d.approval_no);
    v("bank", d.bank);
    v("mode", d.mode);
  }
};

// A person, as the chain knows one: a pseudonym and a salted commitment to the identity that lies
// in the vault. The identity itself travels beside the command (Command::identity), never in it.
struct BeneficiaryRegistration {
  Pseudonym beneficiary;
  Code category;
  Channel channel = Channel::home;
  std::string commitment;  // hex digest; docs/FORMAT.md, "Commitments"
  Date entitled_from;
  RegionCode region;
  std::optional<Code> care_level = {};
  OptionalList<Code> facts = {};  // that were shown to be true: "household_register", ...

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("care_level", d.care_level);
    v("category", d.category);
    v("channel", d.channel);
    v("commitment", d.commitment);
    v("entitled_from", d.entitled_from);
    v("facts", d.facts);
    v("region", d.region);
  }
};

struct EntitlementEnd {
  Pseudonym beneficiary;
  Date ended_on;  // the day of death, of moving away, of the decision
  Text evidence;
  EndReason reason = EndReason::death;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("ended_on", d.ended_on);
    v("evidence", d.evidence);
    v("reason", d.reason);
  }
};

// Takes back an end of entitlement: recorded wrongly, so that there was none, or of somebody who came
// back and is entitled again from then on. Without a reason, in older entries, it is the former.
struct EntitlementReinstatement {
  Pseudonym beneficiary;
  Text evidence;
  std::optional<Date> from = {};  // of whoever came back: the first day that counts again
  std::optional<ReinstatementReason> reason = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("evidence", d.evidence);
    v("from", d.from);
    v("reason", d.reason);
  }
};

// What has changed about a beneficiary; what is absent stays as it was. It counts for vouchers
// that are issued after it was recorded, and for calculations from its business date.
struct BeneficiaryAmendment {
  Pseudonym beneficiary;
  std::optional<Code> category;
  std::optional<Channel> channel;
  Text evidence;
  std::optional<RegionCode> region;
  std::optional<Code> care_level = {};
  OptionalList<Code> facts = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("care_level", d.care_level);
    v("category", d.category);
    v("channel", d.channel);
    v("evidence", d.evidence);
    v("facts", d.facts);
    v("region", d.region);
  }
};

// --- money in, authority down ------------------------------------------------------------------

struct FundReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  Text document_no;  // 指标文号
  FundId fund;
  SourceLevel source = SourceLevel::district;
  // Until when its performance targets are to be filed, where the policy that the command names sets
  // a limit (YA-02).
  std::optional<Date> performance_due = {};
  std::optional<Reference> project_code = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("document_no", d.document_no);
    v("fund", d.fund);
    v("performance_due", d.performance_due);
    v("project_code", d.project_code);
    v("source", d.source);
  }
};

// Authority to spend (下达); no cash moves. Takes from what the fund has available for nobody in
// particular, or, with from_counterpart, from the receiving region's own counterpart funding.
struct Allotment {
  Money amount;
  Text document_no;
  std::optional<Text> evaluation;  // the assessment the allocation rests on (预算法 §57)
  bool from_counterpart = false;
  FundId fund;
  ProgrammeId programme;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("document_no", d.document_no);
    v("evaluation", d.evaluation);
    v("from_counterpart", d.from_counterpart);
    v("fund", d.fund);
    v("programme", d.programme);
    v("region", d.region);
  }
};

struct CounterpartPledge {
  Money amount;
  Text document_no;
  Date due;
  FundId fund;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("document_no", d.document_no);
    v("due", d.due);
    v("fund", d.fund);
    v("region", d.region);
  }
};

struct CounterpartReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  Text document_no;
  FundId fund;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("document_no", d.document_no);
    v("fund", d.fund);
    v("region", d.region);
  }
};

// --- vouchers ----------------------------------------------------------------------------------

struct IssuedVoucher {
  Pseudonym beneficiary;
  Money face;
  VoucherNumber voucher;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("face", d.face);
    v("voucher", d.voucher);
  }
};

// Vouchers of one month for one region. Numbers are consecutive within one series.
struct VoucherIssue {
  using Line = IssuedVoucher;
  FundId fund;
  Month month;
  ProgrammeId programme;
  RegionCode region;
  Date valid_from;
  Date valid_to;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("fund", d.fund);
    v("month", d.month);
    v("programme", d.programme);
    v("region", d.region);
    v("valid_from", d.valid_from);
    v("valid_to", d.valid_to);
  }
};

// One voucher given for one delivered service (服务记录).
struct RedeemedVoucher {
  std::optional<Pseudonym> beneficiary;  // who was served; must be the holder when stated
  Quantity hours;
  Code item;
  Date service_date;
  VoucherNumber voucher;
  std::optional<Code> worker;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("hours", d.hours);
    v("item", d.item);
    v("service_date", d.service_date);
    v("voucher", d.voucher);
    v("worker", d.worker);
  }
};

// A provider's upload of redeemed vouchers (核销).
struct Redemption {
  using Line = RedeemedVoucher;
  Text claim_no;
  ProviderId provider;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("claim_no", d.claim_no);
    v("provider", d.provider);
  }
};

struct VoucherLine {
  VoucherNumber voucher;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("voucher", d.voucher);
  }
};

struct VoucherReturn {
  using Line = VoucherLine;
  Text reason;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
  }
};

struct VoucherVoid {
  using Line = VoucherLine;
  VoidReason reason = VoidReason::lost;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
  }
};

struct VoucherExpiry {
  using Line = VoucherLine;
  Month month;  // the month the vouchers were issued for; only a statement to the reader
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("month", d.month);
  }
};

// --- settlement and disbursement ---------------------------------------------------------------

// Project money against an invoice, for instruments of kind `grant`.
struct GrantClaim {
  Code economic_code;  // 部门预算支出经济分类科目
  FundId fund;
  Text invoice_no;
  ProgrammeId programme;
  RegionCode region;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("economic_code", d.economic_code);
    v("fund", d.fund);
    v("invoice_no", d.invoice_no);
    v("programme", d.programme);
    v("region", d.region);
  }
};

struct SettlementPreparation {
  SettlementBasis basis = SettlementBasis::redemptions;
  std::optional<GrantClaim> grant;        // with basis grant
  ProviderId provider;
  std::vector<std::uint64_t> redemptions;  // entry indices, ascending; with basis redemptions
  SettlementId settlement;
  Money total;
  // Entry indices of entitlement calculations, ascending; with basis entitlements.
  OptionalList<std::uint64_t> calculations = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("basis", d.basis);
    v("calculations", d.calculations);
    v("grant", d.grant);
    v("provider", d.provider);
    v("redemptions", d.redemptions);
    v("settlement", d.settlement);
    v("total", d.total);
  }
};

struct SettlementReview {
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("settlement", d.settlement);
  }
};

struct SettlementApproval {
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("settlement", d.settlement);
  }
};

// Sent back before approval; its redemptions may be settled again.
struct SettlementReturn {
  Text reason;  // the provider reads it
  SettlementId settlement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("reason", d.reason);
    v("settlement", d.settlement);
  }
};

struct DisbursementPreparation {
  DesignatedAccountId account;
  Money amount;
  DisbursementId disbursement;
  PaymentMethod method = PaymentMethod::transfer;
  BankAccount payee;
  SettlementId settlement;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("disbursement", d.disbursement);
    v("method", d.method);
    v("payee", d.payee);
    v("settlement", d.settlement);
  }
};

struct DisbursementApproval {
  DisbursementId disbursement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("disbursement", d.disbursement);
  }
};

struct DisbursementPayment {
  Reference bank_reference;
  DisbursementId disbursement;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank_reference", d.bank_reference);
    v("disbursement", d.disbursement);
  }
};

// The bank sent the money back (退票); it is payable again.
struct DisbursementBounce {
  Reference bank_reference;
  DisbursementId disbursement;
  Text reason;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("bank_reference", d.bank_reference);
    v("disbursement", d.disbursement);
    v("reason", d.reason);
  }
};

// Given up before it was paid; its settlement may be disbursed again.
struct DisbursementCancellation {
  DisbursementId disbursement;
  Text reason;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("disbursement", d.disbursement);
    v("reason", d.reason);
  }
};

// The calculated share that a recovery takes back: without beneficiary the provider's own.
struct RecoveredEntitlement {
  std::optional<Pseudonym> beneficiary;
  Code level;    // whose share: that of the fund
  Month period;  // first month of the cycle

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("beneficiary", d.beneficiary);
    v("level", d.level);
    v("period", d.period);
  }
};

struct RecoveryDecision {
  Money amount;
  FundId fund;
  ProgrammeId programme;
  ProviderId provider;
  Text reason;
  RecoveryId recovery;
  RegionCode region;
  // What the amount was calculated for, when it is more than what is due: calculated so far goes down
  // with it, so that the next calculation does not ask for it again.
  std::optional<RecoveredEntitlement> entitlement = {};

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("entitlement", d.entitlement);
    v("fund", d.fund);
    v("programme", d.programme);
    v("provider", d.provider);
    v("reason", d.reason);
    v("recovery", d.recovery);
    v("region", d.region);
  }
};

// Recovered money arrives; the policy says whether it is spent again or goes to the treasury.
struct RecoveryReceipt {
  DesignatedAccountId account;
  Money amount;
  Reference bank_reference;
  RecoveryId recovery;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("amount", d.amount);
    v("bank_reference", d.bank_reference);
    v("recovery", d.recovery);
  }
};

// --- correction, closing, facts from outside ---------------------------------------------------

// Corrects one earlier money document. `corrected` is the document as it should have been (red_blue,
// prior_year_blue) or the difference (difference); it has the kind of the one it corrects. With
// red_blue and no corrected document the original is only cancelled.
struct Correction {
  std::optional<Allotment> allotment;
  std::uint64_t corrects = 0;  // index of the entry
  std::optional<CounterpartPledge> counterpart_pledge;
  std::optional<CounterpartReceipt> counterpart_receipt;
  std::optional<FundReceipt> fund_receipt;
  CorrectionMethod method = CorrectionMethod::red_blue;
  Text reason;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("allotment", d.allotment);
    v("corrects", d.corrects);
    v("counterpart_pledge", d.counterpart_pledge);
    v("counterpart_receipt", d.counterpart_receipt);
    v("fund_receipt", d.fund_receipt);
    v("method", d.method);
    v("reason", d.reason);
  }
};

struct PeriodClose {
  Month period;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("period", d.period);
  }
};

struct BankStatementLine {
  Money amount;                  // positive
  std::optional<Text> counterparty;
  std::optional<Text> counterparty_account;
  Date date;
  Direction direction = Direction::in;
  Reference reference;           // the bank's transaction number
  std::optional<Text> summary;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("counterparty", d.counterparty);
    v("counterparty_account", d.counterparty_account);
    v("date", d.date);
    v("direction", d.direction);
    v("reference", d.reference);
    v("summary", d.summary);
  }
};

// A month of the bank's own statement: a fact from outside, recorded as it is.
struct BankStatement {
  using Line = BankStatementLine;
  DesignatedAccountId account;
  Money closing;
  Money opening;
  Month period;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("closing", d.closing);
    v("opening", d.opening);
    v("period", d.period);
  }
};

// A row of a past year's books, field by field as it was found (ASCII names, values unchanged but
// for identities, which are replaced by pseudonyms and check results).
struct ImportedRow {
  std::map<std::string, std::string> values;
};

// Rows of an imported past: facts that FundTrail did not control, recorded as they are and marked
// as such; the audit tools flag what is wrong with them.
struct ImportedRecord {
  using Line = ImportedRow;
  std::string file_digest;  // hex digest of the whole file as it was found
  Text source;              // file name
  Code table;               // "redemptions", "payments", "bank_statement", ... (docs/IMPORT.md)
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("file_digest", d.file_digest);
    v("source", d.source);
    v("table", d.table);
  }
};

// --- the closed set ----------------------------------------------------------------------------

// New kinds are added at the end: the state counts kinds by their place.
using Document =
    std::variant<LedgerOpening, FundRegistration, PolicyRegistration, RegionRegistration,
                 ProviderRegistration, ProviderAmendment, DesignatedAccountRegistration,
                 BeneficiaryRegistration, BeneficiaryAmendment, EntitlementEnd,
                 EntitlementReinstatement, FundReceipt, Allotment, CounterpartPledge,
                 CounterpartReceipt, VoucherIssue, Redemption, VoucherReturn, VoucherVoid,
                 VoucherExpiry, SettlementPreparation, SettlementReview, SettlementApproval,
                 SettlementReturn, DisbursementPreparation, DisbursementApproval,
                 DisbursementPayment, DisbursementBounce, DisbursementCancellation,
                 RecoveryDecision, RecoveryReceipt, Correction, PeriodClose, BankStatement,
                 ImportedRecord, EntitlementApplication, ApplicationStep, ServiceRecords,
                 WorkerCertificate, ProviderAssessment, EntitlementCalculation, PointsJournal,
                 DutyRecord, CalculationReduction, ServiceWithdrawal, ProgrammeCutover,
                 BeneficiaryCutover, LedgerRestoration, ActorKeyRegistration, ActorKeyEnd,
                 PersonErasure>;

inline constexpr std::size_t kKinds = std::variant_size_v<Document>;

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
    "person_erasure"};

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
