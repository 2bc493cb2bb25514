#include "audit/indicators/facts.h"

#include <algorithm>

#include "audit/indicators/gather.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::audit {
namespace {

// What has to be remembered from one entry to the next: a settlement's later steps name only its
// id, a payment's account stands in its preparation.
class Gatherer {
 public:
  explicit Gatherer(Facts& facts) : facts_(facts), imported_(facts) {}

  void add(const Entry& entry) {
    facts_.until = std::max(facts_.until.value_or(entry.date), entry.date);
    std::visit([&](const auto& document) { add(entry, document); }, entry.document);
  }

  // Duties are complete only at the end, and so is what was withdrawn.
  void finish() {
    for (auto& [key, duties] : duties_) facts_.duties.push_back(std::move(duties));
    std::erase_if(facts_.redemptions, [&](const RedemptionFact& fact) {
      return withdrawn_.contains({fact.doc, fact.voucher});
    });
    recoveries_.finish(facts_.early_recoveries);
    imported_.finish();
  }

 private:
  static Evidence at(const Entry& entry) { return {entry.index, std::nullopt, {}, 0}; }
  static Evidence at(const Entry& entry, std::size_t line) { return {entry.index, line, {}, 0}; }

  template <class Doc>
  void add(const Entry&, const Doc&) {}  // kinds that no rule looks at

  void add(const Entry&, const PolicyRegistration& d) { facts_.policies.push_back(d.policy); }

  void add(const Entry& e, const BeneficiaryRegistration& d) {
    facts_.persons.push_back({d.beneficiary.str(), "ok", "", at(e)});
  }

  void add(const Entry& e, const EntitlementEnd& d) {
    facts_.ends.push_back({d.beneficiary.str(), std::string(name_of(d.reason)), d.ended_on, at(e)});
  }

  void add(const Entry& e, const VoucherIssue& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.issues.push_back({std::to_string(e.index), line.voucher.str(), line.beneficiary.str(),
                               e.date, line.face, at(e, i)});
    }
  }

  void add(const Entry& e, const Redemption& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.redemptions.push_back({std::to_string(e.index), d.provider.str(), line.voucher.str(),
                                    line.item.str(), line.hours.str(), line.service_date,
                                    at(e, i)});
    }
  }

  void add(const Entry&, const RedemptionWithdrawal& d) {
    for (const auto& line : d.lines) {
      withdrawn_.emplace(std::to_string(d.redemption), line.voucher.str());
    }
  }

  void add(const Entry& e, const SettlementPreparation& d) {
    ClaimFact claim{d.settlement.str(), d.provider.str(), "", "", {}, d.total, false, at(e)};
    for (const auto index : d.redemptions) claim.redemptions.insert(std::to_string(index));
    if (d.grant) {
      claim.invoice_no = d.grant->invoice_no.str();
      facts_.expenditures.push_back({d.settlement.str(), purpose_of(d.grant->programme),
                                     d.grant->economic_code.str(), d.total, at(e), e.policy, true});
    }
    recoveries_.settle(d);
    claims_[claim.settlement] = facts_.claims.size();
    facts_.claims.push_back(std::move(claim));
    duties_.erase({"settlement", d.settlement.str()});  // prepared anew after a return
    duty("settlement", d.settlement.str(), "preparer", e);
  }
  void add(const Entry& e, const SettlementReview& d) {
    duty("settlement", d.settlement.str(), "reviewer", e);
  }
  void add(const Entry& e, const SettlementApproval& d) {
    duty("settlement", d.settlement.str(), "approver", e);
  }
  void add(const Entry&, const SettlementReturn& d) {
    if (const auto claim = claims_.find(d.settlement.str()); claim != claims_.end()) {
      facts_.claims[claim->second].returned = true;
    }
  }

  void add(const Entry& e, const DisbursementPreparation& d) {
    payments_[d.disbursement.str()] = {facts_.payments.size(), d.account.str()};
    facts_.payments.push_back(
        {d.disbursement.str(), d.settlement.str(), d.amount, false, false, at(e)});
    duty("disbursement", d.disbursement.str(), "preparer", e).settlement = d.settlement.str();
  }
  void add(const Entry& e, const DisbursementApproval& d) {
    duty("disbursement", d.disbursement.str(), "approver", e);
  }
  void add(const Entry& e, const DisbursementPayment& d) {
    duty("disbursement", d.disbursement.str(), "cashier", e);
    const auto payment = payments_.find(d.disbursement.str());
    if (payment == payments_.end()) return;
    auto& fact = facts_.payments[payment->second.fact];
    fact.paid = true;
    recoveries_.paid(fact.settlement, e.date, at(e));
    cash(e, payment->second.account, d.bank_reference.str(), -fact.amount.value_or(Money()));
  }
  void add(const Entry& e, const DisbursementBounce& d) {
    const auto payment = payments_.find(d.disbursement.str());
    if (payment == payments_.end()) return;
    auto& fact = facts_.payments[payment->second.fact];
    fact.bounced = true;
    recoveries_.bounced(fact.settlement);
    cash(e, payment->second.account, d.bank_reference.str(), fact.amount.value_or(Money()));
  }

  void add(const Entry&, const FundRegistration& d) {
    facts_.fiscal_years[d.fund.str()] = d.fiscal_year;
  }
  void add(const Entry& e, const FundReceipt& d) {
    money(e, fact_of(d));
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }
  void add(const Entry& e, const CounterpartPledge& d) {
    money(e, fact_of(d));
  }
  void add(const Entry& e, const Allotment& d) { money(e, fact_of(d)); }
  void add(const Entry& e, const EntitlementCalculation& d) {
    recoveries_.add(e, d, is_given_once(e, d.programme));
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      if (d.lines[i].beneficiary) continue;
      facts_.awards.push_back({d.programme.str(), d.payee.str(), d.lines[i].amount, at(e, i)});
      awarded_[e.index] = {d.programme.str(), d.payee.str()};
    }
  }
  void add(const Entry& e, const CalculationReduction& d) {
    recoveries_.lower(d);
    const auto award = awarded_.find(d.calculation);
    if (award == awarded_.end()) return;
    const auto& [programme, provider] = award->second;
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      if (d.lines[i].beneficiary) continue;
      facts_.awards.push_back({programme, provider, -d.lines[i].amount, at(e, i)});
    }
  }
  void add(const Entry& e, const RecoveryDecision& d) {
    recoveries_.decide(e, d);
    if (!d.entitlement || d.entitlement->beneficiary) return;
    facts_.awards.push_back({d.programme.str(), d.provider.str(), -d.amount, at(e)});
  }
  void add(const Entry& e, const ServiceRecords& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) bills_.add(d, i, at(e, i));
  }
  void add(const Entry& e, const ServiceWithdrawal& d) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) bills_.withdraw(d, i, at(e, i));
  }
  void add(const Entry& e, const CounterpartReceipt& d) {
    money(e, fact_of(d));
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }
  void add(const Entry& e, const RecoveryReceipt& d) {
    cash(e, d.account.str(), d.bank_reference.str(), d.amount);
  }

  void add(const Entry& e, const Correction& d) {
    CashBook::Right right = {d.method, std::nullopt, {}, {}, at(e)};
    const auto take = [&](const auto& document) {
      if (!document) return;
      right.amount = document->amount;
      right.account = document->account.str();
      right.reference = document->bank_reference.str();
    };
    take(d.fund_receipt);
    take(d.counterpart_receipt);
    correct_money(e, d);
    cash_.correct(std::to_string(d.corrects), std::to_string(e.index), right);
  }

  void add(const Entry& e, const BankStatement& d) {
    facts_.statements.push_back({d.account.str(), d.period.first_day(), d.period.last_day(),
                                 d.opening, d.closing, at(e)});
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      facts_.bank.push_back({d.account.str(), line.reference.str(), line.date,
                             line.direction == Direction::in ? line.amount : -line.amount,
                             at(e, i)});
    }
  }

  void add(const Entry& e, const ImportedRecord& d) { imported_.add(e, d); }

  // What a document says by itself, recorded first or as the right one of a correction.
  template <class Doc>
  static FundMoneyFact fact_of(FundMoneyFact::Kind kind, const Doc& d) {
    FundMoneyFact fact;
    fact.kind = kind;
    fact.fund = d.fund.str();
    fact.amount = d.amount;
    return fact;
  }
  static FundMoneyFact fact_of(const FundReceipt& d) {
    auto fact = fact_of(FundMoneyFact::Kind::receipt, d);
    fact.interest = d.source == SourceLevel::interest;
    return fact;
  }
  static FundMoneyFact fact_of(const CounterpartPledge& d) {
    auto fact = fact_of(FundMoneyFact::Kind::pledge, d);
    fact.region = d.region.str();
    return fact;
  }
  static FundMoneyFact fact_of(const CounterpartReceipt& d) {
    auto fact = fact_of(FundMoneyFact::Kind::counterpart, d);
    fact.region = d.region.str();
    return fact;
  }
  static FundMoneyFact fact_of(const Allotment& d) {
    auto fact = fact_of(FundMoneyFact::Kind::allotment, d);
    fact.region = d.region.str();
    fact.from_counterpart = d.from_counterpart;
    fact.assessed = d.evaluation.has_value();
    return fact;
  }
  void money(const Entry& e, FundMoneyFact fact) {
    fact.doc = std::to_string(e.index);
    fact.policy = e.policy;
    fact.at = {at(e)};
    money_[e.index] = facts_.fund_money.size();
    facts_.fund_money.push_back(std::move(fact));
  }
  // Red without blue: nothing is left. A difference is added; otherwise the right document takes its
  // place. Without a policy of its own a correction keeps that of the original.
  void correct_money(const Entry& e, const Correction& d) {
    const auto found = money_.find(d.corrects);
    if (found == money_.end()) return;
    auto& fact = facts_.fund_money[found->second];
    std::optional<FundMoneyFact> right;
    const auto take = [&](const auto& document) {
      if (document) right = fact_of(*document);
    };
    take(d.fund_receipt);
    take(d.counterpart_receipt);
    take(d.counterpart_pledge);
    take(d.allotment);
    if (!right) {
      fact.amount = Money();
    } else if (d.method == CorrectionMethod::difference) {
      fact.amount = *fact.amount + *right->amount;
    } else {
      right->doc = std::move(fact.doc);
      right->policy = std::move(fact.policy);
      right->at = std::move(fact.at);
      fact = std::move(*right);
    }
    if (e.policy) fact.policy = e.policy;
    fact.at.push_back(at(e));
    money_[e.index] = found->second;
  }

  struct Payment {
    std::size_t fact;
    std::string account;
  };

  void cash(const Entry& e, const std::string& account, const std::string& reference,
            const Money& amount) {
    cash_.add(std::to_string(e.index), {account, reference, e.date, amount, {at(e)}});
  }
  DutyFact& duty(const char* kind, const std::string& doc, const char* what, const Entry& e) {
    auto& fact = duties_[{kind, doc}];
    fact.kind = kind;
    fact.doc = doc;
    fact.duties[what] = e.actor.id.str();
    fact.at.push_back(at(e));
    return fact;
  }
  bool is_given_once(const Entry& e, const ProgrammeId& id) const {
    const auto named = [&](const Policy& policy) { return e.policy == policy.ref(); };
    const auto policy = std::find_if(facts_.policies.begin(), facts_.policies.end(), named);
    const Programme* programme = policy == facts_.policies.end() ? nullptr : policy->programme(id);
    return programme && programme->entitlement && programme->entitlement->cycle == Cycle::once;
  }
  std::string purpose_of(const ProgrammeId& id) const {
    for (const auto& policy : facts_.policies) {
      if (const auto* programme = policy.programme(id)) return programme->purpose.str();
    }
    return {};
  }

  Facts& facts_;
  std::map<std::string, std::size_t> claims_;
  std::set<std::pair<std::string, std::string>> withdrawn_;  // redemption and voucher
  std::map<std::uint64_t, std::size_t> money_;  // by entry
  // Programme and provider of calculations for providers in their own right, by entry.
  std::map<std::uint64_t, std::pair<std::string, std::string>> awarded_;
  std::map<std::string, Payment> payments_;
  CashBook cash_{facts_.cash};
  BillBook bills_{facts_.bills};
  RecoveryBook recoveries_;
  std::map<std::pair<std::string, std::string>, DutyFact> duties_;  // by kind and id
  ImportedFacts imported_;
};

}  // namespace

Facts facts_of(const std::vector<Entry>& entries) {
  Facts facts;
  Gatherer gatherer(facts);
  for (const auto& entry : entries) gatherer.add(entry);
  gatherer.finish();
  return facts;
}

Result<Facts> gather_facts(const View& view) {
  Facts facts;
  Gatherer gatherer(facts);
  std::optional<Error> fault;
  const auto read = view.scan(0, view.size(), View::Lines::with,
                              [&](std::uint64_t, std::string_view bytes, std::string_view lines) {
                                auto entry = chain::decode_entry(bytes);
                                if (!entry.ok()) return fault = entry.error(), false;
                                const auto status = chain::decode_lines(lines, entry->document);
                                if (!status.ok()) return fault = status.error(), false;
                                gatherer.add(*entry);
                                return true;
                              });
  if (!read.ok()) return read.error();
  if (fault) return *fault;
  gatherer.finish();
  return facts;
}

}  // namespace fundtrail::audit
