// Canonical JSON: the one spelling of a line that is hashed, stored, exported and verified.
//
// RFC 8785 (JCS), restricted so that two programs cannot disagree about it:
//   - the line is one object, without white space, at most 32 levels deep;
//   - keys are one or more printable ASCII characters (0x20..0x7E) except " and \, each greater
//     than the one before it in byte order (so none twice);
//   - values are objects, arrays, strings, true, false and integers with |n| < 2^53;
//     no null, no fraction, no exponent, no -0;
//   - strings are NFC UTF-8 without surrogates and noncharacters (RFC 7493), and escape exactly
//     " \ and U+0000..U+001F, as \" \\ \b \t \n \f \r, the others as \u00xx in lower case.
// docs/FORMAT.md says the same to people who write a verifier.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/core/check.h"
#include "ledger/core/result.h"

namespace fundtrail::chain {

inline constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;
inline constexpr unsigned max_depth = 32;

// Appends one canonical object to a string that the caller owns, clears and reuses: the writer
// itself allocates nothing. It checks structure in release builds (keys ascend, containers close,
// integers in range), because a writer that spells a line wrongly must not write it. It does not
// check text: string values from outside must have passed is_text() when they came in.
// Nobody else may change the target while the writer lives. Not thread-safe.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& target) : out_(target) {}
  CanonicalWriter(const CanonicalWriter&) = delete;
  CanonicalWriter& operator=(const CanonicalWriter&) = delete;

  CanonicalWriter& begin_object() { return open('{', Kind::object); }
  CanonicalWriter& end_object() { return close('}', Kind::object); }
  CanonicalWriter& begin_array() { return open('[', Kind::array); }
  CanonicalWriter& end_array() { return close(']', Kind::array); }

  // Keys ascend within their object; the next call writes the value.
  CanonicalWriter& key(std::string_view key);
  CanonicalWriter& string(std::string_view utf8);
  CanonicalWriter& boolean(bool value);
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool> &&
           !std::same_as<Integer, char>) CanonicalWriter& integer(Integer value) {
    FT_CHECK(std::cmp_less_equal(value, max_integer) &&
             std::cmp_greater_equal(value, -max_integer));
    return write_integer(static_cast<std::int64_t>(value));
  }
  // A value that is canonical already (a stored line or part of one), copied as it is.
  // Precondition: check_canonical(canonical) would accept it.
  CanonicalWriter& raw(std::string_view canonical);

  // True when an object was begun and everything that was begun has ended.
  bool complete() const { return depth_ == 0 && written_; }

 private:
  enum class Kind : std::uint8_t { object, array };
  // No initialisers: open() sets a level, and clearing all of them would cost more than a field.
  struct Level {
    Kind kind;
    bool empty;
    bool key_pending;        // a key waits for its value
    std::size_t key_offset;  // of the previous key, in out_: compared without a copy
    std::size_t key_size;
  };
  void before_value();
  CanonicalWriter& open(char bracket, Kind kind);
  CanonicalWriter& close(char bracket, Kind kind);
  CanonicalWriter& write_integer(std::int64_t value);

  std::string& out_;
  std::array<Level, max_depth + 1> levels_;  // levels_[depth_] is the innermost open container
  unsigned depth_ = 0;
  bool written_ = false;
};

// Whether the bytes are one canonical line (without a line feed). Fault::unreadable otherwise; the
// message names the byte offset (from 0) of the first fault and says what is wrong. Allocates only
// for the message. Thread-safe.
Status check_canonical(std::string_view line);

// Whether the bytes are well-formed UTF-8 in Normalization Form C (Unicode 15.0, ICU 72): false for
// malformed bytes too. Thread-safe.
bool is_nfc(std::string_view utf8);

// Whether a string value may stand in a canonical line: well-formed UTF-8 (no overlong forms, no
// surrogates, nothing above U+10FFFF), no noncharacters, NFC. Ask it of every string that comes
// from outside. Thread-safe.
bool is_text(std::string_view utf8);

}  // namespace fundtrail::chain
