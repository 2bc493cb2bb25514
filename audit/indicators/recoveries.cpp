// R-REC-01 money of somebody's entitlement that is recovered as of a day on which it was not paid yet. The rules
// see that a payee got as much at all, and that the period had begun; whose money was in a payment, on which day,
// stands in the entries only.
#include <algorithm>

#include "audit/indicators/gather.h"
#include "audit/indicators/rules.h"

namespace fundtrail::audit {

void RecoveryBook::add(const Entry& e, const EntitlementCalculation& d, bool once) {
  heads_[e.index] = {d.programme, d.payee, e.date, once, {}};
  if (once) once_.insert(d.programme);
  std::vector<std::uint32_t> places;
  for (const auto& fund : d.funds) places.push_back(place(d.programme, d.payee, fund.fund));
  for (const auto& line : d.lines) {
    for (std::size_t i = 0; i < std::min(places.size(), line.shares.size()); ++i) {
      add_part(line.beneficiary, places[i], once, line.period.value_or(d.period), e.index, line.shares[i]);
    }
  }
}

void RecoveryBook::lower(const CalculationReduction& d) {
  const auto head = heads_.find(d.calculation);
  if (head == heads_.end()) return;
  for (const auto& line : d.lines) {
    add_part(line.beneficiary, place(head->second.programme, head->second.payee, line.fund), head->second.once,
             line.period, d.calculation, -line.amount);
  }
}

void RecoveryBook::settle(const SettlementPreparation& d) {
  for (const auto calculation : items(d.calculations)) {
    const auto head = heads_.find(calculation);
    if (head != heads_.end()) head->second.settlement = d.settlement.str();
  }
}

void RecoveryBook::decide(const Entry& e, const RecoveryDecision& d) {
  if (!d.entitlement) return;
  const bool once = once_.contains(d.programme);
  const auto& person = d.entitlement->beneficiary;
  decided_.push_back({key_of(person, place(d.programme, d.provider, d.fund), once, d.entitlement->period), d.amount,
                      {d.recovery.str(), person ? person->str() : d.provider.str(), e.date, {}, {}, {}, {}},
                      {e.index, std::nullopt, {}, 0}});
}

void RecoveryBook::finish(std::vector<EarlyRecoveryFact>& facts) {
  std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.key < b.key; });
  std::map<Key, Money> recovered;
  for (auto& decided : decided_) {
    Money& sum = recovered[decided.key];
    sum += decided.amount;
    Money paid;
    auto& fact = decided.fact;
    const auto less = [](const Part& part, const Key& key) { return part.key < key; };
    auto part = std::lower_bound(parts_.begin(), parts_.end(), decided.key, less);
    for (; part != parts_.end() && part->key == decided.key; ++part) {
      const Head& head = heads_.at(part->calculation);
      const auto payment = payments_.find(head.settlement);
      const bool is_paid = payment != payments_.end();
      if (is_paid && payment->second.date <= fact.decided) {
        paid += part->amount;
      } else if (part->amount.is_positive()) {  // the last of what came too late
        fact.calculated = head.date;
        fact.paid = is_paid ? std::optional(payment->second.date) : std::nullopt;
        fact.at.push_back({part->calculation, std::nullopt, {}, 0});
        if (is_paid) fact.at.push_back(payment->second.at);
      }
    }
    fact.missing = sum - paid;
    if (!fact.missing.is_positive() || !fact.calculated) continue;
    fact.missing = std::min(fact.missing, decided.amount);
    fact.at.push_back(decided.at);
    std::sort(fact.at.begin(), fact.at.end());
    fact.at.erase(std::unique(fact.at.begin(), fact.at.end()), fact.at.end());
    facts.push_back(std::move(fact));
  }
}

RecoveryBook::Key RecoveryBook::key_of(const std::optional<Pseudonym>& person, std::uint32_t place, bool once,
                                       Month period) {
  return {person ? person->value() : 0, place, once ? 0 : period.ordinal()};
}

void RecoveryBook::add_part(const std::optional<Pseudonym>& person, std::uint32_t place, bool once, Month period,
                            std::uint64_t calculation, const Money& amount) {
  if (!amount.is_zero()) parts_.push_back({key_of(person, place, once, period), calculation, amount});
}

std::uint32_t RecoveryBook::place(const ProgrammeId& programme, const ProviderId& payee, const FundId& fund) {
  const auto number = static_cast<std::uint32_t>(places_.size());
  return places_.emplace(programme.str() + "/" + payee.str() + "/" + fund.str(), number).first->second;
}

void recovered_too_early(const Facts& facts, const IndicatorOptions&, std::vector<Indicator>& found) {
  for (const auto& fact : facts.early_recoveries) {
    std::string zh = "至今未拨付", en = "it is not paid";
    if (fact.decided < *fact.calculated) {
      zh = fact.calculated->str() + "才核定";
      en = "it was calculated on " + fact.calculated->str();
    } else if (fact.paid) {
      zh = fact.paid->str() + "才拨付";
      en = "it was paid on " + fact.paid->str();
    }
    found.push_back({RuleId::rec_01,
                     "追回决定" + fact.recovery + "（" + fact.decided.str() + "）涉及" + fact.subject + "的待遇，其中" +
                         fact.missing.grouped() + "元当日尚未付出：" + zh + "。",
                     "The recovery " + fact.recovery + " of " + fact.decided.str() + " takes back from the entitlement of " +
                         fact.subject + " what was not paid by that day, " + fact.missing.grouped() + " yuan: " + en + ".",
                     fact.recovery, fact.missing, fact.at});
  }
}

}  // namespace fundtrail::audit
