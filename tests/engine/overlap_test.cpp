// The anchor of one group is synced while the next group is committed: nobody is told before both
// are durable, and whichever fails, nothing is acknowledged that is not there.
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "ledger/chain/note.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/writer.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

// A disk under the anchor that stops where a test wants to look around.
class HeldAnchorCalls final : public AnchorCalls {
 public:
  int sync(int file) override {
    std::unique_lock lock(mutex_);
    if (holding_) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !holding_; });
      held_ = false;
    }
    if (!failing_) return AnchorCalls::sync(file);
    errno = EIO;
    return -1;
  }
  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  void wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return held_; });
  }
  void release(bool failing) {
    const std::lock_guard lock(mutex_);
    holding_ = false;
    failing_ = failing;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false, held_ = false, failing_ = false;
};

using Answers = Result<std::vector<Answer>>;

std::future<Answers> submit(Ledger& ledger, Command command) {
  auto promise = std::make_shared<std::promise<Answers>>();
  auto answers = promise->get_future();
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  ledger.submit_async(std::move(commands), BatchMode::atomic,
                      [promise](Answers outcome) { promise->set_value(std::move(outcome)); });
  return answers;
}

bool answered(const std::future<Answers>& answers) {
  return answers.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

void wait_for_size(const Ledger& ledger, std::uint64_t size) {
  while (ledger.view()->size() < size) std::this_thread::yield();
}

// A ledger on a slow disk with two groups on their way: "b" is committed and its anchor is held,
// "c" is committed behind it, and "b" was asked for once more.
struct Scene {
  TemporaryDirectory home;
  HeldAnchorCalls calls;
  std::unique_ptr<Ledger> ledger;
  std::future<Answers> b, c, b_again;

  Scene() {
    new_ledger(home.path()).reset();
    LedgerOptions options;
    options.sync_delay_us = 2000;
    ledger = take(open_engine(home.path(), options, {{}, &calls}));
    record(*ledger, fund_receipt("a"));  // from here on the disk is known to be slow
    calls.hold();
    b = submit(*ledger, fund_receipt("b"));
    calls.wait_until_held();
    c = submit(*ledger, fund_receipt("c"));
    wait_for_size(*ledger, kFirst + 3);
    b_again = submit(*ledger, fund_receipt("b"));
  }
  std::uint64_t anchored() const {
    return read_anchor(home.path() / "ANCHOR", ledger->verifier_key()).value()->size;
  }
};

}  // namespace

TEST_CASE("a group is committed while the anchor of the one before is synced, and told after both") {
  Scene scene;
  CHECK_FALSE(answered(scene.b));
  CHECK_FALSE(answered(scene.c));
  CHECK_FALSE(answered(scene.b_again));
  // A checkpoint is a promise too.
  auto checkpoint = std::async(std::launch::async, [&] {
    const auto note = take(scene.ledger->checkpoint());
    return std::pair(take(chain::parse_checkpoint(take(chain::parse_note(note)).body)).size,
                     scene.anchored());
  });
  scene.calls.release(false);
  CHECK(std::get<Receipt>(take(scene.b.get()).front()).index == kFirst + 1);
  CHECK(scene.anchored() >= kFirst + 2);
  CHECK(std::get<Receipt>(take(scene.c.get()).front()).index == kFirst + 2);
  CHECK(scene.anchored() == kFirst + 3);
  CHECK(std::get<Receipt>(take(scene.b_again.get()).front()).repeated);
  const auto [promised, covered] = checkpoint.get();
  CHECK(promised == kFirst + 3);
  CHECK(covered >= promised);
  check_chain(*scene.ledger->view());
}

TEST_CASE("an anchor that fails beside a commit takes both groups with it, and the ledger refuses") {
  Scene scene;
  auto checkpoint = std::async(std::launch::async, [&] { return scene.ledger->checkpoint(); });
  scene.calls.release(true);
  for (auto* answers : {&scene.b, &scene.c, &scene.b_again}) {
    const auto outcome = answers->get();
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().fault == Fault::unavailable);
  }
  CHECK_FALSE(checkpoint.get().ok());
  // Not even when the disk has recovered: what a failed sync lost, a later one does not bring back.
  scene.calls.release(false);
  CHECK(scene.ledger->refusing());
  CHECK_FALSE(submit(*scene.ledger, fund_receipt("d")).get().ok());
  CHECK_FALSE(scene.ledger->checkpoint().ok());
  CHECK_FALSE(scene.ledger->stage().ok());
  scene.ledger.reset();

  auto again = take(Ledger::open(scene.home.path(), {}));
  CHECK(again->view()->size() == kFirst + 3);  // committed and not told: there once
  CHECK(record(*again, fund_receipt("c")).repeated);
  CHECK_FALSE(record(*again, fund_receipt("d")).repeated);
  check_chain(*again->view());
}

TEST_CASE("where settling is slow, groups are written beside it and answered in their order") {
  std::atomic<int> written{0}, settled{0};
  std::promise<void> released;
  auto release = released.get_future().share();
  Writer writer(
      10,
      [&](Writer::Submissions& group) {
        for (auto& submission : group) submission->outcome = std::vector<Answer>(1);
        written += static_cast<int>(group.size());
      },
      [&](Writer::Submissions& groups) {
        release.wait();
        settled += static_cast<int>(groups.size());
      },
      std::chrono::microseconds(0));
  std::vector<int> order;
  const auto submit = [&](int number) {
    writer.submit_async(std::vector<Prepared>(1, Prepared{Command{}}), BatchMode::atomic,
                        [&order, number](const auto&) { order.push_back(number); });
  };
  for (int i = 0; i < 3; ++i) {
    submit(i);
    while (written != i + 1) std::this_thread::yield();
  }
  CHECK(settled == 0);
  CHECK(order.empty());
  auto task = std::async(std::launch::async,
                         [&] { return writer.run([&] { CHECK(settled == 3); }); });
  released.set_value();
  CHECK(task.get());
  CHECK(order == std::vector<int>{0, 1, 2});
  submit(3);
  writer.stop();
  CHECK(order.size() == 4);
}
