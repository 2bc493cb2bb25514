// The anchor of one group is synced while the next group is committed: nobody is told before both
// are durable, and whichever fails, nothing is acknowledged that is not there.
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string_view>
#include <thread>

#include "ledger/chain/note.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/writer.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

// A disk under the anchor that stops where a test wants to look around, and knows how many entries the
// anchor covers on it.
class HeldAnchorCalls final : public AnchorCalls {
 public:
  ssize_t write(int file, const void* bytes, std::size_t n, off_t at) override {
    const std::string_view slot(static_cast<const char*>(bytes), n);
    const auto note = chain::parse_note(slot.substr(0, slot.find('\0')));
    const std::lock_guard lock(mutex_);
    written_ = chain::parse_checkpoint(note->body)->size;
    return AnchorCalls::write(file, bytes, n, at);
  }
  int sync(int file) override {
    std::unique_lock lock(mutex_);
    if (holding_) {
      held_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !holding_; });
      held_ = false;
    }
    if (!failing_) {
      durable_ = written_;
      return AnchorCalls::sync(file);
    }
    errno = EIO;
    return -1;
  }
  std::uint64_t durable() {
    const std::lock_guard lock(mutex_);
    return durable_;
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
  std::uint64_t written_ = 0, durable_ = 0;
};

using Answers = Result<std::vector<Answer>>;

// What a caller was told, and how many entries the anchor covered at that moment.
struct Told {
  Answers answers;
  std::uint64_t durable;
};

std::future<Told> submit(Ledger& ledger, HeldAnchorCalls& calls, Command command) {
  auto promise = std::make_shared<std::promise<Told>>();
  auto told = promise->get_future();
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  ledger.submit_async(std::move(commands), BatchMode::atomic, [promise, &calls](Answers outcome) {
    promise->set_value({std::move(outcome), calls.durable()});
  });
  return told;
}

Receipt receipt_of(const Told& told) {
  const auto receipt = std::get<Receipt>(take(Answers(told.answers)).front());
  CHECK(told.durable > receipt.index);
  return receipt;
}

void wait_for_size(const Ledger& ledger, std::uint64_t size) {
  while (ledger.view()->size() < size) std::this_thread::yield();
}

// A ledger on a slow disk with groups on their way: "b" is committed and its anchor is held, "c" is
// committed behind it, "b" was asked for once more and found, and then "d" was committed.
struct Scene {
  TemporaryDirectory home;
  HeldAnchorCalls calls;
  std::unique_ptr<Ledger> ledger;
  std::future<Told> b, c, b_again, d;

  Scene() {
    new_ledger(home.path()).reset();
    LedgerOptions options;
    options.sync_delay_us = 2000;
    ledger = take(open_engine(home.path(), options, {{}, &calls}));
    record(*ledger, fund_receipt("a"));  // from here on the disk is known to be slow
    calls.hold();
    b = submit(*ledger, calls, fund_receipt("b"));
    calls.wait_until_held();
    c = submit(*ledger, calls, fund_receipt("c"));
    wait_for_size(*ledger, kFirst + 3);
    b_again = submit(*ledger, calls, fund_receipt("b"));
    d = submit(*ledger, calls, fund_receipt("d"));  // decided after it
    wait_for_size(*ledger, kFirst + 4);
  }
  std::uint64_t anchored() const {
    return read_anchor(home.path() / "ANCHOR", ledger->verifier_key()).value()->size;
  }
};

}  // namespace

TEST_CASE("a group is committed while the anchor of the one before is synced, and told after both") {
  Scene scene;
  CHECK(scene.calls.durable() == kFirst + 1);
  // A checkpoint is a promise too. Its thread asks before the disk goes on.
  std::promise<void> asking;
  auto checkpoint = std::async(std::launch::async, [&] {
    asking.set_value();
    const auto note = scene.ledger->checkpoint();
    return std::pair(note, scene.calls.durable());
  });
  asking.get_future().wait();
  scene.calls.release(false);
  CHECK(receipt_of(scene.b.get()).index == kFirst + 1);
  CHECK(receipt_of(scene.c.get()).index == kFirst + 2);
  const auto repeated = receipt_of(scene.b_again.get());
  CHECK(repeated.repeated);
  CHECK(repeated.index == kFirst + 1);
  CHECK(receipt_of(scene.d.get()).index == kFirst + 3);
  CHECK(scene.anchored() == kFirst + 4);
  const auto [note, covered] = checkpoint.get();
  const auto promised = take(chain::parse_checkpoint(take(chain::parse_note(take(Result(note)))).body));
  CHECK(promised.size == kFirst + 4);
  CHECK(covered >= promised.size);
  check_chain(*scene.ledger->view());
}

TEST_CASE("an anchor that fails beside commits takes all groups on their way with it, and the ledger refuses") {
  Scene scene;
  auto checkpoint = std::async(std::launch::async, [&] { return scene.ledger->checkpoint(); });
  scene.calls.release(true);
  for (auto* told : {&scene.b, &scene.c, &scene.b_again, &scene.d}) {
    const auto outcome = told->get().answers;
    REQUIRE_FALSE(outcome.ok());
    CHECK(outcome.error().fault == Fault::unavailable);
  }
  CHECK_FALSE(checkpoint.get().ok());
  // Not even when the disk has recovered: what a failed sync lost, a later one does not bring back.
  scene.calls.release(false);
  CHECK(scene.ledger->refusing());
  CHECK_FALSE(submit(*scene.ledger, scene.calls, fund_receipt("e")).get().answers.ok());
  CHECK_FALSE(scene.ledger->checkpoint().ok());
  CHECK_FALSE(scene.ledger->stage().ok());
  scene.ledger.reset();

  auto again = take(Ledger::open(scene.home.path(), {}));
  CHECK(again->view()->size() == kFirst + 4);  // committed and not told: there once
  CHECK(record(*again, fund_receipt("c")).repeated);
  CHECK(record(*again, fund_receipt("d")).repeated);
  CHECK_FALSE(record(*again, fund_receipt("e")).repeated);
  check_chain(*again->view());
}

TEST_CASE("where settling is slow, groups are written beside it and answered in their order") {
  std::atomic<int> written{0}, settled{0};
  std::promise<void> released;
  auto release = released.get_future().share();
  const auto started = take(Writer::start(
      10,
      [&](Writer::Submissions& group) {
        for (auto& submission : group) submission->outcome = std::vector<Answer>(1);
        written += static_cast<int>(group.size());
      },
      [&](Writer::Submissions& groups) {
        release.wait();
        settled += static_cast<int>(groups.size());
      },
      std::chrono::microseconds(0)));
  Writer& writer = *started;
  std::vector<int> order;
  std::atomic<int> told_early{0};
  const auto submit = [&](int number) {
    writer.submit_async(std::vector<Prepared>(1, Prepared{Command{}}), BatchMode::atomic,
                        [&, number](const auto&) {
                          order.push_back(number);
                          told_early += settled <= number ? 1 : 0;
                        });
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
  CHECK(told_early == 0);
  submit(3);
  writer.stop();
  CHECK(order.size() == 4);
}
