// R-ACC-02 incompatible duties in one hand, R-ACC-07 ledger and bank disagree.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>

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

// Across a settlement and its payment: who pays out took no part in the claim, and who asked for the
// money or checked the claim does not release it.
constexpr std::array<Pair, 5> kAcross = {{
    {"preparer", "cashier", "结算制单", "出纳"},
    {"reviewer", "cashier", "结算审核", "出纳"},
    {"approver", "cashier", "结算批准", "出纳"},
    {"preparer", "approver", "结算制单", "拨付批准"},
    {"reviewer", "approver", "结算审核", "拨付批准"},
}};

// The person who holds both duties; empty: nobody.
std::string in_one_hand(const Pair& pair, const DutyFact& one, const DutyFact& other) {
  const auto first = one.duties.find(pair.one), second = other.duties.find(pair.other);
  if (first == one.duties.end() || second == other.duties.end()) return {};
  return first->second == second->second ? first->second : std::string();
}

void within_document(const DutyFact& document, std::vector<Indicator>& found) {
  for (const auto& pair : kIncompatible) {
    const auto person = in_one_hand(pair, document, document);
    if (person.empty()) continue;
    found.push_back({RuleId::acc_02,
                     "单据" + document.doc + "的" + pair.one_zh + "与" + pair.other_zh +
                         "为同一人（" + person + "）。",
                     std::string("The ") + pair.one + " and the " + pair.other + " of document " +
                         document.doc + " are the same person (" + person + ").",
                     document.doc, std::nullopt, document.at});
    return;  // one indicator a document
  }
}

void across_documents(const DutyFact& settlement, const DutyFact& disbursement,
                      std::vector<Indicator>& found) {
  for (const auto& pair : kAcross) {
    const auto person = in_one_hand(pair, settlement, disbursement);
    if (person.empty()) continue;
    auto evidence = settlement.at;
    evidence.insert(evidence.end(), disbursement.at.begin(), disbursement.at.end());
    found.push_back({RuleId::acc_02,
                     "结算单" + settlement.doc + "与其拨付单" + disbursement.doc + "：" +
                         pair.one_zh + "与" + pair.other_zh + "为同一人（" + person + "）。",
                     std::string("The ") + pair.one + " of settlement " + settlement.doc +
                         " and the " + pair.other + " of its disbursement " + disbursement.doc +
                         " are the same person (" + person + ").",
                     disbursement.doc, std::nullopt, std::move(evidence)});
    return;
  }
}

// One account's movements in order of date. An item of the books and one of the bank with the same
// reference and amount belong together, if the one follows the other soon enough; each has at most
// one such counterpart.
template <class Fact>
struct Item {
  const Fact* fact = nullptr;
  std::optional<Date> there = {};  // date of the counterpart
};
struct Sides {
  std::vector<Item<CashFact>> ledger;
  std::vector<Item<BankFact>> bank;
  std::vector<const StatementFact*> statements;

  void sort() {
    const auto by_date = [](const auto& a, const auto& b) { return a.fact->date < b.fact->date; };
    std::stable_sort(ledger.begin(), ledger.end(), by_date);
    std::stable_sort(bank.begin(), bank.end(), by_date);
    std::stable_sort(statements.begin(), statements.end(), [](const auto* a, const auto* b) {
      return std::tie(a->from, a->at) < std::tie(b->from, b->at);
    });
  }

  void match(std::int32_t days) {
    std::multimap<std::pair<std::string, Money>, Item<BankFact>*> open;
    for (auto& item : bank) open.emplace(std::pair(item.fact->reference, item.fact->amount), &item);
    for (auto& item : ledger) {
      const auto [first, last] = open.equal_range({item.fact->reference, item.fact->amount});
      const auto other = std::find_if(first, last, [&](const auto& candidate) {
        return std::abs(candidate.second->fact->date - item.fact->date) <= days;
      });
      if (other == last) continue;
      item.there = other->second->fact->date;
      other->second->there = item.fact->date;
      open.erase(other);
    }
  }
};

class Reconciliation {
 public:
  Reconciliation(const std::string& account, const Sides& sides)
      : account_(account), sides_(sides) {}

  // A difference that stays is one finding, in the month in which it arose.
  void report_differences(std::vector<Indicator>& found) const {
    if (sides_.bank.empty()) return;
    const Money opening = sides_.statements.empty() ? Money() : sides_.statements[0]->opening;
    Money known;
    const auto last = Month::of(sides_.bank.back().fact->date);
    for (auto month = Month::of(sides_.bank[0].fact->date); month <= last; month = month.plus(1)) {
      const Money difference = adjusted_difference(month.last_day(), opening);
      if (difference != known) add(month, difference - known, found);
      known = difference;
    }
  }

  // What the bank says it had must be what it said it had left.
  void report_breaks(std::vector<Indicator>& found) const {
    for (std::size_t i = 1; i < sides_.statements.size(); ++i) {
      const auto &before = *sides_.statements[i - 1], &now = *sides_.statements[i];
      if (now.opening == before.closing) continue;
      const auto since = before.to.str(), from = now.from.str();
      const auto had = before.closing.grouped(), has = now.opening.grouped();
      found.push_back({RuleId::acc_07,
                       "专户" + account_ + "银行对账单不连续：" + since + "期末余额" + had + "元，" +
                           from + "期初余额" + has + "元。",
                       "The bank statements of account " + account_ + " do not follow: " + had +
                           " yuan at the end of " + since + ", " + has + " at the beginning of " +
                           from + ".",
                       account_, now.opening - before.closing, {before.at, now.at}});
    }
  }

 private:
  // Adjusted ledger balance minus adjusted bank balance at the end of a day: items that one side
  // has and the other will have soon are added to the other side (未达账项).
  Money adjusted_difference(Date day, const Money& opening) const {
    return side(sides_.ledger, sides_.bank, day) - side(sides_.bank, sides_.ledger, day) - opening;
  }
  template <class One, class Other>
  static Money side(const One& items, const Other& others, Date day) {
    Money balance;
    for (const auto& item : items) {
      if (item.fact->date <= day) balance += item.fact->amount;
    }
    for (const auto& item : others) {
      if (item.fact->date <= day && item.there && *item.there > day) balance += item.fact->amount;
    }
    return balance;
  }

  void add(Month month, const Money& change, std::vector<Indicator>& found) const {
    Indicator indicator{RuleId::acc_07, "", "", account_, change, {}};
    auto& evidence = indicator.evidence;
    for (const auto& item : sides_.ledger) {
      if (item.there || Month::of(item.fact->date) != month) continue;
      evidence.insert(evidence.end(), item.fact->at.begin(), item.fact->at.end());
    }
    for (const auto& item : sides_.bank) {
      if (!item.there && Month::of(item.fact->date) == month) evidence.push_back(item.fact->at);
    }
    const auto amount = change.grouped(), when = month.str();
    indicator.zh = "专户" + account_ + "在" + when + "月末调节后的账面余额与银行余额相差" + amount + "元。";
    indicator.en = "At the end of " + when + " the adjusted ledger balance of account " + account_ +
                   " differs from the adjusted bank balance by " + amount + " yuan.";
    found.push_back(std::move(indicator));
  }

  const std::string& account_;
  const Sides& sides_;
};

}  // namespace

void one_person_two_duties(const Facts& facts, const IndicatorOptions&,
                           std::vector<Indicator>& found) {
  std::map<std::string, const DutyFact*> settlements;
  for (const auto& document : facts.duties) {
    within_document(document, found);
    if (document.kind == "settlement") settlements[document.doc] = &document;
  }
  for (const auto& document : facts.duties) {
    if (document.kind != "disbursement") continue;
    const auto settlement = settlements.find(document.settlement);
    if (settlement != settlements.end()) across_documents(*settlement->second, document, found);
  }
}

void bank_differs(const Facts& facts, const IndicatorOptions& options,
                  std::vector<Indicator>& found) {
  std::map<std::string, Sides> accounts;
  for (const auto& fact : facts.cash) {
    if (!fact.amount.is_zero()) accounts[fact.account].ledger.push_back({&fact});
  }
  for (const auto& fact : facts.bank) accounts[fact.account].bank.push_back({&fact});
  for (const auto& fact : facts.statements) accounts[fact.account].statements.push_back(&fact);
  for (auto& [account, sides] : accounts) {
    sides.sort();
    sides.match(options.transit_days);
    const Reconciliation reconciliation(account, sides);
    reconciliation.report_differences(found);
    reconciliation.report_breaks(found);
  }
}

}  // namespace fundtrail::audit
