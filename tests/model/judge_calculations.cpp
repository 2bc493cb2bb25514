// Calculations, and what lowers and recovers them, judged by the reference ledger.
#include <algorithm>

#include "tests/model/judge.h"
#include "tests/model/world.h"

namespace fundtrail::model {

void Judge::see(const EntitlementCalculation& d) {
  need_region(d.region);
  const auto payee = b_.providers.find(d.payee.str());
  no_if(payee == b_.providers.end(), Reason::unknown_provider);
  if (payee != b_.providers.end()) {  // in the earliest month or since
    Month earliest = d.period;
    for (const auto& l : d.lines) earliest = std::min(earliest, l.period.value_or(d.period));
    const auto& contracts = payee->second.contracts;
    no_if(std::none_of(contracts.begin(), contracts.end(), [&](const auto& contract) {
            return contract.second.first <= c_.date && earliest.first_day() <= contract.second.second;
          }), Reason::contract_not_valid);
  }
  const Policy* policy = need_policy();
  const Programme* programme = need_programme(policy, d.programme);
  if (!programme) return;
  if (!programme->entitlement) return no(Reason::instrument_mismatch);
  no_if(c_.date < policy->in_force_from, Reason::policy_not_in_force);
  not_before(d.period.first_day());
  for (const auto& fund : d.funds) {
    need_fund(fund.fund);
    no_if(!b_.purposes.contains(fund.fund.str() + "/" + d.programme.str()),
          Reason::purpose_not_allowed);
  }
  see_levels(d);
  const auto levels = levels_of(d.programme.str());
  auto next = levels.begin();  // those that are named follow the policy's order
  for (const auto& fund : d.funds) {
    next = std::find(next, levels.end(), fund.level.str());
    if (next == levels.end()) return no(Reason::share_mismatch);
    ++next;
  }
  if (d.funds.empty()) return no(Reason::share_mismatch);
  std::set<PersonMonth> seen;
  std::map<std::string, Fen> sums;  // by fund
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    const Month month = l.period.value_or(d.period);
    line_if(!seen.insert({l.beneficiary.value_or(Pseudonym()), month}).second, i,
            Reason::duplicate_line);
    if (d.period < month) {
      line(i, Reason::invalid_value);
    } else if (!l.beneficiary) {
      line(i, Reason::missing_field);
    } else {
      see_calculated(d, i, month);
    }
    if (!stays(i)) continue;
    for (std::size_t f = 0; f < d.funds.size(); ++f) sums[d.funds[f].fund.str()] += fen(l.shares[f]);
  }
  if (!lines_.empty()) return;
  Upload upload{c_.date, d.payee.str(), {}, {}, true};
  for (const auto& [fund, sum] : sums) {
    no_if(sum < 0, Reason::net_negative);
    if (sum <= 0) continue;
    const std::string at = place(fund, d.programme.str(), d.region.str(), "");
    move(sum, FundAccount::accrued, at + d.payee.str(), FundAccount::allotted, at);
    upload.parts[at] = sum;
  }
  then_.push_back([this, d, upload](std::uint64_t index) mutable {
    for (const auto& l : d.lines) {
      const Owed owed{d.programme.str(), *l.beneficiary, l.period.value_or(d.period)};
      for (std::size_t f = 0; f < d.funds.size(); ++f) {
        const std::pair source{d.funds[f].fund.str(), d.funds[f].level.str()};
        if (fen(l.shares[f]) == 0) continue;
        b_.calculated[owed][d.payee.str()][source] += fen(l.shares[f]);
        if (fen(l.shares[f]) > 0) upload.brought[owed][source] = fen(l.shares[f]);
      }
      b_.calculated_at[*l.beneficiary].insert(place("", d.programme.str(), d.region.str(), d.payee.str()).substr(1));
    }
    if (!upload.parts.empty()) b_.uploads[index] = upload;
  });
}

// A fund of which anything is calculated for one level bears no other one of the programme.
void Judge::see_levels(const EntitlementCalculation& d) {
  std::map<std::pair<std::string, std::string>, Fen> totals;
  for (const auto& [owed, payees] : b_.calculated) {
    if (std::get<0>(owed) != d.programme.str()) continue;
    for (const auto& [payee, sources] : payees) {
      for (const auto& [source, amount] : sources) totals[source] += amount;
    }
  }
  std::map<std::string, std::string> mine;  // the level of each fund of the document
  for (const auto& [fund, level] : d.funds) {
    if (level.str() == "all") continue;
    no_if(!mine.emplace(fund.str(), level.str()).second, Reason::fund_of_other_level);
    for (const auto& [source, total] : totals) {
      no_if(source.first == fund.str() && source.second != level.str() && source.second != "all" && total != 0,
            Reason::fund_of_other_level);
    }
  }
}

void Judge::see_calculated(const EntitlementCalculation& d, std::size_t at, Month month) {
  const auto& l = d.lines[at];
  const std::string payee = d.payee.str();
  const Owed owed{d.programme.str(), *l.beneficiary, month};
  const auto due = b_.due(owed, payee);
  if (!due) return line(at, Reason::unknown_beneficiary);
  if (due->region != d.region.str()) return line(at, Reason::region_mismatch);
  Fen more = 0;
  std::map<std::string, Fen> of_level;
  bool settled = true;
  for (const auto& [level, share] : due->shares) {
    of_level[level] = share - b_.calculated_for(owed, payee, level);
    more += of_level[level];
    settled = settled && of_level[level] == 0;
  }
  if (due->fen == 0 && settled) {  // perhaps somebody else is paid
    std::set<std::string> payees = due->payees;
    for (const auto& [other, sources] : b_.calculated[owed]) payees.insert(other);
    line_if(!payees.empty() && !payees.contains(payee), at, Reason::payee_mismatch);
  }
  if (due->fen == 0 && due->why && fen(l.amount) > 0) {
    line(at, *due->why);
  } else if (settled && fen(l.amount) == 0) {
    line(at, Reason::amount_not_positive);
  } else {
    line_if(fen(l.amount) != more, at, Reason::amount_mismatch);
  }
  // A level that the document does not name has nothing to bear or to get back.
  line_if(l.shares.size() != d.funds.size(), at, Reason::share_mismatch);
  for (std::size_t f = 0; f < std::min(l.shares.size(), d.funds.size()); ++f) {
    const auto& [fund, level] = d.funds[f];
    const Fen share = fen(l.shares[f]);
    line_if(share != of_level[level.str()], at, Reason::share_mismatch);
    line_if(share < 0 && b_.calculated_for(owed, payee, level.str(), fund.str()) + share < 0, at,
            Reason::fund_did_not_bear);
    of_level.erase(level.str());
  }
  line_if(std::any_of(of_level.begin(), of_level.end(), [](const auto& of) { return of.second != 0; }), at,
          Reason::share_mismatch);
  line_if(l.units.hundredths() != due->units, at, Reason::amount_mismatch);
}

// A line takes back what the calculation itself brought, and of what others brought what is not due.
void Judge::see(const CalculationReduction& d) {
  const auto found = b_.uploads.find(d.calculation);
  const bool known = found != b_.uploads.end() && found->second.calculated;
  no_if(!known, Reason::unknown_calculation);
  if (known) {
    not_before(found->second.date);
    no_if(!found->second.settlement.empty(), Reason::already_settled);
  }
  const Policy* policy = need_policy();
  if (!policy || !known) return;
  Upload& calculation = found->second;
  if (calculation.parts.empty()) return no(Reason::net_negative);
  const std::string& first = calculation.parts.begin()->first;
  const std::string at = first.substr(first.find('/'));  // of whatever fund
  const std::string programme = at.substr(1, at.find('/', 1) - 1);
  if (!need_programme(policy, *ProgrammeId::parse(programme))) return;
  not_before(d.period.first_day());
  std::set<std::tuple<Owed, std::string, std::string>> seen;
  std::map<std::pair<Owed, std::string>, Fen> beyond;  // by level
  std::map<std::string, Fen> sums;                     // by fund
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    const Owed owed{programme, l.beneficiary.value_or(Pseudonym()), l.period};
    line_if(fen(l.amount) <= 0, i, Reason::amount_not_positive);
    const std::string fund = l.fund.str(), level = l.level.str(), payee = calculation.provider;
    line_if(!seen.insert({owed, fund, level}).second, i, Reason::duplicate_line);
    line_if(d.period < l.period, i, Reason::invalid_value);
    const auto brought = calculation.brought.find(owed);
    const BySource here_of = brought == calculation.brought.end() ? BySource() : brought->second;
    const Fen here = sum_of(here_of, level, fund), all = b_.calculated_for(owed, payee, level, fund);
    Fen most = std::min(all, here);
    if (most < fen(l.amount) && here < all) {
      const auto due = b_.due(owed, payee);
      line_if(!due, i, Reason::unknown_beneficiary);
      line_if(due && "/" + programme + "/" + due->region + "/" != at, i, Reason::region_mismatch);
      const Fen others = b_.calculated_for(owed, payee, level) - sum_of(here_of, level) - beyond[{owed, level}];
      if (due) most = std::min(all, here + std::max<Fen>(0, others - due->shares.at(level)));
    }
    line_if(most < fen(l.amount), i, Reason::amount_mismatch);
    if (fen(l.amount) <= most) beyond[{owed, level}] += std::max<Fen>(0, fen(l.amount) - here);
    if (stays(i)) sums[fund] += fen(l.amount);
  }
  if (!lines_.empty()) return;
  for (const auto& [fund, sum] : sums) {
    const auto part = calculation.parts.find(fund + at);
    no_if((part == calculation.parts.end() ? 0 : part->second) < sum, Reason::net_negative);
    move(sum, FundAccount::allotted, fund + at, FundAccount::accrued, fund + at + calculation.provider);
  }
  then_.push_back([this, d, &calculation, programme, at](auto) {
    for (const auto& l : d.lines) {
      const Owed owed{programme, *l.beneficiary, l.period};
      const std::pair source{l.fund.str(), l.level.str()};
      calculation.parts[source.first + at] -= fen(l.amount);
      b_.calculated[owed][calculation.provider][source] -= fen(l.amount);
      Fen& brought = calculation.brought[owed][source];
      brought = std::max<Fen>(0, brought - fen(l.amount));
    }
    std::erase_if(calculation.parts, [](const auto& part) { return part.second == 0; });
    calculation.lowered = std::max(calculation.lowered, c_.date);
  });
}

// What was calculated and is not due, of what the fund bore.
void Judge::see_recovered(const RecoveryDecision& d) {
  const Pseudonym who = *d.entitlement->beneficiary;
  const Month month = d.entitlement->period;
  const std::string payee = d.provider.str(), fund = d.fund.str();
  const Owed owed{d.programme.str(), who, month};
  const auto due = b_.due(owed, payee);
  no_if(!due, Reason::unknown_beneficiary);
  // From a region in which something was calculated.
  const auto& at = b_.calculated_at[who];
  const auto from = [&](const std::string& region) {
    return at.contains(d.programme.str() + "/" + region + "/" + payee);
  };
  const bool elsewhere = std::any_of(at.begin(), at.end(), [&](const std::string& place) {
    return place.starts_with(d.programme.str() + "/") && place.ends_with("/" + payee);
  });
  no_if(elsewhere && !from(d.region.str()), Reason::region_mismatch);
  not_before(month.first_day());
  const std::string level = d.entitlement->level.str();
  const bool known = due && due->shares.contains(level);
  const Fen share = b_.calculated_for(owed, payee, level) - (known ? due->shares.at(level) : 0);
  no_if(share < fen(d.amount), Reason::amount_mismatch);
  no_if(b_.calculated_for(owed, payee, level, fund) < fen(d.amount), Reason::fund_did_not_bear);
  then_.push_back([=, this, id = d.recovery.str(), amount = fen(d.amount)](auto) {
    b_.calculated[owed][payee][{fund, level}] -= amount;
    b_.recovered_from[who].insert(id);
  });
}

// Whether money that was calculated for somebody is on its way, or on its way back.
bool Judge::open_money(Pseudonym who) const {
  for (const auto& at : b_.calculated_at[who]) {
    for (const auto& fund : b_.funds) {
      if (b_.balance(FundAccount::accrued, fund + "/" + at) != 0) return true;
      if (b_.balance(FundAccount::payable, fund + "/" + at) != 0) return true;
    }
  }
  return std::any_of(b_.recovered_from[who].begin(), b_.recovered_from[who].end(), [&](const auto& id) {
    return b_.recoveries.at(id).received < b_.recoveries.at(id).decided;
  });
}

}  // namespace fundtrail::model
