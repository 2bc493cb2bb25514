#include "tests/reports/sample_year.h"

namespace fundtrail::tests {
namespace {

using enum FundAccount;

const FundId kFund = *FundId::parse("WJ");
RegionCode region(std::string_view code) { return *RegionCode::parse(code); }
ProgrammeId programme(std::string_view id) { return *ProgrammeId::parse(id); }
ProviderId provider(std::string_view id) { return *ProviderId::parse(id); }
SettlementId settlement(std::string_view id) { return *SettlementId::parse(id); }
DisbursementId disbursement(std::string_view id) { return *DisbursementId::parse(id); }
const DesignatedAccountId kAccount = *DesignatedAccountId::parse("ZH1");

BankAccount bank() { return {words("工商银行"), words("某机构"), "1105020000001"}; }

void register_all(FakeView& view) {
  LedgerOpening opening;
  opening.name = words("武进区养老服务专项资金");
  opening.region = region("320412");
  opening.suite = "sha256-ed25519";
  opening.public_key = "test";
  view.add(day("2007-12-01"), opening);
  view.add(day("2007-12-01"), FundRegistration{2008, kFund, "2081004", words("养老服务资金")});
  Policy policy;
  policy.name = *PolicyName::parse("wujin");
  policy.document_no = words("武政发〔2008〕41号");
  policy.issuer = words("武进区人民政府");
  policy.title = words("关于加快发展养老服务事业的意见");
  policy.in_force_from = day("2007-12-01");
  policy.programmes = {{programme(kHome), Instrument::voucher, words("居家养老服务"), words("服务")},
                       {programme(kBuild), Instrument::grant, words("设施建设"), words("设施")}};
  view.add(day("2007-12-01"), PolicyRegistration{policy});
  view.add(day("2007-12-01"), RegionRegistration{words("湖塘镇"), {}, region(kTownA)});
  view.add(day("2007-12-01"), RegionRegistration{words("横林镇"), {}, region(kTownB)});
  for (const auto& [id, name] : {std::pair{"P1", "康乐服务中心"}, std::pair{"P2", "=幸福之家"}}) {
    ProviderRegistration d;
    d.provider = provider(id);
    d.name = words(name);
    d.bank = bank();
    d.contract = {day("2007-12-01"), words("HT-1"), day("2009-12-31")};
    d.uscc = "91320412MA1XXXXX0X";
    view.add(day("2007-12-01"), d);
  }
}

void receive(FakeView& view, std::string_view date, std::string_view amount, SourceLevel level) {
  const FundReceipt d{kAccount, yuan(amount), *Reference::parse("B1"), words("财社1号"), kFund, level};
  view.add(day(date), d,
           moved(d.amount, available, at(), source, at({}, {}, name_of(level))));
}

void allot(FakeView& view, std::string_view date, std::string_view amount, std::string_view what,
           std::string_view town, bool counterpart = false) {
  Allotment d;
  d.amount = yuan(amount);
  d.document_no = words("武财2号");
  d.from_counterpart = counterpart;
  d.fund = kFund;
  d.programme = programme(what);
  d.region = region(town);
  view.add(day(date), d,
           moved(d.amount, allotted, at(what, town), available, counterpart ? at({}, town) : at()));
}

void fund_the_year(FakeView& view) {
  receive(view, "2007-12-20", "1000.00", SourceLevel::provincial);
  receive(view, "2008-04-01", "9000.00", SourceLevel::district);
  view.add(day("2008-04-02"),
           CounterpartPledge{yuan("800.00"), words("镇1号"), day("2008-06-30"), kFund, region(kTownA)},
           moved(yuan("800.00"), pledged, at({}, kTownA), pledge_source, at({}, kTownA)));
  auto postings = moved(yuan("500.00"), available, at({}, kTownA), source,
                        at({}, kTownA, "counterpart"));
  const auto release =
      moved(yuan("500.00"), pledge_source, at({}, kTownA), pledged, at({}, kTownA));
  postings.insert(postings.end(), release.begin(), release.end());
  view.add(day("2008-05-06"),
           CounterpartReceipt{kAccount, yuan("500.00"), *Reference::parse("B2"), words("镇1号"), kFund, region(kTownA)},
           postings);
  allot(view, "2008-04-03", "3000.00", kHome, kTownA);
  allot(view, "2008-04-03", "2000.00", kHome, kTownB);
  allot(view, "2008-04-05", "1500.00", kBuild, kTownB);
  allot(view, "2008-05-07", "400.00", kHome, kTownA, true);
  // 60.00 too much was recorded for the building programme: red copy and the right document.
  Correction correction;
  correction.corrects = 13;
  correction.method = CorrectionMethod::red_blue;
  correction.reason = words("金额录入错误");
  auto both = moved(yuan("-1500.00"), allotted, at(kBuild, kTownB), available, at());
  const auto blue = moved(yuan("1440.00"), allotted, at(kBuild, kTownB), available, at());
  both.insert(both.end(), blue.begin(), blue.end());
  view.add(day("2008-05-08"), correction, both);
}

std::uint64_t issue(FakeView& view, std::string_view date, std::string_view month,
                    std::string_view town, std::uint32_t first, std::uint32_t count) {
  VoucherIssue d;
  d.fund = kFund;
  d.month = *Month::parse(month);
  d.programme = programme(kHome);
  d.region = region(town);
  d.valid_from = d.month.first_day();
  d.valid_to = d.month.last_day();
  for (std::uint32_t i = 0; i < count; ++i) {
    d.lines.push_back({Pseudonym(i + 1), yuan("100.00"), VoucherNumber("WJ", first + i)});
  }
  return view.add(day(date), d,
                  moved(yuan("100.00") * count, committed, at(kHome, town), allotted,
                        at(kHome, town)));
}

// The postings of vouchers of both towns.
std::vector<Posting> of_towns(std::int64_t a, std::int64_t b, FundAccount debit,
                              std::string_view counterparty) {
  std::vector<Posting> postings;
  for (const auto& [town, count] : {std::pair{kTownA, a}, std::pair{kTownB, b}}) {
    if (count == 0) continue;
    const auto more = moved(yuan("100.00") * count, debit, at(kHome, town, counterparty), committed,
                            at(kHome, town));
    postings.insert(postings.end(), more.begin(), more.end());
  }
  return postings;
}

std::uint64_t redeem(FakeView& view, std::string_view date, std::string_view who,
                     std::string_view claim, std::vector<std::uint32_t> serials, std::int64_t a,
                     std::int64_t b) {
  Redemption d;
  d.claim_no = words(claim);
  d.provider = provider(who);
  for (const auto serial : serials) {
    RedeemedVoucher line;
    line.hours = *Quantity::parse("2.00");
    line.item = *Code::parse("cleaning");
    line.service_date = day(date);
    line.voucher = VoucherNumber("WJ", serial);
    d.lines.push_back(line);
  }
  return view.add(day(date), d, of_towns(a, b, accrued, who));
}

template <class Doc>
void end_vouchers(FakeView& view, std::string_view date, Doc d, std::vector<std::uint32_t> serials,
                  std::int64_t a, std::int64_t b) {
  for (const auto serial : serials) d.lines.push_back({VoucherNumber("WJ", serial)});
  view.add(day(date), d, of_towns(a, b, allotted, {}));
}

void vouchers(FakeView& view) {
  issue(view, "2008-05-10", "2008-05", kTownA, 1, 10);
  issue(view, "2008-05-10", "2008-05", kTownB, 11, 5);
  redeem(view, "2008-05-20", "P1", "H-1", {1, 2, 3, 11}, 3, 1);
  redeem(view, "2008-05-21", "P2", "=H-2", {12, 13}, 0, 2);
  end_vouchers(view, "2008-05-25", VoucherReturn{words("住院"), {}}, {4}, 1, 0);
  end_vouchers(view, "2008-05-26", VoucherVoid{VoidReason::lost, {}}, {14}, 0, 1);
  end_vouchers(view, "2008-06-01", VoucherExpiry{*Month::parse("2008-05"), {}}, {5, 6, 15}, 2, 1);
  issue(view, "2008-06-02", "2008-06", kTownA, 16, 4);
  redeem(view, "2008-06-20", "P1", "H-3", {16, 7}, 2, 0);
}

void settle(FakeView& view, std::string_view id, std::vector<std::uint64_t> redemptions,
            std::string_view total, std::string_view date = "2008-07-01") {
  SettlementPreparation d;
  d.provider = provider("P1");
  d.redemptions = std::move(redemptions);
  d.settlement = settlement(id);
  d.total = yuan(total);
  view.add(day(date), d);
}

DisbursementPreparation pay(std::string_view id, std::string_view of, std::string_view amount) {
  DisbursementPreparation d;
  d.account = kAccount;
  d.amount = yuan(amount);
  d.disbursement = disbursement(id);
  d.payee = bank();
  d.settlement = settlement(of);
  return d;
}

void settle_and_pay(FakeView& view) {
  const auto p1 = [](std::string_view town) { return at(kHome, town, "P1"); };
  const auto both = [&](FundAccount debit, FundAccount credit) {
    auto postings = moved(yuan("300.00"), debit, p1(kTownA), credit, p1(kTownA));
    const auto b = moved(yuan("100.00"), debit, p1(kTownB), credit, p1(kTownB));
    postings.insert(postings.end(), b.begin(), b.end());
    return postings;
  };
  settle(view, "S1", {18}, "400.00");
  view.add(day("2008-07-02"), SettlementReview{settlement("S1")});
  view.add(day("2008-07-03"), SettlementApproval{settlement("S1")}, both(payable, accrued));
  settle(view, "S2", {24}, "200.00");
  view.add(day("2008-07-04"), SettlementReturn{words("缺服务记录"), settlement("S2")});
  view.add(day("2008-07-05"), pay("D1", "S1", "400.00"));
  view.add(day("2008-07-06"), DisbursementApproval{disbursement("D1")});
  view.add(day("2008-07-07"), DisbursementPayment{*Reference::parse("B10"), disbursement("D1")}, both(paid, payable));
  view.add(day("2008-07-09"), DisbursementBounce{*Reference::parse("B11"), disbursement("D1"), words("户名不符")},
           both(payable, paid));
  view.add(day("2008-07-10"), pay("D2", "S1", "400.00"));
  view.add(day("2008-07-11"), DisbursementApproval{disbursement("D2")});
  view.add(day("2008-07-12"), DisbursementPayment{*Reference::parse("B12"), disbursement("D2")}, both(paid, payable));
  SettlementPreparation grant;
  grant.basis = SettlementBasis::grant;
  grant.grant = GrantClaim{*Code::parse("31001"), kFund, words("FP-77"), programme(kBuild),
                           region(kTownB)};
  grant.provider = provider("P2");
  grant.settlement = settlement("S3");
  grant.total = yuan("1440.00");
  view.add(day("2008-08-01"), grant);
  view.add(day("2008-08-02"), SettlementApproval{settlement("S3")},
           moved(yuan("1440.00"), payable, at(kBuild, kTownB, "P2"), allotted, at(kBuild, kTownB)));
  RecoveryDecision recovery;
  recovery.amount = yuan("100.00");
  recovery.fund = kFund;
  recovery.programme = programme(kHome);
  recovery.provider = provider("P1");
  recovery.reason = words("重复服务");
  recovery.recovery = *RecoveryId::parse("R1");
  recovery.region = region(kTownB);
  view.add(day("2008-09-01"), recovery, moved(yuan("100.00"), in_recovery, p1(kTownB), paid,
                                              p1(kTownB)));
  // It comes back in parts, and not all of it yet.
  view.add(day("2008-09-10"), RecoveryReceipt{kAccount, yuan("60.00"), *Reference::parse("B20"), recovery.recovery},
           moved(yuan("60.00"), available, at(), in_recovery, p1(kTownB)));
  view.add(day("2008-09-16"), RecoveryReceipt{kAccount, yuan("25.00"), *Reference::parse("B21"), recovery.recovery},
           moved(yuan("25.00"), available, at(), in_recovery, p1(kTownB)));
}

// Approvals that were wrong: of claims whose payment was given up, and of a grant.
void approve_and_return(FakeView& view) {
  const auto p1 = at(kHome, kTownA, "P1");
  settle(view, "S4", {24}, "200.00", "2008-10-01");
  view.add(day("2008-10-02"), SettlementReview{settlement("S4")});
  view.add(day("2008-10-03"), SettlementApproval{settlement("S4")}, moved(yuan("200.00"), payable, p1, accrued, p1));
  view.add(day("2008-10-04"), pay("D3", "S4", "200.00"));
  view.add(day("2008-10-05"), DisbursementCancellation{disbursement("D3"), words("账号已变更")});
  view.add(day("2008-10-06"), SettlementReturn{words("核销单有误"), settlement("S4")},
           moved(yuan("200.00"), accrued, p1, payable, p1));
  view.add(day("2008-10-07"), SettlementReturn{words("发票作废"), settlement("S3")},
           moved(yuan("1440.00"), allotted, at(kBuild, kTownB), payable, at(kBuild, kTownB, "P2")));
}

// What is due by calculation, lowered before it is settled.
void calculate_and_lower(FakeView& view) {
  const auto due = at(kBuild, kTownB, "P1");
  EntitlementCalculation d;
  d.payee = provider("P1");
  d.period = *Month::parse("2008-09");
  d.programme = programme(kBuild);
  d.region = region(kTownB);
  const auto calculation = view.size();
  view.add(day("2008-10-08"), d, moved(yuan("300.00"), accrued, due, allotted, at(kBuild, kTownB)));
  view.add(day("2008-10-09"), CalculationReduction{calculation, d.period, words("重复登记"), {}},
           moved(yuan("100.00"), allotted, at(kBuild, kTownB), accrued, due));
}

}  // namespace

Dimensions at(std::string_view programme_id, std::string_view town, std::string_view counterparty) {
  Dimensions d;
  d.fund = kFund;
  if (!programme_id.empty()) d.programme = programme(programme_id);
  if (!town.empty()) d.region = region(town);
  d.counterparty = counterparty;
  return d;
}

std::vector<Posting> moved(const Money& amount, FundAccount debit, const Dimensions& debit_at,
                           FundAccount credit, const Dimensions& credit_at) {
  return {{debit, Side::debit, amount, debit_at}, {credit, Side::credit, amount, credit_at}};
}

std::unique_ptr<FakeView> sample_year() {
  auto view = std::make_unique<FakeView>("wujin");
  register_all(*view);
  fund_the_year(*view);
  vouchers(*view);
  settle_and_pay(*view);
  approve_and_return(*view);
  calculate_and_lower(*view);
  return view;
}

}  // namespace fundtrail::tests
