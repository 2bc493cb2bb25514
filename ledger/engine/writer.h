// The queue and the one thread behind it: submissions wait here, and tasks that must have the
// ledger to themselves (checkpoints, staging) run here between two groups.
//
// Thread-safety: submit(), submit_async() and run() from any thread.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ledger/engine/prepared.h"
#include "ledger/ledger.h"

namespace fundtrail {

// Commands of one caller, waiting for their answers.
struct Submission {
  std::vector<Prepared> commands;
  BatchMode mode = BatchMode::independent;
  std::size_t lines = 0;  // at least one a command
  // Called once with the outcome, by the writer's thread; nothing when the caller waits instead.
  Ledger::Done done;
  // Set by the writer's thread; read by the caller once it is woken.
  std::optional<Result<std::vector<Answer>>> outcome;

  // Blocks until wake() was called.
  void wait();
  // Lets the caller go on, and through it those that are to be woken after it.
  void wake();

  std::array<std::shared_ptr<Submission>, 2> next;  // woken by this one's caller

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool awake_ = false;
};

class Writer {
 public:
  // `write` gets a group, sets every outcome and does not throw.
  using Submissions = std::vector<std::shared_ptr<Submission>>;
  using WriteGroup = std::function<void(Submissions&)>;
  Writer(std::size_t max_group_lines, WriteGroup write);
  // Finishes what waits.
  ~Writer();

  // Fault::unavailable when the writer is stopping.
  Result<std::vector<Answer>> submit(std::vector<Prepared> commands, BatchMode mode);
  void submit_async(std::vector<Prepared> commands, BatchMode mode, Ledger::Done done);
  // Runs the task on the writer's thread and waits for it; false when the writer is stopping.
  bool run(const std::function<void()>& task);
  // Answers everything that waits, then ends the thread. Called once or more.
  void stop();

 private:
  struct Item {  // one of the two
    std::shared_ptr<Submission> submission;
    std::packaged_task<void()> task;
  };
  void loop();
  // Takes everything that waits, up to the next task or the limit; one submission in any case.
  void take(Submissions& group, std::packaged_task<void()>& task);
  // Takes the item unless the writer is stopping.
  bool push(Item& item);

  const std::size_t max_group_lines_;
  const WriteGroup write_;
  std::mutex mutex_;
  std::condition_variable waiting_;
  std::deque<Item> items_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fundtrail
