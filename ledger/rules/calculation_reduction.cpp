// What accrued to a payee and is not settled goes down again: because the calculation was wrong, or
// because an earlier one brought the payee too much. What was calculated for the person goes down with
// it, so the next calculation says what is due after all.
#include <algorithm>
#include <map>
#include <tuple>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/calculation.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

// The calculation, when it is one and in no settlement.
std::optional<RedemptionRow> need_calculation(Context& c, const CalculationReduction& d) {
  const std::string index = std::to_string(d.calculation);
  const std::string* row = c.state.find(redemption_key(d.calculation));
  const std::size_t kind = Document(EntitlementCalculation()).index();
  if (!row || find_entry_kind(c.state, d.calculation) != kind) {
    c.no.add(Reason::unknown_calculation, "doc.calculation", index);
    return std::nullopt;
  }
  auto calculation = RedemptionRow::decode(*row);
  c.need_not_before(calculation.date);
  if (!calculation.settlement.empty()) {
    c.no.add(Reason::already_settled, "doc.calculation", index, calculation.settlement.str());
  }
  return calculation;
}

bool is_of(const ReducedEntitlement& line, const ShareFund& fund) {
  return line.fund == fund.fund && line.level == fund.level;
}

// Whose shares the lines are, each once.
std::vector<ShareFund> funds_of(const CalculationReduction& d) {
  std::vector<ShareFund> funds;
  for (const auto& line : d.lines) {
    const auto known = [&](const ShareFund& fund) { return is_of(line, fund); };
    if (std::none_of(funds.begin(), funds.end(), known)) funds.push_back({line.fund, line.level});
  }
  return funds;
}

std::string subject_in(const ReducedEntitlement& line, const ProviderId& payee) {
  return line.beneficiary ? subject_of(*line.beneficiary) : subject_of(payee);
}

class ReducedLines {
 public:
  ReducedLines(Context& c, const CalculationReduction& d, const RedemptionRow& calculation,
               const EntitlementRules& rules)
      : c_(c), d_(d), calculation_(calculation), rules_(rules) {}

  void check_line(std::size_t at) {
    const ReducedEntitlement& line = d_.lines[at];
    Findings no;
    if (!line.amount.is_positive()) {
      no.add(Reason::amount_not_positive, "amount", line.amount.str());
    }
    check_repetition(no, at);
    if (d_.period < line.period) {
      no.add(Reason::invalid_value, "period", line.period.str(), "<= " + d_.period.str());
    }
    if (const Money most = calculated(line); most < line.amount) {
      no.add(Reason::amount_mismatch, "amount", line.amount.str(), "<= " + most.str());
    }
    if (!no.none()) return c_.refuse_line(at, no.first()->field, *no.first());
    sums_[line.fund] += line.amount;
  }

  // What the calculation has left of each fund.
  void post() {
    for (const auto& [fund, sum] : sums_) {
      Money left;
      for (const auto& group : calculation_.groups) {
        if (group.at.fund != fund) continue;
        left += group.amount;
        if (group.amount < sum) continue;
        Dimensions accrued_at = group.at;
        accrued_at.counterparty = calculation_.provider.str();
        move(c_.postings, sum, FundAccount::allotted, group.at, FundAccount::accrued, accrued_at);
      }
      if (left < sum) {
        c_.no.add(Reason::net_negative, "lines", fund.str(), (sum - left).str());
      }
    }
  }

 private:
  using Share = std::tuple<std::uint64_t, Month, FundId, Code>;

  void check_repetition(Findings& no, std::size_t at) {
    const auto& line = d_.lines[at];
    const auto [first, added] = seen_.emplace(
        Share{line.beneficiary.value_or(Pseudonym()).value(), line.period, line.fund, line.level},
        at);
    if (added) return;
    no.add(Reason::duplicate_line, "beneficiary",
           line.beneficiary ? line.beneficiary->str() : calculation_.provider.str(),
           std::to_string(first->second));
  }

  // Of the line's share, through the payee, from the fund.
  Money calculated(const ReducedEntitlement& line) const {
    Money sum;
    // What is given once has one sum, whatever its period.
    const auto period = rules_.row_period(line.period);
    for (const auto& known : calculated_in(c_.state, subject_in(line, calculation_.provider),
                                           rules_.programme().id, rules_.row_year(line.period))) {
      if (known.payee != calculation_.provider || period.value_or(known.period) != known.period) {
        continue;
      }
      for (std::size_t i = 0; i < known.sources.size(); ++i) {
        if (known.sources[i].is(line.level, line.fund)) sum += known.shares[i];
      }
    }
    return sum;
  }

  Context& c_;
  const CalculationReduction& d_;
  const RedemptionRow& calculation_;
  const EntitlementRules& rules_;
  std::map<FundId, Money> sums_;
  std::map<Share, std::size_t> seen_;
};

}  // namespace

void check(Context& c, const CalculationReduction& d) {
  const auto calculation = need_calculation(c, d);
  if (!c.need_policy() || !calculation) return;
  if (calculation->groups.empty()) {
    return c.no.add(Reason::net_negative, "lines", std::to_string(d.calculation),
                    Money().str());
  }
  const EntitlementRules rules(c.state, *c.command.policy, calculation->groups[0].at.programme);
  if (rules.problem()) return c.no.add(*rules.problem());
  if (cycle_start(rules.terms_in(d.period).cycle, d.period) != d.period) {
    c.no.add(Reason::invalid_value, "doc.period", d.period.str(),
             cycle_start(rules.terms_in(d.period).cycle, d.period).str());
  }
  ReducedLines lines(c, d, *calculation, rules);
  for (std::size_t i = 0; i < d.lines.size(); ++i) lines.check_line(i);
  if (c.refused_lines.empty()) lines.post();
}

void record(Overlay& state, const Entry& entry, const CalculationReduction& d) {
  std::string& bytes = state.edit(redemption_key(d.calculation));
  auto calculation = RedemptionRow::decode(bytes);
  const ProgrammeId programme = calculation.groups.at(0).at.programme;
  for (const auto& line : d.lines) {
    const auto group = std::find_if(calculation.groups.begin(), calculation.groups.end(),
                                    [&](const auto& g) { return g.at.fund == line.fund; });
    FT_CHECK(group != calculation.groups.end());
    group->amount -= line.amount;
    FT_CHECK(!group->amount.is_negative());
  }
  std::erase_if(calculation.groups, [](const auto& group) { return group.amount.is_zero(); });
  bytes = calculation.encode();
  const auto funds = funds_of(d);
  const EntitlementRules rules(state, *entry.policy, programme);
  CalculationWriter writer(state, rules, funds);
  for (const auto& line : d.lines) {
    std::vector<Money> shares;
    for (const auto& fund : funds) {
      shares.push_back(is_of(line, fund) ? -line.amount : Money());
    }
    writer.add(subject_in(line, calculation.provider), line.period, calculation.provider,
               line.period < d.period, shares);
  }
  writer.finish();
}

}  // namespace fundtrail::rules
