// What the commands about users and tokens share: where the book is, and how a change of it is told.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "api/cli/command.h"
#include "api/identity/user_book.h"

namespace fundtrail::api::cli {

inline constexpr Message kUsersHelp{"用户簿文件（默认 账套目录/users.json）",
                                    "the book of users (default: users.json in the ledger's "
                                    "directory)"};
inline constexpr Message kRoleHelp{
    "角色：registrar 登记、preparer 制单、reviewer 审核、approver 批准、cashier 出纳、"
    "provider 服务机构、inspector 检查、administrator 管理",
    "registrar, preparer, reviewer, approver, cashier, provider, inspector or administrator"};

std::filesystem::path users_file(const Context& context, const std::string& named);
// The same, or nothing after saying that there is no ledger.
std::optional<std::filesystem::path> users_file_of(const Context& context,
                                                   const std::string& named, Exit& exit);

// The book with a tokens.json taken over; nothing after saying why not.
std::shared_ptr<const UserBook> read_book(const Context& context,
                                          const std::filesystem::path& file, Exit& exit);
// Alters the book; says why not.
Exit alter_book(const Context& context, const std::filesystem::path& file, const Alteration& how);

Exit fail(const Context& context, const UserRefusal& refusal);

// The values of options; a usage error for what is none.
ActorId actor_of(const Context& context, const std::string& option, const std::string& text);
Role role_of(const Context& context, const std::string& text);
template <class T>
std::vector<T> all_of(const Context& context, const std::string& option, const char* expected,
                      const std::vector<std::string>& texts) {
  std::vector<T> out;
  for (const auto& text : texts) {
    const auto parsed = T::parse(text);
    if (!parsed) {
      throw CLI::ValidationError(say::kBadOption.in(context.language, option, text, expected));
    }
    out.push_back(*parsed);
  }
  return out;
}

// "2026-11-28T09:00:00+08:00"; "-" for never.
std::string when(std::int64_t seconds);
// What people call a role.
std::string words_of(const Context& context, Role role);

}  // namespace fundtrail::api::cli
