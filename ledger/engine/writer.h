// The queue and the one thread behind it: submissions wait here, and tasks that must have the
// ledger to themselves (checkpoints, staging) run here between two groups.
//
// Thread-safety: submit(), submit_async() and run() from any thread.
#pragma once

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

#include "ledger/ledger.h"

namespace fundtrail {

// Commands of one caller, waiting for their answers.
struct Submission {
  std::vector<Command> commands;
  BatchMode mode = BatchMode::independent;
  std::size_t lines = 0;  // at least one a command
  Ledger::Done done;      // called once, with the outcome
};

class Writer {
 public:
  // `write` gets a group, tells every submission its outcome and does not throw.
  using WriteGroup = std::function<void(std::vector<std::unique_ptr<Submission>>&)>;
  Writer(std::size_t max_group_lines, WriteGroup write);
  // Finishes what waits.
  ~Writer();

  // Fault::unavailable when the writer is stopping.
  Result<std::vector<Answer>> submit(std::vector<Command> commands, BatchMode mode);
  void submit_async(std::vector<Command> commands, BatchMode mode, Ledger::Done done);
  // Runs the task on the writer's thread and waits for it; false when the writer is stopping.
  bool run(const std::function<void()>& task);
  // Answers everything that waits, then ends the thread. Called once or more.
  void stop();

 private:
  struct Item {  // one of the two
    std::unique_ptr<Submission> submission;
    std::packaged_task<void()> task;
  };
  void loop();
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
