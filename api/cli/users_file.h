// What the commands about users and tokens share: where the book is, and how a change of it is told.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/cli/command.h"
#include "api/identity/user_book.h"

namespace fundtrail::api::cli {

inline constexpr Message kRoleHelp{
    "角色：registrar 登记、preparer 制单、reviewer 审核、approver 批准、cashier 出纳、"
    "provider 服务机构、inspector 检查、administrator 管理",
    "registrar, preparer, reviewer, approver, cashier, provider, inspector or administrator"};

// The one that is set, for every command the same: a change of another book than the server's would
// change nothing.
std::filesystem::path users_file(const Context& context);

// An action on the book, as add_command() takes it. Says so when neither a book nor a ledger is named.
template <class Options>
std::function<Exit()> on_book(Context& context, std::shared_ptr<Options> options,
                              Exit (*action)(const Context&, const Options&,
                                             const std::filesystem::path& book)) {
  return [&context, options = std::move(options), action] {
    Exit exit = Exit::fine;
    const bool named = !context.settings.text(Setting::users).empty();
    if (!named && !context.has_ledger(exit)) return exit;
    return action(context, *options, users_file(context));
  };
}

// The book with a tokens.json taken over; nothing after saying why not.
std::shared_ptr<const UserBook> read_book(const Context& context,
                                          const std::filesystem::path& file, Exit& exit);
// Alters the book; says why not.
Exit alter_book(const Context& context, const std::filesystem::path& file, const Alteration& how);

// The values of options; a usage error for what is none.
ActorId actor_of(const std::string& option, const std::string& text);
Role role_of(const std::string& text);
template <class T>
std::vector<T> all_of(const std::string& option, const Message& expected,
                      const std::vector<std::string>& texts) {
  std::vector<T> out;
  for (const auto& text : texts) {
    const auto parsed = T::parse(text);
    if (!parsed) {
      const auto said = bad_option(option, text, expected);
      throw CLI::ValidationError(in_both(said.zh, said.en));
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
