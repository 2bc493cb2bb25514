#include "ledger/engine/directory.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStorePrefix = "db.";
constexpr std::string_view kStagingPrefix = "staging-";
constexpr const char* kLink = "db";
constexpr const char* kNewLink = "db.link";

// n of "<prefix><n>", exactly.
std::optional<unsigned> number_of(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) != prefix) return std::nullopt;
  name.remove_prefix(prefix.size());
  unsigned n = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), n);
  if (error != std::errc() || end != name.data() + name.size() || std::to_string(n) != name) {
    return std::nullopt;
  }
  return n;
}

Error in_use(const fs::path& root) {
  return {Fault::unavailable,
          in_both("账套 " + root.string() + " 正被另一个进程写入（例如正在运行的服务）。",
                  "another process has the ledger in " + root.string() + " open for writing")};
}

Error no_ledger(const fs::path& root) {
  return {Fault::not_found,
          in_both("目录 " + root.string() + " 中没有账套。", "there is no ledger in " + root.string())};
}

// Nothing is repaired: which of several stores is the one that people were told of, only verification tells.
Error store_gone(const fs::path& root, const std::string& target, const std::vector<std::string>& stores) {
  const std::string link = (root / kLink).string();
  std::string zh = target.empty() ? "账套的库链接 " + link + " 不见了。"
                                  : "账套的库链接 " + link + " 指向 " + target + "，而后者不在。";
  std::string en = target.empty() ? "the link " + link + " to the store of the ledger is gone"
                                  : "the link " + link + " to the store of the ledger names " + target +
                                        ", which is not there";
  if (stores.empty()) {
    zh += "该目录中没有任何库（db.1 之类）。程序未作任何改动。请从备份恢复（docs/OPERATIONS.md“Restoring”）。";
    en += ", and no store (such as db.1) is in the directory. Nothing was changed. Restore a backup (docs/OPERATIONS.md, "
          "\"Restoring\")";
    return {Fault::truncated, in_both(zh, en)};
  }
  std::string list_zh, list_en;
  for (const auto& store : stores) {
    list_zh += (list_zh.empty() ? "" : "、") + store;
    list_en += (list_en.empty() ? "" : ", ") + store;
  }
  const std::string command = "ln -sfn " + stores.front() + " " + link;
  zh += "该目录中的库：" + list_zh + "。程序未作任何改动。请先整体复制该目录，再重建链接（" + command +
        "）并用 fundtrail verify 核验；有多个库的，从编号最小的起逐个试，核验成立的第一个就是。都不成立的，从备份恢复。";
  en += "; stores in the directory: " + list_en + ". Nothing was changed. Copy the whole directory first, then make the "
        "link again (" + command + ") and run fundtrail verify; of several stores, begin with the lowest number: the "
        "first of which verify finds that everything holds is the one. Where it is none, restore a backup";
  return {Fault::truncated, in_both(zh, en)};
}

}  // namespace

Status find_ledger(const fs::path& root) {
  std::string target;
  const auto linked = is_there(root / kLink);
  if (!linked.ok()) return linked.error();
  if (*linked) {
    const auto named = link_target(root / kLink);
    if (!named.ok()) return named.error();
    const auto there = named->empty() ? linked : is_there(root / *named);
    if (!there.ok()) return there.error();
    if (*there) return success();
    target = *named;
  }
  std::error_code unknown;
  if (!fs::is_directory(root, unknown)) return no_ledger(root);
  const auto names = names_in(root);
  if (!names.ok()) return names.error();
  std::vector<std::pair<unsigned, std::string>> stores;
  bool begun = false, signs = *linked;
  for (const auto& name : *names) {
    if (const auto n = number_of(name, kStorePrefix)) {
      // A directory of somebody else may be called so, too.
      const auto store = is_there(root / name / "CURRENT");
      if (!store.ok()) return store.error();
      if (*store) stores.emplace_back(*n, name);
    }
    begun = begun || name == "creating";  // of a creation that a crash cut short: `init` begins anew
    signs = signs || name == "ANCHOR" || name == "ledger.json";
  }
  if (!*linked && (begun || (stores.empty() && !signs))) return no_ledger(root);
  std::sort(stores.begin(), stores.end());
  std::vector<std::string> in_order;
  for (auto& [n, name] : stores) in_order.push_back(std::move(name));
  return store_gone(root, target, in_order);
}

Result<LedgerDirectory> LedgerDirectory::lock(const fs::path& given) {
  std::error_code error;
  const fs::path root = fs::canonical(given, error);
  if (error) return file_error(Doing::find, given, error.value());
  const fs::path path = root / "LOCK";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const std::string zh = chinese_reason(errno), why = std::strerror(errno);
    return Error{Fault::io, in_both("无法写入账套目录（" + path.string() + "：" + zh +
                                        "）：磁盘是否只读或已满、权限是否正确？",
                                    "cannot write to the ledger's directory (" + path.string() + ": " +
                                        why + "): is the disk read-only or full, are the permissions right?")};
  }
  LedgerDirectory directory(root, file);
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(root);
    return file_error(Doing::lock, path, errno);
  }
  // A creation that was given up removes its LOCK: then the file we hold is nobody's lock any more.
  if (!is_still(path, file)) return in_use(root);
  return directory;
}

Result<LedgerDirectory> LedgerDirectory::open(const fs::path& root) {
  const auto found = find_ledger(root);
  return found.ok() ? lock(root) : Result<LedgerDirectory>(found.error());
}

LedgerDirectory::LedgerDirectory(LedgerDirectory&& other) noexcept
    : root_(std::move(other.root_)),
      lock_(std::exchange(other.lock_, -1)),
      made_(std::move(other.made_)) {}

LedgerDirectory::~LedgerDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

fs::path LedgerDirectory::link() const { return root_ / kLink; }

Result<fs::path> LedgerDirectory::store() const {
  const auto target = link_target(root_ / kLink);
  if (!target.ok()) return target.error();
  return root_ / (target->empty() ? std::string(kLink) : *target);
}

Result<std::string> LedgerDirectory::next_store() const {
  const auto names = names_in(root_);
  if (!names.ok()) return names.error();
  unsigned last = 0;
  for (const auto& name : *names) last = std::max(last, number_of(name, kStorePrefix).value_or(0));
  return std::string(kStorePrefix) + std::to_string(last + 1);
}

Status LedgerDirectory::take_over_copy() const {
  const auto target = link_target(root_ / kLink);
  if (!target.ok()) return target.error();
  if (!target->empty()) return success();
  const auto marked = mark_as_made(root_ / kLink);
  if (!marked.ok()) return marked;
  // A link that names itself, exchanged with the directory, is a link that names the directory.
  const auto name = next_store();
  if (!name.ok()) return name.error();
  const fs::path place = root_ / *name;
  if (::symlink(name->c_str(), place.c_str()) != 0) return file_error(Doing::make, place, errno);
  if (::renameat2(AT_FDCWD, place.c_str(), AT_FDCWD, (root_ / kLink).c_str(), RENAME_EXCHANGE) != 0) {
    const int code = errno;
    ::unlink(place.c_str());
    return file_error(Doing::take_over, root_ / kLink, code);
  }
  return sync_directory(root_);
}

void LedgerDirectory::remove_leftovers() const {
  const auto current = link_target(root_ / kLink);
  const auto names = names_in(root_);
  if (!current.ok() || current->empty() || !names.ok()) return;
  // One that cannot be removed is in nobody's way.
  for (const auto& name : *names) {
    const fs::path path = root_ / name;
    const bool store = number_of(name, kStorePrefix).has_value();
    if (name == kNewLink || store) {  // take_over_copy() makes links that name themselves
      const auto target = link_target(path);
      if (target.ok() && !target->empty() && (name == kNewLink || *target == name)) {
        ::unlink(path.c_str());
        continue;
      }
    }
    if (!(store && name != *current) && !number_of(name, kStagingPrefix) && path != creating()) {
      continue;
    }
    // A kill before the mark was whole, or behind its removal, leaves a blank one.
    const auto ours = is_made_by_us(path), blank = is_blank(path);
    if ((ours.ok() && *ours) || (blank.ok() && *blank)) (void)remove_marked(path);
  }
}

Result<fs::path> LedgerDirectory::new_staging() const {
  for (unsigned n = 1;; ++n) {
    const fs::path path = root_ / (std::string(kStagingPrefix) + std::to_string(n));
    const auto taken = is_there(path);
    if (!taken.ok()) return taken.error();
    if (*taken) continue;
    const auto made = make_marked(path);
    if (!made.ok()) return made.error();
    return path;
  }
}

Result<fs::path> LedgerDirectory::bring_in(const fs::path& replacement) const {
  const auto name = next_store();
  if (!name.ok()) return name.error();
  const fs::path place = root_ / *name;
  if (::rename(replacement.c_str(), place.c_str()) != 0) {
    return file_error(Doing::move, replacement, errno);
  }
  const auto synced = sync_directory(root_);
  if (!synced.ok()) {
    (void)remove_marked(place);
    return synced.error();
  }
  return place;
}

Status LedgerDirectory::make_current(const fs::path& store) const {
  const fs::path link = root_ / kNewLink;
  ::unlink(link.c_str());
  if (::symlink(store.filename().c_str(), link.c_str()) != 0) return file_error(Doing::make, link, errno);
  if (::rename(link.c_str(), (root_ / kLink).c_str()) != 0) {
    return file_error(Doing::replace, root_ / kLink, errno);
  }
  return sync_directory(root_);
}

}  // namespace fundtrail
