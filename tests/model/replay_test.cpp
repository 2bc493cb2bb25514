// The log is the book: the entries alone lead to the state that is stored, byte for byte, however the
// commands came in groups.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "tests/engine/scene.h"
#include "tests/model/replay.h"
#include "tests/model/world.h"

using namespace fundtrail;
using namespace fundtrail::model;

namespace {

void check_replay(const Ledger& ledger) {
  const auto view = ledger.view();
  const Rows stored = stored_rows(*view);
  REQUIRE(stored.size() >= 3);
  for (const std::size_t group : {std::size_t(1), std::size_t(7), std::size_t(1'000'000)}) {
    INFO("groups of " << group);
    CHECK(difference(stored, replayed_rows(*view, group)).value_or("") == "");
  }
}

// A long script as it was accepted, by a ledger that was opened with its prologue.
std::vector<Command> long_script(const Ledger& ledger, unsigned seed, int length) {
  const auto pseudonym = [&](const std::string& id) { return ledger.vault().pseudonym_of(id); };
  Script script(pseudonym);
  NaiveLedger book(test::opening_request());
  std::vector<Command> commands = script.prologue();
  book.submit(commands, BatchMode::atomic, pseudonym);
  std::mt19937 random(seed);
  const auto byte = [&] { return static_cast<std::uint8_t>(random()); };
  while (length-- > 0) {
    const Op op{byte(), byte(), byte(), byte(), byte(), byte(), byte()};
    if (act_of(op) != Act::command) continue;
    commands.push_back(script.command(op, book));
    book.submit({commands.back()}, BatchMode::independent, pseudonym);
  }
  return commands;
}

void copy_ledger(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive |
                                      std::filesystem::copy_options::copy_symlinks);
}

}  // namespace

TEST_CASE("the state does not tell in which groups the commands came", "[replay]") {
  const unsigned seed = std::random_device()();
  INFO("seed " << seed);
  test::TemporaryDirectory home;
  test::take(Ledger::create(home.path() / "empty", test::opening_request(), {})).reset();
  std::vector<Command> commands;
  std::optional<Rows> first;
  // One by one, in batches, with re-openings between, and the whole at once.
  for (const std::size_t batch : {1, 9, 40, 1'000'000}) {
    const auto directory = home.path() / std::to_string(batch);
    copy_ledger(home.path() / "empty", directory);  // the same keys, so the same pseudonyms
    auto ledger = test::take(Ledger::open(directory, {}));
    if (commands.empty()) commands = long_script(*ledger, seed, 400);
    for (std::size_t from = 0; from < commands.size(); from += batch) {
      const auto end = std::min(from + batch, commands.size());
      std::vector<Command> part(commands.begin() + std::ptrdiff_t(from),
                                commands.begin() + std::ptrdiff_t(end));
      test::take(ledger->submit(std::move(part), BatchMode::independent));
      if (batch == 40) {
        ledger.reset();
        ledger = test::take(Ledger::open(directory, {}));
      }
    }
    check_replay(*ledger);
    const Rows rows = stored_rows(*ledger->view());
    if (!first) first = rows;
    CHECK(difference(*first, rows).value_or("") == "");
  }
}

TEST_CASE("a ledger that many write to at once replays to its state", "[replay]") {
  test::TemporaryDirectory home;
  auto ledger = test::scene(home.path(), 40);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 4; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = 0; i < 20; ++i) {
        const std::string id = std::to_string(writer) + "." + std::to_string(i);
        const int serial = 1 + writer * 1000 + i * 8;
        std::vector<Command> commands = {test::fund_receipt(id, 100 + i),
                                         test::issue(*ledger, 1 + writer, serial, 5),
                                         test::redemption("r" + id, 1 + writer, {serial, serial + 1})};
        if (!ledger->submit(std::move(commands), BatchMode(i % 2)).ok()) std::abort();
      }
    });
  }
  for (auto& writer : writers) writer.join();
  check_replay(*ledger);
}

// tests/model/test_replay.py runs this on the fixtures' years, which the program has imported.
TEST_CASE("replays the ledger in FUNDTRAIL_REPLAY", "[.][replay-given]") {
  const char* directory = std::getenv("FUNDTRAIL_REPLAY");
  REQUIRE(directory != nullptr);
  const auto ledger = test::take(Ledger::open(directory, {}));
  REQUIRE(ledger->view()->size() > 20);
  check_replay(*ledger);
}
