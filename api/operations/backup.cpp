#include "api/operations/backup.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "api/access_log/files.h"
#include "api/operations/backup_files.h"
#include "audit/integrity/verify.h"
#include "ledger/chain/key_file.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

constexpr char kPartial[] = ".partial";

Error io_error(const std::string& doing, int code) {
  return {Fault::io, doing + ": " + std::strerror(code)};
}

bool lies_in(const fs::path& inner, const fs::path& outer) {
  std::error_code ignored;
  const auto a = fs::weakly_canonical(inner, ignored), b = fs::weakly_canonical(outer, ignored);
  return std::mismatch(b.begin(), b.end(), a.begin(), a.end()).first == b.end();
}

Status copy_keys(const Ledger& ledger, const fs::path& to) {
  std::error_code error;
  fs::create_directory(to, error);
  if (!error) fs::permissions(to, fs::perms::owner_all, error);
  if (error) return io_error("cannot make " + to.string(), error.value());
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

// Who may come in and who was shown what are not the ledger's, but would be lost with the same disk. The
// head of the access log is the one from before its files were copied, which therefore reach as far as it
// says, however much is written meanwhile.
Status copy_beside(const fs::path& source, const fs::path& partial) {
  std::error_code none;
  if (fs::exists(source / "users.json", none)) {
    const auto users = read_file(source / "users.json");
    if (!users.ok()) return users.error();
    const auto copied = create_file(partial / "users.json", *users);
    if (!copied.ok()) return copied;
  }
  const fs::path from = access_log_of(source), to = access_log_of(partial);
  if (!fs::exists(from / kHeadFile, none)) return success();
  const auto head = read_file(from / kHeadFile);
  if (!head.ok()) return head.error();
  const auto copied = copy_synced(from, to);
  if (!copied.ok()) return copied;
  fs::remove(to / kHeadFile, none);
  const auto replaced = create_file(to / kHeadFile, *head);
  return replaced.ok() ? sync_directory(to) : replaced;
}

Status fill(Ledger& ledger, const fs::path& source, const fs::path& partial, const Timestamp& now,
            const BackupOptions& options, Backup& backup) {
  const fs::path copy = partial / "copy";
  const auto copied = ledger.copy_to(copy);
  if (!copied.ok()) return copied;
  std::error_code error;
  for (const char* name : {"db", "ANCHOR", "ledger.json"}) {
    if (fs::exists(copy / name, error)) fs::rename(copy / name, partial / name, error);
    if (error) return io_error("cannot move " + (copy / name).string(), error.value());
  }
  fs::remove(copy, error);
  const auto beside = copy_beside(source, partial);
  if (!beside.ok()) return beside;
  if (options.with_keys) {
    const auto keys = copy_keys(ledger, partial / kKeys);
    if (!keys.ok()) return keys;
  }
  const auto verified = verify_copy(partial, options.threads);
  if (!verified.ok()) return verified.error();
  backup.ledger = verified->ledger;
  backup.entries = verified->entries;
  backup.root = verified->root;
  backup.time = now.str();
  backup.keys = options.with_keys;
  const nlohmann::ordered_json json = {{"ledger", backup.ledger}, {"entries", backup.entries},
                                       {"root", backup.root},     {"key", verified->key},
                                       {"time", backup.time},     {"keys", backup.keys}};
  return create_file(partial / kManifest, json.dump(2) + "\n");
}

}  // namespace

Result<fs::path> begin_directory(const fs::path& name, const char* suffix) {
  std::error_code error;
  const fs::path partial = name.string() + suffix;
  const bool empty = fs::is_directory(name, error) && fs::is_empty(name, error);
  if (fs::exists(fs::symlink_status(name, error)) && !empty) {
    return Error{Fault::invalid_argument,
                 in_both("“" + name.string() + "”已经存在。", name.string() + " is there already")};
  }
  const auto ours = is_made_by_us(partial);
  if (!ours.ok()) return ours.error();
  if (*ours) {
    const auto removed = remove_marked(partial);
    if (!removed.ok()) return removed.error();
  }
  if (fs::exists(fs::symlink_status(partial, error))) {
    return Error{Fault::invalid_argument, in_both("“" + partial.string() + "”已经存在，请先移走。",
                                                  partial.string() + " is there already; move it away")};
  }
  error.clear();
  fs::create_directory(partial, error);
  if (!error) fs::permissions(partial, fs::perms::owner_all, error);
  if (error) return io_error("cannot make " + partial.string(), error.value());
  const auto marked = mark_as_made(partial);
  if (!marked.ok()) return marked.error();
  return partial;
}

Status finish_directory(const fs::path& partial, const fs::path& name) {
  const auto synced = sync_directory(partial);
  if (!synced.ok()) return synced;
  // Over an empty directory only. The mark goes last: without it, what a crash leaves here would stay.
  if (::rename(partial.c_str(), name.c_str()) != 0) {
    return io_error("cannot rename " + partial.string() + " to " + name.string(), errno);
  }
  std::error_code ignored;
  fs::remove(name / kOwnersMark, ignored);
  return sync_directory(fs::absolute(name).parent_path());
}

Result<Verified> verify_copy(const fs::path& directory, unsigned threads) {
  audit::VerifyOptions options;
  options.threads = threads;
  const auto report = audit::verify_ledger(directory, options);
  if (!report.ok()) return report.error();
  if (report->finding) {
    return Error{Fault::tampered, in_both("核验不成立：" + report->finding->zh(),
                                          "verification failed: " + report->finding->en())};
  }
  return Verified{report->entries, report->ledger, report->root, report->key};
}

Result<Backup> make_backup(Ledger& ledger, const fs::path& source, const fs::path& given,
                           const Timestamp& now, const BackupOptions& options) {
  // Without a slash at the end, which would put ".partial" into the directory.
  const fs::path directory = given.has_filename() ? given : given.parent_path();
  if (lies_in(directory, source)) {
    return Error{Fault::invalid_argument,
                 in_both("备份不能放在账套目录之内：" + directory.string(),
                         "a backup cannot lie within the ledger's own directory: " + directory.string())};
  }
  const auto partial = begin_directory(directory, kPartial);
  if (!partial.ok()) return partial.error();
  Backup backup{.directory = directory};
  auto done = fill(ledger, source, *partial, now, options, backup);
  if (done.ok()) done = finish_directory(*partial, directory);
  if (done.ok()) return backup;
  std::error_code ignored;
  fs::remove_all(*partial, ignored);
  return done.error();
}

fs::path backup_place(const fs::path& directory, const LedgerId& ledger, const Timestamp& now) {
  // 2026-11-28T18:30:00+08:00
  std::string time = now.str().substr(0, 19);
  std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
  std::replace(time.begin(), time.end(), 'T', '-');
  return directory / (ledger.str() + "-" + time);
}

}  // namespace fundtrail::api
