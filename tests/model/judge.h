// One command judged by the reference ledger: every reason against it, what it would move, and what
// becomes of the state. The reason given is the first one in the order of ledger/core/rejection.h.
#pragma once

#include <stdexcept>

#include "tests/model/reference.h"

namespace fundtrail::model {

// Where money is: "fund/programme/region/counterparty".
std::string place(const std::string& fund, const std::string& programme, const std::string& region,
                  const std::string& counterparty);

// Whether the kind offers LineMode::line_by_line.
bool may_be_recorded_in_part(const Document& document);

// What the last change until the day says; before the first one the first.
template <class What>
What on_day(const std::vector<std::pair<Date, What>>& changes, Date day) {
  What found = changes.front().second;
  Date since;
  for (const auto& [from, what] : changes) {
    if (from <= day && since <= from) found = what;
    if (from <= day) since = std::max(since, from);
  }
  return found;
}

class Judge {
 public:
  Judge(NaiveLedger& book, const Command& command);
  std::optional<Reason> reason() const { return reason_; }
  std::map<std::size_t, Reason> refused_lines() const;
  void record();

 private:
  void no(Reason reason) { reasons_.insert(reason); }
  void no_if(bool wrong, Reason reason) { if (wrong) no(reason); }
  void line(std::size_t at, Reason reason) { lines_[at].insert(reason); }
  void line_if(bool wrong, std::size_t at, Reason reason) { if (wrong) line(at, reason); }
  bool stays(std::size_t at) const { return !lines_.contains(at); }
  void conclude();

  void need_fund(const FundId& id) { no_if(!b_.funds.contains(id.str()), Reason::unknown_fund); }
  void need_account(const DesignatedAccountId& id) {
    no_if(!b_.accounts.contains(id.str()), Reason::unknown_account);
  }
  void need_region(const RegionCode& code) {
    no_if(code.str() != b_.region && !b_.regions.contains(code.str()), Reason::unknown_region);
  }
  void need_positive(const Money& amount) { no_if(fen(amount) <= 0, Reason::amount_not_positive); }
  void not_before(Date earlier) { no_if(c_.date < earlier, Reason::date_too_early); }
  void other_than(const std::string& earlier) { no_if(earlier == me_, Reason::same_person); }
  bool replaced(const std::string& kind) const;
  bool replaced_by(Date day) const;
  const Policy* version_of(Month month) const;
  const Policy* need_policy();
  const Programme* need_programme(const Policy* policy, const ProgrammeId& id);
  void need_number(const BankAccount& bank);

  // Moves `amount` into `debit` from `credit`, or the other way round in the books of promises.
  void move(Fen amount, FundAccount debit, const std::string& debit_at, FundAccount credit,
            const std::string& credit_at);
  Fen promised(const std::string& at) const;
  void release(Fen amount, const std::string& at);
  void bank(const DesignatedAccountId& account, Direction direction, const fundtrail::Reference& reference,
            Fen amount);
  bool too_little_money() const;
  void remember(const Document& document, Date obeyed, std::optional<PolicyRef> policy,
                std::vector<Move> moves);

  // Families of documents.
  void see(const LedgerOpening&) { no(Reason::already_open); }
  void see(const FundRegistration& d);
  void see(const PolicyRegistration& d);
  void see(const RegionRegistration& d);
  void see(const ProviderRegistration& d);
  void see(const ProviderAmendment& d);
  void see(const DesignatedAccountRegistration& d);
  void see(const BeneficiaryRegistration& d);
  void see(const BeneficiaryAmendment& d);
  void see(const EntitlementEnd& d);
  void see(const EntitlementReinstatement& d);
  void see(const PersonErasure& d);
  template <class Funding> void see_funding(const Funding& d);
  void see(const FundReceipt& d) { see_funding(d); }
  void see(const Allotment& d) { need_policy(); see_funding(d); }
  void see(const CounterpartPledge& d) { see_funding(d); }
  void see(const CounterpartReceipt& d) { see_funding(d); }
  void see(const VoucherIssue& d);
  void see(const Redemption& d);
  void see(const RedemptionWithdrawal& d);
  void see(const VoucherReturn& d) { see_release(d.lines, Fate::returned); }
  void see(const VoucherVoid& d) { see_release(d.lines, Fate::voided); }
  void see(const VoucherExpiry& d) { see_release(d.lines, Fate::expired, d.month); }
  void see_release(const std::vector<VoucherLine>& lines, Fate fate, std::optional<Month> of = {});
  void see(const SettlementPreparation& d);
  void see_uploads(const SettlementPreparation& d, Claim& claim);
  void see_grant(const SettlementPreparation& d, Claim& claim);
  void see(const SettlementReview& d);
  void see(const SettlementApproval& d);
  void see(const SettlementReturn& d);
  void see(const DisbursementPreparation& d);
  void see(const DisbursementApproval& d);
  void see(const DisbursementPayment& d);
  void see(const DisbursementBounce& d);
  void see(const DisbursementCancellation& d);
  void see(const RecoveryDecision& d);
  void see(const RecoveryReceipt& d);
  void see(const Correction& d);
  void see_difference(const Original& original, const Document& difference);
  void see(const PeriodClose& d);
  void see(const BankStatement& d);
  void see(const ImportedRecord&) {}
  void see(const EntitlementApplication& d);
  void see(const ApplicationStep& d);
  void see_withdrawal(const ApplicationStep& d, Application& application);
  void see(const EntitlementCalculation& d);
  void see_calculated(const EntitlementCalculation& d, std::size_t at, Month month);
  void see_levels(const EntitlementCalculation& d);
  void see(const CalculationReduction& d);
  void see(const ServiceRecords& d);
  void see(const ServiceWithdrawal& d);
  // Beds and awards have an oracle of their own (tests/rules), signatures and
  // restorations have scenes (tests/engine, tests/signatures); no script of this model writes them.
  template <class Other>
  void see(const Other&) {
    throw std::logic_error("the reference ledger does not judge this");
  }

  Claim* claim_of(const SettlementId& id);
  void see_recovered(const RecoveryDecision& d);
  void need_person_in(Pseudonym who);
  bool open_money(Pseudonym who) const;
  std::pair<Payment*, Claim*> payment_of(const DisbursementId& id);
  void cashier_apart(const Payment& payment, const Claim& claim);
  void pay(const Claim& claim, FundAccount debit, FundAccount credit);
  void validate(const FundReceipt& d, const Policy*);
  void validate(const Allotment& d, const Policy* policy);
  void validate(const CounterpartPledge& d, const Policy*);
  void validate(const CounterpartReceipt& d, const Policy*);
  void post(const FundReceipt& d);
  void post(const Allotment& d);
  void post(const CounterpartPledge& d);
  void post(const CounterpartReceipt& d);
  void claim_reference(const FundReceipt& d, Fen amount);
  void claim_reference(const CounterpartReceipt& d, Fen amount);
  template <class Other> void claim_reference(const Other&, Fen) {}
  void hold_voucher(std::size_t at, const VoucherNumber& number, std::set<std::string>& seen);
  bool outstanding(std::size_t at, const VoucherNumber& number);
  static std::string reference_key(const BankFact& fact);

  NaiveLedger& b_;
  const Command& c_;
  std::string me_;                                // the actor, lower case
  std::set<Reason> reasons_;
  std::map<std::size_t, std::set<Reason>> lines_;
  std::vector<Move> moves_;
  std::vector<BankFact> made_, undone_;
  std::vector<std::function<void(std::uint64_t)>> then_;  // what recording changes
  std::optional<Reason> reason_;
};

}  // namespace fundtrail::model
