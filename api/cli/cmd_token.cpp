// fundtrail token new | list | revoke | rotate: bearer tokens of the HTTP API.
#include <memory>

#include "api/cli/command.h"
#include "api/cli/users_file.h"
#include "api/http/user_json.h"
#include "api/identity/manage.h"

namespace fundtrail::api::cli {
namespace {

namespace fs = std::filesystem;

constexpr Message kHelp{"HTTP 接口的访问令牌", "bearer tokens of the HTTP API"};
constexpr Message kNewHelp{"签发一个令牌并显示一次；文件里只存其摘要",
                           "issue a token and show it once; the file keeps its digest only"};
constexpr Message kListHelp{"列出令牌：角色、期限、最近使用", "list tokens: role, end, last use"};
constexpr Message kRevokeHelp{"立即撤销一个令牌", "revoke a token at once"};
constexpr Message kRotateHelp{"换发令牌：显示新令牌，旧令牌到重叠期满为止",
                              "replace a token: shows the new one; the old one ends with the overlap"};
constexpr Message kActorHelp{"持有人编号；没有该用户时设立一个无口令的用户；服务机构则为机构编号",
                             "id of the holder, who becomes a user without a password if there is "
                             "none; for a provider, the provider's id"};
constexpr Message kOwnerHelp{"只列此用户的", "only this user's"};
constexpr Message kIdHelp{"令牌编号（见 token list）", "id of the token (see token list)"};
constexpr Message kLabelHelp{"用途说明", "what it is for"};
constexpr Message kDaysHelp{"有效天数（默认 365，最多 366）", "days until it expires (default 365, 366 at most)"};
constexpr Message kRateHelp{"每秒请求数上限", "requests a second at most"};
constexpr Message kOverlapHelp{"旧令牌还有效的小时数（默认 24）",
                               "hours for which the old one stays good (default 24)"};
constexpr Message kIssued{
    "令牌（只显示这一次，请妥善保存）：\n{0}\n编号 {1}；运行中的服务一秒内生效。",
    "The token (shown only this once; keep it safe):\n{0}\nIts id is {1}. A running server knows it "
    "within a second."};
constexpr Message kUserMade{"注意：用户簿中原先没有用户“{0}”，已一并建立，角色为{1}。",
                            "Note: there was no user \"{0}\" in the book; one was made, as {1}."};
constexpr Message kRevoked{"令牌 {0} 已撤销；运行中的服务一秒内生效。",
                           "The token {0} is revoked; a running server knows it within a second."};
constexpr Message kRow{"{0}  {1}  {2}  至 {3}  最近使用 {4}  {5}",
                       "{0}  {1}  {2}  until {3}  last used {4}  {5}"};
constexpr Message kLive{"有效", "good"}, kEnded{"已失效", "ended"};

struct TokenOptions {
  std::string actor, role, id, label;
  std::uint64_t days = kTokenDays, overlap = kOverlapHours;
  std::uint32_t per_second = 0;
};

Exit show(const Context& context, const MintedToken& minted, const std::string& user) {
  context.print(kIssued, minted.text, minted.token.id);
  context.print_json({{"actor", user},
                      {"role", name_of(minted.token.role)},
                      {"id", minted.token.id},
                      {"token", minted.text}});
  return Exit::fine;
}

Exit create(const Context& context, const TokenOptions& options, const fs::path& file) {
  const auto id = actor_of("--actor", options.actor);
  const auto role = role_of(options.role);
  auto minted = mint_token();
  if (!minted) return context.fail(minted.error());
  const auto now = context.now().unix_seconds();
  minted->token.role = role;
  minted->token.label = options.label;
  minted->token.created = now;
  minted->token.expires = now + std::int64_t(options.days) * 24 * 3600;
  minted->token.per_second = options.per_second;
  bool made = false;
  const auto exit = alter_book(context, file, [&](std::vector<User>& users) {
    made = !find_user(users, id.str());
    if (made) {
      NewUser fresh;
      fresh.id = id;
      fresh.roles = {role};
      if (auto refusal = add_user(users, fresh, nullptr, now)) return std::optional(*refusal);
    }
    return issue_token(users, id.str(), minted->token, nullptr);
  });
  if (exit != Exit::fine) return exit;
  if (made) context.print(kUserMade, id.str(), words_of(context, role));  // it may be a slip of the pen
  return show(context, *minted, id.str());
}

Exit list(const Context& context, const TokenOptions& options, const fs::path& file) {
  Exit exit = Exit::fine;
  const auto book = read_book(context, file, exit);
  if (!book) return exit;
  const auto now = context.now().unix_seconds();
  auto all = nlohmann::ordered_json::array();
  for (const auto& user : book->users()) {
    if (!options.actor.empty() && user.id.str() != options.actor) continue;
    for (const auto& token : user.tokens) {
      all.push_back(token_json(user, token, token.last_used, now));
      const bool live = all.back()["live"].get<bool>();
      context.print(kRow, token.id, user.id.str(), words_of(context, token.role), when(token.expires),
                    when(token.last_used), (live ? kLive : kEnded).in(context.language));
    }
  }
  context.print_json({{"tokens", all}});
  return Exit::fine;
}

Exit revoke(const Context& context, const TokenOptions& options, const fs::path& file) {
  const auto exit = alter_book(context, file, [&](std::vector<User>& users) {
    return revoke_token(users, options.id, nullptr, context.now().unix_seconds());
  });
  if (exit != Exit::fine) return exit;
  context.print(kRevoked, options.id);
  context.print_json({{"id", options.id}, {"revoked", true}});
  return exit;
}

Exit rotate(const Context& context, const TokenOptions& options, const fs::path& file) {
  auto minted = mint_token();
  if (!minted) return context.fail(minted.error());
  const auto now = context.now().unix_seconds();
  std::string owner;
  const auto exit = alter_book(context, file, [&](std::vector<User>& users) {
    auto refusal = rotate_token(users, options.id, minted->token, nullptr, now,
                                now + std::int64_t(options.overlap) * 3600);
    for (auto& user : users) {
      if (const Token* token = user.token(minted->token.id)) {
        owner = user.id.str();
        minted->token = *token;
      }
    }
    return refusal;
  });
  return exit == Exit::fine ? show(context, *minted, owner) : exit;
}

}  // namespace

void add_token_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<TokenOptions>();
  auto* group = add_group(app, "token", kHelp);
  const auto add = [&](const char* name, const Message& help,
                       Exit (*action)(const Context&, const TokenOptions&, const fs::path&)) {
    return add_command(*group, context, name, help, on_book(context, options, action));
  };
  auto* fresh = add("new", kNewHelp, create);
  fresh->add_option("--actor", options->actor, both(kActorHelp))->required();
  fresh->add_option("--role", options->role, both(kRoleHelp))->required();
  fresh->add_option("--label", options->label, both(kLabelHelp));
  fresh->add_option("--days", options->days, both(kDaysHelp))->check(CLI::Range(std::uint64_t(1), kMaxTokenDays));
  fresh->add_option("--per-second", options->per_second, both(kRateHelp))
      ->check(CLI::Range(1, 1'000'000));
  add("list", kListHelp, list)->add_option("--actor", options->actor, both(kOwnerHelp));
  add("revoke", kRevokeHelp, revoke)->add_option("id", options->id, both(kIdHelp))->required();
  auto* rotation = add("rotate", kRotateHelp, rotate);
  rotation->add_option("id", options->id, both(kIdHelp))->required();
  rotation->add_option("--overlap", options->overlap, both(kOverlapHelp))
      ->check(CLI::Range(std::uint64_t(0), kMaxOverlapHours));
}

}  // namespace fundtrail::api::cli
