// Applications, calculations and what lowers them, judged by the reference ledger: one programme, "aid",
// of so much a month to whoever was approved, by days, paid through an agent.
#include <algorithm>

#include "tests/model/judge.h"

namespace fundtrail::model {

namespace {

Fen half_up(Fen amount, Fen times, Fen of) { return (2 * amount * times + of) / (2 * of); }

// The region of the last change until the day; before the first one the first.
std::string region_on(const Person& person, Date day) {
  std::string region = person.regions.front().second;
  Date since;
  for (const auto& [from, there] : person.regions) {
    if (from <= day && since <= from) region = there;
    if (from <= day) since = std::max(since, from);
  }
  return region;
}

// Of the grants that begin until the day, the one that begins last.
bool granted_on(const std::vector<Grant>& grants, Date day) {
  const Grant* found = nullptr;
  for (const auto& grant : grants) {
    if (grant.to && *grant.to < grant.from) continue;  // withdrawn before it began
    if (grant.from <= day) found = &grant;
  }
  return found && (!found->to || day <= *found->to);
}

// The last day that counts, of somebody who died or moved away.
std::optional<Date> last_day(const Person& person, const Policy& policy) {
  if (!person.end) return std::nullopt;
  const bool dead = person.end->first == EndReason::death;
  return dead && !policy.death_day_payable ? person.end->second + -1 : person.end->second;
}

std::optional<Reason> why_not(const Person& person, const std::vector<Grant>& grants,
                              const Policy& policy, Date day) {
  for (const auto& [last, first_again] : person.away) {
    if (last < day && day < first_again) return Reason::entitlement_ended;
  }
  if (!policy.in_force_on(day)) return Reason::policy_not_in_force;
  if (!granted_on(grants, day)) return Reason::not_granted;
  return std::nullopt;
}

Fen sum_of(const ByFund& funds, const std::string& fund = {}) {
  Fen sum = 0;
  for (const auto& [id, amount] : funds) {
    if (fund.empty() || id == fund) sum += amount;
  }
  return sum;
}

}  // namespace

Fen NaiveLedger::calculated_for(Pseudonym who, Month month, const std::string& payee,
                                const std::string& fund) const {
  const auto found = calculated.find({who, month});
  if (found == calculated.end() || !found->second.contains(payee)) return 0;
  return sum_of(found->second.at(payee), fund);
}

// Day by day; days that follow one another are rounded together, at most a month.
std::optional<Due> NaiveLedger::due(Pseudonym who, Month month, const std::string& payee) const {
  const auto found = people.find(who);
  if (found == people.end()) return std::nullopt;
  const Person& person = found->second;
  const Policy& policy = policies.at("hy@1");
  const auto approved = grants.find(who);
  const auto& granted = approved == grants.end() ? std::vector<Grant>() : approved->second;
  const Date first = std::max(month.first_day(), person.from);
  const Date last = std::min(month.last_day(), last_day(person, policy).value_or(month.last_day()));
  Due result;
  result.region = region_on(person, first);
  if (month.first_day() < person.from) result.why = Reason::not_yet_entitled;
  if (!result.why && last < month.last_day()) result.why = Reason::entitlement_ended;
  const Fen rate = fen(*policy.programmes[0].entitlement->tariff[0].amount);
  const int days = month.last_day() - month.first_day() + 1;
  int run = 0;
  for (Date day = first; day <= last + 1; day = day + 1) {
    const auto no = last < day ? Reason::entitlement_ended : why_not(person, granted, policy, day);
    if (!no) {
      ++run;
      continue;
    }
    if (day <= last && !result.why) result.why = no;
    result.fen += half_up(rate, run, days);
    result.units += half_up(100, run, days);
    run = 0;
  }
  const auto others = calculated.find({who, month});
  if (others == calculated.end()) return result;
  for (const auto& [other, funds] : others->second) {
    if (other != payee) result.fen -= std::max<Fen>(0, sum_of(funds));
  }
  result.fen = std::max<Fen>(0, result.fen);
  return result;
}

// --- applications --------------------------------------------------------------------------------

void Judge::need_person_in(Pseudonym who) {
  const auto person = b_.people.find(who);
  no_if(person == b_.people.end(), Reason::unknown_beneficiary);
  no_if(person != b_.people.end() && person->second.end, Reason::entitlement_ended);
}

void Judge::see(const EntitlementApplication& d) {
  no_if(b_.applications.contains(d.application.str()), Reason::already_registered);
  need_person_in(d.beneficiary);
  need_programme(need_policy(), d.programme);
  no_if(d.provider && !b_.providers.contains(d.provider->str()), Reason::unknown_provider);
  then_.push_back([this, d](auto) {
    b_.applications[d.application.str()] = {d.beneficiary, me_, {}, c_.date};
  });
}

void Judge::see(const ApplicationStep& d) {
  no_if(d.outcome == StepOutcome::rejected && !d.reason, Reason::missing_field);
  const auto found = b_.applications.find(d.application.str());
  if (found == b_.applications.end()) return no(Reason::unknown_application);
  Application& application = found->second;
  no_if(c_.policy && c_.policy->str() != "hy@1", Reason::invalid_value);
  const bool decided = application.progress == Progress::rejected ||
                       application.progress == Progress::withdrawn;
  if (decided || d.step.str() != "yes") return no(Reason::wrong_step);
  if (application.progress != Progress::open) return see_withdrawal(d, application);
  no_if(c_.actor.role != Role::approver, Reason::role_not_permitted);
  other_than(application.applicant);
  not_before(application.stepped);
  no_if(d.from || d.to, Reason::unknown_field);
  const bool passed = d.outcome == StepOutcome::passed;
  if (passed) need_person_in(application.who);
  no_if(passed && !b_.policies.at("hy@1").in_force_on(c_.date), Reason::policy_closed);
  then_.push_back([this, &application, passed, id = d.application.str()](auto) {
    application.progress = passed ? Progress::approved : Progress::rejected;
    application.stepped = c_.date;
    if (!passed) return;
    auto& grants = b_.grants[application.who];
    grants.push_back({id, c_.date});
    std::stable_sort(grants.begin(), grants.end(),
                     [](const Grant& a, const Grant& b) { return a.from < b.from; });
  });
}

// The approver alone from the day of recording on; for days that are past somebody else proposes it.
void Judge::see_withdrawal(const ApplicationStep& d, Application& application) {
  const bool approver = c_.actor.role == Role::approver;
  if (d.outcome != StepOutcome::rejected) return no(Reason::wrong_step);
  not_before(application.stepped);
  no_if(d.from.has_value(), Reason::unknown_field);
  if (!d.to) return no(Reason::missing_field);
  if (approver && *d.to < c_.time.date()) {
    const bool proposed = application.progress == Progress::proposed && application.last == *d.to;
    no_if(!proposed, Reason::withdrawal_not_proposed);
    if (proposed) other_than(application.proposer);
  }
  then_.push_back([this, &application, d, approver](auto) {
    if (!approver) {
      application.progress = Progress::proposed;
      application.proposer = me_;
      application.stepped = c_.date;
      application.last = *d.to;
      return;
    }
    application.progress = Progress::withdrawn;
    for (auto& grant : b_.grants[application.who]) {
      if (grant.application != d.application.str()) continue;
      grant.to = std::min(grant.to.value_or(*d.to), *d.to);
    }
  });
}

// --- calculations --------------------------------------------------------------------------------

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
  if (programme->instrument != Instrument::allowance) return no(Reason::instrument_mismatch);
  no_if(c_.date < policy->in_force_from, Reason::policy_not_in_force);
  not_before(d.period.first_day());
  for (const auto& fund : d.funds) {
    need_fund(fund.fund);
    no_if(!b_.purposes.contains(fund.fund.str() + "/" + d.programme.str()),
          Reason::purpose_not_allowed);
  }
  if (d.funds.size() != 1 || d.funds[0].level.str() != "all") return no(Reason::share_mismatch);
  std::set<PersonMonth> seen;
  Fen sum = 0;
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
    if (stays(i)) sum += fen(l.amount);
  }
  const std::string fund = d.funds[0].fund.str();
  const std::string at = place(fund, d.programme.str(), d.region.str(), "");
  if (!lines_.empty()) return;
  no_if(sum < 0, Reason::net_negative);
  if (sum > 0) move(sum, FundAccount::accrued, at + d.payee.str(), FundAccount::allotted, at);
  then_.push_back([this, d, fund, at, sum](std::uint64_t index) {
    Upload upload{c_.date, d.payee.str(), {{at, sum}}, {}, true};
    for (const auto& l : d.lines) {
      const PersonMonth whose{*l.beneficiary, l.period.value_or(d.period)};
      b_.calculated[whose][d.payee.str()][fund] += fen(l.amount);
      b_.calculated_at[*l.beneficiary].insert(at.substr(fund.size() + 1) + d.payee.str());
      if (fen(l.amount) > 0) upload.brought[whose][fund] = fen(l.amount);
    }
    if (sum > 0) b_.uploads[index] = upload;
  });
}

void Judge::see_calculated(const EntitlementCalculation& d, std::size_t at, Month month) {
  const auto& l = d.lines[at];
  const std::string payee = d.payee.str(), fund = d.funds[0].fund.str();
  const auto due = b_.due(*l.beneficiary, month, payee);
  if (!due) return line(at, Reason::unknown_beneficiary);
  if (due->region != d.region.str()) return line(at, Reason::region_mismatch);
  const Fen so_far = b_.calculated_for(*l.beneficiary, month, payee), more = due->fen - so_far;
  if (due->fen == 0 && so_far == 0) {  // perhaps somebody else is paid
    const auto others = b_.calculated.find({*l.beneficiary, month});
    line_if(others != b_.calculated.end() && !others->second.contains(payee), at,
            Reason::payee_mismatch);
  }
  if (due->fen == 0 && due->why && fen(l.amount) > 0) {
    line(at, *due->why);
  } else if (more == 0 && fen(l.amount) == 0) {
    line(at, Reason::amount_not_positive);
  } else {
    line_if(fen(l.amount) != more, at, Reason::amount_mismatch);
  }
  const bool shared = l.shares.size() == 1 && fen(l.shares[0]) == more;
  line_if(!shared, at, Reason::share_mismatch);
  const Fen share = l.shares.empty() ? 0 : fen(l.shares[0]);
  line_if(share < 0 && b_.calculated_for(*l.beneficiary, month, payee, fund) + share < 0, at,
          Reason::fund_did_not_bear);
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
  if (!need_programme(policy, *ProgrammeId::parse("aid"))) return;
  not_before(d.period.first_day());
  const auto [at, left] = *calculation.parts.begin();
  const std::string fund_of = at.substr(0, at.find('/'));
  std::set<std::pair<PersonMonth, std::string>> seen;
  std::map<PersonMonth, Fen> beyond;
  std::map<std::string, Fen> sums;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    const PersonMonth whose{l.beneficiary.value_or(Pseudonym()), l.period};
    line_if(fen(l.amount) <= 0, i, Reason::amount_not_positive);
    line_if(!seen.insert({whose, l.fund.str()}).second, i, Reason::duplicate_line);
    line_if(d.period < l.period, i, Reason::invalid_value);
    const auto brought = calculation.brought.find(whose);
    const bool nothing = brought == calculation.brought.end() || l.level.str() != "all";
    const ByFund here_of = nothing ? ByFund() : brought->second;
    const Fen here = sum_of(here_of, l.fund.str());
    const Fen all = l.level.str() != "all" ? 0 : b_.calculated_for(whose.first, l.period,
                                                                   calculation.provider, l.fund.str());
    Fen most = std::min(all, here);
    if (most < fen(l.amount) && here < all) {
      const auto due = b_.due(whose.first, l.period, calculation.provider);
      line_if(!due, i, Reason::unknown_beneficiary);
      line_if(due && "aid/" + due->region + "/" != at.substr(fund_of.size() + 1), i,
              Reason::region_mismatch);
      const Fen others = b_.calculated_for(whose.first, l.period, calculation.provider) -
                         sum_of(here_of) - beyond[whose];
      if (due) most = std::min(all, here + std::max<Fen>(0, others - due->fen));
    }
    line_if(most < fen(l.amount), i, Reason::amount_mismatch);
    if (fen(l.amount) <= most) beyond[whose] += std::max<Fen>(0, fen(l.amount) - here);
    if (stays(i)) sums[l.fund.str()] += fen(l.amount);
  }
  if (!lines_.empty()) return;
  for (const auto& [fund, sum] : sums) {
    no_if((fund == fund_of ? left : 0) < sum, Reason::net_negative);
    if (fund == fund_of) {
      move(sum, FundAccount::allotted, at, FundAccount::accrued, at + calculation.provider);
    }
  }
  then_.push_back([this, d, &calculation, at = at](auto) {
    for (const auto& l : d.lines) {
      const PersonMonth whose{*l.beneficiary, l.period};
      calculation.parts[at] -= fen(l.amount);
      b_.calculated[whose][calculation.provider][l.fund.str()] -= fen(l.amount);
      Fen& brought = calculation.brought[whose][l.fund.str()];
      brought = std::max<Fen>(0, brought - fen(l.amount));
    }
    if (calculation.parts[at] == 0) calculation.parts.clear();
  });
}

// What was calculated and is not due, of what the fund bore.
void Judge::see_recovered(const RecoveryDecision& d) {
  const Pseudonym who = *d.entitlement->beneficiary;
  const Month month = d.entitlement->period;
  const std::string payee = d.provider.str(), fund = d.fund.str();
  const auto due = b_.due(who, month, payee);
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
  const bool level = d.entitlement->level.str() == "all";
  const Fen share = b_.calculated_for(who, month, payee) - (due ? due->fen : 0);
  const Fen borne = b_.calculated_for(who, month, payee, fund);
  no_if((level ? share : 0) < fen(d.amount), Reason::amount_mismatch);
  no_if((level ? borne : 0) < fen(d.amount), Reason::fund_did_not_bear);
  then_.push_back([=, this, id = d.recovery.str(), amount = fen(d.amount)](auto) {
    b_.calculated[{who, month}][payee][fund] -= amount;
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
