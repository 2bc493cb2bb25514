#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <system_error>

#include "api/derived_ids.h"
#include "api/files.h"
#include "api/identity/user_book.h"
#include "api/operations/backup.h"
#include "api/operations/backup_files.h"
#include "ledger/chain/note.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"
#include "ledger/engine/restoration.h"
#include "ledger/vault.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

constexpr char kRestoring[] = ".restoring";

// The checkpoint, if its signature is that of the ledger's key.
Result<chain::Checkpoint> read_checkpoint(const std::string& text, const chain::VerifierKey& key) {
  const auto note = chain::parse_note(text);
  if (!note.ok()) return note.error();
  const auto genuine = chain::verify_note(*note, key.name, key.key);
  if (!genuine.ok()) {
    return Error{Fault::tampered,
                 in_both("检查点不是由本账套的密钥签署的。",
                         "the checkpoint was not signed by the key of this ledger")};
  }
  const auto checkpoint = chain::parse_checkpoint(note->body);
  // The same key signs heads of the access log, which count other things.
  if (checkpoint.ok() && checkpoint->origin != key.name) {
    return Error{Fault::invalid_argument,
                 in_both("所给文件不是账套的检查点，而是“" + checkpoint->origin + "”的签署记录；应为“" + key.name + "”。",
                         "this is no checkpoint of the ledger: it is signed for \"" + checkpoint->origin +
                             "\", not for \"" + key.name + "\"")};
  }
  return checkpoint;
}

// The word behind the ledger's name in its signature line.
std::string signature_in(const std::string& note, const chain::VerifierKey& key) {
  const std::string begin = "\n\u2014 " + key.name + " ";
  const auto at = note.find(begin);
  if (at == std::string::npos) return {};
  const auto from = at + begin.size();
  return note.substr(from, note.find('\n', from) - from);
}

Error unknown_person(const std::string& option, const std::string& id, const char* zh, const char* en) {
  return {Fault::invalid_argument,
          in_both(option + " “" + id + "”：用户簿中没有这样的人（" + zh + "）。请用 fundtrail user add 设立，或用 "
                  "--users 指明现行的用户簿。",
                  option + " " + id + ": the book of users knows nobody of that id who is " + en +
                      ". Add the user (fundtrail user add), or name the present book with --users")};
}

bool serves(const User* user, const LedgerId& ledger) { return user != nullptr && user->in_service(ledger); }

// The book that is in force, or else the backup's, must know both; where there is none, nobody can tell.
Status check_people(const fs::path& copy, const LedgerId& ledger, const RestoreOptions& options) {
  fs::path file = options.users;
  auto there = file.empty() ? Result<bool>(false) : is_there(file);
  // Never an older one in silence: whoever was disabled since would be in service in it.
  if (there.ok() && !*there && !options.users_named) {
    file = copy / (std::string(kUsers) + ".restored");
    there = is_there(file);
    if (there.ok() && !*there) return success();
  }
  if (!there.ok()) return there.error();
  const auto book = UserBook::load(file);
  if (!book.ok()) return book.error();
  const auto& recorder = options.behind->recorded_by.id.str();
  const User* const records = (*book)->find(recorder);
  if (!serves(records, ledger) || !records->holds(Role::registrar)) {
    return unknown_person("--actor", recorder, "未停用，且角色含登记", "a registrar and not disabled");
  }
  const auto& orderer = options.behind->ordered_by.str();
  const User* const orders = (*book)->find(orderer);
  if (!serves(orders, ledger) || orders->holds(Role::provider)) {
    return unknown_person("--ordered-by", orderer, "未停用、管理本账套、不是服务机构",
                          "not disabled, of this ledger, and no provider");
  }
  return success();
}

Error behind(std::uint64_t entries, std::uint64_t known) {
  const std::string has = std::to_string(entries), from = has, to = std::to_string(known - 1);
  return {Fault::truncated,
          in_both("备份只有 " + has + " 条记录，而别处留存的检查点证明已有 " + std::to_string(known) +
                      " 条：恢复它会丢失第 " + from + " 至 " + to +
                      " 号记录。未作任何改动。请找更新的备份；确无时，用 --accept-behind 并写明批准人和理由，"
                      "恢复本身将记入账套。",
                  "the backup has " + has + " entries, and the checkpoint kept elsewhere proves that there "
                      "were " + std::to_string(known) + ": restoring it would lose entries " + from +
                      " to " + to + ". Nothing was changed. Find a newer backup; where there is none, "
                      "give --accept-behind with who ordered it and why, and the ledger will record it")};
}

Status compare(const View& view, const chain::Checkpoint& known) {
  const auto root = view.root_at(known.size);
  if (!root.ok()) return root.error();
  if (*root == known.root) return success();
  return Error{Fault::tampered,
               in_both("备份的前 " + std::to_string(known.size) + " 条记录不是检查点所签的那些。未作任何改动。",
                       "the first " + std::to_string(known.size) + " entries of the backup are not those "
                       "that the checkpoint signs. Nothing was changed")};
}

Result<std::uint64_t> record(Ledger& ledger, const chain::Checkpoint& known, const RestoreOptions& options,
                             const fs::path& copy) {
  if (auto people = check_people(copy, ledger.view()->id(), options); !people.ok()) return people.error();
  LedgerRestoration document;
  {
    const auto view = ledger.view();
    document.restored_size = view->size();
    document.restored_root = chain::to_hex(view->root());
  }
  document.known_size = known.size;
  document.known_root = chain::to_hex(known.root);
  document.known_signature = signature_in(*options.checkpoint, ledger.verifier_key());
  document.ordered_by = options.behind->ordered_by;
  document.reason = options.behind->reason;
  Command command;
  command.actor = options.behind->recorded_by;
  command.id = *CommandId::parse(std::string(derived::kRestoration) + std::to_string(document.restored_size) + "." +
                                 std::to_string(known.size));
  command.date = options.now.date();
  command.time = options.now;
  command.document = std::move(document);
  std::vector<Command> commands;
  commands.push_back(std::move(command));
  const auto answers = ledger.submit(std::move(commands), BatchMode::atomic);
  if (!answers.ok()) return answers.error();
  if (const auto* refusal = std::get_if<Refusal>(&answers->front())) {
    return Error{Fault::invalid_argument,
                 in_both(refusal->reason.zh(), refusal->reason.en())};
  }
  return std::get<Receipt>(answers->front()).index;
}

// Whether the backup itself says that what the checkpoint covers was lost, and with which entry.
Result<std::optional<std::uint64_t>> record_of(const View& view, const chain::Checkpoint& known) {
  return find_restoration([&](store::Table table, std::string_view key) { return view.raw().get(table, key); },
                          view.size(), known.size, chain::to_hex(known.root));
}

// How many records of the access log the backup says it has.
std::uint64_t records_promised(const fs::path& backup) {
  const auto text = read_file(backup / kManifest);
  const auto json = text.ok() ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  const auto at = nlohmann::json::json_pointer("/access_log/records");
  return json.is_object() && json.contains(at) && json.at(at).is_number_unsigned() ? json.at(at).get<std::uint64_t>() : 0;
}

// The ledger is good without it; what is missing must be said all the same.
void miss_records(std::uint64_t promised, Restored& restored) {
  const auto records = restored.access_log ? restored.access_log->records : 0;
  if (promised <= records || (restored.access_log && restored.access_log->finding)) return;
  const auto had = std::to_string(promised), has = std::to_string(records);
  restored.access_log = AccessLogState{
      records, in_both("按 backup.json，备份时有 " + had + " 条记录，现有 " + has + " 条。",
                       "by backup.json it had " + had + " records, and there are " + has)};
}

// What it says of users was so when the backup was made; whoever lets them in again looks at it first.
Status put_users_aside(const fs::path& copy, const fs::path& directory, Restored& restored) {
  std::error_code error;
  if (!fs::exists(copy / kUsers, error)) return success();
  const std::string name = std::string(kUsers) + ".restored";
  fs::rename(copy / kUsers, copy / name, error);
  if (error) return file_error(Doing::rename, copy / kUsers, error.value());
  restored.users = directory / name;
  return sync_directory(copy);
}

// Opens the copy, compares it with the checkpoint and records what is to be recorded.
Status examine(const fs::path& copy, const RestoreOptions& options, Restored& restored) {
  LedgerOptions opening;
  opening.keys = options.keys;
  std::error_code unknown;
  if (options.keys.empty() && !fs::exists(copy / "keys" / "signing.pem", unknown)) {
    return Error{Fault::not_found, in_both("备份中没有密钥：请用 --keys 指明密钥所在目录（其中有 signing.pem）。",
                                           "there are no keys in the backup: name their directory, where signing.pem "
                                           "is, with --keys")};
  }
  opening.vault_key = options.vault_key;
  const auto ledger = Ledger::open(copy, opening);
  if (!ledger.ok()) return ledger.error();
  restored.entries = (*ledger)->view()->size();
  if (const auto& locked = (*ledger)->vault().locked()) restored.vault_locked = locked->message;
  auto log = look_at_access_log(copy, (*ledger)->verifier_key(), (*ledger)->view()->id().str());
  if (!log.ok()) return log.error();
  restored.access_log = std::move(*log);
  if (!options.checkpoint) return success();
  const auto known = read_checkpoint(*options.checkpoint, (*ledger)->verifier_key());
  if (!known.ok()) return known.error();
  restored.known_entries = known->size;
  const auto before = record_of(*(*ledger)->view(), *known);
  if (!before.ok()) return before.error();
  if (*before) {
    restored.record = *before;
    restored.recorded_before = true;
    return success();
  }
  if (known->size <= restored.entries) return compare(*(*ledger)->view(), *known);
  if (!options.behind) return behind(restored.entries, known->size);
  restored.clock_behind = options.limits && is_clock_behind(**ledger, options.now.unix_seconds(), *options.limits);
  if (restored.clock_behind) return success();
  const auto entry = record(**ledger, *known, options, copy);
  if (!entry.ok()) return entry.error();
  restored.record = *entry;
  return success();
}

}  // namespace

Result<Restored> restore(const fs::path& backup, const fs::path& given,
                         const RestoreOptions& options) {
  std::error_code error;
  if (!fs::exists(backup / kManifest, error)) {
    return Error{Fault::not_found,
                 in_both("“" + backup.string() + "”不是完整的备份（没有 backup.json）。",
                         backup.string() + " is not a whole backup: it has no backup.json")};
  }
  const fs::path directory = given.has_filename() ? given : given.parent_path();
  const auto begun = begin_directory(directory, kRestoring, false);
  if (!begun.ok()) return begun.error();
  const auto& copy = begun->path;
  Restored restored;
  Status done = copy_into(backup, copy);
  if (done.ok()) {
    fs::remove(copy / kManifest, error);
    // The copy, not what it was made of: it is the copy that people will rely on.
    const auto verified = verify_copy(copy, 0, {});
    done = verified.ok() ? put_users_aside(copy, directory, restored) : Status(verified.error());
  }
  if (done.ok()) done = examine(copy, options, restored);
  const bool wanted = done.ok() && !restored.clock_behind;
  if (wanted) miss_records(records_promised(backup), restored);
  if (wanted) done = finish_directory(copy, directory);
  if (!wanted || !done.ok()) fs::remove_all(copy, error);
  if (!done.ok()) return done.error();
  return restored;
}

}  // namespace fundtrail::api
