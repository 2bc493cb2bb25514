#include "ledger/engine/writer.h"

#include <algorithm>
#include <utility>

namespace fundtrail {

Writer::Writer(std::size_t max_group_lines, WriteGroup write)
    : max_group_lines_(max_group_lines), write_(std::move(write)), thread_([this] { loop(); }) {}

Writer::~Writer() { stop(); }

// Takes the item unless the writer is stopping.
bool Writer::push(Item& item) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    items_.push_back(std::move(item));
  }
  waiting_.notify_one();
  return true;
}

Result<std::vector<Answer>> Writer::submit(std::vector<Command> commands, BatchMode mode) {
  // Shared: the waiter may be gone while set_value() is still waking it.
  const auto outcome = std::make_shared<std::promise<Result<std::vector<Answer>>>>();
  auto answers = outcome->get_future();
  submit_async(std::move(commands), mode, [outcome](Result<std::vector<Answer>> result) {
    outcome->set_value(std::move(result));
  });
  return answers.get();
}

void Writer::submit_async(std::vector<Command> commands, BatchMode mode, Ledger::Done done) {
  auto submission = std::make_unique<Submission>();
  for (const auto& command : commands) {
    submission->lines += std::max<std::size_t>(1, line_count(command.document));
  }
  submission->commands = std::move(commands);
  submission->mode = mode;
  submission->done = std::move(done);
  Item item{std::move(submission), {}};
  if (push(item)) return;
  item.submission->done(Error{Fault::unavailable, "the ledger is closing"});
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

void Writer::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    waiting_.wait(lock, [this] { return stopping_ || !items_.empty(); });
    if (items_.empty()) return;
    std::vector<std::unique_ptr<Submission>> group;
    std::packaged_task<void()> task;
    std::size_t lines = 0;
    // Everything that waits, up to the next task or the limit; one submission in any case.
    while (!items_.empty()) {
      Item& next = items_.front();
      if (next.submission == nullptr) {
        if (group.empty()) {
          task = std::move(next.task);
          items_.pop_front();
        }
        break;
      }
      if (!group.empty() && lines + next.submission->lines > max_group_lines_) break;
      lines += next.submission->lines;
      group.push_back(std::move(next.submission));
      items_.pop_front();
    }
    lock.unlock();
    if (task.valid()) {
      task();
    } else {
      write_(group);
      group.clear();
    }
    lock.lock();
  }
}

}  // namespace fundtrail
