// A fuzz target: bytes in, and a property that must hold whatever they are; breaking it ends the process.
// With FUNDTRAIL_FUZZ (clang) each target is a libFuzzer program of its own; in ordinary builds all of
// them are one program that plays their seeds and every input that once broke one (replay.cpp), so that
// the targets cannot rot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace fundtrail::fuzz {

using Target = void (*)(std::string_view bytes);

inline std::map<std::string, Target>& targets() {
  static std::map<std::string, Target> all;
  return all;
}

inline void must(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", property);
  std::abort();
}

// Takes bytes from the front; zeros when there are none left.
class Input {
 public:
  explicit Input(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return first;
  }
  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace fundtrail::fuzz

#ifdef FUNDTRAIL_FUZZ
#define FUZZ_TARGET(name)                                                            \
  static void fuzz_##name(std::string_view bytes);                                   \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name({reinterpret_cast<const char*>(data), size});                        \
    return 0;                                                                        \
  }                                                                                  \
  static void fuzz_##name(std::string_view bytes)
#else
#define FUZZ_TARGET(name)                                                                \
  static void fuzz_##name(std::string_view bytes);                                       \
  static const bool registered_##name = fundtrail::fuzz::targets().emplace(#name, fuzz_##name).second; \
  static void fuzz_##name(std::string_view bytes)
#endif
