#include "tests/model/script.h"

#include <algorithm>

#include "tests/model/judge.h"
#include "tests/model/world.h"

namespace fundtrail::model {

namespace {

constexpr unsigned kWeights[] = {6, 8, 3, 3, 16, 14, 4, 3, 5, 8, 3, 8, 8, 2, 9, 9, 9, 5, 2,
                                 3, 4, 8, 4, 2, 1, 3, 3, 6, 3, 3, 2, 7, 2, 1, 1, 4, 4, 8,
                                 22, 7, 7, 8, 14, 4, 6};
What what_of(const Op& op) {
  unsigned total = 0;
  for (const unsigned w : kWeights) total += w;
  unsigned at = op.what * total / 256;
  for (unsigned i = 0; i < std::size(kWeights); ++i) {
    if (at < kWeights[i]) return What(i);
    at -= kWeights[i];
  }
  return receipt;
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Op& op) {
  return os << '{' << int(op.what) << ',' << int(op.pick) << ',' << int(op.other) << ','
            << int(op.amount) << ',' << int(op.day) << ',' << int(op.flaw) << ',' << int(op.join)
            << '}';
}

Act act_of(const Op& op) {
  switch (what_of(op)) {
    case reopen: return Act::reopen;
    case kill: return Act::kill;
    case checkpoint: return Act::checkpoint;
    default: return Act::command;
  }
}

Script::Script(std::function<Pseudonym(const std::string&)> pseudonym_of)
    : pseudonym_of_(std::move(pseudonym_of)), today_(kStart) {}

Command Script::make(Role role, Document document) {
  Command c;
  c.actor = {parsed<ActorId>(kActors[static_cast<unsigned>(role)]), role};
  c.id = parsed<CommandId>(next("c"));
  c.date = today_;
  c.time = Timestamp(std::int64_t(today_.days()) * 86400 + 3600, 480);
  c.document = std::move(document);
  return c;
}

std::vector<Command> Script::prologue() {
  std::vector<Command> commands;
  const auto add = [&](Role role, Document d) { commands.push_back(make(role, std::move(d))); };
  for (unsigned i = 0; i < 2; ++i) {
    add(Role::registrar, registration({.pick = std::uint8_t(i)}, 0));
    add(Role::registrar, registration({.pick = std::uint8_t(i)}, 1));
    add(Role::registrar, registration({.pick = std::uint8_t(i)}, 2));
    add(Role::registrar, registration({.pick = std::uint8_t(i)}, 3));
    add(Role::registrar, PolicyRegistration{policy(i + 1)});
  }
  add(Role::registrar, PolicyRegistration{aid_policy()});
  const NaiveLedger nothing(test::opening_request());
  for (unsigned i = 0; i < 6; ++i) {
    Command c = make(Role::registrar, {});
    c.document = person({.pick = std::uint8_t(i), .other = std::uint8_t(i / 4)}, nothing, enrol, c);
    c.policy = parsed<PolicyRef>("wj@1");
    const auto who = std::get<BeneficiaryRegistration>(c.document).beneficiary;
    commands.push_back(std::move(c));
    if (i % 3 == 2) continue;
    EntitlementApplication d;
    d.application = parsed<ApplicationId>(next("ap"));
    d.beneficiary = who;
    d.category = parsed<Code>("low");
    d.programme = parsed<ProgrammeId>("aid");
    add(Role::registrar, d);
    commands.back().policy = parsed<PolicyRef>("hy@1");
    ApplicationStep step;
    step.application = d.application;
    step.step = parsed<Code>("yes");
    add(Role::approver, step);
  }
  add(Role::preparer, funding({.amount = 200}, receipt));
  add(Role::preparer, funding({.pick = 7, .amount = 200}, receipt));  // of f2
  for (unsigned i = 0; i < 6; ++i) {
    add(Role::preparer, funding({.pick = std::uint8_t(i), .amount = 40}, allotment));
    commands.back().policy = parsed<PolicyRef>(i >= 3 ? "hy@1" : "wj@1");
  }
  add(Role::preparer, funding({.pick = 28, .amount = 40}, allotment));  // of f2, for care
  commands.back().policy = parsed<PolicyRef>("hy@1");
  return commands;
}

Command Script::command(const Op& op, const NaiveLedger& book) {
  today_ = today_ + op.day % 8;
  if (what_of(op) == repeat && !sent_.empty()) {
    Command again = sent_[sent_.size() - 1 - op.pick % std::min<std::size_t>(sent_.size(), 40)];
    if (op.flaw >= 192) spoil(op, book, again);
    return again;
  }
  Command c = make(Role::preparer, {});
  c.document = document(op, book, c);
  if (may_be_recorded_in_part(c.document) ? op.join & 0x20 : op.flaw == 191) c.mode = LineMode::line_by_line;
  if (op.flaw >= 192) spoil(op, book, c);
  sent_.push_back(c);
  return c;
}

namespace {

template <class Map, class Fits>
bool any(const Map& map, Fits&& fits) {
  return std::any_of(map.begin(), map.end(), [&](const auto& item) { return fits(item.second); });
}

// What the Op stands for; a step of a case that nothing is ready for becomes the step before it.
What ready(const Op& op, const NaiveLedger& b) {
  What what = what_of(op);
  if (op.flaw % 8 == 7) return what;
  const auto step = [&](Step s) { return any(b.claims, [&](const Claim& c) { return c.step == s; }); };
  const auto stage = [&](Stage s) {
    return any(b.payments, [&](const Payment& p) { return p.stage == s; });
  };
  if (what == recover && b.recoveries.empty()) what = decide_recovery;
  const bool recovers = what == decide_recovery || what == recover_calculated;
  if ((what == bounce || recovers) && !stage(Stage::paid)) what = pay;
  if (what == pay && !stage(Stage::approved)) what = agree;
  if ((what == agree || what == cancel) && !stage(Stage::prepared)) what = prepare;
  if (what == prepare && !any(b.claims, [](const Claim& c) {
        return c.step == Step::approved && c.live.empty();
      })) {
    what = approve;
  }
  if (what == approve && !step(Step::reviewed)) what = review;
  if ((what == review || what == send_back) && !step(Step::prepared)) {
    what = op.pick & 1 ? claim_uploads : claim_calculations;
  }
  const auto waiting = [&](bool calculated) {
    return any(b.uploads, [&](const Upload& u) {
      return u.calculated == calculated && u.settlement.empty() && !u.parts.empty();
    });
  };
  if ((what == claim_uploads || what == unredeem) && !waiting(false)) what = redeem;
  if ((what == claim_calculations || what == lower) && !waiting(true)) what = calculate;
  if (what == decide_application && !any(b.applications, [](const Application& a) {
        return a.progress == Progress::open || a.progress == Progress::approved;
      })) {
    what = apply;
  }
  const bool outstanding =
      any(b.vouchers, [](const Voucher& v) { return v.fate == Fate::outstanding; });
  const bool uses = what == redeem || what == give_back || what == make_void || what == expire;
  return uses && !outstanding ? voucher_issue : what;
}

}  // namespace

Document Script::document(const Op& op, const NaiveLedger& book, Command& c) {
  const What what = ready(op, book);
  const auto as = [&](Role role) { c.actor = {parsed<ActorId>(kActors[unsigned(role)]), role}; };
  if (op.other & 0x80) c.policy = parsed<PolicyRef>(policy_on(op, today_));  // also where none is needed
  switch (what) {
    case apply: case calculate: case lower: case deliver: c.policy = parsed<PolicyRef>("hy@1"); break;
    case decide_application: as(Role::approver); break;
    case allotment: case voucher_issue: case claim_grant:
      c.policy = parsed<PolicyRef>(policy_on(op, today_));
      break;
    case review: as(Role::reviewer); break;
    case approve: case agree: case cancel: as(Role::approver); break;
    case send_back: as(op.other & 1 ? Role::reviewer : Role::approver); break;
    case pay: case bounce: as(Role::cashier); break;
    case close_month: as(Role::reviewer); break;
    case enrol: case amend: case end: case reinstate: case amend_provider: case register_thing:
    case imported: case erase:
      as(Role::registrar);
      if (what == enrol || what == amend) c.policy = parsed<PolicyRef>(policy_on(op, today_));
      break;
    default: break;
  }
  const bool step_of_a_case = what == review || what == approve || what == send_back ||
                              what == prepare || what == agree || what == pay || what == bounce;
  if (step_of_a_case && op.amount % 6 == 5) {  // somebody of the case, perhaps in another duty
    c.actor.id = parsed<ActorId>(kActors[1 + op.amount / 6 % 4]);
  }
  switch (what) {
    case receipt: case pledge: case counterpart: return funding(op, what);
    case allotment: {
      Document d = funding(op, what);
      const std::string programme = std::get<Allotment>(d).programme.str();
      if (programme == "aid" || programme == "care" || programme == "bills") c.policy = parsed<PolicyRef>("hy@1");
      return d;
    }
    case voucher_issue: return issue(op, book, c);
    case redeem: return redemption(op, book, c);
    case unredeem: return unredeemed(op, book, c);
    case give_back: case make_void: case expire: return release(op, book, what);
    case claim_uploads: return claim(op, book, SettlementBasis::redemptions);
    case claim_calculations: return claim(op, book, SettlementBasis::entitlements);
    case claim_grant: return claim(op, book, SettlementBasis::grant);
    case apply: return application(op, book);
    case decide_application: return application_step(op, book, c);
    case calculate: return calculation(op, book);
    case lower: return reduction(op, book);
    case deliver: return services(op, book, c);
    case withdraw: return withdrawal(op, book, c);
    case recover_calculated: return recovery_of_calculated(op, book);
    case erase: return erasure(op, book, c);
    case review: case approve: case send_back: return claim_step(op, book, what);
    case prepare: return payment(op, book);
    case agree: case pay: case bounce: case cancel: return payment_step(op, book, what);
    case decide_recovery: return recovery(op, book, true);
    case recover: return recovery(op, book, false);
    case correct: return correction(op, book);
    case enrol: case amend: case end: case reinstate: return person(op, book, what, c);
    case register_thing: return registration(op, op.other % 4);
    case amend_provider: {
      ProviderAmendment d{{}, {}, provider(op.pick), text("r")};
      if (op.other & 1) d.bank = bank(d.provider.str(), op.amount % 3);
      if (op.other & 2) d.contract = {kStart, text("c"), kStart + 180 + 2 * op.amount};
      return d;
    }
    default: return outside(op, book, what);
  }
}

Document Script::funding(const Op& op, unsigned kind) {
  const unsigned n = op.amount + 1u;
  switch (kind) {
    case receipt: return FundReceipt{account(op.other), yuan(100 * n), parsed<Reference>(next("R")),
                                     text("d"), fund(op.pick), SourceLevel(op.other % 8)};
    case allotment: {
      const bool counterpart = op.other % 8 == 3;
      return Allotment{yuan(50 * n), text("d"), std::nullopt, counterpart, fund(op.pick / 4),
                       parsed<ProgrammeId>(kProgrammes[op.pick % 6]), town(op.other / 8)};
    }
    case pledge: return CounterpartPledge{yuan(20 * n), text("d"), kStart + 200, fund(op.pick),
                                          town(op.other)};
    default: return CounterpartReceipt{account(op.pick), yuan(20 * n), parsed<Reference>(next("R")),
                                       text("d"), fund(op.pick), town(op.other)};
  }
}

Document Script::issue(const Op& op, const NaiveLedger& book, Command& c) {
  VoucherIssue d;
  d.fund = fund(op.amount);
  d.month = Month::of(today_).plus(op.other % 16 == 9 ? 1 : -(op.other % 16 == 8));
  if (op.other % 16 == 10) {  // late papers
    d.month = d.month.plus(-1 - op.amount % 2);
    c.date = d.month.last_day();
  }
  const unsigned version = version_on(op, op.other % 16 == 11 ? today_ : d.month.first_day());
  const Policy terms = policy(version);
  c.policy = parsed<PolicyRef>("wj@" + std::to_string(version));
  d.programme = parsed<ProgrammeId>(kProgrammes[op.pick % 8 == 7 ? 1 : 0]);
  d.region = town(op.other / 64);
  d.valid_from = d.month.first_day();
  d.valid_to = d.month.plus(int(terms.voucher->validity_months) - 1).last_day();
  int serial = ++number_ * 8 - 3;  // blocks of 256 are crossed now and then
  const unsigned wanted = 1 + op.amount % 5;
  for (const auto& [id, person] : book.people) {
    if (d.lines.size() == wanted) break;
    if (on_day(person.regions, d.month.first_day()) != d.region.str() && op.flaw < 160) continue;
    d.lines.push_back({id, terms.voucher->face, VoucherNumber("W", std::uint32_t(serial++))});
  }
  return d;
}

Document Script::redemption(const Op& op, const NaiveLedger& book, Command& c) {
  Redemption d{text("n"), provider(op.pick), {}};
  if (op.other % 4 == 1) {  // the provider itself
    c.actor = {parsed<ActorId>(op.other & 4 ? "p1" : d.provider.str()), Role::provider};
  }
  for (const auto& [number, v] : book.vouchers) {
    if (d.lines.size() > op.amount % 5) break;
    const Issue& issue = book.issues.at(v.issue);
    const bool usable = v.fate == Fate::outstanding && issue.from <= today_;
    if (usable ? (op.pick & 8) != 0 && d.lines.empty() && (op.other & 8) : op.flaw < 150) continue;
    RedeemedVoucher line;
    line.voucher = parsed<VoucherNumber>(number);
    line.service_date = std::min({std::max(issue.from, issue.on) + op.day / 8, issue.to, today_});
    line.hours = Quantity(op.other % 16 == 15 ? 0 : 200);
    line.item = parsed<Code>("i");
    if (op.pick & 16) line.beneficiary = v.holder;
    d.lines.push_back(line);
  }
  if (d.lines.empty()) {
    d.lines.push_back({{}, Quantity(100), parsed<Code>("i"), today_, VoucherNumber("W", 1), {}});
  }
  return d;
}

// Of a redemption that nothing claims, now and then of another; some of its vouchers, or one of another's.
Document Script::unredeemed(const Op& op, const NaiveLedger& book, Command& c) {
  RedemptionWithdrawal d{provider(op.pick), text("r"), op.amount % book.size, {}};
  const auto* found = choose(book.uploads, op.pick, [&](const Upload& u) {
    return op.other % 16 == 9 || (!u.calculated && u.settlement.empty() && !u.vouchers.empty());
  });
  if (found) {
    d.redemption = found->first;
    if (op.other % 16 != 7) d.provider = parsed<ProviderId>(found->second.provider);
    for (const auto& number : found->second.vouchers) {
      if (d.lines.size() <= op.amount % 3u) d.lines.push_back({parsed<VoucherNumber>(number)});
    }
  }
  const auto* other = choose(book.vouchers, op.amount, [](const Voucher&) { return true; });
  if (other && (d.lines.empty() || op.other % 16 == 5)) d.lines.push_back({parsed<VoucherNumber>(other->first)});
  if (d.lines.empty()) d.lines.push_back({VoucherNumber("W", 1)});
  if (op.other % 4 == 1) c.actor = {parsed<ActorId>(op.other & 4 ? "p1" : d.provider.str()), Role::provider};
  if (op.flaw % 16 == 3) c.date = today_ + -int(op.day % 8);  // perhaps before the redemption
  return d;
}

Document Script::release(const Op& op, const NaiveLedger& book, unsigned kind) {
  std::vector<VoucherLine> lines;
  Month month = Month::of(today_);
  for (unsigned i = 0; i <= op.amount % 3u; ++i) {
    const auto* found = choose(book.vouchers, op.pick + i, [&](const Voucher& v) {
      return v.fate == Fate::outstanding && (kind != expire || book.issues.at(v.issue).to < today_);
    });
    lines.push_back({found ? parsed<VoucherNumber>(found->first) : VoucherNumber("W", 1)});
    if (found && op.other % 8 != 0) month = book.issues.at(found->second.issue).month;
  }
  if (kind == give_back) return VoucherReturn{text("r"), lines};
  if (kind == make_void) return VoucherVoid{VoidReason(op.other % 3), lines};
  return VoucherExpiry{month, lines};
}

Document Script::claim(const Op& op, const NaiveLedger& book, SettlementBasis basis) {
  const bool grant = basis == SettlementBasis::grant;
  const bool calculated = basis == SettlementBasis::entitlements;
  SettlementPreparation d;
  d.basis = basis;
  d.provider = provider(op.pick);
  const auto* free = choose(book.uploads, op.pick, [&](const Upload& u) {
    return u.calculated == calculated && u.settlement.empty();
  });
  if (free && !grant) d.provider = parsed<ProviderId>(free->second.provider);
  d.settlement = parsed<SettlementId>(next("s"));
  if (grant) {
    d.grant = GrantClaim{parsed<Code>(op.other % 16 == 7 ? "3020102" : "30299"), fund(op.amount),
                         text(op.other & 1 ? "INV " + std::to_string(op.amount % 8)
                                           : "inv" + std::to_string(op.amount % 8)),
                         parsed<ProgrammeId>(kProgrammes[op.other % 16 == 3 ? 0 : 2]),
                         town(op.other / 16)};
    d.total = yuan(10 * (op.amount + 1u));
    return d;
  }
  Fen total = 0;
  auto& claims = calculated ? d.calculations.emplace() : d.redemptions;
  for (const auto& [index, upload] : book.uploads) {
    if (claims.size() > op.amount % 3) break;
    const bool fits = upload.calculated == calculated && upload.provider == d.provider.str() &&
                      upload.settlement.empty();
    if (!fits && op.flaw < 180) continue;
    claims.push_back(index);
    for (const auto& [at, amount] : upload.parts) total += amount;
  }
  if (op.other % 32 == 5) claims.push_back(op.amount % book.size);
  d.total = Money::of_fen(op.other % 32 == 6 ? total + 1 : total);
  return d;
}

Document Script::claim_step(const Op& op, const NaiveLedger& book, unsigned kind) {
  const bool after_approval = kind == send_back && op.amount % 3 == 1;
  const auto* found = choose(book.claims, op.pick, [&](const Claim& c) {
    if (after_approval) return c.step == Step::approved && c.live.empty();
    return kind == approve ? c.step == Step::reviewed
                           : c.step == Step::prepared || (kind == send_back && c.step == Step::reviewed);
  });
  const auto id = parsed<SettlementId>(found && op.other % 32 != 9 ? found->first : "s0");
  if (kind == review) return SettlementReview{id};
  if (kind == approve) return SettlementApproval{id};
  return SettlementReturn{text("r"), id};
}

Document Script::payment(const Op& op, const NaiveLedger& book) {
  DisbursementPreparation d;
  const auto* found = choose(book.claims, op.pick, [](const Claim& c) {
    return c.step == Step::approved && c.live.empty();
  });
  d.account = account(op.other);
  d.disbursement = parsed<DisbursementId>(next("d"));
  d.settlement = parsed<SettlementId>(found ? found->first : "s0");
  d.amount = Money::of_fen(found ? found->second.total : 100);
  d.payee = found ? book.providers.at(found->second.provider).bank : bank("p1", 0);
  if (op.other % 32 == 17) d.payee = bank("p1", 7);
  if (op.other % 32 == 18) d.method = PaymentMethod::cash;
  return d;
}

Document Script::payment_step(const Op& op, const NaiveLedger& book, unsigned kind) {
  const auto* found = choose(book.payments, op.pick, [&](const Payment& p) {
    switch (kind) {
      case agree: return p.stage == Stage::prepared;
      case pay: return p.stage == Stage::approved;
      case bounce: return p.stage == Stage::paid;
      default: return p.stage == Stage::prepared || p.stage == Stage::approved;
    }
  });
  const auto id = parsed<DisbursementId>(found && op.other % 32 != 9 ? found->first : "d0");
  if (kind == agree) return DisbursementApproval{id};
  if (kind == pay) return DisbursementPayment{parsed<Reference>(next("R")), id};
  if (kind == bounce) return DisbursementBounce{parsed<Reference>(next("R")), id, text("r")};
  return DisbursementCancellation{id, text("r")};
}

}  // namespace fundtrail::model
