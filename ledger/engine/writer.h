// The queue and the two threads behind it. The first decides and commits one group of submissions
// after the other. What was committed is settled (the anchor is written) and answered: by the first
// thread itself where that is quick; by the second where the disk is slow, while the first is already
// at the next group. Tasks that must have the ledger to themselves (checkpoints,
// staging) run in the first thread when every group before them is settled.
//
// Thread-safety: submit(), submit_async() and run() from any thread.
#pragma once

#include <array>
#include <chrono>
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
  // Called once with the outcome, by a thread of the writer; nothing when the caller waits instead.
  Ledger::Done done;
  // Set by the writer's threads; read by the caller once it is woken.
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
  using Submissions = std::vector<std::shared_ptr<Submission>>;
  using Step = std::function<void(Submissions&)>;
  // `write` gets a group and sets every outcome. `settle` gets the submissions of one or more groups
  // that were written, in their order, and may replace outcomes; they are answered when it returns.
  // It may run beside the `write` of later groups. Neither may throw.
  //
  // Where settling takes less than `quick`, the first thread does it: overlapping it would gain less
  // than waking a thread for it, and the smaller groups that come of it, cost.
  //
  // Fault::unavailable when the system does not start the threads.
  static Result<std::unique_ptr<Writer>> start(
      std::size_t max_group_lines, Step write, Step settle,
      std::chrono::microseconds quick = std::chrono::microseconds(400));
  // Finishes what waits.
  ~Writer();

  // Fault::unavailable when the writer is stopping.
  Result<std::vector<Answer>> submit(std::vector<Prepared> commands, BatchMode mode);
  void submit_async(std::vector<Prepared> commands, BatchMode mode, Ledger::Done done);
  // Runs the task when everything before it is settled, and waits for it; false when the writer is
  // stopping.
  bool run(const std::function<void()>& task);
  // Submissions that no group has taken yet.
  std::size_t waiting() const;
  // Answers everything that waits, then ends the threads. Called once or more.
  void stop();

 private:
  Writer(std::size_t max_group_lines, Step write, Step settle, std::chrono::microseconds quick);
  struct Item {  // one of the two
    std::shared_ptr<Submission> submission;
    std::packaged_task<void()> task;
  };
  void write_loop();
  void settle_here(Submissions& group, std::unique_lock<std::mutex>& lock);
  void hand_over(Submissions& group);
  // Waits until something is there to take. Callers that are answered together come back together,
  // one shortly after the other; taking the first at once would make a group of one and leave all
  // others to wait for its sync. So on a slow disk, while fewer wait than half of what the two groups
  // before had, waits for more, but not for longer than a sync takes, nor than kCompany: one sync that
  // took a second says nothing of the callers. False when there will be nothing more.
  static constexpr std::chrono::milliseconds kCompany{5};
  bool gather(std::unique_lock<std::mutex>& lock);
  void settle_loop();
  // Takes everything that waits, up to the next task or the limit; one submission in any case.
  void take(Submissions& group, std::packaged_task<void()>& task);
  // Takes the item unless the writer is stopping.
  bool push(Item& item);

  const std::size_t max_group_lines_;
  const Step write_, settle_;
  const std::chrono::microseconds quick_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable waiting_;   // for items_
  std::condition_variable written_;   // for unsettled_
  std::condition_variable settled_;   // for the end of settling
  std::deque<Item> items_;
  Submissions unsettled_;  // written, not yet taken by the second thread
  bool settling_ = false;  // some are in hand
  std::chrono::steady_clock::duration settling_took_{};  // the last time; hardly more than a sync
  std::size_t wanted_ = 1;  // so many items wake the first thread
  bool stopping_ = false;
  bool all_written_ = false;  // the first thread has ended
  std::array<std::size_t, 2> taken_{};  // so many the last two groups had; of the first thread
  std::thread writing_thread_, settling_thread_;
};

}  // namespace fundtrail
