#include "api/operations/backup.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "api/access_log/files.h"
#include "api/operations/backup_files.h"
#include "ledger/chain/key_file.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& inner, const fs::path& outer) {
  std::error_code ignored;
  const auto a = fs::weakly_canonical(inner, ignored), b = fs::weakly_canonical(outer, ignored);
  return std::mismatch(b.begin(), b.end(), a.begin(), a.end()).first == b.end();
}

Status copy_keys(const Ledger& ledger, const fs::path& to) {
  std::error_code error;
  fs::create_directory(to, error);
  if (!error) fs::permissions(to, fs::perms::owner_all, error);
  if (error) return file_error(Doing::make, to, error.value());
  const auto keys = ledger.key_files();
  if (keys.vault.empty()) {
    return Error{Fault::invalid_argument,
                 in_both("身份密钥由环境变量给出，没有可备份的文件。",
                         "the vault key comes from the environment: there is no file of it to copy")};
  }
  // By the names under which opening looks for them.
  for (const auto& [file, name] : {std::pair(keys.signing, "signing.pem"),
                                   std::pair(keys.vault, "vault.key")}) {
    const auto key = chain::read_secret_file(file);
    if (!key.ok()) return key.error();
    const auto copied = create_file(to / name, key->view());
    if (!copied.ok()) return copied;
  }
  return sync_directory(to);
}

Error called_off() { return {Fault::unavailable, in_both("备份已中止。", "the backup was called off")}; }

// Who may come in and who was shown what are not the ledger's, but would be lost with the same disk.
Status copy_users(const fs::path& book, const fs::path& partial, Backup& backup) {
  std::error_code none;
  if (!fs::exists(book, none)) return success();
  const auto users = read_file(book);
  if (!users.ok()) return users.error();
  backup.users = true;
  return create_file(partial / kUsers, *users);
}

// The head of the access log is the one from before its files were copied, which therefore reach as far as
// it says, however much is written meanwhile. Only its files: what the server writes a head with comes and goes.
Status copy_access_log(const fs::path& source, const fs::path& partial) {
  std::error_code none;
  const fs::path from = access_log_of(source), to = access_log_of(partial);
  if (!fs::exists(from, none)) return success();
  const auto head = read_file(from / kHeadFile);
  if (!head.ok() && head.error().fault != Fault::not_found) return head.error();
  const auto files = access_log_files(from);
  if (!files.ok()) return files.error();
  if (auto made = make_new_directory(to); !made.ok()) return made;
  for (const auto& file : *files) {
    if (auto copied = copy_file_synced(file, to / file.filename()); !copied.ok()) return copied;
  }
  auto copied = head.ok() ? create_file(to / kHeadFile, *head) : success();
  // By it a log that is gone from the backup is missed when the restored ledger is served.
  if (copied.ok() && head.ok()) copied = create_file(access_seal_of(to), *head);
  return copied.ok() ? sync_directory(to) : copied;
}

Status copy_ledger(Ledger& ledger, const fs::path& partial) {
  const fs::path copy = partial / "copy";
  const auto copied = ledger.copy_to(copy);
  if (!copied.ok()) return copied;
  std::error_code error;
  for (const char* name : {"db", "ANCHOR", "ledger.json"}) {
    if (fs::exists(copy / name, error)) fs::rename(copy / name, partial / name, error);
    if (error) return file_error(Doing::move, copy / name, error.value());
  }
  fs::remove(copy, error);
  return success();
}

Status write_manifest(const Backup& backup, const std::string& key, const fs::path& partial) {
  nlohmann::ordered_json json = {{"ledger", backup.ledger}, {"entries", backup.entries},
                                 {"root", backup.root},     {"key", key},
                                 {"time", backup.time},     {"keys", backup.keys},
                                 {"users", backup.users}};
  if (backup.access_log) {
    json["access_log"] = {{"records", backup.access_log->records}, {"holds", !backup.access_log->finding}};
  }
  return create_file(partial / kManifest, json.dump(2) + "\n");
}

Status fill(Ledger& ledger, const fs::path& source, const fs::path& partial, const Timestamp& now,
            const BackupOptions& options, Backup& backup) {
  const auto cancelled = [&] { return options.cancelled && options.cancelled(); };
  if (cancelled()) return called_off();
  if (auto done = copy_ledger(ledger, partial); !done.ok()) return done;
  const auto book = options.users.empty() ? source / kUsers : options.users;
  if (auto done = copy_users(book, partial, backup); !done.ok()) return done;
  if (auto done = copy_access_log(source, partial); !done.ok()) return done;
  if (options.with_keys) {
    if (auto done = copy_keys(ledger, partial / kKeys); !done.ok()) return done;
  }
  const auto verified = verify_copy(partial, options.threads, cancelled);
  if (cancelled()) return called_off();
  if (!verified.ok()) return verified.error();
  auto log = look_at_access_log(partial, ledger.verifier_key(), verified->ledger);
  if (!log.ok()) return log.error();
  backup.access_log = std::move(*log);
  backup.ledger = verified->ledger;
  backup.entries = verified->entries;
  backup.root = verified->root;
  backup.time = now.str();
  backup.keys = options.with_keys;
  return write_manifest(backup, verified->key, partial);
}

// Whether it is called as backup_place() would: "<ledger>-20261128-183000".
bool is_dated(std::string_view name, std::string_view ledger) {
  if (!name.starts_with(ledger)) return false;
  name.remove_prefix(ledger.size());
  if (name.size() != 16 || name[0] != '-' || name[9] != '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

// Whose backup it is; empty: not one that can be told.
std::string ledger_of(const fs::path& backup) {
  const auto text = read_file(backup / kManifest);
  if (!text.ok()) return {};
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("ledger") || !json["ledger"].is_string()) return {};
  return json["ledger"].get<std::string>();
}

}  // namespace

Result<Backup> make_backup(Ledger& ledger, const fs::path& source, const fs::path& given,
                           const Timestamp& now, const BackupOptions& options) {
  // Without a slash at the end, which would put ".partial" into the directory.
  const fs::path directory = given.has_filename() ? given : given.parent_path();
  if (lies_in(directory, source)) {
    return Error{Fault::invalid_argument,
                 in_both("备份不能放在账套目录之内：" + directory.string(),
                         "a backup cannot lie within the ledger's own directory: " + directory.string())};
  }
  const auto begun = begin_directory(directory, kPartial, true);
  if (!begun.ok()) return begun.error();
  Backup backup;
  backup.directory = directory;
  auto done = fill(ledger, source, begun->path, now, options, backup);
  if (done.ok()) done = finish_directory(begun->path, directory);
  if (done.ok()) return backup;
  std::error_code ignored;
  fs::remove_all(begun->path, ignored);
  return done.error();
}

fs::path backup_place(const fs::path& directory, const LedgerId& ledger, const Timestamp& now) {
  // 2026-11-28T18:30:00+08:00
  std::string time = now.str().substr(0, 19);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::replace(time.begin(), time.end(), 'T', '-');
  return directory / (ledger.str() + "-" + time);
}

Result<std::size_t> remove_old_backups(const fs::path& directory, const LedgerId& ledger, std::size_t kept) {
  if (kept == 0) return std::size_t(0);
  std::vector<fs::path> all;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    const auto& path = at->path();
    if (is_dated(path.filename().string(), ledger.str()) && ledger_of(path) == ledger.str()) all.push_back(path);
  }
  if (error) return file_error(Doing::read, directory, error.value());
  std::sort(all.begin(), all.end());  // by name is by time
  std::size_t removed = 0;
  for (; all.size() - removed > kept; ++removed) {
    // Under the other name at once, and ours: nothing half looks whole, and what a crash leaves is swept.
    const auto& old = all[removed];
    const fs::path partial = old.string() + kPartial;
    if (auto marked = mark_as_made(old); !marked.ok()) return marked.error();
    fs::rename(old, partial, error);
    if (error) return file_error(Doing::rename, old, error.value());
    if (auto gone = remove_marked(partial); !gone.ok()) return gone.error();
  }
  return removed;
}

}  // namespace fundtrail::api
