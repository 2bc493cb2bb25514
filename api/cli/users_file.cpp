#include "api/cli/users_file.h"

#include "ledger/core/date.h"
#include "ledger/core/wording.h"

namespace fundtrail::api::cli {

std::filesystem::path users_file(const Context& context) {
  const auto& named = context.settings.text(Setting::users);
  return named.empty() ? context.ledger / "users.json" : std::filesystem::path(named);
}

std::shared_ptr<const UserBook> read_book(const Context& context,
                                          const std::filesystem::path& file, Exit& exit) {
  if (auto status = take_over_tokens(file); !status) {
    exit = context.refuse(status.error());
    return nullptr;
  }
  auto book = UserBook::load(file);
  if (book) return *book;
  exit = context.refuse(book.error());
  return nullptr;
}

Exit alter_book(const Context& context, const std::filesystem::path& file,
                const Alteration& how) {
  Exit exit = Exit::fine;
  std::error_code unknown;
  const auto whose = std::filesystem::exists(file, unknown) ? file : context.ledger / "ANCHOR";
  if (!context.is_not_anothers(whose, exit)) return exit;
  auto done = alter(file, how);
  if (!done) return context.refuse(done.error());
  return *done ? context.fail(**done) : Exit::fine;
}

ActorId actor_of(const std::string& option, const std::string& text) {
  const auto id = ActorId::parse(text);
  if (id) return *id;
  throw CLI::ValidationError(
      say::kBadOption.in_both(option, text, "[A-Za-z0-9._-]{1,64}"));
}

Role role_of(const std::string& text) {
  const auto role = parse_name<Role>(text);
  if (role) return *role;
  throw CLI::ValidationError(in_both(say::kBadOption.in(Language::zh, "--role", text, kRoleHelp.zh),
                                     say::kBadOption.in(Language::en, "--role", text, kRoleHelp.en)));
}

std::string words_of(const Context& context, Role role) {
  return in_words(name_of(role), context.language == Language::zh);
}

std::string when(std::int64_t seconds) {
  return seconds == 0 ? "-" : Timestamp(seconds, 8 * 60).str();
}

}  // namespace fundtrail::api::cli
