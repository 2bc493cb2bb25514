// What is due is calculated for persons or providers, accrues to the payee, and is settled and paid
// like redeemed vouchers. Every line is computed again: it must bring what was calculated so far up
// (or down) to what is due, neither more nor less.
#include "ledger/rules/calculation.h"

#include <algorithm>

#include "ledger/core/check.h"
#include "ledger/core/work_calendar.h"
#include "ledger/rules/families.h"
#include "ledger/rules/identity_need.h"

namespace fundtrail::rules {
namespace {

std::string joined(const std::vector<Money>& amounts) {
  std::string text;
  for (const auto& amount : amounts) text += (text.empty() ? "" : " + ") + amount.str();
  return text;
}

bool of_providers(const Programme& programme) {
  return programme.instrument == Instrument::bed_subsidy ||
         programme.instrument == Instrument::award;
}

class CalculationLines {
 public:
  CalculationLines(Context& c, const EntitlementCalculation& d, const EntitlementRules& rules)
      : c_(c), d_(d), rules_(rules), sums_(d.funds.size()), seen_(d.lines.size()) {
    const auto& levels = rules.levels(d.region);
    for (const auto& fund : d.funds) {
      const auto at = std::find(levels.begin(), levels.end(), fund.level);
      places_.push_back(static_cast<std::size_t>(at - levels.begin()));
    }
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& line = d.lines[i];
      seen_[i] = seen(line, i);
    }
    std::sort(seen_.begin(), seen_.end());
  }

  void check_line(std::size_t at) {
    const CalculatedEntitlement& line = d_.lines[at];
    Findings no;
    check_repetition(no, at);
    const Month period = period_of(line);
    const bool of_cycle = cycle_start(rules_.terms_in(period).cycle, period) == period &&
                          (!rules_.once(period) || period == d_.period);
    if (!of_cycle || d_.period < period) {
      no.add(Reason::invalid_value, "period", period.str(), "<= " + d_.period.str());
    } else if (line.beneficiary.has_value() == of_providers(rules_.programme())) {
      no.add(line.beneficiary ? Reason::unknown_field : Reason::missing_field, "beneficiary",
             "beneficiary");
    } else {
      check_due(no, line, period, at);
    }
    if (!no.none()) return c_.refuse_line(at, no.first()->field, *no.first());
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += line.shares[i];
  }

  void post() {
    // A fund stands twice where it bore a whole cost that is shared now.
    std::vector<std::pair<FundId, Money>> funds;
    for (std::size_t i = 0; i < d_.funds.size(); ++i) {
      const FundId& fund = d_.funds[i].fund;
      const auto same = std::find_if(funds.begin(), funds.end(),
                                     [&](const auto& known) { return known.first == fund; });
      if (same == funds.end()) {
        funds.emplace_back(fund, sums_[i]);
      } else {
        same->second += sums_[i];
      }
    }
    for (const auto& [fund, sum] : funds) {
      if (sum.is_negative()) {
        c_.no.add(Reason::net_negative, "lines", fund.str(), (-sum).str());
      } else if (!sum.is_zero()) {
        const Dimensions at{fund, d_.programme, d_.region, {}};
        Dimensions accrued_at = at;
        accrued_at.counterparty = d_.payee.str();
        move(c_.postings, sum, FundAccount::accrued, accrued_at, FundAccount::allotted, at);
      }
    }
    check_limit();
  }

 private:
  struct Seen {
    std::uint64_t subject = 0;
    std::int32_t period = 0;
    std::size_t line = 0;
    friend auto operator<=>(const Seen&, const Seen&) = default;
  };

  Month period_of(const CalculatedEntitlement& line) const {
    return line.period.value_or(d_.period);
  }

  // What is given once has one line, whatever its period.
  Seen seen(const CalculatedEntitlement& line, std::size_t at) const {
    const Month period = period_of(line);
    return {line.beneficiary.value_or(Pseudonym()).value(),
            rules_.once(period) ? 0 : period.ordinal(), at};
  }

  void check_repetition(Findings& no, std::size_t at) {
    const auto& line = d_.lines[at];
    const Seen low = seen(line, 0);
    const auto first = std::lower_bound(seen_.begin(), seen_.end(), low);
    if (first->line == at) return;
    no.add(Reason::duplicate_line, "beneficiary",
           line.beneficiary ? line.beneficiary->str() : d_.payee.str(),
           std::to_string(first->line));
  }

  Assessment assess(const CalculatedEntitlement& line, Month period, std::size_t at) const {
    if (!line.beneficiary) {
      return rules_.of_provider(d_.payee, period, d_.region, c_.command.date);
    }
    const auto& births = c_.command.births;
    return rules_.of_person(*line.beneficiary,
                            at < births.size() ? births[at] : std::optional<Date>(), period,
                            d_.payee, period < d_.period);
  }

  void check_due(Findings& no, const CalculatedEntitlement& line, Month period, std::size_t at) {
    const Assessment due = assess(line, period, at);
    if (due.unknown) return no.add(*due.why);
    if (due.region != d_.region) {
      return no.add(Reason::region_mismatch, "beneficiary", line.beneficiary->str(),
                    due.region.str());
    }
    const bool nothing = due.due.amount.is_zero() && due.settled();
    if (nothing) check_payee(no, line, period, at);
    // Whoever asks for money that is not due reads why.
    if (due.due.amount.is_zero() && due.why && line.amount.is_positive()) {
      no.add(due.why->reason, due.why->field, due.why->subject, due.why->detail);
    } else if (due.settled() && line.amount.is_zero()) {
      no.add(Reason::amount_not_positive, "amount", line.amount.str());
    } else if (line.amount != due.difference()) {
      no.add(Reason::amount_mismatch, "amount", line.amount.str(), due.difference().str());
    }
    if (const auto shares = of_document(due.share_differences()); line.shares != shares) {
      no.add(Reason::share_mismatch, "shares", joined(line.shares), joined(shares));
    }
    check_borne(no, line, due);
    if (line.units != due.due.units) {
      no.add(Reason::amount_mismatch, "units", line.units.str(), due.due.units.str());
    }
  }

  // What was too much goes back to the fund that bore it, whatever bears the level today.
  void check_borne(Findings& no, const CalculatedEntitlement& line, const Assessment& found) const {
    for (std::size_t i = 0; i < std::min(line.shares.size(), d_.funds.size()); ++i) {
      if (!line.shares[i].is_negative()) continue;
      const FundId& fund = d_.funds[i].fund;
      const Money borne = rules_.borne_by(found, places_[i], fund);
      if (borne + line.shares[i] < Money()) {
        no.add(Reason::fund_did_not_bear, "shares", fund.str(), borne.str());
      }
    }
  }

  // The shares of the document's levels; where it leaves out one that bears a share, of all levels.
  std::vector<Money> of_document(std::vector<Money> shares) const {
    std::vector<Money> mine;
    for (const auto place : places_) mine.push_back(shares[place]);
    for (std::size_t i = 0; i < shares.size(); ++i) {
      const bool named = std::find(places_.begin(), places_.end(), i) != places_.end();
      if (!named && !shares[i].is_zero()) return shares;
    }
    return mine;
  }

  // Nothing is due through this payee: perhaps because somebody else is to be paid.
  void check_payee(Findings& no, const CalculatedEntitlement& line, Month period, std::size_t at) {
    if (!line.beneficiary) return;
    const auto& births = c_.command.births;
    const auto payees = rules_.payees_of(*line.beneficiary,
                                         at < births.size() ? births[at] : std::optional<Date>(),
                                         period, period < d_.period);
    if (payees.empty() || std::find(payees.begin(), payees.end(), d_.payee) != payees.end()) return;
    no.add(Reason::payee_mismatch, "beneficiary", payees.front().str());
  }

  void check_limit() {
    if (!rules_.terms().max_total) return;
    Money total = ProgrammeRow::find(c_.state, d_.programme).total;
    for (const auto& sum : sums_) total += sum;
    const Money over = total - *rules_.terms().max_total;
    if (!over.is_positive()) return;
    c_.no.add(Reason::programme_limit, "lines", d_.programme.str(), over.str());
  }

  Context& c_;
  const EntitlementCalculation& d_;
  const EntitlementRules& rules_;
  std::vector<std::size_t> places_;  // of the document's levels among those of the region
  std::vector<Money> sums_;
  std::vector<Seen> seen_;  // ascending
};

// One fund bears one level of a programme, as long as anything of it is calculated. "all" is no level:
// it was borne by one fund before the cost was shared.
void check_level(Context& c, const EntitlementCalculation& d, std::size_t at,
                 const ProgrammeRow& known) {
  const ShareFund& mine = d.funds[at];
  const std::string field = "doc.funds[" + std::to_string(at) + "].fund";
  const auto refuse = [&](const Code& level) {
    c.no.add(Reason::fund_of_other_level, field, mine.fund.str(), level.str());
  };
  if (mine.level.str() == "all") return;
  for (std::size_t i = 0; i < at; ++i) {
    const ShareFund& other = d.funds[i];
    if (other.fund == mine.fund && other.level.str() != "all") refuse(other.level);
  }
  for (const auto& source : known.sources) {
    if (source.fund != mine.fund || source.level == mine.level || source.total.is_zero()) continue;
    if (source.level.str() != "all") refuse(source.level);
  }
}

// The fund of each level, in the policy's order; each was allotted to the programme. Levels of other
// versions follow, where one of the lines needs them. False: the lines cannot be judged.
bool check_funds(Context& c, const EntitlementCalculation& d, const EntitlementRules& rules) {
  std::string given, expected;
  for (const auto& fund : d.funds) given += (given.empty() ? "" : ", ") + fund.level.str();
  const auto& levels = rules.levels(d.region);
  for (const auto& level : levels) expected += (expected.empty() ? "" : ", ") + level.str();
  std::size_t at = 0;
  bool known = !d.funds.empty();
  for (const auto& fund : d.funds) {
    while (at < levels.size() && levels[at] != fund.level) ++at;
    known = known && at++ < levels.size();
  }
  if (!known) c.no.add(Reason::share_mismatch, "doc.funds", given, expected);
  const ProgrammeRow row = ProgrammeRow::find(c.state, d.programme);
  if (row.sources.size() + d.funds.size() > ProgrammeRow::kMaxSources) {
    c.no.add(Reason::invalid_value, "doc.funds", std::to_string(row.sources.size() + d.funds.size()),
             "<= " + std::to_string(ProgrammeRow::kMaxSources));
  }
  for (std::size_t i = 0; i < d.funds.size(); ++i) {
    check_level(c, d, i, row);
    const FundId& fund = d.funds[i].fund;
    const std::string field = "doc.funds[" + std::to_string(i) + "].fund";
    c.need_fund(fund, field);
    if (!c.state.find(purpose_key(fund, d.programme))) {
      c.no.add(Reason::purpose_not_allowed, field, rules.programme().purpose.str(), fund.str());
    }
  }
  return known;
}

// Money accrues to somebody who was under contract at some time of the earliest period that is
// calculated, or has been since: what is owed from then may be calculated after the contract ended.
void check_contract(Context& c, const EntitlementCalculation& d) {
  const std::string* row =
      c.need(provider_key(d.payee), Reason::unknown_provider, "doc.payee", d.payee.str());
  if (!row) return;
  const auto contracts = contracts_of(*row);
  Month earliest = d.period;
  for (const auto& line : d.lines) earliest = std::min(earliest, line.period.value_or(d.period));
  const Date first = earliest.first_day();
  if (std::any_of(contracts.begin(), contracts.end(), [&](const ProviderRow::Period& contract) {
        return contract.from <= c.command.date && first <= contract.to;
      })) {
    return;
  }
  c.no.add(Reason::contract_not_valid, "doc.payee", d.payee.str(), c.command.date.str());
}

}  // namespace

void check(Context& c, const EntitlementCalculation& d) {
  c.need_region(d.region);
  check_contract(c, d);
  if (!c.need_policy()) return;
  const EntitlementRules rules(c.state, *c.command.policy, d.programme);
  if (rules.problem()) return c.no.add(*rules.problem());
  if (rules.programme().instrument == Instrument::voucher) {
    return c.no.add(Reason::instrument_mismatch, "doc.programme", d.programme.str());
  }
  // The version that counts today: days under earlier ones are judged by them anyway. What was due
  // until the policy expired, or a version dropped the programme, may be calculated afterwards.
  const Policy* begun = rules.versions().begun_by(c.command.date, d.programme);
  if (!begun || begun->version != rules.versions().named().version) {
    c.no.add(Reason::policy_not_in_force, "policy", c.command.policy->str(), c.command.date.str());
  }
  if (cycle_start(rules.terms_in(d.period).cycle, d.period) != d.period) {
    c.no.add(Reason::invalid_value, "doc.period", d.period.str(),
             cycle_start(rules.terms_in(d.period).cycle, d.period).str());
  }
  c.need_not_before(d.period.first_day());
  if (!check_funds(c, d, rules)) return;
  CalculationLines lines(c, d, rules);
  for (std::size_t i = 0; i < d.lines.size(); ++i) lines.check_line(i);
  if (c.refused_lines.empty()) lines.post();
}

CalculationWriter::CalculationWriter(Overlay& state, const EntitlementRules& rules,
                                     const std::vector<ShareFund>& funds)
    : state_(state), rules_(rules),
      totals_(ProgrammeRow::find(state, rules.programme().id)) {
  auto& sources = totals_.sources;
  for (const auto& fund : funds) {
    auto at = std::find_if(sources.begin(), sources.end(), [&](const auto& source) {
      return source.level == fund.level && source.fund == fund.fund;
    });
    if (at == sources.end()) at = sources.insert(at, {fund.level, fund.fund, {}});
    places_.push_back(static_cast<unsigned>(at - sources.begin()));
  }
  FT_CHECK(sources.size() <= 0x100);  // a byte names each
}

// Whether anything is left of what was calculated, through whomever.
bool CalculationWriter::anything(const std::string& row, std::optional<Month> period) const {
  CalculatedRow rows(row);
  for (CalculatedRow::Item item; rows.next(item);) {
    if (period && item.period != *period) continue;
    for (std::size_t i = 0; i < item.size(); ++i) {
      if (item.at(i).fen != 0) return true;
    }
  }
  return false;
}

const std::vector<SourceAmount>& CalculationWriter::add(const std::string& subject, Month period,
                                                        const ProviderId& payee, bool final_basis,
                                                        const std::vector<Money>& shares) {
  amounts_.clear();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i].is_zero()) continue;
    amounts_.push_back({places_[i], fen_of(shares[i])});
    totals_.total += shares[i];
    totals_.sources[places_[i]].total += shares[i];
  }
  const bool once = rules_.once(period);
  calculated_key(key_, subject, rules_.programme().id, rules_.row_year(period));
  std::string& row = state_.edit(key_);
  period = rules_.judged_in(&row, period);
  const bool had = once && anything(row, std::nullopt);
  CalculatedRow::add(row, period, payee, final_basis, amounts_);
  const auto& group = rules_.terms_in(period).exclusive_group;
  if (!once && !group) return amounts_;
  const bool has = anything(row, rules_.row_period(period));
  if (once && had != has) totals_.subjects += has ? 1 : std::uint64_t(-1);
  if (group) {
    mark_group(state_, subject, *group, rules_.programme().id, period,
               months_in(rules_.terms_in(period).cycle), has);
  }
  return amounts_;
}

void CalculationWriter::finish() {
  state_.put(programme_key(rules_.programme().id), totals_.encode());
}

void record(Overlay& state, const Entry& entry, const EntitlementCalculation& d) {
  const EntitlementRules rules(state, *entry.policy, d.programme);
  CalculationWriter writer(state, rules, d.funds);
  CalculatedPeople people(state, d);
  std::string brought;
  for (const auto& line : d.lines) {
    const Month period = line.period.value_or(d.period);
    const auto& amounts =
        writer.add(line.beneficiary ? subject_of(*line.beneficiary) : subject_of(d.payee), period,
                   d.payee, period < d.period, line.shares);
    if (line.beneficiary && !amounts.empty()) people.add(*line.beneficiary);
    for (const auto& amount : amounts) {
      if (amount.fen <= 0) continue;
      BroughtRow::append(brought, {line.beneficiary.value_or(Pseudonym()), period, amount});
    }
  }
  writer.finish();

  RedemptionRow row;
  row.date = row.lowered = entry.date;
  row.provider = d.payee;
  for (const auto& posting : entry.postings) {
    if (posting.account != FundAccount::accrued) continue;
    Dimensions at = posting.at;
    at.counterparty.clear();
    row.groups.push_back({std::move(at), posting.amount});
  }
  if (row.groups.empty()) return;  // nothing that could be settled or lowered
  state.put(redemption_key(entry.index), row.encode());
  state.put(brought_key(entry.index), std::move(brought));
}

}  // namespace fundtrail::rules
