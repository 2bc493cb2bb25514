// The threads that serve connections, one thread a live connection. When more connections wait than
// threads are free, one token for each is put into claim(): an idle kept connection takes it and
// gives its thread up, so that idle clients do not block new ones.
//
// Thread-safety: enqueue() from any thread.
#pragma once

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace fundtrail::api {

class Workers final : public httplib::TaskQueue {
 public:
  // `claim` is a non-blocking semaphore eventfd that outlives the workers.
  Workers(std::size_t threads, int claim);
  void enqueue(std::function<void()> job) override;
  // Finishes every job that was begun or enqueued, then joins.
  void shutdown() override;

 private:
  void run();

  int claim_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::size_t free_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fundtrail::api
