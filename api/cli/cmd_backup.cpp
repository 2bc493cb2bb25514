// fundtrail backup and fundtrail restore.
#include <fstream>
#include <iterator>
#include <memory>

#include "api/cli/command.h"
#include "api/operations/backup.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kBackupHelp{
    "备份账套到新目录并逐条核验；服务正在运行时请改用 SIGUSR2（见 docs/OPERATIONS.md）",
    "back the ledger up to a new directory and verify it entry by entry; while a server runs, send it "
    "SIGUSR2 instead (docs/OPERATIONS.md)"};
constexpr Message kDirectoryHelp{"备份目录，须尚不存在", "directory of the backup; must not be there yet"};
constexpr Message kWithKeysHelp{"连同签名密钥和身份密钥（默认不含；含密钥的备份须同密钥一样保管）",
                                "with the signing key and the vault key (default: without; such a "
                                "backup must be kept like the keys themselves)"};
constexpr Message kMade{"已备份并核验：{0}\n{1} 条记录，树根 {2}",
                        "Backed up and verified: {0}\n{1} entries, root {2}"};
constexpr Message kNoKeys{"备份不含密钥；恢复时还需要 {0} 与 {1}，请另行保管其副本。",
                          "The backup holds no keys; to restore it, {0} and {1} are needed, too: keep "
                          "copies of them elsewhere."};

constexpr Message kRestoreHelp{"用备份恢复账套（--ledger 指明的目录须尚不存在）；先核验，再与别处留存的检查点核对",
                               "put a backup in place as the ledger that --ledger names (it must not be "
                               "there); verified first and compared with a checkpoint kept elsewhere"};
constexpr Message kFromHelp{"备份目录", "directory of the backup"};
constexpr Message kCheckpointHelp{"别处留存的检查点文件", "file with a checkpoint that was kept elsewhere"};
constexpr Message kBehindHelp{"备份早于检查点也恢复，并记入账套；须给出 --actor、--ordered-by、--reason",
                              "restore although the backup ends before the checkpoint, and record it in "
                              "the ledger; takes --actor, --ordered-by and --reason"};
constexpr Message kActorHelp{"办理恢复的登记员编号", "id of the registrar who restores"};
constexpr Message kOrderedHelp{"批准恢复的人员编号", "id of the person who ordered it"};
constexpr Message kReasonHelp{"理由", "why"};
constexpr Message kRestored{"已恢复：{0}\n{1} 条记录，核验成立，可以打开。",
                            "Restored: {0}\n{1} entries; verified, and it opens."};
constexpr Message kCompared{"与 {0} 条记录的检查点一致。", "It agrees with the checkpoint of {0} entries."};
constexpr Message kRecorded{"早于检查点（{0} 条）：第 {1} 至 {2} 号记录已失去，恢复情况记入第 {3} 号记录。",
                            "It ends before the checkpoint ({0} entries): entries {1} to {2} are lost; "
                            "entry {3} records the restoration."};
constexpr Message kNotCompared{"未与别处留存的检查点核对：无法排除末尾有缺。",
                               "It was not compared with a checkpoint kept elsewhere: nobody can tell "
                               "whether its end is missing."};

struct BackupCommand {
  std::string directory;
  bool with_keys = false;
};

Exit back_up(const Context& context, const BackupCommand& command) {
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger(exit);
  if (!ledger) return exit;
  const auto backup = make_backup(*ledger, context.ledger, command.directory, context.now(),
                                  {.with_keys = command.with_keys});
  if (!backup.ok()) return context.fail(backup.error());
  context.print(kMade, backup->directory.string(), backup->entries, backup->root);
  if (!backup->keys) {
    const auto keys = ledger->key_files();
    context.print(kNoKeys, keys.signing.string(),
                  keys.vault.empty() ? "FUNDTRAIL_VAULT_KEY" : keys.vault.string());
  }
  context.print_json({{"backup", backup->directory.string()},
                      {"ledger", backup->ledger},
                      {"entries", backup->entries},
                      {"root", backup->root},
                      {"time", backup->time},
                      {"keys", backup->keys}});
  return Exit::fine;
}

struct RestoreCommand {
  std::string from, checkpoint, actor, ordered_by, reason;
  bool behind = false;
};

template <class T>
T need(const Context& context, std::string_view option, const std::string& value) {
  auto parsed = T::parse(value);
  if (value.empty()) throw CLI::ValidationError(say::kMissingOption.in(context.language, option));
  if (!parsed) {
    throw CLI::ValidationError(say::kBadOption.in(context.language, option, value, "[A-Za-z0-9._-]{1,64}"));
  }
  return *parsed;
}

Exit put_back(const Context& context, const RestoreCommand& command) {
  if (context.ledger.empty()) return context.fail(Exit::usage, CliCode::usage, say::kNoLedgerNamed);
  RestoreOptions options;
  options.keys = context.options.keys;
  options.now = context.now();
  if (command.behind) {
    options.behind = Behind{{need<ActorId>(context, "--actor", command.actor), Role::registrar},
                            need<ActorId>(context, "--ordered-by", command.ordered_by),
                            need<Text>(context, "--reason", command.reason)};
  }
  if (!command.checkpoint.empty()) {
    std::ifstream file(command.checkpoint, std::ios::binary);
    if (!file) {
      return context.fail(Exit::io, CliCode::io, say::kCannotRead, command.checkpoint, std::strerror(errno));
    }
    options.checkpoint.emplace(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const auto restored = restore(command.from, context.ledger, options);
  if (!restored.ok()) return context.fail(restored.error());
  context.print(kRestored, context.ledger.string(), restored->entries);
  nlohmann::ordered_json json = {{"ledger", context.ledger.string()}, {"entries", restored->entries}};
  if (restored->known_entries) json["checkpoint"] = *restored->known_entries;
  if (restored->record) {
    context.print(kRecorded, *restored->known_entries, restored->entries,
                  *restored->known_entries - 1, *restored->record);
    json["record"] = *restored->record;
  } else if (restored->known_entries) {
    context.print(kCompared, *restored->known_entries);
  } else {
    context.print(kNotCompared);
  }
  context.print_json(json);
  return Exit::fine;
}

}  // namespace

void add_backup_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<BackupCommand>();
  auto* command = add_command(app, context, "backup", kBackupHelp,
                              [&context, options] { return back_up(context, *options); });
  command->add_option("directory", options->directory, both(kDirectoryHelp))->required();
  command->add_flag("--with-keys", options->with_keys, both(kWithKeysHelp));
}

void add_restore_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<RestoreCommand>();
  auto* command = add_command(app, context, "restore", kRestoreHelp,
                              [&context, options] { return put_back(context, *options); });
  command->add_option("backup", options->from, both(kFromHelp))->required();
  command->add_option("--checkpoint", options->checkpoint, both(kCheckpointHelp));
  command->add_flag("--accept-behind", options->behind, both(kBehindHelp));
  command->add_option("--actor", options->actor, both(kActorHelp));
  command->add_option("--ordered-by", options->ordered_by, both(kOrderedHelp));
  command->add_option("--reason", options->reason, both(kReasonHelp));
}

}  // namespace fundtrail::api::cli
