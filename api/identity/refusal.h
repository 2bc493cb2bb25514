// Why the book of users says no: a closed set with stable codes and texts in both languages, the same
// for the command line and for HTTP. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fundtrail::api {

enum class UserNo : std::uint8_t {
  unknown_user, user_exists, roles_do_not_fit, provider_needed, provider_not_needed, own_account,
  last_administrator, role_not_held, unknown_token, token_ended, certificate_taken,
  unknown_certificate, password_too_short, password_too_long, password_too_plain,
  password_easily_guessed, password_not_new, password_wrong, personal_number, password_unprintable,
  not_a_machine, machine_password, beyond_own_ledgers,
};
inline constexpr std::size_t kUserNos = static_cast<std::size_t>(UserNo::beyond_own_ledgers) + 1;

struct UserNoInfo {
  UserNo no;
  std::string_view code;  // "unknown-user"
  int http_status;
  std::string_view en;  // "{0}" is the subject
  std::string_view zh;
};
const UserNoInfo& info(UserNo no);

// What somebody sent as the id of a user, token, certificate or role, and is none.
inline constexpr char kUnnamed[] = "?";

struct UserRefusal {
  UserNo no = UserNo::unknown_user;
  std::string subject = {};  // an id or a role; never a secret, and kUnnamed when it is not to be repeated
  std::string en() const;
  std::string zh() const;
};

}  // namespace fundtrail::api
