// fundtrail user add | list | show | roles | disable | enable | password | unlock | certificate: who
// may use the server. The rules are those of api/identity/manage.h.
#include <memory>

#include "api/cli/command.h"
#include "api/cli/users_file.h"
#include "api/http/user_json.h"
#include "api/identity/certificate.h"
#include "api/identity/manage.h"
#include "api/identity/password.h"

namespace fundtrail::api::cli {
namespace {

namespace fs = std::filesystem;

constexpr Message kHelp{"使用本服务的用户", "the users of the server"};
constexpr Message kAddHelp{"设立用户；显示一次性初始口令，首次登录须修改",
                           "add a user; shows a first password once, to be changed at first sign-in"};
constexpr Message kListHelp{"列出用户", "list the users"};
constexpr Message kShowHelp{"显示一个用户", "show one user"};
constexpr Message kRolesHelp{"改变角色、区划、账套或所属机构，标明机器用户；其会话随即结束",
                             "change roles, regions, ledgers or provider, mark a machine; ends the user's sessions"};
constexpr Message kDisableHelp{"停用用户：令牌、会话、证书立即失效",
                               "disable a user: tokens, sessions and certificates end at once"};
constexpr Message kEnableHelp{"重新启用用户", "enable a user again"};
constexpr Message kPasswordHelp{"重置口令：显示一次性口令，首次登录须修改；其会话和会话中签发的令牌随即结束",
                                "set a new first password, shown once, to be changed at sign-in; ends the user's sessions "
                                "and the tokens made in them"};
constexpr Message kUnlockHelp{"解除登录锁定", "end a lock-out"};
constexpr Message kCertificateHelp{"客户端证书", "client certificates"};
constexpr Message kCertificateAddHelp{"登记一张客户端证书（PEM 文件）",
                                      "register a client certificate (a PEM file)"};
constexpr Message kCertificateRemoveHelp{"取消一张客户端证书", "remove a client certificate"};
constexpr Message kUserHelp{"用户编号", "id of the user"};
constexpr Message kNameHelp{"姓名", "what people call them"};
constexpr Message kRegionHelp{"只限此区划及其下级（可多次）；“all”为全部",
                              "only this region and those in it (repeatable); \"all\" for all"};
constexpr Message kLedgerScopeHelp{"只限此账套（可多次）；“all”为全部",
                                   "only this ledger (repeatable); \"all\" for all"};
constexpr Message kProviderHelp{"服务机构用户所属机构（默认与用户编号相同）",
                                "of role provider: for whom it acts (default: the user's id)"};
constexpr Message kNoPasswordHelp{"不设口令（仅用令牌或证书）",
                                  "without a password (tokens and certificates only)"};
constexpr Message kMachineHelp{"机器用户：不设口令，可由管理员签发令牌、登记证书",
                               "a machine: without a password; administrators make its tokens and certificates"};
constexpr Message kFileHelp{"PEM 文件", "PEM file"};
constexpr Message kFingerprintHelp{"证书 SHA-256 指纹", "SHA-256 fingerprint"};
constexpr Message kDone{"用户“{0}”：已办理；运行中的服务一秒内生效。",
                        "User \"{0}\": done; a running server knows it within a second."};
constexpr Message kFirst{"用户“{0}”的初始口令（只显示这一次，首次登录须修改）：\n{1}",
                         "The first password of \"{0}\" (shown only this once, to be changed at the "
                         "first sign-in):\n{1}"};
constexpr Message kFingerprint{"用户“{0}”的证书 SHA-256 指纹：{1}",
                               "User \"{0}\", SHA-256 of the certificate: {1}"};
constexpr Message kRow{"{0}  {1}  {2}  {3}", "{0}  {1}  {2}  {3}"};
constexpr Message kUserHead{"用户 {0}　{1}　{2}", "User {0}  {1}  {2}"};
constexpr Message kUserRoles{"角色：{0}　区划：{1}　账套：{2}", "Roles: {0}; regions: {1}; ledgers: {2}"};
constexpr Message kUserProvider{"所属机构：{0}", "Acts for the provider {0}"};
constexpr Message kUserPassword{"口令设于：{0}", "Password set: {0}"};
constexpr Message kUserCertificate{"证书：{0}", "Certificate: {0}"};
constexpr Message kUserToken{"令牌：{0}　{1}　至 {2}　{3}", "Token: {0}  {1}  until {2}  {3}"};
constexpr Message kAll{"全部", "all"};
constexpr Message kDisabled{"已停用", "disabled"}, kLocked{"已锁定", "locked"},
    kMustChange{"须改口令", "must change the password"}, kInUse{"在用", "in use"},
    kMachineInUse{"在用（机器用户）", "in use (a machine)"};

struct UserOptions {
  std::string user, name, provider, certificate;
  std::vector<std::string> roles, regions, ledgers;
  bool no_password = false, machine = false;
};

template <class T>
std::vector<T> scope_of(const char* option, const Message& expected,
                        const std::vector<std::string>& texts) {
  if (texts.size() == 1 && texts.front() == "all") return {};
  return all_of<T>(option, expected, texts);
}

std::vector<Role> roles_of(const UserOptions& options) {
  std::vector<Role> roles;
  for (const auto& text : options.roles) roles.push_back(role_of(text));
  return roles;
}

std::optional<ProviderId> provider_of(const UserOptions& options) {
  if (options.provider.empty()) return std::nullopt;
  return all_of<ProviderId>("--provider", say::kIdForm, {options.provider})
      .front();
}

constexpr Message kRegionForm{"6、9 或 12 位数字，或 all", "6, 9 or 12 digits, or all"};
constexpr Message kLedgerForm{"[A-Za-z0-9._-]{1,64} | all", "[A-Za-z0-9._-]{1,64} | all"};

// Alters one user and says so.
Exit change(const Context& context, const UserOptions& options, const fs::path& file, const Alteration& how) {
  const auto exit = alter_book(context, file, how);
  if (exit != Exit::fine) return exit;
  context.print(kDone, options.user);
  context.print_json({{"user", options.user}, {"done", true}});
  return exit;
}

// A first password for somebody; `how` is given its hash.
Exit with_first_password(
    const Context& context, const UserOptions& options, const fs::path& file,
    const std::function<std::optional<UserRefusal>(std::vector<User>&, const std::string&)>& how) {
  const auto password = random_password();
  if (!password) return context.fail(password.error());
  const auto hash = hash_password(*password);
  if (!hash) return context.fail(hash.error());
  const auto exit = alter_book(context, file, [&](std::vector<User>& users) { return how(users, *hash); });
  if (exit != Exit::fine) return exit;
  context.print(kFirst, options.user, *password);
  context.print_json({{"user", options.user}, {"password", *password}});
  return exit;
}

Exit add(const Context& context, const UserOptions& options, const fs::path& file) {
  NewUser fresh;
  fresh.id = actor_of("--user", options.user);
  fresh.name = options.name;
  fresh.roles = roles_of(options);
  fresh.regions = scope_of<RegionCode>("--region", kRegionForm, options.regions);
  fresh.ledgers = scope_of<LedgerId>("--ledger-id", kLedgerForm, options.ledgers);
  fresh.provider = provider_of(options);
  fresh.machine = options.machine;
  const auto now = context.now().unix_seconds();
  if (options.no_password || options.machine) {
    return change(context, options, file,
                  [&](std::vector<User>& users) { return add_user(users, fresh, nullptr, now); });
  }
  return with_first_password(context, options, file,
                             [&](std::vector<User>& users, const std::string& hash) {
                               fresh.password = hash;
                               return add_user(users, fresh, nullptr, now);
                             });
}

std::string roles_text(const Context& context, const User& user) {
  std::string out;
  for (const auto role : user.roles) out += (out.empty() ? "" : ", ") + words_of(context, role);
  return out;
}

std::string state_text(const Context& context, const User& user, std::int64_t now) {
  const auto& state = user.disabled             ? kDisabled
                      : user.locked_until > now ? kLocked
                      : user.must_change        ? kMustChange
                      : user.machine            ? kMachineInUse
                                                : kInUse;
  return state.in(context.language);
}

template <class Id>
std::string scope_text(const Context& context, const std::vector<Id>& ids) {
  if (ids.empty()) return kAll.in(context.language);
  std::string out;
  for (const auto& id : ids) out += (out.empty() ? "" : ", ") + id.str();
  return out;
}

// One user for people.
void describe(const Context& context, const User& user, std::int64_t now) {
  context.print(kUserHead, user.id.str(), user.name, state_text(context, user, now));
  context.print(kUserRoles, roles_text(context, user), scope_text(context, user.regions),
                scope_text(context, user.ledgers));
  if (user.provider) context.print(kUserProvider, user.provider->str());
  context.print(kUserPassword, when(user.password_set));
  for (const auto& certificate : user.certificates) context.print(kUserCertificate, certificate);
  for (const auto& token : user.tokens) {
    if (!token.live(now)) continue;
    context.print(kUserToken, token.id, words_of(context, token.role), when(token.expires),
                  token.label);
  }
}

Exit list(const Context& context, const UserOptions& options, const fs::path& file) {
  Exit exit = Exit::fine;
  const auto book = read_book(context, file, exit);
  if (!book) return exit;
  const auto now = context.now().unix_seconds();
  auto all = nlohmann::ordered_json::array();
  for (const auto& user : book->users()) {
    if (!options.user.empty() && user.id.str() != options.user) continue;
    all.push_back(user_json(user, now));
    if (options.user.empty()) {
      context.print(kRow, user.id.str(), roles_text(context, user), state_text(context, user, now),
                    user.name);
    } else {
      describe(context, user, now);
    }
  }
  if (!options.user.empty() && all.empty()) {
    return context.fail(UserRefusal{UserNo::unknown_user, options.user});
  }
  if (options.user.empty()) context.print_json({{"users", all}});
  else context.print_json(all.front());
  return Exit::fine;
}

Exit roles(const Context& context, const UserOptions& options, const fs::path& file) {
  UserChange wanted;
  if (!options.roles.empty()) wanted.roles = roles_of(options);
  if (!options.regions.empty()) {
    wanted.regions = scope_of<RegionCode>("--region", kRegionForm, options.regions);
  }
  if (!options.ledgers.empty()) {
    wanted.ledgers = scope_of<LedgerId>("--ledger-id", kLedgerForm, options.ledgers);
  }
  if (!options.name.empty()) wanted.name = options.name;
  wanted.provider = provider_of(options);
  if (options.machine) wanted.machine = true;
  return change(context, options, file, [&](std::vector<User>& users) {
    return change_user(users, options.user, wanted, nullptr, context.now().unix_seconds());
  });
}

Exit set_disabled(const Context& context, const UserOptions& options, const fs::path& file, bool disabled) {
  UserChange wanted;
  wanted.disabled = disabled;
  return change(context, options, file, [&](std::vector<User>& users) {
    return change_user(users, options.user, wanted, nullptr, context.now().unix_seconds());
  });
}
Exit disable(const Context& context, const UserOptions& options, const fs::path& file) {
  return set_disabled(context, options, file, true);
}
Exit enable(const Context& context, const UserOptions& options, const fs::path& file) {
  return set_disabled(context, options, file, false);
}

Exit password(const Context& context, const UserOptions& options, const fs::path& file) {
  return with_first_password(
      context, options, file, [&](std::vector<User>& users, const std::string& hash) {
        return set_first_password(users, options.user, hash, nullptr, context.now().unix_seconds());
      });
}

Exit unlock(const Context& context, const UserOptions& options, const fs::path& file) {
  return change(context, options, file,
                [&](std::vector<User>& users) { return unlock_user(users, options.user, nullptr); });
}

Exit certificate_add(const Context& context, const UserOptions& options, const fs::path& file) {
  const auto fingerprint = fingerprint_of_pem(options.certificate);
  if (!fingerprint) return context.fail(fingerprint.error());
  const auto exit = change(context, options, file, [&](std::vector<User>& users) {
    return add_certificate(users, options.user, *fingerprint, nullptr);
  });
  if (exit == Exit::fine) context.print(kFingerprint, options.user, *fingerprint);
  return exit;
}

Exit certificate_remove(const Context& context, const UserOptions& options, const fs::path& file) {
  return change(context, options, file, [&](std::vector<User>& users) {
    return remove_certificate(users, options.user, options.certificate, nullptr);
  });
}

using Action = Exit (*)(const Context&, const UserOptions&, const fs::path&);

}  // namespace

void add_user_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<UserOptions>();
  auto* group = add_group(app, "user", kHelp);
  const auto add_to = [&](CLI::App& to, const char* name, const Message& help, Action action) {
    return add_command(to, context, name, help, on_book(context, options, action));
  };
  // "all users" for list; every other command names one.
  const auto about = [&](CLI::App& to, const char* name, const Message& help, Action action) {
    auto* command = add_to(to, name, help, action);
    command->add_option("--user,user", options->user, both(kUserHelp))->required();
    return command;
  };
  const auto scopes = [&](CLI::App* command) {
    command->add_option("--name", options->name, both(kNameHelp));
    command->add_option("--region", options->regions, both(kRegionHelp));
    command->add_option("--ledger-id", options->ledgers, both(kLedgerScopeHelp));
    command->add_option("--provider", options->provider, both(kProviderHelp));
    command->add_flag("--machine", options->machine, both(kMachineHelp));
  };
  auto* fresh = about(*group, "add", kAddHelp, add);
  fresh->add_option("--role", options->roles, both(kRoleHelp))->required();
  fresh->add_flag("--no-password", options->no_password, both(kNoPasswordHelp));
  scopes(fresh);
  add_to(*group, "list", kListHelp, list);
  about(*group, "show", kShowHelp, list);
  auto* changed = about(*group, "roles", kRolesHelp, roles);
  changed->add_option("--role", options->roles, both(kRoleHelp));
  scopes(changed);
  about(*group, "disable", kDisableHelp, disable);
  about(*group, "enable", kEnableHelp, enable);
  about(*group, "password", kPasswordHelp, password);
  about(*group, "unlock", kUnlockHelp, unlock);
  auto* certificates = add_group(*group, "certificate", kCertificateHelp);
  about(*certificates, "add", kCertificateAddHelp, certificate_add)
      ->add_option("file", options->certificate, both(kFileHelp))
      ->required();
  about(*certificates, "remove", kCertificateRemoveHelp, certificate_remove)
      ->add_option("fingerprint", options->certificate, both(kFingerprintHelp))
      ->required();
}

}  // namespace fundtrail::api::cli
