// What the engine counts (ledger/counters.h), and the copy that a backup is made of.
#include <fstream>
#include <iterator>

#include "ledger/engine/files.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;
namespace fs = std::filesystem;

TEST_CASE("the engine counts what it records, repeats and refuses") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const auto& counters = ledger->counters();
  const std::uint64_t before = counters.entries, groups = counters.commit_us.sum();
  REQUIRE(counters.size == ledger->view()->size());
  record(*ledger, fund_receipt("a", 1));
  record(*ledger, fund_receipt("a", 1));
  std::vector<Command> wrong;
  wrong.push_back(fund_receipt("b", 0));
  REQUIRE(std::holds_alternative<Refusal>(take(ledger->submit(std::move(wrong), BatchMode::atomic))[0]));
  REQUIRE(counters.entries == before + 1);
  REQUIRE(counters.repeated == 1);
  REQUIRE(counters.refused[static_cast<std::size_t>(Reason::amount_not_positive)] == 1);
  REQUIRE(counters.size == ledger->view()->size());
  REQUIRE(counters.anchored == counters.size);
  REQUIRE(counters.commit_us.sum() > groups);
  REQUIRE(counters.last_time == kTime.unix_seconds());
  REQUIRE(ledger->waiting() == 0);

  // What no checkpoint covers, and since when; known again after opening.
  REQUIRE(counters.unsigned_since == kTime.unix_seconds());
  take(ledger->checkpoint());
  REQUIRE(counters.checkpoint == counters.size);
  REQUIRE(counters.unsigned_since == 0);
  record(*ledger, fund_receipt("c", 1));
  REQUIRE(counters.unsigned_since == kTime.unix_seconds());
  const std::uint64_t covered = counters.checkpoint, size = counters.size;
  ledger.reset();
  ledger = take(Ledger::open(home.path(), {}));
  REQUIRE(ledger->counters().checkpoint == covered);
  REQUIRE(ledger->counters().size == size);
  REQUIRE(ledger->counters().anchored == size);
  REQUIRE(ledger->counters().unsigned_since == kTime.unix_seconds());
}

TEST_CASE("a copy is a ledger of its own as of one head, and without keys") {
  TemporaryDirectory home, other;
  auto ledger = new_ledger(home.path());
  record(*ledger, fund_receipt("a", 1));
  const fs::path copy = other.path() / "copy";
  require_ok(ledger->copy_to(copy));
  const std::uint64_t size = ledger->view()->size();
  record(*ledger, fund_receipt("b", 1));  // the ledger goes on
  REQUIRE_FALSE(fs::exists(copy / "keys"));
  LedgerOptions options;
  options.keys = home.path() / "keys";
  const auto opened = take(Ledger::open(copy, options));  // its anchor fits its store
  REQUIRE(opened->view()->size() == size);
  REQUIRE(record(*opened, fund_receipt("a", 1)).repeated);
  // Nothing is left beside the ledger, and a name that is taken is refused.
  for (const auto& item : fs::directory_iterator(home.path())) {
    REQUIRE(item.path().filename().string().rfind("staging", 0) != 0);
  }
  const auto again = ledger->copy_to(copy);
  REQUIRE_FALSE(again.ok());
  REQUIRE(again.error().fault == Fault::invalid_argument);
}

TEST_CASE("a copy that cannot be made leaves nothing") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  const fs::path nowhere = home.path() / "no" / "such" / "place";
  REQUIRE_FALSE(ledger->copy_to(nowhere).ok());
  REQUIRE_FALSE(fs::exists(nowhere));
  // A directory that somebody made in between is somebody else's.
  const fs::path theirs = home.path() / "theirs";
  fs::create_directory(theirs);
  std::ofstream(theirs / "thesis") << "theirs";
  REQUIRE(copy_synced(home.path() / "db.1", theirs).error().fault == Fault::invalid_argument);
  REQUIRE(ledger->copy_to(theirs).error().fault == Fault::invalid_argument);
  REQUIRE(fs::exists(theirs / "thesis"));
  REQUIRE(std::distance(fs::directory_iterator(theirs), {}) == 1);
  record(*ledger, fund_receipt("a", 1));
}
