// From entries to facts: what a later entry does to what an earlier one said.
#include <catch2/catch.hpp>

#include "audit/indicators/rules.h"

using namespace fundtrail;
using namespace fundtrail::audit;

namespace {

Date day(const char* text) { return *Date::parse(text); }
Money yuan(const char* text) { return *Money::parse(text); }

// Entries as they follow each other in one ledger.
struct Book {
  std::vector<Entry> entries;

  std::uint64_t add(const char* date, Document document, const char* actor = "wang.fang") {
    Entry entry;
    entry.index = entries.size() + 1;
    entry.date = day(date);
    entry.actor.id = *ActorId::parse(actor);
    entry.document = std::move(document);
    entries.push_back(std::move(entry));
    return entries.back().index;
  }
  std::uint64_t receipt(const char* date, const char* reference, const char* amount) {
    return add(date, received(reference, amount));
  }
  static FundReceipt received(const char* reference, const char* amount) {
    FundReceipt d;
    d.account = *DesignatedAccountId::parse("A1");
    d.bank_reference = *Reference::parse(reference);
    d.amount = yuan(amount);
    return d;
  }
  std::uint64_t correct(const char* date, std::uint64_t corrects, CorrectionMethod method,
                        std::optional<FundReceipt> right) {
    Correction d;
    d.corrects = corrects;
    d.method = method;
    d.fund_receipt = std::move(right);
    return add(date, std::move(d));
  }
  std::uint64_t imported(const char* table, const char* digest,
                         std::vector<std::map<std::string, std::string>> rows) {
    ImportedRecord d;
    d.table = *Code::parse(table);
    d.source = *Text::parse(std::string(table) + ".csv");
    d.file_digest = digest;
    for (auto& row : rows) d.lines.push_back({std::move(row)});
    return add("2009-01-31", std::move(d));
  }
  std::vector<Indicator> run(RuleId rule) const {
    std::vector<Indicator> found;
    function_of(rule)(facts_of(entries), {}, found);
    return found;
  }
};

BankStatement statement(const char* month, const char* opening, const char* closing,
                        std::vector<BankStatementLine> lines) {
  BankStatement d;
  d.account = *DesignatedAccountId::parse("A1");
  d.period = *Month::parse(month);
  d.opening = yuan(opening);
  d.closing = yuan(closing);
  d.lines = std::move(lines);
  return d;
}

BankStatementLine came_in(const char* date, const char* reference, const char* amount) {
  BankStatementLine line;
  line.date = day(date);
  line.reference = *Reference::parse(reference);
  line.amount = yuan(amount);
  return line;
}

}  // namespace

TEST_CASE("a corrected receipt keeps its date and takes the right amount") {
  Book book;
  const auto wrong = book.receipt("2008-04-10", "B1", "1000.00");
  book.add("2008-04-30", statement("2008-04", "0.00", "900.00", {came_in("2008-04-10", "B1", "900.00")}));
  CHECK(book.run(RuleId::acc_07).size() == 1);

  SECTION("by a red and a blue document, half a year later") {
    book.correct("2008-10-09", wrong, CorrectionMethod::red_blue, Book::received("B1", "900.00"));
    CHECK(book.run(RuleId::acc_07).empty());
  }
  SECTION("by the difference") {
    book.correct("2008-10-09", wrong, CorrectionMethod::difference, Book::received("B1", "-100.00"));
    CHECK(book.run(RuleId::acc_07).empty());
  }
  SECTION("in the next year") {
    book.correct("2009-02-09", wrong, CorrectionMethod::prior_year_blue, Book::received("B1", "900.00"));
    CHECK(book.run(RuleId::acc_07).empty());
  }
  SECTION("twice, the second time by naming the first correction") {
    const auto first = book.correct("2008-05-09", wrong, CorrectionMethod::red_blue,
                                    Book::received("B1", "800.00"));
    CHECK(book.run(RuleId::acc_07).size() == 1);
    book.correct("2008-06-09", first, CorrectionMethod::red_blue, Book::received("B1", "900.00"));
    const auto facts = facts_of(book.entries);
    REQUIRE(facts.cash.size() == 1);
    CHECK(facts.cash[0].date == day("2008-04-10"));
    CHECK(facts.cash[0].at == std::vector<Evidence>{{1}, {3}, {4}});
    CHECK(book.run(RuleId::acc_07).empty());
  }
}

TEST_CASE("cancelling one of two equal receipts leaves the other") {
  Book book;
  book.receipt("2008-04-10", "B1", "1000.00");
  const auto again = book.receipt("2008-04-10", "B1", "1000.00");
  book.add("2008-04-30", statement("2008-04", "0.00", "1000.00", {came_in("2008-04-10", "B1", "1000.00")}));
  CHECK(book.run(RuleId::acc_07).size() == 1);
  book.correct("2008-04-30", again, CorrectionMethod::red_blue, std::nullopt);
  CHECK(book.run(RuleId::acc_07).empty());
}

TEST_CASE("a settlement and a disbursement of the same name are two documents") {
  Book book;
  SettlementPreparation claim;
  claim.settlement = *SettlementId::parse("2008-01");
  SettlementReview review;
  review.settlement = claim.settlement;
  DisbursementPreparation payment;
  payment.disbursement = *DisbursementId::parse("2008-01");
  payment.settlement = claim.settlement;
  DisbursementPayment paid;
  paid.disbursement = payment.disbursement;
  book.add("2008-05-01", claim, "a");
  book.add("2008-05-02", review, "b");
  book.add("2008-05-03", payment, "b");  // may prepare what he reviewed as a claim
  book.add("2008-05-04", paid, "c");
  CHECK(book.run(RuleId::acc_02).empty());
  CHECK(facts_of(book.entries).duties.size() == 2);

  Entry& last = book.entries.back();
  last.actor.id = *ActorId::parse("a");  // the cashier prepared the claim
  const auto found = book.run(RuleId::acc_02);
  REQUIRE(found.size() == 1);
  CHECK(found[0].evidence.size() == 4);
}

TEST_CASE("rows are counted within one import of one file") {
  Book book;
  const std::map<std::string, std::string> good = {{"id_check", "ok"}},
                                           bad = {{"id_check", "length"}, {"beneficiary", "x"}};
  book.imported("elders", "d1", {good, good});
  book.imported("elders", "d1", {good, bad});   // goes on: row 5
  book.imported("elders", "d2", {good, bad});   // another file of that name: row 3
  book.imported("regions", "d3", {good});
  book.imported("elders", "d2", {bad});         // that file once more: row 2
  std::vector<std::uint64_t> rows;
  for (const auto& indicator : book.run(RuleId::ben_08)) rows.push_back(indicator.evidence[0].row);
  CHECK(rows == std::vector<std::uint64_t>{5, 3, 2});
}

TEST_CASE("an imported past is corrected by its own corrections") {
  Book book;
  book.imported("fund_receipts", "d1",
                {{{"doc", "SK1"}, {"account", "A1"}, {"bank_reference", "B1"}, {"date", "2008-04-10"},
                  {"amount", "1000.00"}}});
  book.imported("bank_statement", "d2",
                {{{"account", "A1"}, {"reference", "B1"}, {"date", "2008-04-10"}, {"direction", "in"},
                  {"amount", "900.00"}, {"balance", "900.00"}}});
  CHECK(book.run(RuleId::acc_07).size() == 1);
  book.imported("corrections", "d3",
                {{{"doc", "GZ1"}, {"table", "fund_receipts"}, {"corrects_doc", "SK1"},
                  {"method", "difference"}, {"amount", "-100.00"}}});
  CHECK(book.run(RuleId::acc_07).empty());
}

TEST_CASE("imported bank rows: any order within a day, but no hole between days") {
  const auto row = [](const char* date, const char* direction, const char* amount,
                      const char* balance) {
    return std::map<std::string, std::string>{{"account", "A1"},    {"date", date},
                                              {"reference", date + std::string(amount)},
                                              {"direction", direction}, {"amount", amount},
                                              {"balance", balance}};
  };
  const auto breaks = [](std::vector<std::map<std::string, std::string>> rows) {
    Book book;
    book.imported("bank_statement", "d1", std::move(rows));
    Facts facts = facts_of(book.entries);
    facts.bank.clear();  // only the statements
    std::vector<Indicator> found;
    function_of(RuleId::acc_07)(facts, {}, found);
    return found.size();
  };
  const auto a = row("2008-04-10", "in", "100.00", "100.00"), b = row("2008-04-10", "out", "30.00", "70.00"),
             c = row("2008-04-11", "out", "20.00", "50.00"), d = row("2008-05-02", "in", "5.00", "55.00");
  CHECK(breaks({a, b, c, d}) == 0);
  CHECK(breaks({d, c, b, a}) == 0);  // as banks print: the newest first
  CHECK(breaks({b, a, c, d}) == 0);
  CHECK(breaks({a, b, d}) == 1);     // a row was taken out
  CHECK(breaks({a, b, c, row("2008-05-02", "in", "5.00", "65.00")}) == 1);
}

TEST_CASE("a bill that was withdrawn and recorded for somebody else is told with all three entries") {
  const auto service = [](std::uint64_t person) {
    ServiceRecord line;
    line.beneficiary = Pseudonym(person);
    line.date = day("2025-05-10");
    line.item = *Code::parse("bathing");
    line.bill = yuan("30.00");
    line.bill_no = *Text::parse("B-1");
    ServiceRecords d;
    d.provider = *ProviderId::parse("p1");
    d.programme = *ProgrammeId::parse("homecare");
    d.lines = {line};
    return d;
  };
  Book book;
  book.add("2025-07-01", service(1));
  ServiceWithdrawal back;
  back.provider = *ProviderId::parse("p1");
  back.programme = *ProgrammeId::parse("homecare");
  back.lines = {{Pseudonym(1), day("2025-05-10"), *Code::parse("bathing"), {}}};
  book.add("2025-07-02", back);
  CHECK(book.run(RuleId::bil_01).empty());
  book.add("2025-07-03", service(1));  // the same person's again
  book.add("2025-07-04", back);
  CHECK(book.run(RuleId::bil_01).empty());
  book.add("2025-07-05", service(2));
  const auto found = book.run(RuleId::bil_01);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "B-1");
  CHECK(found[0].evidence == std::vector<Evidence>{{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}});
}

TEST_CASE("a redemption that was withdrawn accuses nobody") {
  const auto redeemed = [](std::uint32_t serial) {
    Redemption d;
    d.provider = *ProviderId::parse("p1");
    RedeemedVoucher line;
    line.voucher = VoucherNumber("W", serial);
    d.lines = {line};
    return d;
  };
  Book book;
  const auto first = book.add("2008-04-10", redeemed(1));
  book.add("2008-04-10", redeemed(2));
  RedemptionWithdrawal back;
  back.provider = *ProviderId::parse("p1");
  back.redemption = first;
  back.lines = {{VoucherNumber("W", 1)}};
  book.add("2008-04-12", back);
  book.add("2008-04-12", redeemed(1));
  CHECK(book.run(RuleId::vch_01).empty());
  book.add("2008-04-13", redeemed(2));  // without a withdrawal
  const auto found = book.run(RuleId::vch_01);
  REQUIRE(found.size() == 1);
  CHECK(found[0].evidence == std::vector<Evidence>{{2, 0}, {5, 0}});
}

TEST_CASE("money that is recovered as of a day on which it was not paid") {
  const auto id = [](auto type, const char* text) { return *decltype(type)::parse(text); };
  const Pseudonym person(7);
  const auto calculation = [&](const char* amount) {
    EntitlementCalculation d;
    d.funds = {{id(FundId(), "F1"), id(Code(), "all")}};
    d.payee = id(ProviderId(), "bank");
    d.period = *Month::parse("2025-04");
    d.programme = id(ProgrammeId(), "aid");
    CalculatedEntitlement line;
    line.amount = yuan(amount);
    line.beneficiary = person;
    line.shares = {yuan(amount)};
    d.lines = {line};
    return d;
  };
  const auto settled = [&](std::uint64_t calculation, const char* settlement) {
    SettlementPreparation d;
    d.basis = SettlementBasis::entitlements;
    d.calculations = {calculation};
    d.settlement = id(SettlementId(), settlement);
    return d;
  };
  const auto prepared = [&](const char* settlement, const char* payment) {
    DisbursementPreparation d;
    d.settlement = id(SettlementId(), settlement);
    d.disbursement = id(DisbursementId(), payment);
    return d;
  };
  const auto recovery = [&](const char* name, const char* amount) {
    RecoveryDecision d;
    d.amount = yuan(amount);
    d.entitlement = {person, id(Code(), "all"), *Month::parse("2025-04")};
    d.fund = id(FundId(), "F1");
    d.programme = id(ProgrammeId(), "aid");
    d.provider = id(ProviderId(), "bank");
    d.recovery = id(RecoveryId(), name);
    return d;
  };
  Book book;
  const auto first = book.add("2025-07-01", calculation("100.00"));
  book.add("2025-07-02", settled(first, "s1"));
  book.add("2025-07-03", prepared("s1", "p1"));
  const auto found = [&] { return book.run(RuleId::rec_01); };
  SECTION("after the payment nothing is wrong") {
    book.add("2025-07-10", DisbursementPayment{id(Reference(), "r"), id(DisbursementId(), "p1")});
    book.add("2025-07-10", recovery("v1", "60.00"));
    book.add("2025-07-11", recovery("v2", "40.00"));
    CHECK(found().empty());
    // What is calculated once more is another payment's.
    const auto second = book.add("2025-08-01", calculation("30.00"));
    book.add("2025-08-02", settled(second, "s2"));
    const auto third = book.add("2025-08-03", recovery("v3", "30.00"));
    REQUIRE(found().size() == 1);
    CHECK(found()[0].subject == "v3");
    CHECK(found()[0].amount == yuan("30.00"));
    CHECK(found()[0].en.ends_with("30.00 yuan: it is not paid."));
    CHECK(found()[0].evidence == std::vector<Evidence>{{second}, {third}});
  }
  SECTION("before the payment, and before the calculation") {
    const auto payment =
        book.add("2025-07-10", DisbursementPayment{id(Reference(), "r"), id(DisbursementId(), "p1")});
    const auto early = book.add("2025-07-09", recovery("v1", "60.00"));
    const auto earlier = book.add("2025-06-30", recovery("v2", "40.00"));
    REQUIRE(found().size() == 2);
    CHECK(found()[0].en.ends_with("60.00 yuan: it was paid on 2025-07-10."));
    CHECK(found()[0].zh.ends_with("60.00元当日尚未付出：2025-07-10才拨付。"));
    CHECK(found()[0].evidence == std::vector<Evidence>{{first}, {payment}, {early}});
    CHECK(found()[1].en.ends_with("40.00 yuan: it was calculated on 2025-07-01."));
    CHECK(found()[1].evidence == std::vector<Evidence>{{first}, {payment}, {earlier}});
  }
  SECTION("a payment that bounced was none; without an entitlement nobody's payment is looked for") {
    book.add("2025-07-10", DisbursementPayment{id(Reference(), "r"), id(DisbursementId(), "p1")});
    auto any = recovery("v1", "60.00");
    any.entitlement.reset();
    book.add("2025-07-01", any);
    book.add("2025-07-12", recovery("v2", "60.00"));
    CHECK(found().empty());
    book.add("2025-07-13", DisbursementBounce{id(Reference(), "r2"), id(DisbursementId(), "p1"), {}});
    CHECK(found().size() == 1);
  }
  SECTION("what was lowered before it was paid is not there to be recovered") {
    CalculationReduction d;
    d.calculation = first;
    d.lines = {{yuan("70.00"), person, id(FundId(), "F1"), id(Code(), "all"), *Month::parse("2025-04")}};
    book.add("2025-07-02", d);
    book.add("2025-07-10", DisbursementPayment{id(Reference(), "r"), id(DisbursementId(), "p1")});
    book.add("2025-07-11", recovery("v1", "30.00"));
    CHECK(found().empty());
  }
}

TEST_CASE("one bill for two people in an imported past") {
  Book book;
  const auto row = [](const char* person) {
    return std::map<std::string, std::string>{
        {"provider", "p1"}, {"bill_no", "B-1"}, {"bill", "30.00"}, {"beneficiary", person}};
  };
  book.imported("service_records", "d", {row("aaaa"), row("bbbb")});
  REQUIRE(book.run(RuleId::bil_01).size() == 1);
  CHECK(book.run(RuleId::bil_01)[0].en.find("withdrawn") == std::string::npos);
}
