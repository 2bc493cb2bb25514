// The rarer commands of a script, and what is done to spoil one.
#include <algorithm>

#include "tests/model/world.h"

namespace fundtrail::model {

Document Script::recovery(const Op& op, const NaiveLedger& book, bool decision) {
  if (decision) {
    RecoveryDecision d;
    d.amount = yuan(10 * (op.amount % 32 + 1u));
    d.fund = parsed<FundId>("f1");
    d.programme = parsed<ProgrammeId>(kProgrammes[op.pick % 3]);
    d.provider = provider(op.other);
    d.region = town(op.pick / 4);
    const auto balances = book.balances();
    std::map<std::string, Fen> paid;
    for (const auto& [key, amount] : balances) {
      if (key.first == FundAccount::paid) paid[key.second] = amount;
    }
    if (const auto* found = choose(paid, op.pick, [](Fen) { return true; })) {
      std::vector<std::string> parts(1);
      for (const char c : found->first) {
        if (c == '/') parts.emplace_back();
        else parts.back() += c;
      }
      d.fund = parsed<FundId>(parts[0]);
      d.programme = parsed<ProgrammeId>(parts[1]);
      d.region = parsed<RegionCode>(parts[2]);
      d.provider = parsed<ProviderId>(parts[3]);
    }
    d.reason = text("r");
    d.recovery = parsed<RecoveryId>(next("v"));
    return d;
  }
  const auto* found = choose(book.recoveries, op.pick,
                             [](const Recovery& r) { return r.received < r.decided; });
  const Fen open = found ? found->second.decided - found->second.received : 0;
  return RecoveryReceipt{account(op.other),
                         Money::of_fen(op.amount % 4 == 3 ? open + 1 : open / (1 + op.amount % 2)),
                         parsed<Reference>(next("R")),
                         parsed<RecoveryId>(found ? found->first : "v0")};
}

Document Script::correction(const Op& op, const NaiveLedger& book) {
  Correction d;
  d.reason = text("r");
  const auto* found = choose(book.originals, op.pick, [](const Original& o) { return !o.corrected; });
  d.corrects = op.other % 32 == 9 ? op.amount : found ? found->first : 0;
  if (!found) return d;
  const bool same_year = found->second.date.year() == today_.year();
  d.method = op.other % 32 == 10 ? CorrectionMethod(op.amount % 3)
             : !same_year       ? CorrectionMethod::prior_year_blue
             : op.other % 2     ? CorrectionMethod::difference
                                : CorrectionMethod::red_blue;
  if (op.other % 8 == 2) return d;  // cancelled only
  Document right = found->second.document;
  std::visit(
      [&](auto& doc) {
        if constexpr (requires { doc.amount; }) {
          const Fen change = 1000LL * (int(op.amount) - 128);
          doc.amount = d.method == CorrectionMethod::difference ? Money::of_fen(change)
                                                                : doc.amount + Money::of_fen(change);
        }
        if constexpr (requires { doc.bank_reference; }) {
          if (op.other & 16) doc.bank_reference = parsed<Reference>(next("R"));
        }
        if constexpr (requires { doc.region; }) {
          if (op.other & 32) doc.region = town(op.other / 64);
        }
        if constexpr (requires { doc.account; doc.bank_reference; }) {
          if (op.other & 64) doc.account = account(op.pick / 4);
        }
        using T = std::decay_t<decltype(doc)>;
        if constexpr (std::is_same_v<T, FundReceipt>) d.fund_receipt = doc;
        if constexpr (std::is_same_v<T, Allotment>) d.allotment = doc;
        if constexpr (std::is_same_v<T, CounterpartPledge>) d.counterpart_pledge = doc;
        if constexpr (std::is_same_v<T, CounterpartReceipt>) d.counterpart_receipt = doc;
      },
      right);
  if (op.other % 64 == 13) d.fund_receipt = std::get<FundReceipt>(funding(op, receipt));
  return d;
}

Document Script::person(const Op& op, const NaiveLedger& book, unsigned kind, Command& c) {
  if (kind == enrol) {
    const int n = op.pick % 10;
    std::string id_number = test::elder_id(n);
    if (n == 9) id_number.back() = id_number.back() == '0' ? '1' : '0';
    if (n == 8) {  // ten years old
      for (const char c : std::string("0123456789X")) {
        id_number = std::string("32041219980301001") + c;
        if (check_id_number(id_number) == IdNumberFault::none) break;
      }
    }
    c.identity = test::identity(id_number, "name" + std::to_string(op.amount % 2));
    BeneficiaryRegistration d;
    d.beneficiary = pseudonym_of_(id_number);
    d.category = parsed<Code>(op.other % 16 == 15 ? "rich" : op.other % 2 ? "low" : "dibao");
    d.channel = op.other % 16 == 14 ? Channel::institution : Channel::home;
    d.commitment = std::string(64, '0');
    d.entitled_from = today_;
    d.region = town(op.other);
    return d;
  }
  const auto* found = choose(book.people, op.pick, [&](const Person& p) {
    return kind == amend || p.end.has_value() == (kind == reinstate);
  });
  const Pseudonym who = found && op.other % 32 != 9 ? found->first : Pseudonym(7);
  if (kind == reinstate) {
    EntitlementReinstatement d{who, text("e")};
    if (op.other % 16 != 7) d.reason = ReinstatementReason(op.amount % 3 == 0);
    const bool names_day = (d.reason == ReinstatementReason::returned) != (op.amount % 16 == 13);
    if (names_day) d.from = today_ + (op.day % 16 == 5 ? 1 : -int(op.amount % 20));
    return d;
  }
  if (kind == end) {
    return EntitlementEnd{who, today_ + (op.amount % 16 == 15 ? 1 : -int(op.amount % 20)), text("e"),
                          EndReason(op.other % 3)};
  }
  BeneficiaryAmendment d{who, {}, {}, text("e"), {}};
  if (op.amount & 1) d.region = town(op.other);
  if (op.amount & 2) d.channel = op.other % 8 == 7 ? Channel::institution : Channel::home;
  if (op.amount & 4) d.category = parsed<Code>(op.other % 16 == 15 ? "rich" : "low");
  return d;
}

Document Script::registration(const Op& op, unsigned kind) {
  const unsigned n = op.pick % 3;
  switch (kind) {
    case 0: return FundRegistration{op.amount == 99 ? 1899u : 2008u,
                                    parsed<FundId>("f" + std::to_string(n + 1)), "2081002", text("f")};
    case 1: return RegionRegistration{text("t"), std::nullopt,
                                      parsed<RegionCode>(n == 2 ? "320412003" : kTowns[n])};
    case 2: return DesignatedAccountRegistration{
        parsed<DesignatedAccountId>("a" + std::to_string(n + 1)), text("n"),
        bank("h", op.amount % 3), AccountMode::treasury_single_account};
    default: {
      const std::string id = "p" + std::to_string(n + 1);
      std::string code = uscc(n);
      if (op.amount % 16 == 15) code[17] = code[17] == '0' ? '1' : '0';
      return ProviderRegistration{bank(id, n), {kStart, text("c"), kStart + 270}, text(id),
                                  parsed<ProviderId>(id), code};
    }
  }
}

Document Script::outside(const Op& op, const NaiveLedger& book, unsigned kind) {
  if (kind == close_month) {
    const Month next = book.closed ? book.closed->plus(1) : *book.first;
    return PeriodClose{op.other % 16 == 9 ? next.plus(1) : next};
  }
  if (kind == imported) {
    return ImportedRecord{std::string(64, 'a'), text("s"), parsed<Code>("payments"),
                          {{{{"amount", std::to_string(op.amount)}}}}};
  }
  BankStatement d;
  d.account = account(op.pick);
  d.period = Month::of(today_).plus(-int(op.other % 3));
  d.opening = yuan(op.amount);
  d.lines.push_back({yuan(op.amount), {}, {}, d.period.first_day() + op.pick % 32,
                     Direction(op.other % 2), parsed<Reference>("x"), {}});
  d.closing = op.other % 2 ? Money() : yuan(2 * op.amount);
  if (op.other % 16 == 7) d.closing += yuan(1);
  return d;
}

namespace {
bool names_person(const Document& document) {
  return std::visit([](const auto& d) { return requires { d.beneficiary; }; }, document);
}
}  // namespace

// One thing wrong, or at least different.
void Script::spoil(const Op& op, const NaiveLedger& book, Command& c) {
  constexpr const char* kOthers[] = {"LI", "wang", "Chen", "zhou", "li", "chen"};
  const auto into = [&](auto&& change) { std::visit(change, c.document); };
  switch (op.flaw % 20) {
    case 0: c.actor.role = Role(op.amount % 8); break;
    case 1: case 2: c.actor.id = parsed<ActorId>(kOthers[op.amount % 6]); break;
    case 3: case 4: c.date = c.date + -int(op.amount % 64); break;
    case 5: c.date = c.date + op.amount; break;
    case 6: c.date = c.date + op.amount; c.time = Timestamp(c.date.days() * 86400LL, 480); break;
    case 7: c.policy.reset(); break;
    case 8: c.policy = parsed<PolicyRef>(op.amount % 2 ? "wj@1" : "wj@2"); break;
    case 9: c.policy = parsed<PolicyRef>("wj@3"); break;
    case 10:
      into([&](auto& d) {
        if constexpr (requires { d.amount; }) d.amount = Money::of_fen(op.amount % 2 ? 0 : -100);
      });
      break;
    case 11:
      into([&](auto& d) {
        if constexpr (requires { d.amount; }) d.amount = yuan(100'000'000);
      });
      break;
    case 12: into([&](auto& d) { if constexpr (requires { d.fund; }) d.fund = parsed<FundId>("f9"); }); break;
    case 13:
      into([&](auto& d) {
        using T = std::decay_t<decltype(d)>;
        if constexpr (requires { d.region; } && !std::is_same_v<T, BeneficiaryAmendment>) {
          d.region = parsed<RegionCode>("320499999");
        }
      });
      break;
    case 14: into([&](auto& d) { if constexpr (requires { d.provider; }) d.provider = parsed<ProviderId>("p9"); }); break;
    case 15: into([&](auto& d) { if constexpr (requires { d.account; }) d.account = parsed<DesignatedAccountId>("a9"); }); break;
    case 16:
      into([&](auto& d) {
        if constexpr (requires { d.bank_reference; }) {
          if (!book.bank.empty()) {
            d.bank_reference = parsed<Reference>(book.bank[op.amount % book.bank.size()].reference);
          }
        }
      });
      break;
    case 17:
      into([&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          if (!d.lines.empty()) d.lines.push_back(d.lines[op.amount % d.lines.size()]);
        }
      });
      break;
    case 18:
      into([&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          if constexpr (requires { d.lines[0].voucher; }) {
            if (d.lines.empty()) return;
            const auto* any = choose(book.vouchers, op.amount, [](const Voucher&) { return true; });
            if (any) d.lines[op.pick % d.lines.size()].voucher = parsed<VoucherNumber>(any->first);
          }
        }
      });
      break;
    default:
      if (c.identity) c.identity.reset();
      // Beside an identity nobody may name the person as well: such a command cannot even be sent.
      else if (op.amount % 4 == 0 && !names_person(c.document)) c.identity = test::identity(test::elder_id(1), "x");
      else into([&](auto& d) { if constexpr (HasLines<std::decay_t<decltype(d)>>) d.lines.clear(); });
  }
}

}  // namespace fundtrail::model
