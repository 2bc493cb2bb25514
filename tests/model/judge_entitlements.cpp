// Services and applications, and what is due, judged by the reference ledger: "aid", of so much a month to whoever
// was approved, by days, paid through an agent, "care", of so much an hour to whoever served, borne by two levels,
// and "bills", a part of them.
#include <algorithm>

#include "tests/model/judge.h"

namespace fundtrail::model {

namespace {

Fen half_up(Fen amount, Fen times, Fen of) { return (2 * amount * times + of) / (2 * of); }

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

// No grants: the programme asks for none.
std::optional<Reason> why_not(const Person& person, const std::vector<Grant>* grants,
                              const Policy& policy, Date day) {
  for (const auto& [last, first_again] : person.away) {
    if (last < day && day < first_again) return Reason::entitlement_ended;
  }
  if (!policy.in_force_on(day)) return Reason::policy_not_in_force;
  if (grants && !granted_on(*grants, day)) return Reason::not_granted;
  return std::nullopt;
}

// Care is borne 6:4, each part rounded down; the fen left over goes to the larger fraction.
std::map<std::string, Fen> shares_of(const std::string& programme, Fen amount) {
  if (programme != "care") return {{"all", amount}};
  Fen up = amount * 6 / 10, down = amount * 4 / 10;
  if (up + down < amount) ++(amount * 6 % 10 < amount * 4 % 10 ? down : up);
  return {{"up", up}, {"down", down}};
}

}  // namespace

Fen sum_of(const BySource& sources, const std::string& level, const std::string& fund) {
  Fen sum = 0;
  for (const auto& [source, amount] : sources) {
    if ((fund.empty() || source.first == fund) && (level.empty() || source.second == level)) sum += amount;
  }
  return sum;
}

Fen NaiveLedger::calculated_for(const Owed& owed, const std::string& payee, const std::string& level,
                                const std::string& fund) const {
  const auto found = calculated.find(owed);
  if (found == calculated.end() || !found->second.contains(payee)) return 0;
  return sum_of(found->second.at(payee), level, fund);
}

// Day by day; days that follow one another are rounded together, at most a month.
std::optional<Due> NaiveLedger::due(const Owed& owed, const std::string& payee) const {
  const auto& [programme, who, month] = owed;
  const bool delivered = programme != "aid", bills = programme == "bills";
  const auto found = people.find(who);
  if (found == people.end()) return std::nullopt;
  const Person& person = found->second;
  const Policy& policy = policies.at("hy@1");
  const auto approved = grants.find(who);
  const auto& granted = approved == grants.end() ? std::vector<Grant>() : approved->second;
  const Date first = std::max(month.first_day(), person.from);
  const Date last = std::min(month.last_day(), last_day(person, policy).value_or(month.last_day()));
  Due result;
  result.region = on_day(person.regions, first);
  if (month.first_day() < person.from) result.why = Reason::not_yet_entitled;
  if (!result.why && last < month.last_day()) result.why = Reason::entitlement_ended;
  const Fen rate = bills ? 0 : fen(*policy.programmes[delivered].entitlement->tariff[0].amount);
  const int days = month.last_day() - month.first_day() + 1;
  int run = 0;
  Fen paid = 0;  // of the month's cap
  for (Date day = first; day <= last + 1; day = day + 1) {
    const auto no = last < day ? Reason::entitlement_ended : why_not(person, delivered ? nullptr : &granted, policy, day);
    if (!no) {
      ++run;
      continue;
    }
    if (day <= last && !result.why) result.why = no;
    if (bills) {
      bill(owed, payee, day + -run, day + -1, paid, result);
    } else if (delivered) {
      serve(owed, payee, day + -run, day + -1, rate, result);
    } else {
      result.fen += half_up(rate, run, days);
      result.units += half_up(100, run, days);
    }
    run = 0;
  }
  const auto others = calculated.find(owed);
  if (!delivered && others != calculated.end()) {
    for (const auto& [other, sources] : others->second) {
      if (other != payee) result.fen -= std::max<Fen>(0, sum_of(sources));
    }
    result.fen = std::max<Fen>(0, result.fen);
  }
  result.shares = shares_of(programme, result.fen);
  return result;
}

// What was recorded first counts first, two hours a day at most; hours at one rate are rounded together, and
// each payee has what its own added.
void NaiveLedger::serve(const Owed& owed, const std::string& payee, Date from, Date to, Fen rate, Due& due) const {
  const auto found = services.find(owed);
  if (found == services.end()) return;
  Fen total = 0;
  std::map<Date, Fen> used;
  for (const auto& service : found->second) {
    if (service.date < from || to < service.date) continue;
    const Fen counted = std::min<Fen>(service.hours, 200 - used[service.date]);
    if (counted <= 0) continue;
    used[service.date] += counted;
    const Fen before = half_up(rate, total, 100);
    total += counted;
    due.payees.insert(service.provider);
    if (service.provider != payee) continue;
    due.fen += half_up(rate, total, 100) - before;
    due.units += counted;
  }
}

// What insurance left of the bills of days that follow one another is added up; 45 % of it, up to 30.00 a month.
void NaiveLedger::bill(const Owed& owed, const std::string& payee, Date from, Date to, Fen& paid, Due& due) const {
  const auto found = services.find(owed);
  if (found == services.end()) return;
  Fen own = 0;
  for (const auto& service : found->second) {
    if (service.date < from || to < service.date) continue;
    const Fen before = half_up(own, 45, 100);
    own += std::max<Fen>(0, service.bill - service.insurance);
    const Fen share = std::clamp<Fen>(3000 - paid, 0, half_up(own, 45, 100) - before);
    paid += share;
    if (share > 0) due.payees.insert(service.provider);
    if (service.provider == payee) due.fen += share;
  }
}

// --- services ------------------------------------------------------------------------------------

void Judge::see(const ServiceRecords& d) {
  no_if(c_.actor.role == Role::provider && c_.actor.id.str() != d.provider.str(), Reason::not_own_provider);
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  const Policy* policy = need_policy();
  const Programme* programme = need_programme(policy, d.programme);
  if (!programme) return;
  const bool bills = programme->instrument == Instrument::bill_share;
  if (!bills && programme->instrument != Instrument::service_hours) return no(Reason::instrument_mismatch);
  std::set<std::tuple<Pseudonym, Date, std::string, std::string>> seen;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    const std::string worker = l.worker ? l.worker->str() : "";
    line_if(!seen.insert({l.beneficiary, l.date, l.item.str(), worker}).second, i, Reason::duplicate_line);
    line_if(c_.date < l.date, i, Reason::date_in_future);
    line_if(bills && !l.bill, i, Reason::missing_field);
    line_if(l.bill && fen(*l.bill) <= 0, i, Reason::amount_not_positive);
    line_if(l.insurance && (fen(*l.insurance) < 0 || fen(l.bill.value_or(Money())) < fen(*l.insurance)), i,
            Reason::invalid_value);
    line_if(l.hours.hundredths() <= 0 || 2400 < l.hours.hundredths(), i, Reason::invalid_value);
    if (const auto provider = b_.providers.find(d.provider.str()); provider != b_.providers.end()) {
      const auto& contracts = provider->second.contracts;
      line_if(std::none_of(contracts.begin(), contracts.end(), [&](const auto& contract) {
                return contract.second.first <= l.date && l.date <= contract.second.second;
              }), i, Reason::contract_not_valid);
    }
    const auto& recorded = b_.services[{d.programme.str(), l.beneficiary, Month::of(l.date)}];
    line_if(std::any_of(recorded.begin(), recorded.end(), [&](const Service& s) {
              return s.date == l.date && s.provider == d.provider.str() && s.item == l.item.str() && s.worker == worker;
            }), i, Reason::already_registered);
    if (!policy->in_force_on(l.date)) {
      line(i, Reason::policy_not_in_force);
      continue;
    }
    const auto person = b_.people.find(l.beneficiary);
    line_if(person == b_.people.end(), i, Reason::unknown_beneficiary);
    if (person == b_.people.end()) continue;
    const auto last = last_day(person->second, *policy);
    line_if(l.date < person->second.from, i, Reason::not_yet_entitled);
    line_if(last && *last < l.date, i, Reason::entitlement_ended);
    for (const auto& [end, first_again] : person->second.away) {
      line_if(end < l.date && l.date < first_again, i, Reason::entitlement_ended);
    }
    const bool other = std::any_of(recorded.begin(), recorded.end(), [&](const Service& s) {
      return s.date == l.date && s.provider != d.provider.str();
    });
    line_if(other && on_day(person->second.channels, l.date) == Channel::institution, i, Reason::exclusive_scheme);
  }
  then_.push_back([this, d](auto) {
    for (std::size_t i = 0; i < d.lines.size(); ++i) {
      const auto& l = d.lines[i];
      if (!stays(i)) continue;
      b_.services[{d.programme.str(), l.beneficiary, Month::of(l.date)}].push_back(
          {l.date, d.provider.str(), l.item.str(), l.worker ? l.worker->str() : "", l.hours.hundredths(),
           fen(l.bill.value_or(Money())), fen(l.insurance.value_or(Money()))});
    }
  });
}

void Judge::see(const ServiceWithdrawal& d) {
  no_if(c_.actor.role == Role::provider && c_.actor.id.str() != d.provider.str(), Reason::not_own_provider);
  no_if(!b_.providers.contains(d.provider.str()), Reason::unknown_provider);
  const auto is = [&](const WithdrawnService& l, const Service& s) {
    return s.date == l.date && s.provider == d.provider.str() && s.item == l.item.str() &&
           s.worker == (l.worker ? l.worker->str() : "");
  };
  std::set<std::tuple<Pseudonym, Date, std::string, std::string>> seen;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const auto& l = d.lines[i];
    line_if(!seen.insert({l.beneficiary, l.date, l.item.str(), l.worker ? l.worker->str() : ""}).second, i,
            Reason::duplicate_line);
    const Owed owed{d.programme.str(), l.beneficiary, Month::of(l.date)};
    const auto& recorded = b_.services[owed];
    const auto found = std::find_if(recorded.begin(), recorded.end(), [&](const Service& s) { return is(l, s); });
    line_if(found == recorded.end(), i, Reason::unknown_service);
    // A bill that money stands on is not withdrawn by the provider alone.
    line_if(found != recorded.end() && found->bill != 0 && c_.actor.role == Role::provider &&
                b_.calculated_for(owed, d.provider.str()) > 0, i, Reason::bill_calculated);
  }
  then_.push_back([this, d, is](auto) {
    for (const auto& l : d.lines) {
      std::erase_if(b_.services[{d.programme.str(), l.beneficiary, Month::of(l.date)}], [&](const Service& s) { return is(l, s); });
    }
  });
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

}  // namespace fundtrail::model
