// check_canonical() for many lines in a row: the lines of a document are nearly all of one shape.
//
// A line that was accepted is kept as a pattern: which of its bytes are the inside of plain ASCII
// strings. A later line of the same length that differs from it in such bytes only, and has plain
// ASCII there too, is canonical as well: structure, keys, numbers and everything beyond ASCII are
// byte for byte the pattern's. Comparing takes a tenth of what reading takes. Every other line is
// read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fundtrail::chain {

// Not thread-safe. Some 2 KiB for every different length of line that was seen, 256 at most.
class LineChecker {
 public:
  // The same as check_canonical(line).ok().
  bool accepts(std::string_view line);

 private:
  struct Pattern {
    std::string line;
    std::vector<std::uint8_t> free;  // 0xFF where a plain character may stand for another
  };
  static bool fits(const Pattern& pattern, std::string_view line);
  static void learn(Pattern& pattern, std::string_view line);

  std::array<Pattern, 256> patterns_;  // by length, modulo
};

}  // namespace fundtrail::chain
