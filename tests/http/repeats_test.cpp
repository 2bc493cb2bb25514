// Which refusals the access log tells apart, and which it counts (api/access_log/repeats.h).
#include "api/access_log/repeats.h"

#include <catch2/catch.hpp>

namespace fundtrail::api {
namespace {

using namespace std::chrono_literals;

const Repeats::Clock::time_point kStart{1h};

AccessRecord refused(std::string actor, std::string address, std::string request) {
  AccessRecord record;
  record.action = AccessAction::refused;
  record.actor = std::move(actor);
  record.address = std::move(address);
  record.request = std::move(request);
  record.route = "GET /x";
  record.outcome = "forbidden";
  record.status = 403;
  return record;
}

}  // namespace

TEST_CASE("the first refusal of a kind is told at once, those like it when the window ends") {
  Repeats repeats;
  CHECK(repeats.add(refused("a", "1", "r1"), kStart)->repeats == 0);
  CHECK_FALSE(repeats.counting());
  CHECK_FALSE(repeats.add(refused("a", "1", "r2"), kStart + 1s));
  CHECK_FALSE(repeats.add(refused("a", "1", "r3"), kStart + 9s));
  CHECK(repeats.add(refused("b", "1", "r4"), kStart + 9s));
  CHECK(repeats.add(refused("a", "2", "r5"), kStart + 9s));
  auto other = refused("a", "1", "r6");
  other.command = "c";
  CHECK(repeats.add(other, kStart + 9s));
  CHECK_FALSE(repeats.due(kStart + 9s));
  REQUIRE(repeats.due(kStart + 10s));
  // Late, but before somebody took the counts: still of the same window.
  CHECK_FALSE(repeats.add(refused("a", "1", "r7"), kStart + 11s));
  const auto counted = repeats.take();
  REQUIRE(counted.size() == 1);
  CHECK(counted[0].repeats == 3);
  CHECK(counted[0].request == "r7");
  CHECK(counted[0].route == "GET /x");
  CHECK(repeats.take().empty());
  CHECK(repeats.add(refused("a", "1", "r8"), kStart + 12s));
}

TEST_CASE("a window in which nothing was repeated ends by itself") {
  Repeats repeats;
  CHECK(repeats.add(refused("a", "1", "r1"), kStart));
  CHECK_FALSE(repeats.due(kStart + 10s));
  CHECK(repeats.add(refused("a", "1", "r2"), kStart + 10s));
  CHECK_FALSE(repeats.add(refused("a", "1", "r3"), kStart + 19s));
}

TEST_CASE("a crowd of strangers is bounded, loses no count and hides no user") {
  Repeats repeats;
  std::size_t told = 0;
  std::uint64_t all = 0;
  for (int i = 0; i < 5000; ++i) {
    auto record = refused("", "2001:db8::" + std::to_string(i / 2), "r");
    record.person = std::to_string(i);
    told += repeats.add(record, kStart).has_value();
  }
  CHECK(told == Repeats::kStrangers + 1);
  const auto user = repeats.add(refused("a", "1", "r"), kStart);
  REQUIRE(user);
  CHECK(user->address == "1");
  for (const auto& record : repeats.take()) {
    all += record.repeats;
    CHECK(record.person.empty());
    if (record.address != Repeats::kAnywhere) CHECK(record.repeats == 1);
    else CHECK(record.route.empty());
  }
  CHECK(told + all == 5000);
}

TEST_CASE("what a user is refused beyond the bound still names the user") {
  Repeats repeats;
  std::size_t told = 0;
  for (std::size_t i = 0; i < Repeats::kUsers + 10; ++i) {
    auto record = refused("a", "1", "r");
    record.command = std::to_string(i);
    const auto now = repeats.add(record, kStart);
    if (!now) continue;
    ++told;
    CHECK(now->actor == "a");
  }
  CHECK(told == Repeats::kUsers + 1);
  const auto counted = repeats.take();
  REQUIRE(counted.size() == 1);
  CHECK(counted[0].repeats == 9);
  CHECK(counted[0].actor == "a");
  CHECK(counted[0].address == Repeats::kAnywhere);
  CHECK(counted[0].command.empty());
}

}  // namespace fundtrail::api
