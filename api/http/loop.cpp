#include "api/http/loop.h"

#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace fundtrail::api {
namespace {

constexpr std::chrono::milliseconds kTick{100};  // how late a deadline may be noticed
// How long a client may take over one request before it must make room for others.
constexpr std::chrono::seconds kPatience{5};

thread_local Task* running = nullptr;

}  // namespace

Task* Task::current() { return running; }

Task::Task(Loop& loop, std::function<void(Task*)> body)
    : loop_(loop), fiber_([this, body = std::move(body)] { body(this); }) {}

bool Task::watch(int socket) {
  epoll_event wanted{};
  // Edge-triggered: one registration for the life of the connection, and no call a request.
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wanted.data.ptr = this;
  return epoll_ctl(loop_.epoll_, EPOLL_CTL_ADD, socket, &wanted) == 0;
}

bool Task::wait(Event event, Clock::time_point deadline) {
  if ((ready_ & std::uint32_t(event)) == 0) {
    wanted_ = std::uint32_t(event);
    deadline_ = deadline;
    fiber_.suspend();
    wanted_ = 0;
  }
  return (ready_ & std::uint32_t(event)) != 0;
}

bool Task::wait_idle(Clock::time_point deadline) {
  if ((ready_ & std::uint32_t(Event::readable)) == 0 && loop_.ending_) return false;
  idle_ = true;
  since_ = Clock::now();
  const bool ready = wait(Event::readable, deadline);
  idle_ = false;
  turn_ = Clock::now();
  return ready;
}

void Task::rest() {
  loop_.resting_.push_back(this);
  fiber_.suspend();
}

void Task::sleep() {
  sleeping_ = true;
  while (!woken_) fiber_.suspend();
  sleeping_ = woken_ = false;
}

void Task::wake() {
  const std::lock_guard lock(loop_.mutex_);
  loop_.woken_.push_back(this);
  loop_.signal();
}

Loop::Loop(std::size_t max_tasks, std::function<void()> before_waiting)
    : max_tasks_(max_tasks), before_waiting_(std::move(before_waiting)) {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  event_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLET;
  if (good()) epoll_ctl(epoll_, EPOLL_CTL_ADD, event_, &wanted);
}

Loop::~Loop() {
  if (event_ >= 0) ::close(event_);
  if (epoll_ >= 0) ::close(epoll_);
}

void Loop::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "http-loop");  // for whoever looks from outside
    run();
  });
}

void Loop::spawn(Body body) {
  const std::lock_guard lock(mutex_);
  spawned_.push_back(std::move(body));
  signal();
}

void Loop::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  signal();
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

// With the mutex held. The event is edge-triggered and never read: each write is an edge.
void Loop::signal() {
  if (!waiting_) return;
  waiting_ = false;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

void Loop::run() {
  for (;;) {
    const bool more = take_posted(false);
    if (ending_ && tasks_.empty() && !more) return;
    end_overdue();
    before_waiting_();
    const bool idle = !take_posted(true);
    handle_sockets(idle && resting_.empty() ? int(kTick.count()) : 0);
    resume_resting();
  }
}

// Runs what others left for this thread. False when there was nothing; with `may_wait`, they then
// know that a signal is needed.
bool Loop::take_posted(bool may_wait) {
  {
    const std::lock_guard lock(mutex_);
    admitting_.swap(spawned_);
    waking_.swap(woken_);
    if (stopping_ && !ending_) {
      ending_ = true;
      next_scan_ = {};
    } else if (admitting_.empty() && waking_.empty()) {
      waiting_ = may_wait;
      return false;
    }
  }
  for (auto& body : admitting_) admit(std::move(body));
  admitting_.clear();
  for (Task* task : waking_) {
    task->woken_ = true;
    if (task->sleeping_) resume(*task);
  }
  waking_.clear();
  return true;
}

void Loop::handle_sockets(int timeout_ms) {
  std::array<epoll_event, 128> events;
  const int count = epoll_wait(epoll_, events.data(), int(events.size()), timeout_ms);
  {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
  }
  for (int i = 0; i < count; ++i) {
    auto* task = static_cast<Task*>(events[i].data.ptr);
    if (task == nullptr) continue;
    const auto seen = events[i].events;
    if (seen & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) task->hung_up_ = true;
    if (seen & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
      task->ready_ |= std::uint32_t(Task::Event::readable);
    }
    if (seen & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
      task->ready_ |= std::uint32_t(Task::Event::writable);
    }
    // A task has one place in this batch, so none that has ended is met again.
    if (task->wanted_ & task->ready_) resume(*task);
  }
}

// Nothing else resumes these: they wait for no socket and do not sleep.
void Loop::resume_resting() {
  std::vector<Task*> resting;
  resting.swap(resting_);
  for (Task* task : resting) resume(*task);
}

void Loop::resume(Task& task) {
  running = &task;
  task.resumed_ = Task::Clock::now();
  task.fiber_.resume();
  running = nullptr;
  if (!task.fiber_.ended()) return;
  const auto at = std::find_if(tasks_.begin(), tasks_.end(),
                               [&](const auto& one) { return one.get() == &task; });
  std::swap(*at, tasks_.back());
  tasks_.pop_back();
}

void Loop::admit(Body body) {
  if (tasks_.size() >= max_tasks_) {
    Task* leaving = longest_idle();
    if (leaving == nullptr) leaving = slowest();
    if (leaving == nullptr) return body(nullptr);
    resume(*leaving);
  }
  try {
    tasks_.push_back(std::unique_ptr<Task>(new Task(*this, body)));
  } catch (const std::bad_alloc&) {  // no room for another stack
    return body(nullptr);
  }
  resume(*tasks_.back());
}

Task* Loop::longest_idle() const {
  Task* found = nullptr;
  for (const auto& task : tasks_) {
    if (task->idle_ && (found == nullptr || task->since_ < found->since_)) found = task.get();
  }
  return found;
}

Task* Loop::slowest() const {
  Task* found = nullptr;
  const auto before = Task::Clock::now() - kPatience;
  for (const auto& task : tasks_) {
    if (task->wanted_ == 0 || task->turn_ > before) continue;
    if (found == nullptr || task->turn_ < found->turn_) found = task.get();
  }
  return found;
}

void Loop::end_overdue() {
  const auto now = Task::Clock::now();
  if (now < next_scan_) return;
  next_scan_ = now + kTick;
  std::vector<Task*> overdue;  // resuming changes tasks_
  for (const auto& task : tasks_) {
    if (task->wanted_ != 0 && (task->deadline_ <= now || (ending_ && task->idle_))) {
      overdue.push_back(task.get());
    }
  }
  for (Task* task : overdue) resume(*task);
}

}  // namespace fundtrail::api
