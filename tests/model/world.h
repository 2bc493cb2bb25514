// The small world of the scripts: two towns, two funds, two accounts, three providers, eight people, two
// versions of a policy of vouchers and one of an allowance, care and bills; and how a byte chooses among them. Private to
// script*.cpp and judge*.cpp.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/engine/scene.h"
#include "tests/model/reference.h"
#include "tests/model/script.h"

namespace fundtrail::model {

using test::elder_id;

inline const Date kStart = *Date::parse("2008-04-01");
inline constexpr const char* kTowns[] = {"320412001", "320412002"};
inline constexpr const char* kProgrammes[] = {"services", "meals", "building", "aid", "care", "bills"};
inline constexpr const char* kUscc[] = {"91320412MA1ABCDE0", "91320412MA1ABCDF0", "91320412MA1ABCDG0"};

template <class T>
T parsed(const std::string& text) { return T::parse(text).value(); }
inline Text text(const std::string& t) { return parsed<Text>(t); }

inline std::string uscc(unsigned n) {
  for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
    if (is_valid_uscc(kUscc[n % 3] + std::string(1, c))) return kUscc[n % 3] + std::string(1, c);
  }
  return {};
}

inline Policy policy(unsigned version) {
  Policy p;
  p.name = parsed<PolicyName>("wj");
  p.version = version;
  p.title = p.issuer = p.document_no = text("t");
  p.in_force_from = version == 1 ? kStart : *Date::parse("2008-07-16");
  if (version == 1) p.in_force_to = *Date::parse("2009-02-28");
  p.eligibility = {{parsed<Code>("dibao"), parsed<Code>("low")}, 60};
  p.banned_economic_codes = {parsed<Code>("30201")};
  for (const auto* id : {"services", "meals", "building"}) {
    const auto kind = id == std::string("building") ? Instrument::grant : Instrument::voucher;
    p.programmes.push_back({parsed<ProgrammeId>(id), kind, text(id), text(id)});
  }
  p.death_day_payable = version == 1;
  p.recovery_disposition = version == 1 ? RecoveryDisposition::reuse : RecoveryDisposition::treasury;
  p.voucher = VoucherTerms{Channel::home, Money::of_fen(version == 1 ? 10'000 : 12'000), version,
                           version};
  return p;
}

// 100.00 a month to whoever was approved, by days, and care and bills for everybody, until the middle of a month.
inline Policy aid_policy() {
  Policy p = policy(2);
  p.name = parsed<PolicyName>("hy");
  p.version = 1;
  p.in_force_from = kStart;
  p.in_force_to = *Date::parse("2009-03-15");
  p.eligibility = {};
  p.voucher.reset();
  EntitlementTerms terms;
  terms.proration = Proration::days;
  terms.start = StartRule::same_day;
  terms.stop = StopRule::same_day;
  TariffBand band;
  band.id = parsed<Code>("all");
  band.title = text("t");
  band.amount = Money::of_fen(10'000);
  terms.tariff.push_back(band);
  p.programmes = {{parsed<ProgrammeId>("aid"), Instrument::allowance, text("aid"), text("aid"), terms}};
  EntitlementTerms care = terms;  // 10.01 an hour to whoever served, two hours a day at most
  care.basis = QuantityBasis::delivered;
  care.payee = PayeeKind::serving_provider;
  care.tariff[0].amount = Money::of_fen(1'001);
  care.tariff[0].per_day = Quantity(200);
  ShareRule rule;
  rule.parts = {{parsed<Code>("up"), 6}, {parsed<Code>("down"), 4}};
  care.cost_shares = {rule};
  p.programmes.push_back({parsed<ProgrammeId>("care"), Instrument::service_hours, text("care"), text("care"), care});
  EntitlementTerms bills = care;  // 45 % of what insurance left, 30.00 a month at most
  bills.cost_shares.reset();
  bills.tariff[0].amount.reset();
  bills.tariff[0].per_day.reset();
  bills.tariff[0].percent = 45;
  bills.tariff[0].cap = Money::of_fen(3'000);
  p.programmes.push_back({parsed<ProgrammeId>("bills"), Instrument::bill_share, text("bills"), text("bills"), bills});
  p.approval.emplace();
  p.approval->programmes = {parsed<ProgrammeId>("aid")};
  p.approval->effective = StartRule::same_day;
  p.approval->steps.emplace_back();
  p.approval->steps[0].id = parsed<Code>("yes");
  p.approval->steps[0].kind = StepKind::approval;
  p.approval->steps[0].title = text("t");
  return p;
}

// The version in force on the day; now and then the one that it replaced.
inline unsigned version_on(const Op& op, Date day) {
  if (day < policy(2).in_force_from) return 1;
  return *policy(1).in_force_to < day || (op.pick & 0xE0) != 0x40 ? 2 : 1;
}
inline std::string policy_on(const Op& op, Date day) {
  return "wj@" + std::to_string(version_on(op, day));
}

inline BankAccount bank(const std::string& holder, unsigned n) {
  return {text("bank"), text(holder), "7200000" + std::to_string(n)};
}

// The n-th key of those that fit, or of all when none does; nothing when there is none at all.
template <class Map, class Fits>
const typename Map::value_type* choose(const Map& map, unsigned n, Fits&& fits) {
  std::vector<const typename Map::value_type*> all, good;
  for (const auto& item : map) {
    all.push_back(&item);
    if (fits(item.second)) good.push_back(&item);
  }
  if (all.empty()) return nullptr;
  return good.empty() ? all[n % all.size()] : good[n % good.size()];
}

inline Money yuan(unsigned n) { return Money::of_fen(100LL * n); }
inline RegionCode town(unsigned n) { return parsed<RegionCode>(kTowns[n % 2]); }
inline FundId fund(unsigned n) { return parsed<FundId>(n % 8 == 7 ? "f2" : "f1"); }
inline DesignatedAccountId account(unsigned n) {
  return parsed<DesignatedAccountId>(n % 4 == 3 ? "a2" : "a1");
}
inline ProviderId provider(unsigned n) { return parsed<ProviderId>(n % 3 == 2 ? "p2" : "p1"); }

// Who shares the cost of a programme, in the policy's order.
inline std::vector<std::string> levels_of(const std::string& programme) {
  return programme == "care" ? std::vector<std::string>{"up", "down"} : std::vector<std::string>{"all"};
}

inline constexpr const char* kActors[] = {"reg", "li", "wang", "chen", "zhou", "p1", "ins", "adm"};

// How often each thing comes up.
enum What {
  receipt, allotment, pledge, counterpart, voucher_issue, redeem, give_back, make_void, expire,
  claim_uploads, claim_grant, review, approve, send_back, prepare, agree, pay, bounce, cancel,
  decide_recovery, recover, correct, close_month, statement, imported, enrol, amend, end, reinstate,
  amend_provider, register_thing, repeat, reopen, kill, checkpoint, erase, apply, decide_application,
  calculate, lower, claim_calculations, recover_calculated, deliver, withdraw,
  unredeem
};

}  // namespace fundtrail::model
