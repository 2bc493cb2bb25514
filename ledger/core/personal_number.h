// Numbers of people where nobody expects them: in ids, keys and purposes that somebody makes up. They would
// stay in the chain, in logs and in addresses for ever. Pure; thread-safe.
#pragma once

#include <string_view>

namespace fundtrail {

// Whether `text` holds what looks like the number of a person: exactly 11 digits of a mobile phone
// (1[3-9]...), 15 to 19 digits (identity and bank cards), or a valid identity number inside a longer run.
//
// Words of nothing but hexadecimal digits with a letter among them (UUIDs, digests) are searched for valid
// identity numbers only: one UUID in three thousand has a group that reads like a phone. Whatever is not a
// letter or digit of ASCII ends a word.
bool holds_personal_number(std::string_view text);

}  // namespace fundtrail
