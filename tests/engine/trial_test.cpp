// What would be recorded is what is recorded, and trying leaves nothing (ledger/engine/trial.h).
#include "ledger/engine/trial.h"

#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

std::vector<Tried> tried(const Ledger& ledger, std::vector<Command> commands, BatchMode mode = BatchMode::atomic) {
  const auto view = ledger.view();
  return take(try_out(ledger, *view, std::move(commands), mode));
}

// Every row of the store.
std::string rows_of(const Ledger& ledger) {
  std::string rows;
  const auto view = ledger.view();
  for (std::size_t table = 0; table < store::kTables; ++table) {
    REQUIRE(view->raw().scan(store::Table(table), "", "", [&](std::string_view key, std::string_view value) {
      rows.append(key).append("=").append(value).append("\n");
      return true;
    }).ok());
  }
  return rows;
}

}  // namespace

TEST_CASE("what is tried is what submit() answers, and leaves no row") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 3);
  record(*ledger, issue(*ledger, 0, 1, 3));
  Command mixed = redemption("red-1", 0, {1, 77, 2});
  mixed.mode = LineMode::line_by_line;
  const std::vector<Command> all = {mixed, redemption("red-2", 0, {1}), redemption("red-3", 0, {3}),
                                    elder_registration("new", identity(elder_id(7), "老人7"))};
  const auto before = rows_of(*ledger);
  const auto trial = tried(*ledger, all, BatchMode::independent);
  CHECK(rows_of(*ledger) == before);
  const auto real = take(ledger->submit(all, BatchMode::independent));
  REQUIRE(trial.size() == real.size());
  for (std::size_t i = 0; i < real.size(); ++i) {
    CAPTURE(i);
    REQUIRE(trial[i].answer.index() == real[i].index());
    if (const auto* refusal = std::get_if<Refusal>(&real[i])) {
      CHECK(std::get<Refusal>(trial[i].answer).reason.en() == refusal->reason.en());
      CHECK(trial[i].entry.empty());
      continue;
    }
    const auto& receipt = std::get<Receipt>(real[i]);
    CHECK(std::get<Receipt>(trial[i].answer).refused_lines.size() == receipt.refused_lines.size());
    // To the byte, but for the salt of a commitment.
    const bool salted = trial[i].entry.find("commitment") != std::string::npos;
    CHECK((salted || trial[i].entry == take(ledger->view()->entry(receipt.index)).bytes));
  }
  // What was recorded meanwhile is repeated.
  const auto again = tried(*ledger, all, BatchMode::independent);
  CHECK(std::get<Receipt>(again[0].answer).repeated);
  CHECK(again[0].entry.empty());
}

TEST_CASE("more than is taken at once is not tried either") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  std::vector<Command> all(10'001, fund_receipt("many"));
  const auto real = ledger->submit(all, BatchMode::atomic);
  const auto trial = try_out(*ledger, *ledger->view(), all, BatchMode::atomic);
  REQUIRE_FALSE(real.ok());
  REQUIRE_FALSE(trial.ok());
  CHECK(trial.error().fault == Fault::invalid_argument);
  CHECK(trial.error().message == real.error().message);
}

TEST_CASE("trying to erase somebody erases nobody") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 1);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  record(*ledger, ended(person));
  const auto before = rows_of(*ledger);
  const auto trial = tried(*ledger, {erasure(person), fund_receipt("later")});
  CHECK(std::holds_alternative<Receipt>(trial[0].answer));
  CHECK(rows_of(*ledger) == before);
}
