#include "audit/integrity/pipeline.h"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace fundtrail::audit {
namespace {

constexpr std::size_t kAheadPerThread = 3;

class Pipeline {
 public:
  Pipeline(RecordSource& source, chain::Suite suite, unsigned threads)
      : source_(source), suite_(suite), slots_(threads * kAheadPerThread) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~Pipeline() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  // The next in order; nothing when there are no more.
  std::optional<Examination> next() {
    std::unique_lock lock(mutex_);
    auto& slot = slots_[folded_ % slots_.size()];
    ready_.wait(lock, [&] { return slot || failure_ || (no_more_ && folded_ == taken_); });
    if (failure_) std::rethrow_exception(failure_);
    if (!slot) return std::nullopt;
    auto examination = std::exchange(slot, std::nullopt);
    ++folded_;
    lock.unlock();
    room_.notify_all();
    return examination;
  }

 private:
  void work(std::size_t number) {
    try {
      Examiner examiner(suite_, number);
      while (examine_one(examiner)) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      ready_.notify_all();
    }
  }

  bool examine_one(Examiner& examiner) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return stopping_ || no_more_ || taken_ - folded_ < slots_.size(); });
    if (stopping_ || no_more_) return false;
    auto piece = source_.take();
    if (!piece) {
      no_more_ = true;
      ready_.notify_all();
      room_.notify_all();
      return false;
    }
    const std::uint64_t number = taken_++;
    lock.unlock();
    auto examination = source_.examine(std::move(*piece), examiner);
    lock.lock();
    slots_[number % slots_.size()] = std::move(examination);
    if (number == folded_) ready_.notify_all();
    return true;
  }

  RecordSource& source_;
  const chain::Suite suite_;
  std::mutex mutex_;
  std::condition_variable room_;   // for another piece
  std::condition_variable ready_;  // the next in order, or the end
  std::vector<std::optional<Examination>> slots_;
  std::uint64_t taken_ = 0;
  std::uint64_t folded_ = 0;
  bool no_more_ = false;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace

void in_order(RecordSource& source, chain::Suite suite, unsigned threads,
              const std::function<bool(Examination)>& fold) {
  Pipeline pipeline(source, suite, threads);
  while (auto examination = pipeline.next()) {
    if (!fold(std::move(*examination))) return;
  }
}

}  // namespace fundtrail::audit
