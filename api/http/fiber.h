// Straight-line code on a stack of its own that can stop in the middle and go on later. It lets
// cpp-httplib, which reads and writes as if it could wait, serve a connection without a thread: when
// it would wait, the fiber is put aside and the thread does something else.
//
// Boost.Context switches the stacks; the sanitizers are told.
//
// Not thread-safe: a fiber is resumed by one thread, always the same. It must not suspend inside a
// catch block, and a reference to a thread_local object is good only until it suspends.
#pragma once

#include <functional>
#include <memory>

namespace fundtrail::api {

class Fiber {
 public:
  // Nothing runs before the first resume(). `body` must not throw.
  explicit Fiber(std::function<void()> body);
  ~Fiber();  // precondition: ended()
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs until the body suspends or ends. Not from inside a fiber.
  void resume();
  bool ended() const;
  // From inside the body: back to whoever resumed it.
  void suspend();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace fundtrail::api
