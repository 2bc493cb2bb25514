// A bar on a terminal, on standard error; nothing elsewhere.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <iostream>
#include <string>

namespace fundtrail::api::run {

class ProgressBar {
 public:
  ProgressBar(std::string label, bool wanted)
      : label_(std::move(label)), shown_(wanted && ::isatty(STDERR_FILENO) == 1) {}
  ~ProgressBar() {
    if (shown_ && percent_ != kNever) std::cerr << "\r\033[K" << std::flush;
  }
  void operator()(std::uint64_t done, std::uint64_t total) {
    const std::uint64_t percent = total == 0 ? 100 : done * 100 / total;
    if (!shown_ || percent == percent_) return;
    percent_ = percent;
    std::string bar(kWidth, '.');
    bar.replace(0, percent * kWidth / 100, percent * kWidth / 100, '#');
    std::cerr << '\r' << label_ << " [" << bar << "] " << percent << '%' << std::flush;
  }

 private:
  static constexpr std::uint64_t kWidth = 40, kNever = 101;
  std::string label_;
  bool shown_;
  std::uint64_t percent_ = kNever;
};

}  // namespace fundtrail::api::run
