// fundtrail backup and fundtrail restore.
#include <sys/types.h>

#include <memory>
#include <optional>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "api/cli/interruption.h"
#include "api/cli/users_file.h"
#include "api/operations/backup_result.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kBackupHelp{
    "备份账套到新目录并逐条核验；服务正在运行时请用 --ask（见 docs/OPERATIONS.md）",
    "back the ledger up to a new directory and verify it entry by entry; while a server runs, --ask it "
    "(docs/OPERATIONS.md)"};
constexpr Message kDirectoryHelp{"备份目录，须尚不存在", "directory of the backup; must not be there yet"};
constexpr Message kWithKeysHelp{"连同签名密钥和身份密钥（默认不含；含密钥的备份须同密钥一样保管）",
                                "with the signing key and the vault key (default: without; such a "
                                "backup must be kept like the keys themselves)"};
constexpr Message kAskHelp{"要求正在运行的服务（进程号）备份，等待并显示结果",
                           "ask the running server with this process id for a backup, wait for it and show the result"};
constexpr Message kNoDirectory{"请给出备份目录，或 --ask。", "Name a directory for the backup, or give --ask."};
constexpr Message kNoServer{"没有正在运行的服务（进程号为 0）。", "No server is running (process id 0)."};
constexpr Message kNoBook{"没有用户簿，备份中也没有。", "There is no book of users, and none in the backup."};
constexpr Message kMade{"已备份并核验：{0}\n{1} 条记录，树根 {2}",
                        "Backed up and verified: {0}\n{1} ‹entry|entries›, root {2}"};
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
                            "Restored: {0}\n{1} ‹entry|entries›; verified, and it opens."};
constexpr Message kCompared{"与 {0} 条记录的检查点一致。", "It agrees with the checkpoint of {0} ‹entry|entries›."};
constexpr Message kRecorded{"早于检查点（{0} 条）：第 {1} 至 {2} 号记录已失去，恢复情况记入第 {3} 号记录。",
                            "It ends before the checkpoint ({0} ‹entry|entries›): entries {1} to {2} are lost; "
                            "entry {3} records the restoration."};
constexpr Message kRecordedOne{"早于检查点（{0} 条）：第 {1} 号记录已失去，恢复情况记入第 {2} 号记录。",
                               "It ends before the checkpoint ({0} ‹entry|entries›): entry {1} is lost; entry {2} records "
                               "the restoration."};
constexpr Message kEraseAgain{
    "第 {0} 号记录之后办理的身份资料销毁（如有）随之失效：所恢复的身份库中又有这些人的身份资料。请按销毁批件或最新证据包中的 "
    "person_erasure 记录逐一重新销毁（fundtrail erase）。",
    "Erasures of persons that were recorded behind entry {0}, if there were any, are undone: the restored vault holds "
    "these identities again. Erase them again (fundtrail erase), by the orders on file or the entries person_erasure "
    "of the newest evidence bundle."};
constexpr Message kRecordedBefore{
    "{0} 条记录的检查点所涵盖的记录有缺，已由第 {1} 号记录载明；它不能说明本备份的末尾是否有缺：请用此后出具的检查点核对。",
    "Entry {1} records already that entries which the checkpoint of {0} ‹entry|entries› covers were lost. It does not "
    "tell whether the end of this backup is missing: compare it with a checkpoint from after that."};
constexpr Message kNoVaultKey{"无法读取身份资料：{0}", "Identities cannot be read: {0}"};
constexpr Message kUsersAside{
    "备份中的用户簿放在 {0}，尚未启用：其中可能有此后停用的用户、旧口令和已撤销的令牌。核对后改名为 users.json，"
    "或用 fundtrail user add 另立。",
    "The book of users of the backup lies in {0} and is not in use: people who were disabled since, old "
    "passwords and revoked tokens may stand in it. Look through it and rename it to users.json, or begin a new "
    "one with fundtrail user add."};
constexpr Message kLogEnds{
    "访问日志止于第 {0} 条。此后留存的日志头（access-log/head）说明其后的记录已失去。",
    "The access log ends with record {0}. A head of it (access-log/head) that was kept elsewhere and says more "
    "shows what was lost behind."};
constexpr Message kLogEmpty{"访问日志中没有记录。", "The access log has no record."};
constexpr Message kLogFinding{"访问日志不成立：{0}", "The access log does not hold: {0}"};
constexpr Message kNotCompared{"未与别处留存的检查点核对：无法排除末尾有缺。",
                               "It was not compared with a checkpoint kept elsewhere: nobody can tell "
                               "whether its end is missing."};

struct BackupCommand {
  std::string directory;
  bool with_keys = false;
  std::optional<pid_t> server;
};

std::string in(const Context& context, std::string_view message) {
  return std::string(context.language == Language::zh ? chinese_of(message) : english_of(message));
}

nlohmann::ordered_json log_json(const AccessLogState& log) {
  nlohmann::ordered_json json = {{"records", log.records}};
  if (log.finding) json["finding"] = {{"zh", chinese_of(*log.finding)}, {"en", english_of(*log.finding)}};
  return json;
}

Exit ask_server(const Context& context, pid_t server) {
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  // What systemd says of a service that does not run.
  if (server == 0) return context.fail(Exit::io, CliCode::unavailable, kNoServer);
  const auto result = ask_for_backup(context.ledger, server);
  if (!result.ok()) return context.fail(result.error());
  if (result->error) return context.fail(*result->error);
  context.print(kMade, result->directory, result->entries, result->root);
  context.print_json({{"backup", result->directory}, {"entries", result->entries}, {"root", result->root}});
  return Exit::fine;
}

Exit back_up(const Context& context, const BackupCommand& command) {
  if (command.server) return ask_server(context, *command.server);
  if (command.directory.empty()) return context.fail(Exit::usage, CliCode::usage, kNoDirectory);
  Exit exit = Exit::fine;
  if (!context.has_place_for(command.directory, exit)) return exit;
  const auto ledger = context.open_ledger(exit, say::kLedgerInUseForBackup);
  if (!ledger) return exit;
  end_soon();
  const auto backup = make_backup(*ledger, context.ledger, command.directory, context.now(),
                                  {.with_keys = command.with_keys,
                                   .users = users_file(context),
                                   .cancelled = is_ending});
  if (!backup.ok()) return context.refuse(backup.error());
  // It is there, and evidence; but who asked for a backup must not take it for one that holds.
  if (const auto finding = finding_of(*backup)) return context.fail(*finding);
  context.print(kMade, backup->directory.string(), backup->entries, backup->root);
  if (!backup->keys) {
    const auto keys = ledger->key_files();
    context.print(kNoKeys, keys.signing.string(),
                  keys.vault.empty() ? "FUNDTRAIL_VAULT_KEY" : keys.vault.string());
  }
  if (!backup->users) context.print(kNoBook);
  nlohmann::ordered_json json = {{"backup", backup->directory.string()},
                                 {"ledger", backup->ledger},
                                 {"entries", backup->entries},
                                 {"root", backup->root},
                                 {"time", backup->time},
                                 {"keys", backup->keys},
                                 {"users", backup->users}};
  if (backup->access_log) json["access_log"] = log_json(*backup->access_log);
  context.print_json(json);
  return Exit::fine;
}

struct RestoreCommand {
  std::string from, checkpoint, actor, ordered_by, reason;
  bool behind = false;
};

template <class T>
T need(std::string_view option, const std::string& value) {
  auto parsed = T::parse(value);
  if (value.empty()) throw CLI::ValidationError(say::kMissingOption.in_both(option));
  if (!parsed) {
    throw CLI::ValidationError(say::kBadOption.in_both(option, value, "[A-Za-z0-9._-]{1,64}"));
  }
  return *parsed;
}

// Beside the entries.
void tell_what_came_along(const Context& context, const Restored& restored, nlohmann::ordered_json& json) {
  json["vault"] = !restored.vault_locked;
  if (restored.vault_locked) context.print(kNoVaultKey, in(context, *restored.vault_locked));
  if (!restored.users.empty()) {
    context.print(kUsersAside, restored.users.string());
    json["users"] = restored.users.string();
  }
  if (!restored.access_log) return;
  const auto& log = *restored.access_log;
  json["access_log"] = log_json(log);
  if (log.finding) context.print(kLogFinding, in(context, *log.finding));
  else if (log.records == 0) context.print(kLogEmpty);
  else context.print(kLogEnds, log.records - 1);
}

Exit put_back(const Context& context, const RestoreCommand& command) {
  if (context.ledger.empty()) return context.fail(Exit::usage, CliCode::usage, say::kNoLedgerNamed);
  RestoreOptions options;
  options.keys = context.options.keys;
  options.vault_key = context.options.vault_key;
  options.now = context.now();
  if (!context.clock) options.limits = limits_of(context.settings);
  if (command.behind) {
    options.behind = Behind{{need<ActorId>("--actor", command.actor), Role::registrar},
                            need<ActorId>("--ordered-by", command.ordered_by),
                            need<Text>("--reason", command.reason)};
    options.users = users_file(context);
    options.users_named = !context.settings.text(Setting::users).empty();
  }
  if (!command.checkpoint.empty()) {
    auto note = read_input(command.checkpoint);
    if (!note) return context.fail(note.error());
    options.checkpoint = std::move(*note);
  }
  const auto restored = restore(command.from, context.ledger, options);
  if (!restored.ok()) return context.refuse(restored.error());
  if (restored->clock_behind) return context.fail_for_the_clock();
  context.print(kRestored, context.ledger.string(), restored->entries);
  nlohmann::ordered_json json = {{"ledger", context.ledger.string()}, {"entries", restored->entries}};
  if (restored->known_entries) json["checkpoint"] = *restored->known_entries;
  if (restored->recorded_before) {
    context.print(kRecordedBefore, *restored->known_entries, *restored->record);
    json["recorded_before"] = *restored->record;
  } else if (restored->record && restored->entries + 1 == *restored->known_entries) {
    context.print(kRecordedOne, *restored->known_entries, restored->entries, *restored->record);
    json["record"] = *restored->record;
  } else if (restored->record) {
    context.print(kRecorded, *restored->known_entries, restored->entries,
                  *restored->known_entries - 1, *restored->record);
    json["record"] = *restored->record;
  } else if (restored->known_entries) {
    context.print(kCompared, *restored->known_entries);
  } else {
    context.print(kNotCompared);
  }
  // What happened behind the backup nobody can tell, whatever the checkpoint says.
  context.print(kEraseAgain, restored->entries - 1);
  json["erase_again_behind"] = restored->entries - 1;
  tell_what_came_along(context, *restored, json);
  context.print_json(json);
  // It is in place, but nobody is to take it for all that was backed up; what a server asks of such a log stands in
  // docs/OPERATIONS.md, "The access log".
  return restored->access_log && restored->access_log->finding ? Exit::check_failed : Exit::fine;
}

}  // namespace

void add_backup_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<BackupCommand>();
  auto* command = add_command(app, context, "backup", kBackupHelp,
                              [&context, options] { return back_up(context, *options); });
  command->add_option("directory", options->directory, both(kDirectoryHelp));
  command->add_flag("--with-keys", options->with_keys, both(kWithKeysHelp));
  command->add_option("--ask", options->server, both(kAskHelp))->check(CLI::Range(0, 1 << 22));
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
