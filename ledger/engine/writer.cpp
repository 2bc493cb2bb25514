#include "ledger/engine/writer.h"

#include <algorithm>
#include <utility>

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

Writer::Writer(std::size_t max_group_lines, WriteGroup write)
    : max_group_lines_(max_group_lines), write_(std::move(write)), thread_([this] { loop(); }) {}

Writer::~Writer() { stop(); }

bool Writer::push(Item& item) {
  bool idle = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    idle = items_.empty();  // otherwise the writer is awake, or about to be
    items_.push_back(std::move(item));
  }
  if (idle) waiting_.notify_one();
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

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  waiting_.notify_one();
  if (thread_.joinable()) thread_.join();
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

void Writer::loop() {
  Submissions group;
  std::unique_lock lock(mutex_);
  for (;;) {
    waiting_.wait(lock, [this] { return stopping_ || !items_.empty(); });
    if (items_.empty()) return;
    std::packaged_task<void()> task;
    take(group, task);
    lock.unlock();
    if (task.valid()) {
      task();
    } else {
      write_(group);
      answer_all(group);
    }
    lock.lock();
  }
}

}  // namespace fundtrail
