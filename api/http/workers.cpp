#include "api/http/workers.h"

#include <unistd.h>

namespace fundtrail::api {

Workers::Workers(std::size_t threads, int claim) : claim_(claim) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void Workers::enqueue(std::function<void()> job) {
  std::lock_guard lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() > free_) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(claim_, &one, sizeof one);
  }
  wake_.notify_one();
}

void Workers::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++free_;
    wake_.wait(lock, [this] { return !jobs_.empty() || stopping_; });
    --free_;
    if (jobs_.empty()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    if (jobs_.empty()) {  // nobody waits any more: tokens left over would close a connection in vain
      std::uint64_t token = 0;
      while (::read(claim_, &token, sizeof token) == sizeof token) {
      }
    }
    lock.unlock();
    job();
    lock.lock();
  }
}

void Workers::shutdown() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

}  // namespace fundtrail::api
