// The rows of the state: each key and each encoding in exactly one place. The first byte of a key
// tells the kind of row ('B' and 'T', balances and turnovers, stand in ledger/store/layout.h):
//
//   A account           designated account        K index       to be settled: groups, settlement
//   C index             money document that may   L             the ledger: region, open periods
//                       be corrected              M month       settlements under way
//   D disbursement      a payment's steps         N pseudonym   beneficiary
//   E index/256         kinds of the entries      O provider    provider, contracts
//   F fund              fund                      P policy      policy
//   G recovery          recovery                  R region      region
//   H series, block     holders, issue entries    S settlement  a settlement's steps
//   I index             terms of a voucher issue  U uscc        provider of that code
//   J provider, invoice settlement that claims it V series, bl. status of 256 vouchers
//   X fund              totals by account and     Y fund, prog. policy of the latest allotment
//                       of the vouchers
//   Q account, way, ref entry that recorded it    W account     cash: bank_lines.h
//   Z account, month    entry of the statement    b account, .. days on which a balance moved
//   a application       its steps                 e subject, .. what was calculated
//   f pseudonym         facts by first day        g pseudonym   grants
//   h pseudonym, ..     what was delivered        m programme   total of its calculations
//   q pseudonym, prog.  points                    v provider, . assessments
//   c pseudonym, prog.  paid before this ledger       d programme   likewise, of everybody
//   n pseudonym         absences                      t provider, . programme that a bill counts for
//   w provider, worker  certificates          x subject, group  calculated for, of an exclusive group
//   l pseudonym, ..     day a voucher was lost        p programme   policy that it belongs to
//   i key               a person's signing key    j actor       its keys; those that oblige
//   r index             what that calculation brought each person
//   k public key        key of that public key    z pseudonym   entry of an erasure
//   o pseudonym         recoveries of a person    y pseudonym   what was calculated in: identity_need.h
//   u pseudonym         who recorded an end           s series, serial   day a redemption was withdrawn
//
// Hot rows (E H I K N V X) are binary; cold ones carry the document as canonical JSON.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// A short key built without an allocation.
class HotKey {
 public:
  explicit HotKey(char kind) { data_[size_++] = kind; }
  HotKey& text(std::string_view value);       // ended by a zero byte
  HotKey& integer(std::uint64_t value, int bytes);
  operator std::string_view() const { return {data_.data(), size_}; }

 private:
  std::array<char, 40> data_;
  std::size_t size_ = 0;
};

// Keys of rows that are looked up by one or two ids.
std::string key_of(char kind, std::string_view id);
std::string key_of(char kind, std::string_view first, std::string_view second);
HotKey key_of(char kind, std::uint64_t index);

inline std::string account_key(const DesignatedAccountId& id) { return key_of('A', id.str()); }
inline HotKey correctable_key(std::uint64_t index) { return key_of('C', index); }
inline std::string disbursement_key(const DisbursementId& id) { return key_of('D', id.str()); }
inline HotKey entry_kinds_key(std::uint64_t index) { return key_of('E', index >> 8); }
inline std::string fund_key(const FundId& id) { return key_of('F', id.str()); }
inline std::string recovery_key(const RecoveryId& id) { return key_of('G', id.str()); }
HotKey holders_key(const std::string& series, std::uint32_t block);
inline HotKey issue_key(std::uint64_t index) { return key_of('I', index); }
// The number of an invoice or a bill, whatever its spelling: width, case and blanks do not count.
std::string folded_number(const Text& number);
std::string invoice_key(const ProviderId& provider, const Text& invoice);
inline std::string cash_key(const DesignatedAccountId& id) { return key_of('W', id.str()); }
// A bank's number means one transaction of an account and direction, whatever its case.
std::string bank_reference_key(const DesignatedAccountId& account, Direction direction,
                               const Reference& reference);
inline std::string statement_key(const DesignatedAccountId& account, Month period) {
  return key_of('Z', account.str(), period.str());
}
inline HotKey redemption_key(std::uint64_t index) { return key_of('K', index); }
inline constexpr std::string_view kLedgerKey = "L";
HotKey drafts_key(Month month);
inline HotKey beneficiary_key(Pseudonym id) { return key_of('N', id.value()); }
inline std::string provider_key(const ProviderId& id) { return key_of('O', id.str()); }
inline std::string policy_key(const PolicyRef& ref) { return key_of('P', ref.str()); }
inline std::string region_key(const RegionCode& code) { return key_of('R', code.str()); }
inline std::string settlement_key(const SettlementId& id) { return key_of('S', id.str()); }
inline std::string uscc_key(std::string_view uscc) { return key_of('U', uscc); }
HotKey status_key(const std::string& series, std::uint32_t block);
inline std::string fund_totals_key(const FundId& id) { return key_of('X', id.str()); }
inline std::string purpose_key(const FundId& fund, const ProgrammeId& programme) {
  return key_of('Y', fund.str(), programme.str());
}

// --- the ledger and its entries ------------------------------------------------------------------

struct LedgerRow {
  RegionCode region;
  std::optional<Month> first;   // month of the earliest business date
  std::optional<Month> closed;  // the last closed month
  bool signatures = false;      // somebody must sign, or once had to
  std::string encode() const;
  static std::optional<LedgerRow> find(const StateSource& state);
};

// The kind of an entry by its position in Document, or nothing when there is no such entry.
std::optional<std::size_t> find_entry_kind(const StateSource& state, std::uint64_t index);
void append_entry_kind(Overlay& state, std::uint64_t index, std::size_t kind);

// --- policies and providers ----------------------------------------------------------------------

// When a policy is in force stands before the policy itself, readable without decoding it.
std::string encode_policy(const Policy& policy);
Policy decode_policy(std::string_view row);
bool policy_in_force(std::string_view row, Date on);
Date policy_first_day(std::string_view row);

// The provider as amended last, after every contract it ever had: a service is judged by the
// contract of its day. A contract is known by its number; amended, it has the new period only.
struct ProviderRow {
  struct Period {
    Date from;
    Date to;
    std::string number;
    bool covers(Date date) const { return from <= date && date <= to; }
  };
  std::vector<Period> contracts;
  ProviderRegistration provider;
  std::string encode() const;
  static ProviderRow decode(std::string_view row);
};
std::vector<ProviderRow::Period> contracts_of(std::string_view provider_row);

// --- beneficiaries: binary, changed in place -----------------------------------------------------

// A view of one row. Layout: channel, end (0, or 1 + reason; 0x80 more of somebody who came back once),
// entitled_from, ended_on, sizes of region
// and category, region, category; then for each voucher programme (see vouchers_in) the size of its id, the id, the
// first month, the number of months, and one count of vouchers a month.
class BeneficiaryView {
 public:
  explicit BeneficiaryView(std::string_view row);
  static std::string encode(const BeneficiaryRegistration& d);
  static void end(std::string& row, const EntitlementEnd& d);
  // `returned`: there are days between that do not count (person.h, absences).
  static void reinstate(std::string& row, bool returned);
  static void amend(std::string& row, const BeneficiaryAmendment& d);
  static void add_vouchers(std::string& row, std::string_view counted, Month month, unsigned n);
  static void free_vouchers(std::string& row, std::string_view counted, Month month, unsigned n);

  Channel channel() const { return static_cast<Channel>(row_[0]); }
  std::optional<EndReason> end_reason() const;
  bool was_away() const { return (static_cast<unsigned char>(row_[1]) & kAway) != 0; }
  Date entitled_from() const { return date_at(2); }
  Date ended_on() const { return date_at(6); }
  std::string_view region() const { return row_.substr(kFixed, size_at(10)); }
  std::string_view category() const { return row_.substr(kFixed + size_at(10), size_at(11)); }
  // `counted`: whose count it is. A programme's vouchers of its one face value under its id;
  // with denominations the units under voucher_count_id().
  unsigned vouchers_in(std::string_view counted, Month month) const;
  // What the vouchers of a month are worth together, whatever they were counted in.
  Money issued_in(const ProgrammeId& programme, const Money& face, Month month) const;

 private:
  static constexpr std::size_t kFixed = 12;
  static constexpr unsigned kAway = 0x80;
  struct Counts {
    std::size_t at = 0;  // of the first month; the first month and the number stand before it
    Month first;
    std::size_t months = 0;
    std::string_view id = {};
  };
  Date date_at(std::size_t at) const;
  std::size_t size_at(std::size_t at) const { return static_cast<unsigned char>(row_[at]); }
  std::size_t programmes_at() const { return kFixed + size_at(10) + size_at(11); }
  // What stands at `at`, which moves on; nothing at the end.
  std::optional<Counts> next(std::size_t& at) const;
  std::optional<Counts> find(std::string_view counted) const;
  unsigned count_of(const Counts& counts, Month month) const;
  static char& count(std::string& row, std::string_view counted, Month month);
  std::string_view row_;
};

// --- vouchers ------------------------------------------------------------------------------------

// "services#100": the units of 1.00 yuan of a programme with denominations. No id has a '#'.
std::string voucher_count_id(const ProgrammeId& programme, const Money& unit);
// The last day on which a lost voucher of that month was voided; binary.
std::string lost_key(Pseudonym person, const ProgrammeId& programme, Month month);

// The last day on which a redemption of that voucher was withdrawn; binary.
std::string withdrawn_key(const VoucherNumber& voucher);

enum class VoucherStatus : std::uint8_t {
  none, outstanding, redeemed, returned, voided, expired,
};
// In a status row, of an outstanding voucher that was redeemed before: it has a row of its own that tells until when.
inline constexpr unsigned kWasRedeemed = 0x80;
inline constexpr std::uint32_t kBlock = 256;  // vouchers in one status row and one holders row
inline constexpr std::size_t kHolderBytes = 16;  // pseudonym, issue entry

// What all vouchers of one issue entry have in common.
struct IssueRow {
  Month month;
  Money face;
  Date issued_on;
  Date valid_from;
  Date valid_to;
  bool death_day_payable = true;
  Dimensions at;  // fund, programme, region
  // Absent but for policies with such terms; the row ends before them when both are.
  std::optional<Money> unit;             // of denominations: what the month is counted in
  std::uint32_t replaced_after = 0;      // working days after a loss; 0: at once
  std::string encode() const;
  static IssueRow decode(std::string_view row);
};

// --- redemptions, settlements, disbursements -----------------------------------------------------

struct GroupAmount {
  Dimensions at;
  Money amount;
};

struct RedemptionRow {
  Date date;
  Date lowered;  // the latest day on which some of it was taken back; its own where nothing was
  ProviderId provider;
  SettlementId settlement;  // the latest that claimed it; one that was returned does no more
  std::vector<GroupAmount> groups;
  std::string vouchers;  // packed (voucher_list.h); what was withdrawn is not among them. Of a calculation: none
  std::string encode() const;
  static RedemptionRow decode(std::string_view row);
};

enum class SettlementStep : std::uint8_t { prepared, reviewed, approved, returned };
struct SettlementRow {
  SettlementStep step = SettlementStep::prepared;
  ProviderId provider;
  Date prepared_on;
  Date stepped_on;  // the latest step, also of its disbursement when that ended
  ActorId preparer, reviewer, approver;
  ActorId cashier;  // of a payment that bounced, or of the live one
  DisbursementId disbursement;  // a live one; empty: none
  Money total;
  std::optional<Text> invoice;  // of a grant
  std::vector<std::uint64_t> redemptions;
  std::vector<GroupAmount> groups;
  std::string encode() const;
  static SettlementRow decode(std::string_view row);
};
// The day on which the settlement of a row was returned, and what it claimed is free again; nothing while it
// lives. Reads the head only: rows are as long as what they claim.
std::optional<Date> returned_on(std::string_view row);

enum class DisbursementStep : std::uint8_t { prepared, approved, paid, bounced, cancelled };
struct DisbursementRow {
  DisbursementStep step = DisbursementStep::prepared;
  SettlementId settlement;
  Date stepped_on;
  DesignatedAccountId account;
  BankAccount payee;
  ActorId preparer, approver;
  std::string encode() const;
  static DisbursementRow decode(std::string_view row);
};

// --- recovery and correction ---------------------------------------------------------------------

struct RecoveryRow {
  Date decided_on;
  Money decided;
  Money received;
  RecoveryDisposition disposition = RecoveryDisposition::reuse;
  Dimensions at;
  std::string encode() const;
  static RecoveryRow decode(std::string_view row);
};

// A money document, or what it is after a correction: the row of a correction holds the document as
// it should have been, so that it can be corrected again.
struct CorrectableRow {
  Date date;         // of the entry
  Date obeyed_on;    // the day whose policy the document obeys: that of the first original
  std::optional<PolicyRef> policy;
  std::optional<std::uint64_t> corrected_by;
  std::string kind;
  std::string document;  // canonical
  std::vector<Posting> postings;
  std::string encode() const;
  static CorrectableRow decode(std::string_view row);
};

// --- totals of a fund ----------------------------------------------------------------------------

// Running totals that the conservation laws are checked on at every write: by account, and counts
// and amounts of the fund's vouchers by status ([none] is: issued).
struct FundTotals {
  std::array<Money, kFundAccounts> by_account;
  std::array<std::uint64_t, 6> vouchers{};
  std::array<Money, 6> voucher_amounts;
  void encode(std::string& row) const;
  static FundTotals decode(const std::string* row);
};

}  // namespace fundtrail::rules

namespace fundtrail {
template <>
struct Names<rules::SettlementStep> {
  static constexpr std::string_view list[] = {"prepared", "reviewed", "approved", "returned"};
};
template <>
struct Names<rules::DisbursementStep> {
  static constexpr std::string_view list[] = {"prepared", "approved", "paid", "bounced",
                                              "cancelled"};
};
}  // namespace fundtrail
