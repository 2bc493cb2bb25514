// fundtrail key: people's own signing keys, and the key of the vault.
#include <memory>

#include "api/cli/command.h"
#include "ledger/chain/keys.h"
#include "ledger/chain/signed_command.h"
#include "ledger/engine/rotate.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"密钥：个人签名密钥；身份密钥的轮换",
                        "keys: people's own signing keys; rotation of the vault's key"};
constexpr Message kNewHelp{"生成个人签名密钥（PKCS#8 PEM，权限 0600），显示登记所需的公钥",
                           "make a person's signing key (PKCS#8 PEM, mode 0600) and show the public "
                           "key that is to be registered"};
constexpr Message kShowHelp{"显示密钥文件的公钥", "show the public key of a key file"};
constexpr Message kRotateHelp{"轮换身份密钥：重新包裹每个人的密钥；中断后再执行一次即可续完",
                              "rotate the vault's wrapping key: every person's key is wrapped anew; "
                              "after an interruption run it again"};
constexpr Message kFileHelp{"密钥文件", "key file"};
constexpr Message kAlgorithmHelp{"算法：ed25519（默认）或 sm2", "ed25519 (default) or sm2"};
constexpr Message kPublic{"算法 {0}\n公钥 {1}\n请由登记岗以 actor_key_registration 登记。",
                          "algorithm {0}\npublic key {1}\nA registrar registers it with an "
                          "actor_key_registration."};
constexpr Message kRotated{"身份密钥已轮换，重新包裹 {0} 人的密钥。请备份新的密钥文件 {1}；旧文件只用于旧备份。",
                           "The vault's key is rotated; {0} people's keys were wrapped anew. Back up the "
                           "new key file {1}; the old one serves old backups only."};

struct KeyOptions {
  std::string file, algorithm = "ed25519";
};

Exit show(const Context& context, const chain::SigningKey& key) {
  const auto algorithm = name_of(chain::algorithm_of(key.suite()));
  const std::string text = chain::to_base64(key.public_key().to_spki());
  context.print(kPublic, algorithm, text);
  context.print_json({{"algorithm", algorithm},
                      {"public_key", text},
                      {"fingerprint", key.public_key().fingerprint()}});
  return Exit::fine;
}

Exit make(const Context& context, const KeyOptions& options) {
  const auto algorithm = parse_name<SignatureAlgorithm>(options.algorithm);
  if (!algorithm) {
    throw CLI::ValidationError(say::kBadOption.in(context.language, "--algorithm",
                                                  options.algorithm, "ed25519 | sm2"));
  }
  const auto key = chain::SigningKey::generate(chain::suite_of(*algorithm));
  if (!key) return context.fail(key.error());
  const auto saved = key->save(options.file);
  if (!saved.ok()) return context.fail(saved.error());
  return show(context, *key);
}

Exit show_file(const Context& context, const KeyOptions& options) {
  const auto key = chain::SigningKey::load(options.file);
  return key ? show(context, *key) : context.fail(key.error());
}

Exit rotate(const Context& context) {
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  const auto count = rotate_vault_key(context.ledger, context.options);
  if (!count && count.error().fault == Fault::unavailable) {
    return context.fail(Exit::io, CliCode::unavailable, say::kLedgerInUse,
                        context.ledger.string());
  }
  if (!count) return context.fail(count.error());
  const std::string file = vault_key_file(context.ledger, context.options).string();
  context.print(kRotated, *count, file);
  context.print_json({{"rewrapped", *count}, {"file", file}});
  return Exit::fine;
}

}  // namespace

void add_key_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<KeyOptions>();
  auto* group = app.add_subcommand("key", both(kHelp))->group("命令 Commands");
  group->require_subcommand(1);
  auto* made = add_command(*group, context, "new", kNewHelp,
                           [&context, options] { return make(context, *options); });
  made->add_option("file", options->file, both(kFileHelp))->required();
  made->add_option("--algorithm", options->algorithm, both(kAlgorithmHelp));
  auto* shown = add_command(*group, context, "show", kShowHelp,
                            [&context, options] { return show_file(context, *options); });
  shown->add_option("file", options->file, both(kFileHelp))->required();
  add_command(*group, context, "rotate-vault", kRotateHelp, [&context] { return rotate(context); });
}

}  // namespace fundtrail::api::cli
