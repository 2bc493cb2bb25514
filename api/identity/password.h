// Passwords: Argon2id with the second recommended parameters of RFC 9106 section 4 (64 MiB, 3 passes,
// 4 lanes, 16 bytes of salt, 32 of tag), written as the usual "$argon2id$v=19$..." string.
//
// One computation takes a tenth of a second and 64 MiB: call these from a worker, never from a loop
// (api/http/loop.h). At most kAtOnce run at the same time; others wait. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/identity/refusal.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

inline constexpr std::size_t kMinPassword = 12;     // characters
inline constexpr std::size_t kLongPassword = 20;    // from here the kinds of characters do not matter
inline constexpr std::size_t kMaxPassword = 256;    // bytes

// Faults: io (no memory, no random numbers).
Result<std::string> hash_password(std::string_view password);
// Whether it is the password. With an empty or unreadable `hash` it is not, and finding that out takes
// as long: nobody learns from the time whether there is such a user.
bool is_password(std::string_view hash, std::string_view password);
// Whether the string was made with other parameters than hash_password() uses today.
bool is_outdated(std::string_view hash);

// What is wrong with a password that somebody wants to have, by length, kinds of characters (GB/T
// 22239) and how easily it is guessed (NIST SP 800-63B); nothing when it will do.
std::optional<UserRefusal> judge_password(std::string_view password, std::string_view user);

// One for a user who must change it at once: letters and digits that are not mistaken for one another,
// in groups of four; it passes judge_password().
Result<std::string> random_password();

}  // namespace fundtrail::api
