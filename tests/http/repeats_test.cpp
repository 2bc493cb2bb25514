// Which refusals the access log tells apart, and which it counts (api/access_log/repeats.h).
#include "api/access_log/repeats.h"

#include <catch2/catch.hpp>
#include <set>

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

TEST_CASE("beyond the allowance of a user whom it was about, from where and why is told, and nobody else's is touched") {
  constexpr int kAllowed = int(Repeats::kAllowance), kPeople = 30;
  Repeats repeats;
  int told = 0, alone = 0;
  std::set<std::string> people;
  for (int i = 0; i < kAllowed + 10 * kPeople; ++i) {
    auto record = refused("a", "1", "r");
    record.command = std::to_string(i);
    record.count = std::uint64_t(i);
    if (i >= kAllowed) record.person = std::to_string(i % kPeople);
    const auto now = repeats.add(record, kStart);
    if (!now) continue;
    ++told;
    alone += now->command.empty() ? 0 : 1;
    if (!now->person.empty()) people.insert(now->person);
    CHECK(now->actor == "a");
    CHECK(now->address == "1");
    CHECK(now->route == "GET /x");
  }
  CHECK(alone == kAllowed);
  CHECK(told == kAllowed + kPeople);
  CHECK(people.size() == kPeople);
  // Somebody else's are told as ever.
  auto other = refused("b", "2", "r");
  other.command = "c";
  CHECK(repeats.add(other, kStart)->command == "c");
  CHECK(repeats.pause("b", kStart) == 0s);
  std::uint64_t all = 0;
  for (const auto& record : repeats.take()) all += record.repeats;
  CHECK(told + int(all) == kAllowed + 10 * kPeople);
}

TEST_CASE("whoever used the allowance up waits until it comes back") {
  Repeats repeats;
  const auto spend = [&](int kinds, Repeats::Clock::time_point now) {
    for (int i = 0; i < kinds; ++i) {
      auto record = refused("a", "1", "r");
      record.person = std::to_string(i);
      repeats.add(record, now);
    }
  };
  CHECK(repeats.pause("a", kStart) == 0s);
  spend(int(Repeats::kAllowance) - 1, kStart);
  CHECK(repeats.pause("a", kStart) == 0s);
  spend(int(Repeats::kAllowance) + 500, kStart);
  CHECK(repeats.pause("a", kStart) == 6s);
  CHECK(repeats.pause("a", kStart + 4s) == 2s);
  CHECK(repeats.pause("a", kStart + 6s) == 0s);
}

TEST_CASE("however many people somebody asks about, the records and the wait are bounded") {
  constexpr int kPeople = 20'000, kAllowed = int(Repeats::kAllowance);
  Repeats repeats;
  int told = 0;
  std::uint64_t all = 0;
  for (int i = 0; i < kPeople; ++i) {
    auto record = refused("a", "1", "r");
    record.person = std::to_string(i);
    told += repeats.add(record, kStart) ? 1 : 0;
  }
  CHECK(told == 2 * kAllowed + 1);
  CHECK(repeats.pause("a", kStart) <= 11s);
  // That somebody was asked to wait is one record, whomever they asked about, and costs nothing.
  for (int i = 0; i < kPeople; ++i) {
    auto record = refused("b", "1", "r");
    record.outcome = Repeats::kAskedToWait;
    record.person = std::to_string(i);
    if (const auto now = repeats.add(record, kStart)) {
      ++told;
      CHECK(now->person.empty());
      CHECK(now->address == "1");
    }
  }
  CHECK(repeats.pause("b", kStart) == 0s);
  for (const auto& record : repeats.take()) all += record.repeats;
  CHECK(told == 2 * kAllowed + 2);
  CHECK(told + int(all) == 2 * kPeople);
}

TEST_CASE("whoever says to be a user makes that one wait for nothing, and is told by the name") {
  Repeats repeats;
  std::uint64_t told = 0, all = 0;
  for (int i = 0; i < 3000; ++i) {
    auto record = refused("", "2001:db8::" + std::to_string(i), "r");
    record.user = "boss";
    if (const auto now = repeats.add(record, kStart)) {
      ++told;
      CHECK(now->user == "boss");
    }
  }
  CHECK(told == std::uint64_t(Repeats::kAllowance) + 1);
  CHECK(repeats.pause("boss", kStart) == 0s);
  // Others who are not known are told beside them.
  CHECK(repeats.add(refused("", "1", "r"), kStart)->address == "1");
  for (const auto& record : repeats.take()) all += record.repeats;
  CHECK(told + all == 3000);
}

}  // namespace fundtrail::api
