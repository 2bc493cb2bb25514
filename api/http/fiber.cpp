#include "api/http/fiber.h"

#include <sys/mman.h>

#include <boost/context/fiber.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <utility>

#include "ledger/core/check.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace fundtrail::api {
namespace {

namespace context = boost::context;

// As large as a thread's, because the HTTP library matches with std::regex, which calls itself for
// each byte of a header or path (8,192 at most). Reserved, not used: pages come when they are touched,
// and the page below ends the process instead of letting a stack run into its neighbour. Sanitizers
// widen every frame.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kStack = 64 << 20;
#else
constexpr std::size_t kStack = 16 << 20;
#endif

// What the sanitizers want to know of a switch between the two stacks; nothing in other builds.
class Switches {
 public:
  Switches(const void* bottom, std::size_t size) : bottom_(bottom), size_(size) {
#if defined(__SANITIZE_THREAD__)
    own_ = __tsan_create_fiber(0);
#endif
  }
  ~Switches() {
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(own_);
#endif
  }
  Switches(const Switches&) = delete;
  Switches& operator=(const Switches&) = delete;

  void before_entering() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&outer_fake_, bottom_, size_);
#endif
#if defined(__SANITIZE_THREAD__)
    outer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(own_, 0);
#endif
  }
  void after_leaving() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(outer_fake_, nullptr, nullptr);
#endif
  }
  void after_entering() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(own_fake_, &outer_bottom_, &outer_size_);
#endif
  }
  void before_leaving([[maybe_unused]] bool for_good) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(for_good ? nullptr : &own_fake_, outer_bottom_, outer_size_);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(outer_, 0);
#endif
  }

 private:
  [[maybe_unused]] const void* bottom_;
  [[maybe_unused]] std::size_t size_;
#if defined(__SANITIZE_ADDRESS__)
  void* own_fake_ = nullptr;
  void* outer_fake_ = nullptr;
  const void* outer_bottom_ = nullptr;
  std::size_t outer_size_ = 0;
#endif
#if defined(__SANITIZE_THREAD__)
  void* own_ = nullptr;
  void* outer_ = nullptr;
#endif
};

}  // namespace

struct Fiber::Inside {
  Inside(std::function<void()> body, context::protected_fixedsize_stack maker,
         context::stack_context stack)
      : switches(static_cast<const char*>(stack.sp) - stack.size, stack.size),
        body(std::move(body)),
        own(std::allocator_arg, context::preallocated(stack.sp, stack.size, stack), maker,
            [this](context::fiber&& caller) { return run(std::move(caller)); }) {}

  context::fiber run(context::fiber&& caller) {
    switches.after_entering();
    outer = std::move(caller);
    body();
    ended = true;
    switches.before_leaving(true);
    return std::move(outer);
  }

  Switches switches;
  std::function<void()> body;
  bool ended = false;
  context::fiber outer;  // where to go back to
  context::fiber own;    // where to go on
};

Fiber::Fiber(std::function<void()> body) {
  context::protected_fixedsize_stack maker(kStack);
  const auto stack = maker.allocate();
  // A huge page would be two megabytes for the few kilobytes that a request needs.
  ::madvise(static_cast<char*>(stack.sp) - stack.size, stack.size, MADV_NOHUGEPAGE);
  inside_ = std::make_unique<Inside>(std::move(body), maker, stack);
}

Fiber::~Fiber() { FT_CHECK(inside_->ended); }

bool Fiber::ended() const { return inside_->ended; }

void Fiber::resume() {
  FT_CHECK(!inside_->ended);
  inside_->switches.before_entering();
  inside_->own = std::move(inside_->own).resume();
  inside_->switches.after_leaving();
}

void Fiber::suspend() {
  inside_->switches.before_leaving(false);
  inside_->outer = std::move(inside_->outer).resume();
  inside_->switches.after_entering();
}

}  // namespace fundtrail::api
