// fundtrail token new: issues a bearer token for the HTTP API.
#include <memory>

#include "api/cli/command.h"
#include "api/http/tokens.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"HTTP 接口的访问令牌", "bearer tokens of the HTTP API"};
constexpr Message kNewHelp{"签发一个令牌并显示一次；文件里只存其摘要",
                           "issue a token and show it once; the file keeps its digest only"};
constexpr Message kActorHelp{"持有人编号；服务机构则为机构编号",
                             "id of the holder; for a provider, the provider's id"};
constexpr Message kRoleHelp{"角色：registrar 登记、preparer 制单、reviewer 审核、approver 批准、"
                            "cashier 出纳、provider 服务机构、inspector 检查、administrator 管理",
                            "registrar, preparer, reviewer, approver, cashier, provider, inspector "
                            "or administrator"};
constexpr Message kTokensHelp{"令牌文件（默认 账套目录/tokens.json）",
                              "token file (default: tokens.json in the ledger's directory)"};
constexpr Message kIssued{
    "令牌（只显示这一次，请妥善保存）：\n{0}\n已启动的服务用 kill -HUP 重新读取令牌文件。",
    "The token (shown only this once; keep it safe):\n{0}\nA running server reads the token file "
    "again on kill -HUP."};

struct TokenOptions {
  std::string actor, role, tokens;
};

Exit run(const Context& context, const TokenOptions& options) {
  const auto id = ActorId::parse(options.actor);
  const auto role = parse_name<Role>(options.role);
  if (!id || !role) {
    throw CLI::ValidationError(say::kBadOption.in(
        context.language, id ? "--role" : "--actor", id ? options.role : options.actor,
        id ? both(kRoleHelp) : std::string("[A-Za-z0-9._-]{1,64}")));
  }
  std::filesystem::path file = options.tokens;
  if (file.empty()) {
    Exit exit = Exit::fine;
    if (!context.has_ledger(exit)) return exit;
    file = context.ledger / "tokens.json";
  }
  const auto token = add_token(file, {*id, *role});
  if (!token) return context.fail(token.error());
  context.print(kIssued, *token);
  context.print_json({{"actor", options.actor}, {"role", options.role}, {"token", *token}});
  return Exit::fine;
}

}  // namespace

void add_token_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<TokenOptions>();
  auto* group = app.add_subcommand("token", both(kHelp));
  group->require_subcommand(1);
  auto* command = add_command(*group, context, "new", kNewHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--actor", options->actor, both(kActorHelp))->required();
  command->add_option("--role", options->role, both(kRoleHelp))->required();
  command->add_option("--tokens", options->tokens, both(kTokensHelp));
}

}  // namespace fundtrail::api::cli
