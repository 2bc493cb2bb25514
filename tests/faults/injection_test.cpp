// Every write, sync, rename, read, ... of a scripted life fails in turn, in every way that disks and
// power fail. Each time the ledger either did it or refused clearly; what it acknowledged is there
// once; it opens again on a sound machine, verifies and goes on. Where the power stayed on, it is opened
// and told everything once more before the power goes after all.
//
// Which of them: tests/faults/sampling.h.
#include <iostream>

#include "tests/faults/sampling.h"
#include "tests/faults/workload.h"

using namespace fundtrail;
using namespace fundtrail::faults;
using test::TemporaryDirectory;

namespace {

constexpr std::size_t kSample = 5;  // of each kind of operation and failure
constexpr int kSteps = 24;

void copy_ledger(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

std::vector<Failure> failures_of(Operation operation) {
  switch (operation) {
    case Operation::write:
    case Operation::anchor_write:
      return {Failure::eio, Failure::enospc, Failure::short_write, Failure::torn_write,
              Failure::power, Failure::kill};
    case Operation::create:
      return {Failure::eio, Failure::enospc, Failure::power, Failure::kill};
    case Operation::read:
      return {Failure::eio};
    default:
      return {Failure::eio, Failure::power, Failure::kill};
  }
}

}  // namespace

TEST_CASE("each operation of the machine fails in turn, and nothing acknowledged is lost") {
  const Pace pace = GENERATE(Pace::one_by_one, Pace::overlapping);
  const unsigned number = seed();
  INFO("FUNDTRAIL_SEED=" << number);
  std::mt19937 random(number);
  TemporaryDirectory home;
  const fs::path sound = home.path() / "sound", place = home.path() / "place";
  {
    auto ledger = test::new_ledger(sound);
    test::record(*ledger, test::fund_receipt("before"));
  }
  const auto steps = script(kSteps);

  // How many operations of each kind a life has that nothing befalls.
  copy_ledger(sound, place);
  std::map<Operation, std::size_t> counts;
  {
    Life life(place, pace);
    const auto outcome = life.live(std::nullopt, steps);
    REQUIRE(outcome.broken.empty());
    REQUIRE(outcome.acknowledged.size() == kSteps + kSteps / 3);
    for (const auto operation : kOperations) counts[operation] = life.count(operation);
    REQUIRE(Life::check(place, outcome, steps).empty());
  }
  std::size_t lives = 0, reached = 0, refused = 0;
  for (const auto operation : kOperations) {
    for (const auto failure : failures_of(operation)) {
      for (const std::size_t at : places(counts[operation], kSample, random)) {
        copy_ledger(sound, place);
        Life life(place, pace);
        auto outcome = life.live(Plan{operation, at, failure}, steps);
        ++lives;
        if (!life.failed().empty()) ++reached;
        if (!outcome.opened || outcome.refusing) ++refused;
        INFO("failed: " << life.failed() << (outcome.opened ? "" : " while opening"));
        if (failure != Failure::power && failure != Failure::torn_write) life.live_on(steps, outcome);
        CHECK(outcome.broken == "");
        CHECK(Life::check(place, outcome, steps) == "");
      }
    }
  }
  std::cout << "faults" << (pace == Pace::overlapping ? ", overlapping" : "") << ": seed " << number << ", " << lives << " lives, " << reached
            << " met their fault, " << refused << " refused";
  for (const auto operation : kOperations) {
    std::cout << ", " << name_of(operation) << " " << counts[operation];
  }
  std::cout << "\n";
  // All kinds happen in this script; else the test would prove less than it says.
  for (const auto operation : {Operation::create, Operation::write, Operation::sync,
                               Operation::rename, Operation::read, Operation::remove,
                               Operation::anchor_write, Operation::anchor_sync}) {
    INFO(name_of(operation));
    CHECK(counts[operation] > 0);
  }
  CHECK(reached > lives / 2);
}
