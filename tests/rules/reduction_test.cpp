// Whose money a reduction may take back: what the calculation that it names brought, whatever is due,
// and of what others brought only what is not due any more.
#include <catch2/catch.hpp>

#include "ledger/core/accounts.h"
#include "ledger/rules/entitlement_rows.h"
#include "tests/rules/reduction_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;
using enum FundAccount;

namespace {

// The third quarter of somebody else.
const CalculationLine kOther{13, "2760.00", "1656.00", "1104.00", "184.00"};

Less of_quarter(int n, const std::string& amount, const std::string& period = "2025-04") {
  return {n, "f1", "district", amount, period};
}
Ask reduce_later(std::uint64_t entry, const std::vector<Less>& lines) {
  return reduce(entry, lines, "2025-07");
}
Ask error_undone() {
  return {kReg, "2025-07-03", "entitlement_reinstatement",
          "{'beneficiary':'" + person(11) + "','evidence':'e','reason':'error'}"};
}
Entry entry_of(const Ask& ask, std::uint64_t index, const std::vector<Posting>& postings) {
  Command command = Books::command_of(ask);
  Entry entry;
  entry.actor = command.actor;
  entry.date = command.date;
  entry.document = std::move(command.document);
  entry.index = index;
  entry.policy = command.policy;
  entry.postings = postings;
  entry.time = command.time;
  return entry;
}

}  // namespace

TEST_CASE("whoever lowers one person's calculation cannot let another be paid twice") {
  Books b = approved_only();
  pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
  const auto entry = must(b, calculate("2025-07-04", "2025-07", {kOther}));
  CHECK(b.ask(reduce_later(entry, {of_quarter(11, "1638.00")})) == "amount-mismatch");
  CHECK(b.refusal().field == "lines[0].amount");
  CHECK(b.refusal().detail == "<= 0.00");
  CHECK(b.ask(calculate("2025-07-06", "2025-04", {kFull})) == "amount-mismatch");
  SECTION("what the calculation itself brought goes down, and comes again") {
    must(b, reduce_later(entry, {of_quarter(13, "1656.00", "2025-07"),
                                 {13, "f2", "street", "1104.00", "2025-07"}}));
    CHECK(b.ask(calculate("2025-07-06", "2025-07", {kOther})) == "ok");
    CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "1656.00");
    // The one that was lowered has nothing left, although as much is calculated.
    CHECK(b.ask(reduce_later(entry, {of_quarter(13, "1.00", "2025-07")})) == "net-negative");
  }
  SECTION("what is not due any more goes down, to the fen and once") {
    must(b, died(11, "2025-05-10"));
    CHECK(b.ask(reduce_later(entry, {of_quarter(11, "918.01")})) == "amount-mismatch");
    CHECK(b.refusal().detail == "<= 918.00");
    must(b, reduce_later(entry, {of_quarter(11, "918.00")}));
    CHECK(b.ask(reduce_later(entry, {of_quarter(11, "0.01")})) == "amount-mismatch");
  }
  check_replay(b);
}

TEST_CASE("a calculation that was lowered in part has only the rest to give") {
  Books b = approved_only();
  const auto first = must(b, calculate("2025-04-01", "2025-04", {kFull, kHalf}));
  must(b, reduce(first, {of_quarter(11, "638.00")}));
  const auto second = must(
      b, calculate("2025-07-04", "2025-07",
                   {{11, "638.00", "638.00", "0.00", "182.00", "2025-04"}, kOther}));
  // 1,638.00 are calculated again, of which the first brought 1,000.00 and the second 638.00.
  CHECK(b.ask(reduce(first, {of_quarter(11, "1000.01")})) == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 1000.00");
  CHECK(b.ask(reduce_later(second, {of_quarter(11, "638.01")})) == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 638.00");
  must(b, reduce_later(second, {of_quarter(11, "638.00")}));
  CHECK(b.ask(reduce(first, {of_quarter(11, "1000.00")})) == "ok");
  check_replay(b);
}

TEST_CASE("one line takes what the calculation brought and what others brought too much") {
  Books b = approved_only();
  must(b, died(11, "2025-05-10"));
  pay_calculation(b, must(b, calculate("2025-04-01", "2025-04",
                           {{11, "1200.00", "720.00", "480.00", "80.00"}})), "1200.00");
  must(b, error_undone());
  const auto entry = must(b, calculate("2025-07-04", "2025-07",
                                       {{11, "1530.00", "918.00", "612.00", "182.00", "2025-04"},
                                        kOther}));
  CHECK(b.ask(reduce_later(entry, {of_quarter(11, "918.01")})) == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 918.00");
  must(b, with(died(11, "2025-04-10"), "2025-07-02", "2025-07-04"));  // 180.00 are due
  CHECK(b.ask(reduce_later(entry, {of_quarter(11, "1458.01")})) == "amount-mismatch");
  CHECK(b.refusal().detail == "<= 1458.00");
  must(b, reduce_later(entry, {of_quarter(11, "1458.00")}));
  CHECK(b.ask(reduce_later(entry, {of_quarter(11, "0.01")})) == "amount-mismatch");
  check_replay(b);
}

TEST_CASE("what others brought goes down in a calculation of the person's region only") {
  const std::string other = "320412002";
  Books b = approved_only();
  pay_calculation(b, must(b, calculate("2025-04-01", "2025-04", {kFull})), "2730.00");
  must(b, died(11, "2025-05-10"));
  must(b, {kReg, "2024-01-01", "beneficiary_registration",
           with({"", "", "", registered(14, "disabled")}, kTown, other).doc, "",
           "homecare-district@1", false, id_number("19300101", 14)});
  for (const std::string fund : {"f1", "f2"}) {
    must(b, {kPrep, "2024-01-02", "fund_receipt",
             "{'account':'a1','amount':'5000.00','bank_reference':'more-" + fund +
                 "','document_no':'d','fund':'" + fund + "','source':'district'}"});
    must(b, {kPrep, "2024-01-02", "allotment",
             "{'amount':'5000.00','document_no':'d2','from_counterpart':false,'fund':'" + fund +
                 "','programme':'homecare','region':'" + other + "'}",
             "", "homecare-district@1"});
  }
  CalculationLine line = kOther;
  line.n = 14;
  const auto entry = must(b, with(calculate("2025-07-04", "2025-07", {line}), kTown, other));
  CHECK(b.ask(reduce_later(entry, {of_quarter(11, "918.00")})) == "region-mismatch");
  CHECK(b.refusal().field == "lines[0].beneficiary");
  CHECK(b.ask(reduce_later(entry, {of_quarter(14, "1656.00", "2025-07")})) == "ok");
}

TEST_CASE("a calculation from before its parts were kept gives only what is not due any more") {
  Books b = approved_only();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  MapState old = b.state();
  old.rows.erase(brought_key(entry));
  const auto decided = [&](const std::string& amount) {
    return decide(old, Books::command_of(reduce(entry, {of_quarter(11, amount)})));
  };
  REQUIRE(std::holds_alternative<Refused>(decided("918.00")));
  must(b, died(11, "2025-05-10"));
  old = b.state();
  old.rows.erase(brought_key(entry));
  REQUIRE(std::holds_alternative<Refused>(decided("918.01")));
  const auto accepted = decided("918.00");
  REQUIRE(std::holds_alternative<Accepted>(accepted));
  Overlay overlay(old);
  apply(overlay, entry_of(reduce(entry, {of_quarter(11, "918.00")}), b.size(),
                          std::get<Accepted>(accepted).postings));
  CHECK(overlay.find(brought_key(entry)) == nullptr);
}

TEST_CASE("what is given once goes down once, whatever the months of the lines") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["cycle"] = "once";
  policy["programmes"][0]["entitlement"]["basis"] = "approved";
  Books b = homecare(policy);
  const CalculationLine a{11, "930.00", "558.00", "372.00", "62.00"};
  const CalculationLine c{13, "930.00", "558.00", "372.00", "62.00"};
  const auto entry = must(b, calculate("2025-05-01", "2025-05", {a, c}));
  CHECK(b.ask(reduce(entry, {of_quarter(11, "558.00", "2025-05"),
                             of_quarter(11, "558.00", "2025-04")}, "2025-05")) == "duplicate-line");
  CHECK(b.ask(reduce(entry, {of_quarter(11, "558.01", "2025-04")}, "2025-05")) ==
        "amount-mismatch");
  must(b, reduce(entry, {of_quarter(11, "558.00", "2025-04")}, "2025-05"));
  CHECK(b.ask(reduce(entry, {of_quarter(11, "0.01", "2025-05")}, "2025-05")) ==
        "amount-mismatch");
  CHECK(b.balance(accrued, "f1/homecare/320412001/p1") == "558.00");
  CHECK(b.ask(calculate("2025-07-06", "2025-05", {{11, "558.00", "558.00", "0.00", "62.00"}})) ==
        "ok");
  check_replay(b);
}

TEST_CASE("a reduction is not found out in a period that has not begun") {
  Json policy = scheme("homecare-district");
  policy["programmes"][0]["entitlement"]["basis"] = "approved_then_delivered";
  Books b = homecare(policy);
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  CHECK(b.ask(reduce(entry, {of_quarter(11, "1638.00")}, "2025-10")) == "date-too-early");
  CHECK(b.refusal().field == "date");
  CHECK(b.refusal().detail == "2025-10-01");
  must(b, reduce(entry, {of_quarter(11, "1638.00")}));
  CHECK(!now(b, 11, "2025-04").final_basis);
  CHECK(b.ask(calculate("2025-04-02", "2025-04", {{11, "1638.00", "1638.00", "0.00", "182.00"}})) ==
        "ok");
}

TEST_CASE("a row has room for as many funds as a programme may have") {
  std::vector<SourceAmount> amounts;
  for (unsigned i = 0; i < ProgrammeRow::kMaxSources; ++i) amounts.push_back({i, 100 + i});
  std::string row;
  CalculatedRow::add(row, month("2025-04"), *ProviderId::parse("p1"), false, amounts);
  CalculatedRow::add(row, month("2025-07"), *ProviderId::parse("p1"), false, amounts);
  CalculatedRow rows(row);
  for (int i = 0; i < 2; ++i) {
    CalculatedRow::Item item;
    REQUIRE(rows.next(item));
    REQUIRE(item.size() == amounts.size());
    CHECK(item.at(item.size() - 1).fen == amounts.back().fen);
  }
}

TEST_CASE("what a settlement claimed is lowered from the day of its return on") {
  Books b = approved_only();
  const auto entry = must(b, calculate("2025-04-01", "2025-04", {kFull}));
  must(b, settle_calculation(entry, "2730.00"));
  CHECK(b.ask(reduce(entry, {of_quarter(11, "638.00")})) == "already-settled");
  must(b, {"wu.reviewer", "2025-07-11", "settlement_return", "{'reason':'r','settlement':'s1'}"});
  CHECK(b.ask(reduce(entry, {of_quarter(11, "638.00")})) == "date-too-early");
  CHECK(b.refusal().field == "doc.calculation");
  CHECK(b.refusal().detail == "2025-07-11");
  must(b, with(reduce(entry, {of_quarter(11, "638.00")}), "2025-07-05", "2025-07-11"));
  check_replay(b);
}
