#include "ledger/engine/writer.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail {

void Submission::wait() {
  {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return awake_; });
  }
  for (auto& other : next) {
    if (other) std::exchange(other, nullptr)->wake();
  }
}

void Submission::wake() {
  {
    const std::lock_guard lock(mutex_);
    awake_ = true;
  }
  woken_.notify_one();
}

namespace {

// Waking a thread is a system call that costs as much as deciding a document. So the writer wakes
// one of the callers that wait; each of them wakes two more before it goes on.
void answer_all(Writer::Submissions& group) {
  std::erase_if(group, [](const auto& submission) {
    if (!submission->done) return false;
    submission->done(std::move(*submission->outcome));
    return true;
  });
  for (std::size_t i = 0; 2 * i + 1 < group.size(); ++i) {
    group[i]->next[0] = group[2 * i + 1];
    if (2 * i + 2 < group.size()) group[i]->next[1] = group[2 * i + 2];
  }
  const auto first = group.empty() ? nullptr : group.front();
  group.clear();  // so that the callers free what they submitted
  if (first) first->wake();
}

}  // namespace

Writer::Writer(std::size_t max_group_lines, Step write, Step settle,
               std::chrono::microseconds quick)
    : max_group_lines_(max_group_lines),
      write_(std::move(write)),
      settle_(std::move(settle)),
      quick_(quick) {}

Result<std::unique_ptr<Writer>> Writer::start(std::size_t max_group_lines, Step write, Step settle,
                                              std::chrono::microseconds quick) {
  std::unique_ptr<Writer> writer(
      new Writer(max_group_lines, std::move(write), std::move(settle), quick));
  try {
    Writer& w = *writer;
    w.writing_thread_ = std::thread([&w] { w.write_loop(); });
    w.settling_thread_ = std::thread([&w] { w.settle_loop(); });
  } catch (const std::system_error& error) {
    const std::string why = error.code().message();
    return Error{Fault::unavailable,
                 in_both("系统无法启动账套所需的线程（" + chinese_reason(error.code().value()) + "）：请检查进程数与内存的限额。",
                         "the system does not start the threads that the ledger needs (" + why +
                             "): look at the limits of processes and memory")};
  }
  return writer;
}

Writer::~Writer() { stop(); }

namespace {

// No number of items wakes a thread that is awake, or about to be.
constexpr std::size_t kAwake = std::numeric_limits<std::size_t>::max();

}  // namespace

bool Writer::push(Item& item) {
  bool enough = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    if (item.submission == nullptr) wanted_ = 1;  // a task need not wait for company
    items_.push_back(std::move(item));
    enough = items_.size() >= wanted_;
    if (enough) wanted_ = kAwake;
  }
  if (enough) waiting_.notify_one();
  return true;
}

namespace {

std::shared_ptr<Submission> submission_of(std::vector<Prepared> commands, BatchMode mode) {
  auto submission = std::make_shared<Submission>();
  for (const auto& command : commands) {
    submission->lines += std::max<std::size_t>(1, command.lines.leaves.size());
  }
  submission->commands = std::move(commands);
  submission->mode = mode;
  return submission;
}

// For whoever looks at the process from outside; at most 15 letters.
void name_thread(const char* name) { pthread_setname_np(pthread_self(), name); }

Error closing() { return {Fault::unavailable, "the ledger is closing"}; }

}  // namespace

Result<std::vector<Answer>> Writer::submit(std::vector<Prepared> commands, BatchMode mode) {
  const auto submission = submission_of(std::move(commands), mode);
  Item item{submission, {}};
  if (!push(item)) return closing();
  submission->wait();
  return std::move(*submission->outcome);
}

void Writer::submit_async(std::vector<Prepared> commands, BatchMode mode, Ledger::Done done) {
  Item item{submission_of(std::move(commands), mode), {}};
  item.submission->done = std::move(done);
  if (!push(item)) item.submission->done(closing());
}

bool Writer::run(const std::function<void()>& task) {
  std::packaged_task<void()> packaged(task);
  auto done = packaged.get_future();
  Item item{nullptr, std::move(packaged)};
  if (!push(item)) return false;
  done.get();
  return true;
}

std::size_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return items_.size();
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  if (writing_thread_.joinable()) writing_thread_.join();
  {
    const std::lock_guard lock(mutex_);
    all_written_ = true;
  }
  written_.notify_one();
  if (settling_thread_.joinable()) settling_thread_.join();
}

void Writer::take(Submissions& group, std::packaged_task<void()>& task) {
  std::size_t lines = 0;
  while (!items_.empty()) {
    Item& next = items_.front();
    if (next.submission == nullptr) {
      if (!group.empty()) return;
      task = std::move(next.task);
      items_.pop_front();
      return;
    }
    if (!group.empty() && lines + next.submission->lines > max_group_lines_) return;
    lines += next.submission->lines;
    group.push_back(std::move(next.submission));
    items_.pop_front();
  }
}

bool Writer::gather(std::unique_lock<std::mutex>& lock) {
  const auto wait = [&](std::size_t items, const auto& until) {
    if (items_.size() >= items) return;
    wanted_ = items;
    until([this] { return stopping_ || wanted_ == kAwake; });
    wanted_ = kAwake;
  };
  wait(1, [&](const auto& enough) { waiting_.wait(lock, enough); });
  if (items_.empty()) return false;
  if (settling_took_ < quick_ || stopping_ || items_.back().submission == nullptr) return true;
  const auto most = std::min<std::chrono::steady_clock::duration>(settling_took_, kCompany);
  wait((taken_[0] + taken_[1]) / 2,
       [&](const auto& enough) { waiting_.wait_for(lock, most, enough); });
  return true;
}

void Writer::write_loop() {
  name_thread("ledger-write");
  Submissions group;
  std::unique_lock lock(mutex_);
  while (gather(lock)) {
    std::packaged_task<void()> task;
    take(group, task);
    if (task.valid()) {
      settled_.wait(lock, [this] { return unsettled_.empty() && !settling_; });
      lock.unlock();
      task();
      lock.lock();
      continue;
    }
    lock.unlock();
    taken_ = {taken_[1], group.size()};
    write_(group);
    lock.lock();
    if (settling_took_ < quick_ && unsettled_.empty() && !settling_) {
      settle_here(group, lock);
    } else {
      hand_over(group);
    }
  }
}

void Writer::settle_here(Submissions& groups, std::unique_lock<std::mutex>& lock) {
  settling_ = true;
  lock.unlock();
  const auto begin = std::chrono::steady_clock::now();
  settle_(groups);
  const auto took = std::chrono::steady_clock::now() - begin;
  answer_all(groups);
  lock.lock();
  settling_ = false;
  settling_took_ = took;
}

void Writer::hand_over(Submissions& group) {
  std::move(group.begin(), group.end(), std::back_inserter(unsettled_));
  group.clear();
  if (!settling_) written_.notify_one();
}

void Writer::settle_loop() {
  name_thread("ledger-settle");
  Submissions groups;
  std::unique_lock lock(mutex_);
  for (;;) {
    written_.wait(lock, [this] { return all_written_ || !unsettled_.empty(); });
    if (unsettled_.empty()) return;
    groups.swap(unsettled_);
    settle_here(groups, lock);
    if (unsettled_.empty()) settled_.notify_one();
  }
}

}  // namespace fundtrail
