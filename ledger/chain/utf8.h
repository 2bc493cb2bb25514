// UTF-8 decoding for the canonical checks and the notes. Internal to ledger/chain.
#pragma once

#include <cstdint>

namespace fundtrail::chain {

inline constexpr std::int32_t malformed = -1;

// Decodes the code point at `p` (p < end) and moves `p` behind it, or returns `malformed` and
// leaves `p`. Refuses overlong forms, surrogates, truncation and anything above U+10FFFF (RFC
// 3629).
inline std::int32_t decode_utf8(const char*& p, const char* end) {
  const auto byte = [&](int i) { return static_cast<std::uint8_t>(p[i]); };
  const auto follows = [&](int i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return *p++;
  if (first < 0xC2) return malformed;  // a continuation byte, or overlong
  if (first < 0xE0) {
    if (end - p < 2 || !follows(1)) return malformed;
    const std::int32_t code = (first & 0x1F) << 6 | (byte(1) & 0x3F);
    p += 2;
    return code;
  }
  if (first < 0xF0) {
    if (end - p < 3 || !follows(1) || !follows(2)) return malformed;
    const std::int32_t code = (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    if (code < 0x800 || (code >= 0xD800 && code <= 0xDFFF)) return malformed;
    p += 3;
    return code;
  }
  if (first > 0xF4 || end - p < 4 || !follows(1) || !follows(2) || !follows(3)) return malformed;
  const std::int32_t code =
      (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  if (code < 0x10000 || code > 0x10FFFF) return malformed;
  p += 4;
  return code;
}

// The 66 code points that are never characters (Unicode section 23.7).
inline bool is_noncharacter(std::int32_t code) {
  return (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code <= 0xFDEF);
}

// Whether the code point has the property NFC_Quick_Check=Yes and combining class 0, known without
// asking ICU: a string of nothing else is NFC (UAX #15, section 9). These ranges hold nearly all
// Chinese and Western European text; false means "ask ICU", not "no". Note the holes: U+302A..302F
// are combining tone marks; the CJK compatibility ideographs from U+F900 are never NFC. Checked
// against ICU's tables by tests/chain.
inline constexpr bool is_plainly_nfc(std::int32_t code) {
  return code < 0x300 ||                        // ASCII, Latin-1, Latin Extended, IPA, modifiers
         (code >= 0x4E00 && code <= 0x9FFF) ||  // CJK unified ideographs
         (code >= 0x3000 && code <= 0x3029) ||  // CJK punctuation 、。《》「」【】〇
         (code >= 0x3030 && code <= 0x303F) ||
         (code >= 0xFF01 && code <= 0xFFEE) ||  // full-width and half-width forms ，：（）￥
         (code >= 0x2010 && code <= 0x2027) ||  // dashes, quotation marks, ellipsis
         (code >= 0x3400 && code <= 0x4DBF) ||  // extension A
         (code >= 0x20000 && code <= 0x2A6DF);  // extension B: rare characters in names
}

}  // namespace fundtrail::chain
