// A bill is claimed once. Withdrawn, it is free for somebody else when the money on it was taken back, and
// whoever uploads it does not alone withdraw what was calculated.
#include <catch2/catch.hpp>

#include "tests/rules/homecare_scene.h"

using namespace fundtrail;
using namespace fundtrail::rules;

namespace {

Ask with(Ask ask, const std::string& from, const std::string& to) {
  for (std::string* text : {&ask.doc, &ask.lines, &ask.who}) {
    if (const auto at = text->find(from); at != text->npos) text->replace(at, from.size(), to);
  }
  return ask;
}
// The homecare scene, paid for what was delivered; two programmes without a group.
Books delivered(bool by_age = false, const std::string& basis = "delivered") {
  Json policy = scheme("homecare-district");
  for (auto& programme : policy["programmes"]) {
    if (programme.contains("entitlement")) programme["entitlement"].erase("exclusive_group");
  }
  auto& terms = policy["programmes"][0]["entitlement"];
  terms["basis"] = basis;
  if (by_age) {
    for (auto& band : terms["tariff"]) band["age_from"] = 60;
  }
  return homecare(policy);
}
Ask billed(const std::string& date, int n, const std::string& number,
           const std::string& who = "p1.provider") {
  Ask ask = with(services(date, n), "'date'", "'bill':'30.00','bill_no':'" + number + "','date'");
  ask.who = who;
  return ask;
}
Ask withdraw(const std::string& date, int n, const std::string& who) {
  return {who, "2025-07-01", "service_withdrawal",
          "{'programme':'homecare','provider':'p1','reason':'r'}",
          "[{'beneficiary':'" + person(n) + "','date':'" + date +
              "','item':'bathing','worker':'w1'}]"};
}
// Two hours of 15.00 a service: 30.00, of which the district bears 60 %.
std::uint64_t calculated(Books& b, int times = 1) {
  const auto of = [&](int fen) { return Money::of_fen(fen * times).str(); };
  Ask ask = calculate("2025-07-01", "2025-07",
                      {{11, of(3000), of(1800), of(1200), Quantity(200 * times).str(), "2025-04"}});
  ask.birth = "1930-01-01";
  return must(b, ask);
}
Ask reduce(std::uint64_t entry, const std::string& district, const std::string& street) {
  const auto line = [&](const std::string& amount, const std::string& fund,
                        const std::string& level) {
    return "{'amount':'" + amount + "','beneficiary':'" + person(11) + "','fund':'" + fund +
           "','level':'" + level + "','period':'2025-04'}";
  };
  return {kPrep, "2025-07-05", "calculation_reduction",
          "{'calculation':" + std::to_string(entry) + ",'period':'2025-07','reason':'r'}",
          "[" + line(district, "f1", "district") + "," + line(street, "f2", "street") + "]",
          "homecare-district@1"};
}
Ask recover(const std::string& fund, const std::string& level, const std::string& amount) {
  return {kPrep, "2025-07-20", "recovery_decision",
          "{'amount':'" + amount + "','entitlement':{'beneficiary':'" + person(11) +
              "','level':'" + level + "','period':'2025-04'},'fund':'" + fund +
              "','programme':'homecare','provider':'p1','reason':'r','recovery':'v-" + fund +
              "','region':'" + kTown + "'}",
          "", "homecare-district@1"};
}
void check_replay(const Books& b) { CHECK(b.replay().rows == b.state().rows); }

}  // namespace

TEST_CASE("before anything is calculated the provider sets its own bills right") {
  Books b = delivered();
  must(b, billed("2025-05-10", 11, "B-1"));
  CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "duplicate-bill");
  must(b, withdraw("2025-05-10", 11, "p1.provider"));
  CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "ok");
  check_replay(b);
}

TEST_CASE("a bill on which money stands is nobody else's, however it was withdrawn") {
  Books b = delivered();
  must(b, billed("2025-05-10", 11, "B-1"));
  const auto entry = calculated(b);
  CHECK(b.ask(withdraw("2025-05-10", 11, "p1.provider")) == "bill-calculated");
  CHECK(b.refused_lines()[0].field == "lines[0].item");
  must(b, withdraw("2025-05-10", 11, kPrep));
  CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "bill-calculated");
  CHECK(b.refusal().subject == "B-1");
  CHECK(b.refusal().detail == person(11));
  SECTION("the same person's right record may follow at once") {
    must(b, billed("2025-05-12", 11, "b-1"));
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "duplicate-bill");
    must(b, withdraw("2025-05-12", 11, kPrep));
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "bill-calculated");
  }
  SECTION("taken off before it is settled, it is free") {
    must(b, reduce(entry, "17.99", "12.00"));
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "bill-calculated");
    Ask rest = reduce(entry, "0.01", "12.00");
    rest.lines = rest.lines.substr(0, rest.lines.find("},{")) + "}]";
    must(b, rest);
    must(b, billed("2025-05-11", 13, "B-1"));
    CHECK(b.ask(billed("2025-05-12", 11, "B-1")) == "duplicate-bill");
    must(b, withdraw("2025-05-11", 13, "p1.provider"));  // nothing stands on it any more
    CHECK(b.ask(billed("2025-05-12", 11, "B-1")) == "ok");
  }
  SECTION("recovered after it was paid, it is free") {
    pay_calculation(b, entry, "30.00");
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "bill-calculated");
    must(b, recover("f1", "district", "18.00"));
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "bill-calculated");
    must(b, recover("f2", "street", "12.00"));
    CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "ok");
  }
  check_replay(b);
}

TEST_CASE("what is due for the person's other bills keeps none of them") {
  const bool by_age = GENERATE(false, true);  // by age nobody can say what is due without a birth date
  Books b = delivered(by_age);
  must(b, billed("2025-05-10", 11, "B-1"));
  must(b, billed("2025-05-11", 11, "B-2"));
  const auto entry = calculated(b, 2);
  must(b, withdraw("2025-05-10", 11, kPrep));
  CHECK(b.ask(billed("2025-05-12", 13, "B-1")) == "bill-calculated");
  must(b, reduce(entry, "18.00", "12.00"));
  CHECK(b.ask(billed("2025-05-12", 13, "B-1")) == "ok");
  CHECK(b.ask(billed("2025-05-13", 13, "B-2")) == "duplicate-bill");
  check_replay(b);
}

TEST_CASE("an advance rests on the approval and keeps no bill") {
  Books b = delivered(false, "approved_then_delivered");
  must(b, calculate("2025-07-01", "2025-04", {kFull}));
  must(b, billed("2025-05-10", 11, "B-1"));
  must(b, withdraw("2025-05-10", 11, "p1.provider"));
  CHECK(b.ask(billed("2025-05-11", 13, "B-1")) == "ok");
  check_replay(b);
}

TEST_CASE("a service from before bills were kept takes no bill from another programme") {
  Books b = delivered();
  const auto elsewhere = [](Ask ask) {
    return with(ask, "'programme':'homecare'", "'programme':'institution'");
  };
  const Ask plain = with(services("2025-05-14", 11), "'date'", "'bill':'30.00','date'");
  must(b, plain);
  b.forget_rows('t');
  must(b, elsewhere(plain));  // nothing is known of the first
  must(b, withdraw("2025-05-14", 11, kPrep));
  CHECK(b.ask(plain) == "duplicate-bill");  // it counts for the other
  CHECK(b.refusal().detail == "institution");
  must(b, elsewhere(withdraw("2025-05-14", 11, kPrep)));
  CHECK(b.ask(plain) == "ok");
}
