// Each call of the machine fails in turn while the copy for a backup is made. A copy that was not made is
// not there, nothing of it lies beside the ledger, and nothing is thrown; the next one is whole.
#include "tests/machine/lives.h"

using namespace fundtrail;
using namespace fundtrail::machine;
using test::TemporaryDirectory;

TEST_CASE("each call of the machine fails in turn while a copy is made") {
  const unsigned number = faults::seed();
  INFO("FUNDTRAIL_SEED=" << number);
  std::mt19937 random(number);
  TemporaryDirectory home;
  const fs::path place = home.path() / "place", copy = place / "copy";
  fs::create_directory(place);
  auto ledger = test::new_ledger(place / "ledger");
  const std::string lies = listing(place / "ledger");

  watch(place);
  begin(std::nullopt);
  test::require_ok(ledger->copy_to(copy));
  end();
  std::map<Operation, std::size_t> counts;
  for (const auto operation : kOperations) counts[operation] = count(operation);
  fs::remove_all(copy);

  std::size_t refused = 0;
  for (const auto operation : kOperations) {
    for (const std::size_t at : faults::places(counts[operation], 8, random)) {
      begin(Plan{operation, at, Failure::eio});
      const auto copied = ledger->copy_to(copy);
      end();
      INFO("failed: " << failed() << (copied.ok() ? "" : "; " + copied.error().message));
      CHECK(fs::exists(copy) == copied.ok());
      if (copied.ok()) CHECK(verify(copy) == "");
      fs::remove_all(copy);
      ledger.reset();  // what could not be removed now goes with the next opening
      ledger = test::take(Ledger::open(place / "ledger", {}));
      CHECK(listing(place / "ledger") == lies);
      refused += copied.ok() ? 0 : 1;
    }
  }
  CHECK(refused > 5);
}
