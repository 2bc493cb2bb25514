// One thread that serves many connections, each as a task: a fiber that is put aside while it waits
// for its socket or for somebody else's answer. A connection costs memory and no thread, so slow and
// idle clients hold nobody up; a task that computes for long holds up the others and belongs on a
// worker (api/http/workers.h).
//
// Thread-safety: Loop::spawn(), stop() and Task::wake() from any thread. The rest of Task only from
// inside the task.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "api/http/fiber.h"

namespace fundtrail::api {

class Loop;

class Task {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Event : std::uint32_t { readable = 1, writable = 2 };

  // The task that this thread is running; nullptr outside of one.
  static Task* current();

  // The socket that wait() is about. The task ends before the socket is watched by anybody else.
  // False when it cannot be watched.
  bool watch(int socket);
  // To be called when the socket gave less than was asked of it: the next wait() waits for more. A
  // client that has hung up says so to every read; it may still be slow to take its answer.
  void exhausted(Event event) {
    if (!hung_up_ || event == Event::writable) ready_ &= ~std::uint32_t(event);
  }
  // False when the deadline passed; it is kept to a tenth of a second.
  bool wait(Event event, Clock::time_point deadline);
  // The same for the first byte of something nobody owes us: false also when the loop stops, or
  // wants to be rid of the client that has been silent for longest.
  bool wait_idle(Clock::time_point deadline);

  // To be called between two pieces of work that wait for nothing: a client that always has sent more
  // would keep its task busy and all others waiting. Lets them have their turn, unless this one has only
  // just begun.
  void give_way(Clock::time_point now) {
    if (now - resumed_ >= kTurn) rest();
  }

  // Puts the task aside until wake(), which may come before.
  void sleep();
  void wake();

  void* local = nullptr;  // the task's own, for what thread_local is to a thread

 private:
  friend class Loop;
  static constexpr std::chrono::milliseconds kTurn{1};
  Task(Loop& loop, std::function<void(Task*)> body);
  void rest();

  Loop& loop_;
  Fiber fiber_;
  std::uint32_t ready_ = 0;   // of Event, as far as is known
  bool hung_up_ = false;      // then reading says so, and nothing waits any more
  std::uint32_t wanted_ = 0;  // what the task waits for; 0: not for its socket
  bool idle_ = false;         // in wait_idle()
  bool woken_ = false;
  bool sleeping_ = false;     // in sleep()
  Clock::time_point resumed_{};
  Clock::time_point since_{};  // of the idle wait
  Clock::time_point turn_ = Clock::now();  // when the client last began something
  Clock::time_point deadline_{};
};

class Loop {
 public:
  // `before_waiting` is called by the loop's thread each time it has done all there was to do.
  Loop(std::size_t max_tasks, std::function<void()> before_waiting);
  ~Loop();  // precondition: never started, or joined
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  bool good() const { return epoll_ >= 0 && event_ >= 0; }  // else there were no descriptors

  // Starts the thread.
  void start();
  // Runs `body` as a task of this loop. When there are max_tasks already, the one that has been idle
  // for longest is ended; when none is idle, the one whose client began its request longest ago, if that
  // is some seconds, and still lets it wait. When there is none, `body` gets nullptr and must return at once.
  using Body = std::function<void(Task*)>;
  void spawn(Body body);
  // Ends idle waits, now and from now on. The other tasks go on to their end.
  void stop();
  // After stop(): waits until every task has ended.
  void join();

 private:
  friend class Task;
  void run();
  void resume(Task& task);
  void admit(Body body);
  void handle_sockets(int timeout_ms);
  void resume_resting();
  bool take_posted(bool may_wait);
  void end_overdue();
  Task* longest_idle() const;
  Task* slowest() const;
  void signal();

  const std::size_t max_tasks_;
  const std::function<void()> before_waiting_;
  int epoll_ = -1;
  int event_ = -1;
  // Of the thread alone.
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<Body> admitting_;
  std::vector<Task*> waking_;
  std::vector<Task*> resting_;  // until the sockets have been looked at
  Task::Clock::time_point next_scan_{};
  bool ending_ = false;

  std::mutex mutex_;  // guards what follows
  std::vector<Body> spawned_;
  std::vector<Task*> woken_;
  bool stopping_ = false;
  bool waiting_ = false;  // in epoll_wait, or about to be: only then a signal is needed
  std::thread thread_;
};

}  // namespace fundtrail::api
