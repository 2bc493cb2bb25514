// What accrued to a payee and is not settled goes down again: because the calculation was wrong, or
// because another one brought the payee too much. What was calculated for the person goes down with
// it, so the next calculation says what is due after all.
//
// A line takes back what the calculation itself brought the person, whatever is due, and of what
// others brought only what is not due any more. Else whoever lowers one person's calculation could
// name another, who was paid, and let that one be paid twice.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/calculation.h"
#include "ledger/rules/families.h"

namespace fundtrail::rules {
namespace {

// The calculation, when it is one and in no live settlement.
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
  c.need_free(calculation.settlement, Reason::already_settled, "doc.calculation", index);
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

// Whose what is, and for when: what is given once has one sum, whatever its period.
using Whose = std::pair<std::uint64_t, Month>;
Whose whose(const EntitlementRules& rules, const std::optional<Pseudonym>& person, Month period) {
  return {person.value_or(Pseudonym()).value(), rules.row_period(period).value_or(Month())};
}

// What the calculation brought and reductions have left of it.
class Brought {
 public:
  Brought(const StateSource& state, const EntitlementRules& rules, std::uint64_t calculation)
      : sources_(ProgrammeRow::find(state, rules.programme().id).sources) {
    const std::string* row = state.find(brought_key(calculation));
    if (!row) return;  // recorded before it was kept
    BroughtRow rows(*row);
    std::size_t place = 0;
    for (BroughtRow::Item item; rows.next(item); ++place) {
      FT_CHECK(item.amount.source < sources_.size());
      amounts_[whose(rules, item.person, item.period)].push_back({place, item.amount});
    }
  }

  // Of one level's share, borne by the fund; without one by any.
  Money of(const Whose& who, const Code& level, const FundId* fund) const {
    Money sum;
    const auto found = amounts_.find(who);
    if (found == amounts_.end()) return sum;
    for (const auto& [place, amount] : found->second) {
      const auto& source = sources_[amount.source];
      if (source.level != level || (fund && source.fund != *fund)) continue;
      sum += Money::of_fen(amount.fen);
    }
    return sum;
  }

  // In the row that this was read from.
  void lower(std::string& row, const Whose& who, unsigned source, std::int64_t fen) {
    const auto found = amounts_.find(who);
    if (found == amounts_.end()) return;
    for (auto& [place, amount] : found->second) {
      if (amount.source != source) continue;
      amount.fen -= std::min(amount.fen, fen);
      BroughtRow::set_fen(row, place, amount.fen);
    }
  }

 private:
  struct Amount {
    std::size_t place = 0;  // in the row
    SourceAmount amount;
  };
  std::vector<ProgrammeRow::Source> sources_;
  std::map<Whose, std::vector<Amount>> amounts_;
};

// Everything that is calculated of the line's level through the payee, borne by the fund; without one
// by any.
Money calculated(const StateSource& state, const EntitlementRules& rules, const ProviderId& payee,
                 const ReducedEntitlement& line, const FundId* fund) {
  Money sum;
  const auto period = rules.row_period(line.period);
  for (const auto& known : calculated_in(state, subject_in(line, payee), rules.programme().id,
                                         rules.row_year(line.period))) {
    if (known.payee != payee || period.value_or(known.period) != known.period) continue;
    for (std::size_t i = 0; i < known.sources.size(); ++i) {
      const auto& source = known.sources[i];
      if (fund ? source.is(line.level, *fund) : source.level == line.level) sum += known.shares[i];
    }
  }
  return sum;
}

class ReducedLines {
 public:
  ReducedLines(Context& c, const CalculationReduction& d, const RedemptionRow& calculation,
               const EntitlementRules& rules)
      : c_(c), d_(d), calculation_(calculation), rules_(rules),
        brought_(c.state, rules, d.calculation) {}

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
    check_amount(no, at);
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
  using Share = std::tuple<Whose, FundId, Code>;

  Whose whose_is(const ReducedEntitlement& line) const {
    return whose(rules_, line.beneficiary, line.period);
  }

  void check_repetition(Findings& no, std::size_t at) {
    const auto& line = d_.lines[at];
    const auto [first, added] =
        seen_.emplace(Share{whose_is(line), line.fund, line.level}, at);
    if (added) return;
    no.add(Reason::duplicate_line, "beneficiary",
           line.beneficiary ? line.beneficiary->str() : calculation_.provider.str(),
           std::to_string(first->second));
  }

  void check_amount(Findings& no, std::size_t at) {
    const ReducedEntitlement& line = d_.lines[at];
    const Money all = calculated(c_.state, rules_, calculation_.provider, line, &line.fund);
    const Money here = brought_.of(whose_is(line), line.level, &line.fund);
    Money most = std::min(all, here);
    if (most < line.amount && here < all) most = std::min(all, here + not_due(no, at));
    if (most < line.amount) {
      no.add(Reason::amount_mismatch, "amount", line.amount.str(), "<= " + most.str());
    } else if (here < line.amount) {
      beyond_[{whose_is(line), line.level}] += line.amount - here;
    }
  }

  // What other calculations brought of the line's level beyond what is due; no line before took it.
  Money not_due(Findings& no, std::size_t at) {
    const ReducedEntitlement& line = d_.lines[at];
    const Assessment now = assess(line, at);
    const auto& region = calculation_.groups[0].at.region;
    if (now.unknown) {
      no.add(*now.why);
      return {};
    }
    if (line.beneficiary && now.region != region) {
      no.add(Reason::region_mismatch, "beneficiary", line.beneficiary->str(), now.region.str());
    }
    Money rest = calculated(c_.state, rules_, calculation_.provider, line, nullptr) -
                 brought_.of(whose_is(line), line.level, nullptr) -
                 beyond_[{whose_is(line), line.level}];
    const auto& levels = rules_.levels(now.region);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] == line.level) rest -= now.due.shares[i];
    }
    return std::max(rest, Money());
  }

  Assessment assess(const ReducedEntitlement& line, std::size_t at) const {
    if (!line.beneficiary) {
      return rules_.of_provider(calculation_.provider, line.period,
                                calculation_.groups[0].at.region, c_.command.date);
    }
    const auto& births = c_.command.births;
    return rules_.of_person(*line.beneficiary,
                            at < births.size() ? births[at] : std::optional<Date>(), line.period,
                            calculation_.provider, line.period < d_.period);
  }

  Context& c_;
  const CalculationReduction& d_;
  const RedemptionRow& calculation_;
  const EntitlementRules& rules_;
  std::map<FundId, Money> sums_;
  std::map<Share, std::size_t> seen_;
  Brought brought_;
  std::map<std::pair<Whose, Code>, Money> beyond_;  // what lines take of what others brought
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
  c.need_not_before(d.period.first_day());
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
  calculation.lowered = std::max(calculation.lowered, entry.date);
  bytes = calculation.encode();
  const auto funds = funds_of(d);
  const EntitlementRules rules(state, *entry.policy, programme);
  CalculationWriter writer(state, rules, funds);
  Brought brought(state, rules, d.calculation);
  const std::string key = brought_key(d.calculation);
  std::string* row = state.find(key) ? &state.edit(key) : nullptr;
  for (const auto& line : d.lines) {
    std::vector<Money> shares;
    for (const auto& fund : funds) {
      shares.push_back(is_of(line, fund) ? -line.amount : Money());
    }
    const auto& amounts = writer.add(subject_in(line, calculation.provider), line.period,
                                     calculation.provider, line.period < d.period, shares);
    const Whose who = whose(rules, line.beneficiary, line.period);
    for (const auto& amount : amounts) {
      if (row) brought.lower(*row, who, amount.source, -amount.fen);
    }
    FT_CHECK(!calculated(state, rules, calculation.provider, line, &line.fund).is_negative());
  }
  writer.finish();
}

}  // namespace fundtrail::rules
