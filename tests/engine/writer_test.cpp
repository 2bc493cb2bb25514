// Many callers at one writer: everybody is answered once, and the same command sent by many at the
// same time is recorded once.
#include "ledger/engine/writer.h"

#include <atomic>
#include <future>
#include <thread>

#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

std::vector<Prepared> nothing() { return std::vector<Prepared>(1, Prepared{Command{}}); }

std::vector<Answer> answer(std::uint64_t index) {
  Receipt receipt;
  receipt.index = index;
  return {receipt};
}

void at_the_same_time(std::size_t threads, const std::function<void(std::size_t)>& work) {
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < threads; ++i) running.emplace_back(work, i);
  for (auto& thread : running) thread.join();
}

}  // namespace

TEST_CASE("callers that wait and callers that do not are answered once each, with their own answer") {
  constexpr std::size_t kThreads = 24, kRounds = 40;
  std::atomic<std::uint64_t> next{0}, largest{0};
  std::atomic<std::size_t> answered{0};
  std::vector<std::atomic<int>> seen(kThreads * kRounds * 2);
  {
    const auto started = take(Writer::start(10, [&](Writer::Submissions& group) {
      largest = std::max<std::uint64_t>(largest, group.size());
      for (auto& submission : group) submission->outcome = answer(next++);
    }, [](Writer::Submissions&) {}));
    Writer& writer = *started;
    const auto count = [&](const Result<std::vector<Answer>>& result) {
      ++seen[std::get<Receipt>(result->front()).index];
      ++answered;
    };
    at_the_same_time(kThreads, [&](std::size_t) {
      for (std::size_t i = 0; i < kRounds; ++i) {
        writer.submit_async(nothing(), BatchMode::atomic, count);
        count(writer.submit(nothing(), BatchMode::atomic));
      }
    });
    REQUIRE(writer.run([] {}));  // behind everything
    CHECK(answered == kThreads * kRounds * 2);
    writer.stop();
    CHECK(writer.submit(nothing(), BatchMode::atomic).error().fault == Fault::unavailable);
    std::optional<Fault> late;
    writer.submit_async(nothing(), BatchMode::atomic,
                        [&](auto result) { late = result.error().fault; });
    CHECK(late == Fault::unavailable);
    CHECK_FALSE(writer.run([] {}));
  }
  CHECK(largest <= 10);
  CHECK(std::all_of(seen.begin(), seen.end(), [](const auto& times) { return times == 1; }));
}

TEST_CASE("a sync that once took long does not make the next caller wait as long for company") {
  using Clock = std::chrono::steady_clock;
  constexpr auto kOneSync = std::chrono::seconds(2);
  std::atomic<int> settled{0};
  const auto started = take(Writer::start(
      100,
      [](Writer::Submissions& group) {
        for (auto& submission : group) submission->outcome = answer(0);
      },
      [&](Writer::Submissions&) {
        if (settled++ == 0) std::this_thread::sleep_for(kOneSync);  // the disk, not the test
      },
      std::chrono::microseconds(0)));
  Writer& writer = *started;
  // Many at once, while the first one's sync takes its time: the next group is expected to be large.
  std::atomic<int> answered{0};
  for (int i = 0; i < 50; ++i) {
    writer.submit_async(nothing(), BatchMode::atomic, [&](const auto&) { ++answered; });
  }
  REQUIRE(writer.run([] {}));
  CHECK(answered == 50);
  const auto begin = Clock::now();
  take(writer.submit(nothing(), BatchMode::atomic));
  CHECK(Clock::now() - begin < kOneSync / 2);
}

TEST_CASE("a command sent by many at the same time is recorded once") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  std::atomic<int> first{0}, repeated{0}, reused{0};
  std::atomic<std::uint64_t> index{0};
  at_the_same_time(16, [&](std::size_t i) {
    auto c = fund_receipt("same", i == 7 ? 200 : 100);  // one of them asks for something else
    std::vector<Command> commands;
    commands.push_back(std::move(c));
    const auto answers = ledger->submit(std::move(commands), BatchMode::atomic);
    if (!answers.ok()) return;
    if (const auto* receipt = std::get_if<Receipt>(&answers->front())) {
      ++(receipt->repeated ? repeated : first);
      index = receipt->index;
    } else if (std::get<Refusal>(answers->front()).reason.reason == Reason::command_id_reused) {
      ++reused;
    }
  });
  CHECK(first == 1);
  CHECK(index == kFirst);
  CHECK(((repeated == 14 && reused == 1) || (repeated == 0 && reused == 15)));
  CHECK(ledger->view()->size() == kFirst + 1);
  check_chain(*ledger->view());
}

TEST_CASE("what a command is refused for on its own does not touch those beside it") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  auto nameless = fund_receipt("x");
  nameless.id = CommandId();
  auto personal = fund_receipt("y");
  std::get<FundReceipt>(personal.document).document_no = *Text::parse("11010519491231002X");
  const auto commands = [&] {
    return std::vector<Command>{fund_receipt("a"), nameless, personal, fund_receipt("b")};
  };
  const auto each = take(ledger->submit(commands(), BatchMode::independent));
  CHECK(std::get<Receipt>(each[0]).index == kFirst);
  CHECK(std::get<Refusal>(each[1]).reason.reason == Reason::missing_field);
  CHECK(std::get<Refusal>(each[2]).reason.reason == Reason::malformed_field);
  CHECK(std::get<Receipt>(each[3]).index == kFirst + 1);
  auto together = commands();
  together[0] = fund_receipt("c");
  for (const auto& one : take(ledger->submit(std::move(together), BatchMode::atomic))) {
    CHECK(std::get<Refusal>(one).reason.reason == Reason::missing_field);
  }
  CHECK(ledger->view()->size() == kFirst + 2);
  check_chain(*ledger->view());
}
