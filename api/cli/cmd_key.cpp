// fundtrail key: people's own signing keys, and the key of the vault.
#include <memory>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "api/cli/sign.h"
#include "ledger/chain/keys.h"
#include "ledger/chain/signed_command.h"
#include "ledger/engine/rotate.h"
#include "ledger/engine/view.h"

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
constexpr Message kPublic{"算法 {0}\n公钥 {1}\n请以 fundtrail key prove 签署登记命令，交登记岗办理。",
                          "algorithm {0}\npublic key {1}\nSign its registration with fundtrail key "
                          "prove; a registrar records it."};
constexpr Message kRotated{"身份密钥已轮换，重新包裹 {0} 人的密钥。请备份新的密钥文件 {1}；旧文件只用于旧备份。",
                           "The vault's key is rotated; {0} people's keys were wrapped anew. Back up the "
                           "new key file {1}; the old one serves old backups only."};

constexpr Message kProveHelp{"签署关于密钥的命令（JSON）：新密钥的持有证明、现有密钥的同意；结果交登记岗提交",
                             "sign a command about a key (JSON): proof of the new key, consent of one that "
                             "counts already; a registrar submits the result"};
constexpr Message kCommandHelp{"actor_key_registration 或 actor_key_end 命令的 JSON 文件；- 为标准输入（默认）",
                               "JSON file with an actor_key_registration or actor_key_end; - is standard "
                               "input (default)"};
constexpr Message kProofHelp{"新密钥的文件：写入 proof", "key file of the new key: gives the proof"};
constexpr Message kConsentHelp{"同一人现有密钥的文件：写入 consent",
                               "key file of a key that the same person has already: gives the consent"};
constexpr Message kIdHelp{"现有密钥的登记编号（与 --consent 同用）",
                          "the registered id of that key; goes with --consent"};
constexpr Message kGenesisHelp{"账套的创世摘要（第 0 号记录的叶哈希；默认取自 --ledger）",
                               "the ledger's genesis, the leaf hash of entry 0; default: from --ledger"};
constexpr Message kNameHelp{"账套编号（与 --genesis 同用）", "the ledger's id; goes with --genesis"};
constexpr Message kStatementHelp{"只显示待签名的内容（供 openssl 或硬件密钥签名）",
                                 "only show what is to be signed, for openssl or a hardware key"};

struct KeyOptions {
  std::string file, algorithm = "ed25519";
};
struct ProveOptions {
  std::string file = "-", proof, consent, key, genesis, name;
  bool statement = false;
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
    throw CLI::ValidationError(say::kBadOption.in_both("--algorithm",
                                                  options.algorithm, "ed25519 | sm2"));
  }
  const auto key = chain::SigningKey::generate(chain::suite_of(*algorithm));
  if (!key) return context.fail(key.error());
  const auto saved = key->save(options.file);
  if (!saved.ok()) return context.refuse(saved.error());
  return show(context, *key);
}

Exit show_file(const Context& context, const KeyOptions& options) {
  const auto key = chain::SigningKey::load(options.file);
  return key ? show(context, *key) : context.fail(key.error());
}

Exit rotate(const Context& context) {
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit) || !context.is_not_anothers(context.ledger / "ANCHOR", exit)) return exit;
  const auto count = rotate_vault_key(context.ledger, context.options);
  if (!count && count.error().fault == Fault::unavailable) {
    return context.fail(Exit::io, CliCode::unavailable, say::kLedgerInUse,
                        context.ledger.string());
  }
  if (!count) return context.refuse(count.error());
  const std::string file = vault_key_file(context.ledger, context.options).string();
  context.print(kRotated, *count, file);
  context.print_json({{"rewrapped", *count}, {"file", file}});
  return Exit::fine;
}

// From the options, for somebody who has no ledger at hand; else from the ledger as it lies.
Result<chain::SignedLedger> bound_to(const Context& context, const ProveOptions& options) {
  if (options.genesis.empty()) {
    const auto view = open_view(context.ledger);
    if (!view.ok()) return view.error();
    return signed_ledger(**view);
  }
  const auto id = LedgerId::parse(options.name);
  const auto genesis = chain::hash_from_hex(options.genesis);
  if (!id || !genesis) {
    return Error{Fault::invalid_argument,
                 in_both(say::kBadOption.in(Language::zh, "--genesis --id", options.genesis + " " + options.name, "64 位十六进制数字，账套编号"),
                         say::kBadOption.in(Language::en, "--genesis --id", options.genesis + " " + options.name, "64 hex digits, id of the ledger"))};
  }
  return chain::SignedLedger{*id, *genesis};
}

Exit prove_key(const Context& context, const ProveOptions& options) {
  Exit exit = Exit::fine;
  if (options.genesis.empty() && !context.has_ledger(exit)) return exit;
  const auto text = read_input(options.file);
  if (!text) return context.fail(text.error());
  const auto ledger = bound_to(context, options);
  if (!ledger.ok()) return context.fail(ledger.error());
  const auto proven = prove(*ledger, {*text, options.proof, options.consent, options.key});
  if (!proven.ok()) return context.fail(proven.error());
  context.print(options.statement ? proven->statement : proven->command);
  context.print_json({{"command", nlohmann::ordered_json::parse(proven->command)},
                      {"statement", proven->statement}});
  return Exit::fine;
}

void add_prove(CLI::App& group, Context& context) {
  auto options = std::make_shared<ProveOptions>();
  auto* command = add_command(group, context, "prove", kProveHelp,
                              [&context, options] { return prove_key(context, *options); });
  command->add_option("file", options->file, both(kCommandHelp));
  command->add_option("--proof", options->proof, both(kProofHelp));
  auto* consent = command->add_option("--consent", options->consent, both(kConsentHelp));
  auto* key = command->add_option("--key", options->key, both(kIdHelp))->needs(consent);
  consent->needs(key);
  auto* genesis = command->add_option("--genesis", options->genesis, both(kGenesisHelp));
  auto* name = command->add_option("--id", options->name, both(kNameHelp))->needs(genesis);
  genesis->needs(name);
  command->add_flag("--statement", options->statement, both(kStatementHelp));
}

}  // namespace

void add_key_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<KeyOptions>();
  auto* group = add_group(app, "key", kHelp);
  auto* made = add_command(*group, context, "new", kNewHelp,
                           [&context, options] { return make(context, *options); });
  add_output(*made, "file", options->file, kFileHelp)->required();
  made->add_option("--algorithm", options->algorithm, both(kAlgorithmHelp));
  auto* shown = add_command(*group, context, "show", kShowHelp,
                            [&context, options] { return show_file(context, *options); });
  shown->add_option("file", options->file, both(kFileHelp))->required();
  add_prove(*group, context);
  add_command(*group, context, "rotate-vault", kRotateHelp, [&context] { return rotate(context); });
}

}  // namespace fundtrail::api::cli
