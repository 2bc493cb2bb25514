// Work in several threads whose results are wanted in order: pieces are taken one after the other,
// worked on in parallel, and their results folded by the caller in the order in which the pieces were
// taken. For long reads (verification, reports computed again from the entries).
//
// Thread-safety of what is passed: take() is called by one thread at a time, work() by several at
// once, fold() by the calling thread only.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace fundtrail {

template <class Piece, class Part>
struct InOrder {
  unsigned threads = 0;                                  // beside the caller's; 0: one a core
  std::function<std::optional<Piece>()> take;            // nothing: there are no more
  std::function<Part(std::size_t thread, Piece)> work;   // threads are numbered from 0
  std::function<bool(Part)> fold;                        // false: no more are wanted

  // All threads have ended when it returns. What one of them throws, this throws. Nobody works
  // further ahead of fold() than a few pieces a thread: so much is in memory.
  void run() const;
};

// Something that each thread has for itself, made when it first asks. References stay valid.
template <class T>
class PerThread {
 public:
  explicit PerThread(std::function<T(std::size_t thread)> make) : make_(std::move(make)) {}
  T& of(std::size_t thread) {
    const std::lock_guard lock(mutex_);
    while (all_.size() <= thread) all_.push_back(make_(all_.size()));
    return all_[thread];
  }

 private:
  std::function<T(std::size_t)> make_;
  std::mutex mutex_;
  std::deque<T> all_;
};

namespace in_order {

template <class Piece, class Part>
class Pipeline {
 public:
  explicit Pipeline(const InOrder<Piece, Part>& order)
      : order_(order), count_(threads_of(order)), slots_(count_ * kAheadPerThread) {
    for (unsigned i = 0; i < count_; ++i) threads_.emplace_back([this, i] { run(i); });
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
  std::optional<Part> next() {
    std::unique_lock lock(mutex_);
    auto& slot = slots_[folded_ % slots_.size()];
    ready_.wait(lock, [&] { return slot || failure_ || (no_more_ && folded_ == taken_); });
    if (failure_) std::rethrow_exception(failure_);
    if (!slot) return std::nullopt;
    std::optional<Part> part = std::exchange(slot, std::nullopt);
    ++folded_;
    lock.unlock();
    room_.notify_all();
    return part;
  }

 private:
  static constexpr std::size_t kAheadPerThread = 3;
  static unsigned threads_of(const InOrder<Piece, Part>& order) {
    if (order.threads != 0) return order.threads;
    return std::max(1u, std::thread::hardware_concurrency());
  }

  void run(std::size_t thread) {
    try {
      while (work_on_one(thread)) {
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      ready_.notify_all();
    }
  }

  bool work_on_one(std::size_t thread) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return stopping_ || no_more_ || taken_ - folded_ < slots_.size(); });
    if (stopping_ || no_more_) return false;
    auto piece = order_.take();
    if (!piece) {
      no_more_ = true;
      ready_.notify_all();
      room_.notify_all();
      return false;
    }
    const std::uint64_t number = taken_++;
    lock.unlock();
    auto part = order_.work(thread, std::move(*piece));
    lock.lock();
    slots_[number % slots_.size()] = std::move(part);
    if (number == folded_) ready_.notify_all();
    return true;
  }

  const InOrder<Piece, Part>& order_;
  const unsigned count_;
  std::mutex mutex_;
  std::condition_variable room_;   // for another piece
  std::condition_variable ready_;  // the next in order, or the end
  std::vector<std::optional<Part>> slots_;
  std::uint64_t taken_ = 0;
  std::uint64_t folded_ = 0;
  bool no_more_ = false;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

}  // namespace in_order

template <class Piece, class Part>
void InOrder<Piece, Part>::run() const {
  in_order::Pipeline<Piece, Part> pipeline(*this);
  while (auto part = pipeline.next()) {
    if (!fold(std::move(*part))) return;
  }
}

}  // namespace fundtrail
