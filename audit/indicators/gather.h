// How facts are gathered: what has to be remembered from one entry to the next. Internal to facts.cpp
// and imported_facts.cpp.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/indicators/facts.h"

namespace fundtrail::audit {

// The cash of the books, item by item. A correction corrects what the books said of one bank item:
// the item keeps its date, and the right amount takes the place of the wrong one.
class CashBook {
 public:
  explicit CashBook(std::vector<CashFact>& facts) : facts_(facts) {}

  // What a correction says. Account and reference are empty where it does not name them.
  struct Right {
    CorrectionMethod method = CorrectionMethod::red_blue;
    std::optional<Money> amount;  // absent: the item is cancelled
    std::string account, reference;
    Evidence at;
  };

  // `key` names the document that the item comes from.
  void add(const std::string& key, CashFact fact) {
    know(key, facts_.size());
    facts_.push_back(std::move(fact));
  }
  void know(const std::string& key, std::size_t item) { items_[key] = item; }

  // Corrects the item that `corrects` brought; a later correction may name `key` instead of it.
  // Nothing happens when `corrects` brought no cash.
  void correct(const std::string& corrects, const std::string& key, const Right& right) {
    const auto found = items_.find(corrects);
    if (found == items_.end()) return;
    CashFact& fact = facts_[found->second];
    const Money amount = right.amount.value_or(Money());
    fact.amount = right.method == CorrectionMethod::difference ? fact.amount + amount : amount;
    if (!right.account.empty()) fact.account = right.account;
    if (!right.reference.empty()) fact.reference = right.reference;
    fact.at.push_back(right.at);
    know(key, found->second);
  }

 private:
  std::vector<CashFact>& facts_;
  std::map<std::string, std::size_t> items_;
};

// Services of bills that have numbers. A withdrawal names the service by what it is.
class BillBook {
 public:
  explicit BillBook(std::vector<BillFact>& facts) : facts_(facts) {}

  void add(const ServiceRecords& d, std::size_t at, Evidence evidence) {
    const auto& line = d.lines[at];
    if (!line.bill_no) return;
    services_[key_of(d.programme, d.provider, line)] = facts_.size();
    facts_.push_back({d.provider.str(), line.bill_no->str(), line.beneficiary.str(), line.bill,
                      std::move(evidence)});
  }
  void withdraw(const ServiceWithdrawal& d, std::size_t at, Evidence evidence) {
    const auto found = services_.find(key_of(d.programme, d.provider, d.lines[at]));
    if (found == services_.end()) return;
    facts_[found->second].withdrawn = std::move(evidence);
    services_.erase(found);
  }

 private:
  template <class Line>
  static std::string key_of(const ProgrammeId& programme, const ProviderId& provider,
                            const Line& line) {
    return programme.str() + "/" + provider.str() + "/" + line.beneficiary.str() + "/" +
           line.date.str() + "/" + line.item.str() + "/" +
           (line.worker ? line.worker->str() : std::string());
  }

  std::vector<BillFact>& facts_;
  std::map<std::string, std::size_t> services_;
};

// What was calculated for whom, in which settlement it was paid, and what of it is recovered (recoveries.cpp).
class RecoveryBook {
 public:
  void add(const Entry& e, const EntitlementCalculation& d, bool once);
  void lower(const CalculationReduction& d);
  void settle(const SettlementPreparation& d);
  void paid(const std::string& settlement, Date date, Evidence at) { payments_[settlement] = {date, std::move(at)}; }
  void bounced(const std::string& settlement) { payments_.erase(settlement); }
  void decide(const Entry& e, const RecoveryDecision& d);
  void finish(std::vector<EarlyRecoveryFact>& facts);

 private:
  // Somebody (0: the payee itself), a place (below), and the first month of the period, 0 of what is given once.
  struct Key {
    std::uint64_t person;
    std::uint32_t place;
    std::int32_t period;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Part {
    Key key;
    std::uint64_t calculation;
    Money amount;
  };
  struct Head {  // of a calculation
    ProgrammeId programme;
    ProviderId payee;
    Date date;
    bool once = false;
    std::string settlement;
  };
  struct Payment {
    Date date;
    Evidence at;
  };
  struct Decided {
    Key key;
    Money amount;
    EarlyRecoveryFact fact;
    Evidence at;
  };
  static Key key_of(const std::optional<Pseudonym>& person, std::uint32_t place, bool once, Month period);
  void add_part(const std::optional<Pseudonym>& person, std::uint32_t place, bool once, Month period,
                std::uint64_t calculation, const Money& amount);
  std::uint32_t place(const ProgrammeId& programme, const ProviderId& payee, const FundId& fund);

  std::map<std::string, std::uint32_t> places_;  // programme/payee/fund
  std::vector<Part> parts_;
  std::map<std::uint64_t, Head> heads_;
  std::set<ProgrammeId> once_;
  std::map<std::string, Payment> payments_;  // by settlement
  std::vector<Decided> decided_;
};

// One row of an imported past (imported_facts.cpp).
class Row;

class ImportedFacts {
 public:
  explicit ImportedFacts(Facts& facts) : facts_(facts), cash_(facts.cash) {}
  void add(const Entry& entry, const ImportedRecord& record);
  // A bank's balances are compared when all rows are there.
  void finish();

 private:
  struct BankRow {
    std::string account;
    Date date;
    Money moved;
    std::optional<Money> balance;
    Evidence at;
  };
  void add_correction(const Row& row);
  void add_bank_row(const Row& row);

  Facts& facts_;
  CashBook cash_;
  std::vector<BankRow> bank_rows_;
  std::string source_, digest_;  // of the document before
  std::uint64_t last_entry_ = 0, next_row_ = 2;
};

}  // namespace fundtrail::audit
