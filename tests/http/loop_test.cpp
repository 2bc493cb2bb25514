// What a server's loop promises to its connections (api/http/loop.h).
#include "api/http/loop.h"

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <future>
#include <stdexcept>

namespace fundtrail::api {
namespace {

using namespace std::chrono_literals;

struct Pair {
  Pair() { REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0); }
  ~Pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void send() { REQUIRE(::write(ends[1], "x", 1) == 1); }
  std::array<int, 2> ends{};
};

struct Running {
  explicit Running(std::size_t tasks) : loop(tasks, [] {}) {
    REQUIRE(loop.good());
    loop.start();
  }
  ~Running() {
    loop.stop();
    loop.join();
  }
  Loop loop;
};

// A task that is idle on the socket, and what became of it.
std::future<bool> wait_idle(Loop& loop, Pair& pair, std::promise<void>& waiting,
                            std::chrono::milliseconds patience = 60'000ms) {
  auto outcome = std::make_shared<std::promise<bool>>();
  loop.spawn([&pair, &waiting, outcome, patience](Task* task) {
    const bool watched = task != nullptr && task->watch(pair.ends[0]);
    waiting.set_value();  // nobody else runs on this thread before it waits
    outcome->set_value(watched && task->wait_idle(Task::Clock::now() + patience));
  });
  return outcome->get_future();
}

}  // namespace

TEST_CASE("a task that never waits lets others have their turn: sockets, sleepers and newcomers") {
  Running run(100);
  Pair pair;
  std::promise<void> waiting;
  auto idle = wait_idle(run.loop, pair, waiting);
  waiting.get_future().wait();
  std::promise<Task*> sleeper;
  std::atomic<int> served{0};
  run.loop.spawn([&](Task* task) {
    sleeper.set_value(task);
    task->sleep();
    ++served;
  });
  std::promise<void> busy;
  std::promise<bool> outcome;
  run.loop.spawn([&](Task* task) {
    busy.set_value();
    const auto patience = Task::Clock::now() + 60s;  // only if it is never served
    auto now = Task::Clock::now();
    for (; served < 3 && now < patience; now = Task::Clock::now()) task->give_way(now);
    outcome.set_value(served == 3);
  });
  busy.get_future().wait();
  sleeper.get_future().get()->wake();
  run.loop.spawn([&](Task*) { ++served; });
  pair.send();
  CHECK(idle.get());
  ++served;
  CHECK(outcome.get_future().get());
}

TEST_CASE("a task waits for its socket and for others, while its thread serves the rest") {
  Running run(100);
  std::vector<std::promise<Task*>> sleepers(20);
  std::atomic<int> ended{0};
  for (auto& sleeper : sleepers) {
    run.loop.spawn([&](Task* task) {
      int mine = 1;
      task->local = &mine;
      sleeper.set_value(task);
      task->sleep();
      // Exceptions unwind on a fiber's stack as on any other.
      try {
        throw std::runtime_error("x");
      } catch (const std::runtime_error&) {
        ++mine;
      }
      if (Task::current() == task && *static_cast<int*>(task->local) == 2) ++ended;
    });
  }
  Pair pair;
  std::promise<void> waiting;
  auto idle = wait_idle(run.loop, pair, waiting);
  waiting.get_future().wait();  // all sleep by now
  CHECK(ended == 0);
  pair.send();
  CHECK(idle.get());
  for (auto& sleeper : sleepers) sleeper.get_future().get()->wake();
  run.loop.stop();
  run.loop.join();
  CHECK(ended == 20);
}

TEST_CASE("a task that is woken before it sleeps does not sleep") {
  Running run(1);
  std::promise<bool> done;
  run.loop.spawn([&](Task* task) {
    task->wake();
    task->sleep();
    done.set_value(true);
  });
  CHECK(done.get_future().get());
}

TEST_CASE("deadlines end waits") {
  Running run(1);
  Pair pair;
  std::promise<void> waiting;
  CHECK(!wait_idle(run.loop, pair, waiting, 1ms).get());
}

TEST_CASE("stop ends who is idle, and nobody else") {
  Running run(2);
  Pair pair;
  std::promise<void> waiting;
  auto idle = wait_idle(run.loop, pair, waiting);
  std::promise<Task*> asleep;
  std::atomic<bool> finished{false};
  run.loop.spawn([&](Task* task) {
    asleep.set_value(task);
    task->sleep();
    finished = true;
  });
  Task* const task = asleep.get_future().get();
  run.loop.stop();
  CHECK(!idle.get());
  CHECK(!finished);
  task->wake();
  run.loop.join();
  CHECK(finished);
}

TEST_CASE("when all places are taken the longest idle gives up its own; else the newcomer has none") {
  Running run(2);
  Pair first, second, third;
  std::array<std::promise<void>, 3> waiting;
  auto one = wait_idle(run.loop, first, waiting[0]);
  waiting[0].get_future().wait();
  auto two = wait_idle(run.loop, second, waiting[1]);
  waiting[1].get_future().wait();
  auto three = wait_idle(run.loop, third, waiting[2]);
  CHECK(!one.get());
  second.send();
  third.send();
  CHECK(two.get());
  CHECK(three.get());

  std::array<std::promise<Task*>, 2> asleep;
  for (auto& sleeper : asleep) {
    run.loop.spawn([&](Task* task) {
      sleeper.set_value(task);
      if (task != nullptr) task->sleep();
    });
  }
  const std::array<Task*, 2> busy = {asleep[0].get_future().get(), asleep[1].get_future().get()};
  std::promise<Task*> refused;
  run.loop.spawn([&](Task* task) { refused.set_value(task); });
  CHECK(refused.get_future().get() == nullptr);
  for (Task* task : busy) task->wake();
}

}  // namespace fundtrail::api
