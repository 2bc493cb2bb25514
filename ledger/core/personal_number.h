// Numbers of people where nobody expects them: in ids, keys, texts and purposes that somebody makes up. They
// would stay in the chain, in logs and in addresses for ever. The one place that knows what such numbers look
// like; what passes and what does not is a table in tests/core/personal_number_test.cpp. Pure; thread-safe.
//
// Full-width characters count as the ASCII ones they stand for. Digits may stand in groups, parted by blanks,
// hyphens, dots, lines or strokes, but only in groups that people write.
#pragma once

#include <string_view>

namespace fundtrail {

// A valid identity number of a person (GB 11643) with the code of a province: anywhere among other digits; or
// in groups (320412-19410730-966X, 320412 1941 0730 966X), of somebody born before 2000: a region, a
// business day and a serial make the same shape.
bool holds_identity_number(std::string_view text);

// The number of a mobile phone, as a word of its own or behind letters: 13800138000, +86 138 0013 8000,
// 138-0013-8000. Words of nothing but hexadecimal digits with a letter among them (UUIDs, digests) are left
// alone: one UUID in three thousand has a group that reads like a phone.
bool holds_mobile_number(std::string_view text);

// Either of these, or a word with 15 to 19 digits in one run (old identity numbers, bank cards) that is no
// social credit code, for what somebody makes up as a key or a purpose and never needs such a number.
bool holds_personal_number(std::string_view text);

}  // namespace fundtrail
