// Facts: what the rules of misuse look at. Controlled entries and rows of an imported past become
// the same facts here, so that a rule is written once. Amounts and dates that cannot be read in an
// imported row are absent, never zero.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/indicators.h"
#include "ledger/core/date.h"

namespace fundtrail::audit {

struct PersonFact {
  std::string beneficiary;  // pseudonym
  std::string id_check;     // "ok" or what is wrong with the number
  std::string person;       // keyed digest of name, birth and address; empty when unknown
  Evidence at;
};

struct EndFact {
  std::string beneficiary;
  std::string reason;  // "death", "moved", "ineligible"
  std::optional<Date> ended_on;
  Evidence at;
};

struct IssueFact {
  std::string doc, voucher, beneficiary;
  std::optional<Date> date;
  std::optional<Money> face;
  Evidence at;
};

struct RedemptionFact {
  std::string doc, provider, voucher, item, hours;
  std::optional<Date> service_date;
  Evidence at;
};

// The declared summary of one lot of vouchers.
struct LotFact {
  std::string doc;
  std::optional<std::uint64_t> issued, redeemed, returned, voided, expired, outstanding;
  Evidence at;
};

// What a level of government had to pass on, and did.
struct PassDownFact {
  std::string doc, region;
  std::optional<Money> due, passed;
  std::string explanation;
  Evidence at;
};

struct ExpenditureFact {
  std::string doc, purpose, economic_code;
  std::optional<Money> amount;
  Evidence at;
  std::optional<PolicyRef> policy = {};  // the one it obeyed; absent: of a past
  bool is_settlement = false;            // `doc` is one, which may be returned: then nothing is spent
};

// One claim for payment of a provider.
struct ClaimFact {
  std::string settlement, provider, invoice_no, period;
  std::set<std::string> redemptions;
  std::optional<Money> total;
  bool returned = false;
  Evidence at;
};

struct PaymentFact {
  std::string disbursement, settlement;
  std::optional<Money> amount;
  bool paid = false, bounced = false;
  Evidence at;
};

// Who did what on one document. Duties: preparer, reviewer, approver, poster, cashier.
struct DutyFact {
  std::string kind;  // "settlement", "disbursement", "expenditure": ids are unique within a kind
  std::string doc;
  std::map<std::string, std::string> duties;  // duty → person
  std::vector<Evidence> at;
  std::string settlement = {};  // that a disbursement pays
};

// One movement of cash as the ledger has it (amount signed: in positive, out negative).
struct CashFact {
  std::string account, reference;
  Date date;
  Money amount;              // zero: cancelled by a correction
  std::vector<Evidence> at;  // the document and its corrections
};

// The same as the bank has it.
struct BankFact {
  std::string account, reference;
  Date date;
  Money amount;
  Evidence at;
};

// The bank's balances before and after some days: a month's statement, or a day of an imported one.
struct StatementFact {
  std::string account;
  Date from, to;
  Money opening, closing;
  Evidence at;
};

// Money of a fund: received, promised or received of a lower level, passed down.
struct FundMoneyFact {
  enum class Kind { receipt, pledge, counterpart, allotment };
  Kind kind = Kind::receipt;
  std::string doc, fund, region;
  std::optional<Money> amount;        // as corrected
  std::optional<PolicyRef> policy;    // that it names
  bool interest = false;              // of a receipt
  bool from_counterpart = false;      // of an allotment
  bool assessed = false;              // of an allotment: it names an assessment
  std::vector<Evidence> at;
};

// What a provider got of a programme, in the order of the entries; negative: was lowered by, or is to
// be recovered.
struct AwardFact {
  std::string programme, provider;
  Money amount;
  Evidence at;
};

// A service of a bill that has a number.
struct BillFact {
  std::string provider, bill_no, beneficiary;
  std::optional<Money> amount;
  Evidence at;
  std::optional<Evidence> withdrawn = {};
};

// A recovery of somebody's entitlement as of a day on which it was not paid.
struct EarlyRecoveryFact {
  std::string recovery, subject;
  Date decided;
  Money missing;
  std::optional<Date> calculated, paid;  // of what came last; paid is absent: never
  std::vector<Evidence> at;
};

struct Facts {
  std::vector<PersonFact> persons;
  std::vector<EndFact> ends;
  std::vector<IssueFact> issues;
  std::vector<RedemptionFact> redemptions;
  std::vector<LotFact> lots;
  std::vector<PassDownFact> pass_downs;
  std::vector<ExpenditureFact> expenditures;
  std::vector<ClaimFact> claims;
  std::vector<PaymentFact> payments;
  std::vector<DutyFact> duties;
  std::vector<CashFact> cash;
  std::vector<BankFact> bank;
  std::vector<StatementFact> statements;
  std::vector<FundMoneyFact> fund_money;
  std::map<std::string, std::uint64_t> fiscal_years;  // by fund
  std::optional<Date> until;                          // the latest business date
  std::vector<AwardFact> awards;
  std::vector<BillFact> bills;
  std::vector<EarlyRecoveryFact> early_recoveries;
  std::vector<Policy> policies;
};

// Reads every entry of the view once.
Result<Facts> gather_facts(const View& view);

// What these entries, complete with their lines and in order, become.
Facts facts_of(const std::vector<Entry>& entries);

}  // namespace fundtrail::audit
