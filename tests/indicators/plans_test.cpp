// What an authority planned itself and did not keep to: from entries to indicators.
#include <catch2/catch.hpp>

#include "audit/indicators/rules.h"

using namespace fundtrail;
using namespace fundtrail::audit;

namespace {

template <class T>
T id(const std::string& text) {
  return *T::parse(text);
}
Money yuan(const char* text) {
  return *Money::parse(text);
}

// One fund of 2021 under one policy, whose entries follow each other.
struct Book {
  std::vector<Entry> entries;
  PolicyRef policy{id<PolicyName>("pilot"), 1};

  explicit Book(Policy terms) {
    terms.name = policy.name;
    FundRegistration fund;
    fund.fiscal_year = 2021;
    fund.fund = id<FundId>("F");
    add("2021-01-01", fund);
    add("2021-01-01", PolicyRegistration{std::move(terms)});
  }
  std::uint64_t add(const std::string& date, Document document, bool obeys = false) {
    Entry entry;
    entry.index = entries.size() + 1;
    entry.date = id<Date>(date);
    if (obeys) entry.policy = policy;
    entry.document = std::move(document);
    entries.push_back(std::move(entry));
    return entries.back().index;
  }
  std::uint64_t receipt(const char* amount, SourceLevel source = SourceLevel::central) {
    FundReceipt d;
    d.amount = yuan(amount);
    d.fund = id<FundId>("F");
    d.source = source;
    return add("2021-03-01", d, true);
  }
  std::uint64_t matched(const char* amount, const char* region = "650502001") {
    return add("2021-06-01", match(amount, region));
  }
  static CounterpartReceipt match(const char* amount, const char* region = "650502001") {
    CounterpartReceipt d;
    d.amount = yuan(amount);
    d.fund = id<FundId>("F");
    d.region = id<RegionCode>(region);
    return d;
  }
  void pledge(const char* amount, const char* region) {
    CounterpartPledge d;
    d.amount = yuan(amount);
    d.fund = id<FundId>("F");
    d.region = id<RegionCode>(region);
    add("2021-02-01", d);
  }
  std::uint64_t allot(const char* amount, const char* region, const char* evaluation = "") {
    Allotment d;
    d.amount = yuan(amount);
    d.evaluation = Text::parse(evaluation);
    d.fund = id<FundId>("F");
    d.programme = id<ProgrammeId>("p");
    d.region = id<RegionCode>(region);
    return add("2021-04-01", d, true);
  }
  std::uint64_t award(const std::string& provider, const char* amount) {
    EntitlementCalculation d;
    d.payee = id<ProviderId>(provider);
    d.programme = id<ProgrammeId>("p");
    d.lines.emplace_back();
    d.lines.back().amount = yuan(amount);
    return add("2021-05-01", d, true);
  }
  void lower(std::uint64_t calculation, const char* amount) {
    CalculationReduction d;
    d.calculation = calculation;
    d.lines.emplace_back();
    d.lines.back().amount = yuan(amount);
    add("2021-05-02", d, true);
  }
  void recover(const std::string& provider, const char* amount) {
    RecoveryDecision d;
    d.amount = yuan(amount);
    d.entitlement.emplace();
    d.programme = id<ProgrammeId>("p");
    d.provider = id<ProviderId>(provider);
    add("2021-05-03", d, true);
  }
  // Red and blue.
  std::uint64_t correct(std::uint64_t corrects, std::optional<Allotment> right) {
    Correction d;
    d.corrects = corrects;
    d.allotment = std::move(right);
    return add("2021-05-04", d);
  }
  Allotment allotment(std::uint64_t entry) const {
    return std::get<Allotment>(entries[entry - 1].document);
  }
  // Something else happens on a later day.
  void until(const char* date) { add(date, EntitlementEnd()); }

  std::vector<Indicator> run(RuleId rule) const {
    std::vector<Indicator> found;
    function_of(rule)(facts_of(entries), {}, found);
    return found;
  }
};

Policy asks_for(std::optional<std::uint64_t> ratio) {
  Policy policy;
  policy.counterpart.required = true;
  policy.counterpart.ratio_percent = ratio;
  return policy;
}

}  // namespace

TEST_CASE("[YZ-01] counterpart money below the pilot sum is pointed out, to the fen") {
  Book book(asks_for(100));
  const auto receipt = book.receipt("1000000.00");
  book.receipt("35.10", SourceLevel::interest);
  const auto match = book.matched("999999.99");
  CHECK(book.run(RuleId::fnd_03).empty());  // the year goes on
  book.until("2021-12-31");
  const auto found = book.run(RuleId::fnd_03);
  REQUIRE(found.size() == 1);
  CHECK(found[0].amount == yuan("0.01"));
  CHECK(found[0].subject == "F");
  CHECK(found[0].evidence == std::vector<Evidence>{{receipt}, {match}});
  CHECK(found[0].en.find("999,999.99 yuan came, 0.01 are missing") != std::string::npos);

  Correction correction;
  correction.corrects = match;
  correction.method = CorrectionMethod::difference;
  correction.counterpart_receipt = Book::match("0.01");
  book.add("2021-12-31", correction);
  CHECK(book.run(RuleId::fnd_03).empty());  // 1,000,000.00
  book.matched("0.01");
  CHECK(book.run(RuleId::fnd_03).empty());
}

TEST_CASE("counterpart money that the policy does not ask for is not missed") {
  Policy policy = asks_for(100);
  policy.counterpart.required = false;
  Book book(policy);
  book.receipt("1000000.00");
  book.until("2022-01-31");
  CHECK(book.run(RuleId::fnd_03).empty());
}

TEST_CASE("[WJ-05] a town that spends of the fund and promised nothing is pointed out") {
  Book book(asks_for(std::nullopt));
  book.receipt("100000.00");
  const auto allotment = book.allot("50000.00", "320412901");
  book.allot("50000.00", "320412902");
  book.pledge("10.00", "320412902");
  book.until("2021-12-31");
  auto found = book.run(RuleId::fnd_03);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "320412901");
  CHECK(found[0].evidence == std::vector<Evidence>{{allotment}});
  book.matched("1.00", "320412901");
  CHECK(book.run(RuleId::fnd_03).empty());
}

TEST_CASE("[YZ-04] an allotment without an assessment is pointed out where money follows them") {
  Policy policy;
  {
    Book book(policy);
    book.allot("50000.00", "650502001");
    CHECK(book.run(RuleId::fnd_14).empty());
  }
  policy.performance.emplace();
  policy.performance->allotment_by_assessment = true;
  Book book(policy);
  book.allot("70000.00", "650502002", "2021年度考核");
  CHECK(book.run(RuleId::fnd_14).empty());
  const auto without = book.allot("50000.00", "650502001");
  const auto found = book.run(RuleId::fnd_14);
  REQUIRE(found.size() == 1);
  CHECK(found[0].amount == yuan("50000.00"));
  CHECK(found[0].evidence == std::vector<Evidence>{{without}});
}

TEST_CASE("[ZX-03] the 61st award of 60 planned is pointed out") {
  Policy policy;
  Programme programme;
  programme.id = id<ProgrammeId>("p");
  programme.instrument = Instrument::award;
  programme.entitlement.emplace();
  programme.entitlement->planned_count = 60;
  policy.programmes = {programme};
  Book book(policy);
  for (int i = 1; i <= 60; ++i) book.award("c" + std::to_string(i), "30000.00");
  book.award("c1", "10000.00");   // a better rating of the same centre
  book.award("c2", "-30000.00");  // taken back
  CHECK(book.run(RuleId::fnd_16).empty());
  book.award("c61", "30000.00");  // in its place
  CHECK(book.run(RuleId::fnd_16).empty());
  const auto one_more = book.award("c62", "30000.00");
  const auto found = book.run(RuleId::fnd_16);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "c62");
  CHECK(found[0].zh.find("第61个") != std::string::npos);
  CHECK(found[0].evidence == std::vector<Evidence>{{one_more, 0}});
}

namespace {

Policy of_one_award() {
  Policy policy;
  Programme programme;
  programme.id = id<ProgrammeId>("p");
  programme.instrument = Instrument::award;
  programme.entitlement.emplace();
  programme.entitlement->planned_count = 1;
  policy.programmes = {programme};
  return policy;
}

}  // namespace

TEST_CASE("an award that was lowered or recovered to nothing does not count") {
  Book book(of_one_award());
  const auto first = book.award("home", "30000.00");
  SECTION("before another is given") {
    book.lower(first, "20000.00");
    book.lower(first, "10000.00");
    book.award("home2", "30000.00");
  }
  SECTION("after it") {
    book.award("home2", "30000.00");
    CHECK(book.run(RuleId::fnd_16).size() == 1);
    book.lower(first, "30000.00");
  }
  SECTION("the one beyond the plan itself") {
    book.award("home2", "30000.00");
    book.recover("home2", "30000.00");
  }
  CHECK(book.run(RuleId::fnd_16).empty());
}

TEST_CASE("an award that stands in part counts, and one that is given again is the latest") {
  Book book(of_one_award());
  const auto first = book.award("home", "30000.00");
  const auto second = book.award("home2", "30000.00");
  book.lower(first, "29999.99");
  auto found = book.run(RuleId::fnd_16);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "home2");
  CHECK(found[0].evidence == std::vector<Evidence>{{second, 0}});
  book.lower(first, "0.01");
  const auto again = book.award("home", "10000.00");
  found = book.run(RuleId::fnd_16);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "home");
  CHECK(found[0].amount == yuan("10000.00"));
  CHECK(found[0].evidence == std::vector<Evidence>{{again, 0}});
}

TEST_CASE("an allotment is judged as it was corrected, not as it was recorded first") {
  Policy policy;
  policy.performance.emplace();
  policy.performance->allotment_by_assessment = true;
  Book book(policy);
  SECTION("the assessment was supplied") {
    const auto entry = book.allot("50000.00", "650502001");
    CHECK(book.run(RuleId::fnd_14).size() == 1);
    Allotment right = book.allotment(entry);
    right.evaluation = Text::parse("2021年度考核");
    book.correct(entry, right);
    CHECK(book.run(RuleId::fnd_14).empty());
  }
  SECTION("it was dropped, and the region was another") {
    const auto entry = book.allot("50000.00", "650502001", "2021年度考核");
    Allotment right = book.allotment(entry);
    right.evaluation.reset();
    right.region = id<RegionCode>("650502002");
    const auto correction = book.correct(entry, right);
    const auto found = book.run(RuleId::fnd_14);
    REQUIRE(found.size() == 1);
    CHECK(found[0].subject == "650502002");
    CHECK(found[0].evidence == std::vector<Evidence>{{entry}, {correction}});
    // It came from below after all.
    right.from_counterpart = true;
    book.correct(correction, right);
    CHECK(book.run(RuleId::fnd_14).empty());
  }
  SECTION("it is cancelled") {
    book.correct(book.allot("50000.00", "650502001"), std::nullopt);
    CHECK(book.run(RuleId::fnd_14).empty());
  }
}

TEST_CASE("counterpart money is missed of the fund that a correction names") {
  Book book(asks_for(100));
  const auto receipt = book.receipt("1000.00");
  const auto match = book.matched("1000.00");
  book.until("2021-12-31");
  CHECK(book.run(RuleId::fnd_03).empty());
  Correction correction;
  correction.corrects = match;
  correction.counterpart_receipt = Book::match("1000.00");
  SECTION("another fund") {
    correction.counterpart_receipt->fund = id<FundId>("G");
    book.add("2021-12-31", correction);
    const auto found = book.run(RuleId::fnd_03);
    REQUIRE(found.size() == 1);
    CHECK(found[0].amount == yuan("1000.00"));
    CHECK(found[0].evidence == std::vector<Evidence>{{receipt}});
  }
  SECTION("a receipt that is interest asks for none") {
    FundReceipt right = std::get<FundReceipt>(book.entries[receipt - 1].document);
    right.source = SourceLevel::interest;
    right.amount = yuan("5000.00");
    correction.corrects = receipt;
    correction.counterpart_receipt.reset();
    correction.fund_receipt = right;
    book.add("2021-12-31", correction);
    CHECK(book.run(RuleId::fnd_03).empty());
  }
}
