// The commands of a script between a registration and a settlement: applications, calculations, what
// lowers and recovers them; and the erasure that they may stand in the way of.
#include <algorithm>

#include "tests/model/world.h"

namespace fundtrail::model {

Document Script::application(const Op& op, const NaiveLedger& book) {
  EntitlementApplication d;
  d.application = parsed<ApplicationId>(op.other % 32 == 7 ? "ap1" : next("ap"));
  const auto* found = choose(book.people, op.pick, [](const Person& p) { return !p.end; });
  d.beneficiary = found && op.other % 32 != 9 ? found->first : Pseudonym(7);
  d.category = parsed<Code>("low");
  d.programme = parsed<ProgrammeId>(op.other % 32 == 11 ? "services" : "aid");
  return d;
}

Document Script::application_step(const Op& op, const NaiveLedger& book, Command& c) {
  const bool withdraws = op.other % 4 == 0;
  const auto* found = choose(book.applications, op.pick, [&](const Application& a) {
    return withdraws ? a.progress == Progress::approved || a.progress == Progress::proposed
                     : a.progress == Progress::open;
  });
  ApplicationStep d;
  d.application = parsed<ApplicationId>(found && op.flaw % 32 != 9 ? found->first : "ap0");
  d.step = parsed<Code>(op.flaw % 32 == 11 ? "no" : "yes");
  if (op.other % 8 < 5 && !withdraws) return d;
  d.outcome = StepOutcome::rejected;
  if (op.flaw % 32 != 13) d.reason = text("r");
  if (!withdraws) return d;
  d.to = today_ + (op.amount % 4 == 0 ? op.amount / 4 % 16 : -(op.amount % 40));
  if (found && found->second.progress == Progress::proposed) d.to = found->second.last;
  const bool past = *d.to < today_;
  if (found && past && found->second.progress == Progress::approved && op.flaw % 8 != 5) {
    c.actor = {parsed<ActorId>(kActors[1 + op.amount / 4 % 2]), Role(1 + op.amount / 4 % 2)};
  }
  return d;
}

// Of this month and the five before, whatever is not yet calculated, or not due any more; of another programme
// where one has nothing of it.
Document Script::calculation(const Op& op, const NaiveLedger& book) {
  struct Open {
    Pseudonym who;
    Month month;
    Due due;
    std::map<std::string, Fen> more;  // by level
  };
  EntitlementCalculation d;
  d.payee = provider(op.pick);
  d.period = Month::of(today_).plus(op.other % 32 == 9);
  std::string programme;
  std::vector<Open> open;
  for (unsigned other = 0; other < 3 && open.empty(); ++other) {
    programme = kProgrammes[3 + (op.pick / 3 + other) % 3];
    for (const auto& [who, person] : book.people) {
      for (int back = 0; back < 6; ++back) {
        const Month month = d.period.plus(-back);
        const Owed owed{programme, who, month};
        const Due due = *book.due(owed, d.payee.str());
        std::map<std::string, Fen> more;
        for (const auto& [level, share] : due.shares) {
          more[level] = share - book.calculated_for(owed, d.payee.str(), level);
        }
        const bool any = std::any_of(more.begin(), more.end(), [](const auto& of) { return of.second != 0; });
        if (!any && op.other % 16 != 15) continue;
        if (!any && due.fen == 0) more.begin()->second = 100;
        open.push_back({who, month, due, more});
      }
    }
  }
  d.programme = parsed<ProgrammeId>(op.other % 32 == 11 ? "meals" : programme);
  for (const auto& level : levels_of(programme)) {
    const bool second = (level == "down") != (op.other % 16 == 12);  // now and then the other way round
    const FundId bears = level == "all" ? fund(op.amount) : parsed<FundId>(second ? "f2" : "f1");
    d.funds.push_back({bears, parsed<Code>(op.other % 32 == 13 ? "county" : level)});
  }
  if (op.other % 16 == 14 && d.funds.size() > 1) d.funds.pop_back();
  if (open.empty()) open.push_back({book.people.begin()->first, d.period, {}, {{"all", 100}}});
  std::rotate(open.begin(), open.begin() + op.other % std::ptrdiff_t(open.size()), open.end());
  d.region = open[0].due.region.empty() ? town(0) : parsed<RegionCode>(open[0].due.region);
  for (const auto& [who, month, due, more] : open) {
    if (d.lines.size() > op.amount % 6u) break;
    if (due.region != d.region.str() && op.other % 32 != 17) continue;
    CalculatedEntitlement l;
    Fen sum = 0;
    for (const auto& [level, share] : more) sum += share;
    l.amount = Money::of_fen(sum + (op.other % 32 == 19));
    l.beneficiary = op.other % 32 == 21 ? Pseudonym(7) : who;
    if (month != d.period || op.other % 32 == 23) l.period = month;
    for (const auto& fund : d.funds) {
      const auto share = more.find(fund.level.str());
      l.shares.push_back(Money::of_fen((share == more.end() ? 0 : share->second) + (op.other % 64 == 25)));
    }
    l.units = Quantity(due.units + (op.other % 64 == 27));
    d.lines.push_back(l);
  }
  return d;
}

// Of the last days; now and then of tomorrow, twice, or of nobody.
Document Script::services(const Op& op, const NaiveLedger& book, Command& c) {
  ServiceRecords d;
  d.claim_no = text("n");
  const bool bills = op.pick & 128;
  d.programme = parsed<ProgrammeId>(op.other % 32 == 11 ? "aid" : bills ? "bills" : "care");
  d.provider = provider(op.pick);
  if (op.other % 4 == 1) {  // the provider itself
    c.actor = {parsed<ActorId>(op.other & 4 ? "p1" : d.provider.str()), Role::provider};
  }
  for (unsigned i = 0; i <= op.amount % 5u; ++i) {
    ServiceRecord l;
    const auto* found = choose(book.people, op.pick / 4 + i / 2, [](const Person&) { return true; });
    l.beneficiary = found && op.other % 32 != 9 ? found->first : Pseudonym(7);
    l.date = today_ + (op.other % 32 == 7 ? 1 : -int((op.amount / 5 + i) % 40));
    l.hours = Quantity(op.other % 64 == 13 ? 0 : (op.amount * 7 + i * 33) % 250 + 1);
    l.item = parsed<Code>(op.pick & 64 ? "i" : "j");
    if (bills != (op.other % 64 == 15)) {
      l.bill = Money::of_fen(op.other % 64 == 17 ? 0 : (op.amount * 71 + i * 333) % 4000 + 1);
      if (i % 2) l.insurance = Money::of_fen(op.other % 64 == 19 ? 5000 : fen(*l.bill) / 3);
    }
    if (op.pick & 32) l.worker = parsed<Code>("w" + std::to_string(op.amount % 2));
    d.lines.push_back(l);
  }
  return d;
}

Document Script::withdrawal(const Op& op, const NaiveLedger& book, Command& c) {
  ServiceWithdrawal d;
  d.provider = provider(op.pick);
  d.reason = text("r");
  const auto* found = choose(book.services, op.pick, [](const auto& services) { return !services.empty(); });
  if (found && !found->second.empty()) d.provider = parsed<ProviderId>(found->second[0].provider);
  d.programme = parsed<ProgrammeId>(found && op.other % 32 != 11 ? std::get<0>(found->first) : "aid");
  if (op.other % 4 == 1) c.actor = {parsed<ActorId>(d.provider.str()), Role::provider};
  for (const auto& service : found ? found->second : std::vector<Service>()) {
    if (d.lines.size() > op.amount % 2u || service.provider != d.provider.str()) continue;
    WithdrawnService l;
    l.beneficiary = std::get<Pseudonym>(found->first);
    l.date = service.date + (op.other % 32 == 7 ? 1 : 0);
    l.item = parsed<Code>(service.item);
    if (!service.worker.empty()) l.worker = parsed<Code>(service.worker);
    d.lines.push_back(l);
  }
  if (d.lines.empty()) d.lines.push_back({Pseudonym(7), today_, parsed<Code>("i"), {}});
  return d;
}

Document Script::reduction(const Op& op, const NaiveLedger& book) {
  CalculationReduction d;
  d.period = Month::of(today_).plus(-(op.other % 32 == 9));
  d.reason = text("r");
  const auto* found = choose(book.uploads, op.pick, [](const Upload& u) {
    return u.calculated && u.settlement.empty() && !u.parts.empty();
  });
  d.calculation = found && op.other % 32 != 11 ? found->first : op.amount % book.size;
  if (!found) return d;
  const auto add = [&](const Owed& owed, const auto& source, Fen amount) {
    d.lines.push_back({Money::of_fen(amount), std::get<Pseudonym>(owed), parsed<FundId>(source.first),
                       parsed<Code>(op.other % 64 == 13 ? "county" : source.second), std::get<Month>(owed)});
  };
  const std::string& payee = found->second.provider;
  for (const auto& [owed, funds] : book.calculated) {  // too much, whatever brought it
    if (op.amount % 3 != 0 || !funds.contains(payee)) continue;
    const auto due = book.due(owed, payee);
    for (const auto& [source, amount] : funds.at(payee)) {
      const auto& level = source.second;
      const Fen over = std::min(amount, book.calculated_for(owed, payee, level) - due->shares.at(level));
      if (over > 0 && d.lines.size() < 3) add(owed, source, over + (op.other % 16 == 5));
    }
  }
  if (!d.lines.empty()) return d;
  for (const auto& [owed, funds] : found->second.brought) {
    for (const auto& [source, amount] : funds) {
      if (amount == 0 || d.lines.size() > op.amount % 4u) continue;
      add(owed, source, op.other % 4 == 1 ? (amount + 1) / 2 : amount + (op.other % 16 == 5));
    }
  }
  return d;
}

Document Script::recovery_of_calculated(const Op& op, const NaiveLedger& book) {
  RecoveryDecision d;
  d.programme = parsed<ProgrammeId>("aid");
  d.reason = text("r");
  d.recovery = parsed<RecoveryId>(next("v"));
  d.fund = fund(op.amount);
  d.provider = provider(op.other);
  d.region = town(op.pick);
  struct Open {
    Owed owed;
    std::string payee, fund, level;
    Fen over;
  };
  std::vector<Open> open;
  for (const auto& [owed, payees] : book.calculated) {
    for (const auto& [payee, funds] : payees) {
      const auto due = book.due(owed, payee);
      for (const auto& [source, amount] : funds) {
        const auto& [fund, level] = source;
        const Fen over = book.calculated_for(owed, payee, level) - due->shares.at(level);
        if (over > 0 || op.other % 8 == 7) open.push_back({owed, payee, fund, level, std::min(over, amount)});
      }
    }
  }
  const RecoveredEntitlement nobody{Pseudonym(7), parsed<Code>("all"), Month::of(today_)};
  d.entitlement = nobody;
  d.amount = yuan(1);
  if (open.empty()) return d;
  const auto& [owed, payee, fund, level, over] = open[op.pick % open.size()];
  const auto& [programme, who, month] = owed;
  d.entitlement = {who, parsed<Code>(op.other % 32 == 13 ? "county" : level), month};
  d.programme = parsed<ProgrammeId>(programme);
  d.fund = parsed<FundId>(fund);
  d.provider = parsed<ProviderId>(payee);
  d.amount = Money::of_fen(std::max<Fen>(1, op.other % 4 == 1 ? over / 2 : over) + (op.other % 16 == 5));
  const auto& at = book.calculated_at.at(who);
  for (const auto* region : kTowns) {
    const std::string place = programme + "/" + region + "/" + payee;
    const Fen paid = book.balance(FundAccount::paid, fund + "/" + place);
    const bool there = at.contains(place) || op.other % 16 == 9;
    if (there && paid >= fen(d.amount)) d.region = parsed<RegionCode>(region);
  }
  return d;
}

Document Script::erasure(const Op& op, const NaiveLedger& book, Command& c) {
  const auto* found = choose(book.people, op.pick, [&](const Person& p) {
    return p.end.has_value() == (op.day % 8 != 3);
  });
  const Pseudonym who = found && op.other % 32 != 9 ? found->first : Pseudonym(7);
  if (op.day % 8 != 5) c.actor.id = parsed<ActorId>("reg-2");
  return PersonErasure{who, ErasureGround(op.amount % 5),
                       parsed<ActorId>(op.amount % 8 == 7 ? "REG" : "chen"),
                       parsed<Reference>("no 1")};
}

}  // namespace fundtrail::model
