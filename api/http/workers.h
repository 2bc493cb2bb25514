// The threads for what takes long: reports, lists, proofs and large documents. They keep the loops
// (api/http/loop.h) free for requests that take microseconds.
//
// Thread-safety: enqueue() from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace fundtrail::api {

class Workers {
 public:
  explicit Workers(std::size_t threads);
  ~Workers();  // finishes every job that was enqueued
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // The job must not throw.
  void enqueue(std::function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fundtrail::api
