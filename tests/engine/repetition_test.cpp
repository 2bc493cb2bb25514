// A repeated command gets the whole answer again; a submission has its limits; a person can be erased.
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

TEST_CASE("a repeated receipt names the refused lines again") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 3);
  record(*ledger, issue(*ledger, 0, 1, 3));
  Command mixed = redemption("red-1", 0, {1, 77, 2, 1});
  mixed.mode = LineMode::line_by_line;
  const Receipt first = record(*ledger, mixed);
  REQUIRE(first.refused_lines.size() == 2);
  SECTION("while it is open") {}
  SECTION("after reopening") {
    ledger.reset();
    ledger = take(Ledger::open(home.path(), {}));
  }
  const Receipt again = record(*ledger, mixed);
  REQUIRE(again.repeated);
  REQUIRE(again.index == first.index);
  REQUIRE(again.refused_lines.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto &a = first.refused_lines[i], &b = again.refused_lines[i];
    CHECK(a.line == b.line);
    CHECK(a.field == b.field);
    CHECK(a.zh() == b.zh());
    CHECK(a.en() == b.en());
    CHECK(a.reason == b.reason);
  }
  CHECK(take(ledger->view()->find_command(mixed.id)) == first.index);
  mixed.mode = LineMode::atomic;  // asks for something else
  CHECK(refused(*ledger, mixed).reason < Reason::not_open);
  Command whole = redemption("red-2", 0, {3});
  record(*ledger, whole);
  whole.mode = LineMode::line_by_line;
  CHECK(refused(*ledger, whole).reason == Reason::command_id_reused);
}

TEST_CASE("a submission beyond the limits is refused whole") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  std::vector<Command> many(10'001, fund_receipt("r"));
  const auto answers = ledger->submit(std::move(many), BatchMode::independent);
  REQUIRE(answers.error().fault == Fault::invalid_argument);
  REQUIRE(ledger->view()->size() == kFirst);
  REQUIRE_FALSE(ledger->refusing());
}
