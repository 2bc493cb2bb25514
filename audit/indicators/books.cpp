// R-ACC-02 incompatible duties in one hand, R-ACC-07 ledger and bank disagree.
#include <algorithm>
#include <array>
#include <map>

#include "audit/indicators/rules.h"

namespace fundtrail::audit {
namespace {

// Pairs of duties that one person may not hold on one document (会计法 §25, §35).
struct Pair {
  const char *one, *other;
  const char *one_zh, *other_zh;
};
constexpr std::array<Pair, 8> kIncompatible = {{
    {"preparer", "reviewer", "制单", "审核"},
    {"preparer", "approver", "制单", "批准"},
    {"preparer", "poster", "制单", "记账"},
    {"preparer", "cashier", "制单", "出纳"},
    {"reviewer", "approver", "审核", "批准"},
    {"reviewer", "cashier", "审核", "出纳"},
    {"approver", "cashier", "批准", "出纳"},
    {"poster", "cashier", "记账", "出纳"},
}};

// One account's movements in order of date, and which of them have a counterpart on the other side.
struct Sides {
  std::vector<const CashFact*> ledger;
  std::vector<const BankFact*> bank;
};

// The date on which the other side has the movement with this reference and amount, if it does so
// within the time an item may be under way.
template <class Fact>
std::optional<Date> counterpart(const std::multimap<std::string, const Fact*>& others,
                                const std::string& reference, const Money& amount, Date date,
                                std::int32_t days) {
  const auto [first, last] = others.equal_range(reference);
  for (auto it = first; it != last; ++it) {
    if (it->second->amount == amount && std::abs(it->second->date - date) <= days) {
      return it->second->date;
    }
  }
  return std::nullopt;
}

class Reconciliation {
 public:
  Reconciliation(const std::string& account, const Sides& sides, const IndicatorOptions& options)
      : account_(account), sides_(sides), options_(options) {
    for (const auto* fact : sides.ledger) by_reference_ledger_.emplace(fact->reference, fact);
    for (const auto* fact : sides.bank) by_reference_bank_.emplace(fact->reference, fact);
  }

  // A difference that stays is one finding, in the month in which it arose.
  void report(std::vector<Indicator>& found) const {
    if (sides_.bank.empty()) return;
    const auto* first = sides_.bank.front();
    const Money opening = first->balance_before.value_or(Money());
    Money known;
    const auto last = Month::of(sides_.bank.back()->date);
    for (auto month = Month::of(first->date); month <= last; month = month.plus(1)) {
      const Money difference = adjusted_difference(month.last_day(), opening);
      if (difference != known) add(month, difference - known, found);
      known = difference;
    }
  }

 private:
  // Adjusted ledger balance minus adjusted bank balance at the end of a day: items that one side
  // has and the other will have soon are added to the other side (未达账项).
  Money adjusted_difference(Date day, const Money& opening) const {
    Money ledger, bank = opening;
    for (const auto* fact : sides_.ledger) {
      if (fact->date > day) continue;
      ledger += fact->amount;
      const auto there = bank_date(*fact);
      if (there && *there > day) bank += fact->amount;
    }
    for (const auto* fact : sides_.bank) {
      if (fact->date > day) continue;
      bank += fact->amount;
      const auto there = ledger_date(*fact);
      if (there && *there > day) ledger += fact->amount;
    }
    return ledger - bank;
  }

  std::optional<Date> bank_date(const CashFact& fact) const {
    return counterpart(by_reference_bank_, fact.reference, fact.amount, fact.date,
                       options_.transit_days);
  }
  std::optional<Date> ledger_date(const BankFact& fact) const {
    return counterpart(by_reference_ledger_, fact.reference, fact.amount, fact.date,
                       options_.transit_days);
  }

  void add(Month month, const Money& change, std::vector<Indicator>& found) const {
    Indicator indicator{RuleId::acc_07, "", "", account_, change, {}};
    for (const auto* fact : sides_.ledger) {
      if (Month::of(fact->date) == month && !bank_date(*fact)) indicator.evidence.push_back(fact->at);
    }
    for (const auto* fact : sides_.bank) {
      if (Month::of(fact->date) == month && !ledger_date(*fact)) {
        indicator.evidence.push_back(fact->at);
      }
    }
    const auto amount = change.grouped(), when = month.str();
    indicator.zh = "专户" + account_ + "在" + when + "月末调节后的账面余额与银行余额相差" + amount + "元。";
    indicator.en = "At the end of " + when + " the adjusted ledger balance of account " + account_ +
                   " differs from the adjusted bank balance by " + amount + " yuan.";
    found.push_back(std::move(indicator));
  }

  const std::string& account_;
  const Sides& sides_;
  const IndicatorOptions& options_;
  std::multimap<std::string, const CashFact*> by_reference_ledger_;
  std::multimap<std::string, const BankFact*> by_reference_bank_;
};

}  // namespace

void one_person_two_duties(const Facts& facts, const IndicatorOptions&,
                           std::vector<Indicator>& found) {
  for (const auto& document : facts.duties) {
    for (const auto& pair : kIncompatible) {
      const auto one = document.duties.find(pair.one), other = document.duties.find(pair.other);
      if (one == document.duties.end() || other == document.duties.end() || one->second.empty() ||
          one->second != other->second) {
        continue;
      }
      found.push_back({RuleId::acc_02,
                       "单据" + document.doc + "的" + pair.one_zh + "与" + pair.other_zh +
                           "为同一人（" + one->second + "）。",
                       std::string("The ") + pair.one + " and the " + pair.other +
                           " of document " + document.doc + " are the same person (" +
                           one->second + ").",
                       document.doc, std::nullopt, document.at});
      break;  // one indicator a document
    }
  }
}

void bank_differs(const Facts& facts, const IndicatorOptions& options,
                  std::vector<Indicator>& found) {
  std::map<std::string, Sides> accounts;
  for (const auto& fact : facts.cash) accounts[fact.account].ledger.push_back(&fact);
  for (const auto& fact : facts.bank) accounts[fact.account].bank.push_back(&fact);
  for (auto& [account, sides] : accounts) {
    std::stable_sort(sides.ledger.begin(), sides.ledger.end(),
                     [](auto* a, auto* b) { return a->date < b->date; });
    std::stable_sort(sides.bank.begin(), sides.bank.end(),
                     [](auto* a, auto* b) { return a->date < b->date; });
    Reconciliation(account, sides, options).report(found);
  }
}

}  // namespace fundtrail::audit
