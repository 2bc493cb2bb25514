#include "api/access_log/verify.h"

#include <array>

#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::api {
namespace fs = std::filesystem;
namespace {

using F = AccessFault;
constexpr std::array kTexts = {
    AccessFaultText{F::unreadable, "unreadable", Fault::unreadable, "这一行不是访问日志的记录",
                    "the line is not a record of an access log"},
    AccessFaultText{F::altered, "altered", Fault::tampered, "前一条记录被改动，链在此断开",
                    "the record before was altered: the chain breaks here"},
    AccessFaultText{F::missing, "missing", Fault::tampered, "编号不连续：有记录被删除或插入",
                    "the numbers do not follow one another: records were taken out or put in"},
    AccessFaultText{F::foreign, "foreign", Fault::tampered, "记录属于另一个账套",
                    "the record belongs to another ledger"},
    AccessFaultText{F::cut_beginning, "cut-beginning", Fault::truncated,
                    "开头的记录不在，且日志没有记载这一清理", "the beginning is not there, and the log "
                    "holds no record of its removal"},
    AccessFaultText{F::cut_end, "cut-end", Fault::truncated, "结尾的记录不在：少于已签名的条数",
                    "the end is not there: fewer records than were signed"},
    AccessFaultText{F::other_history, "other-history", Fault::tampered, "与已签名的记录不一致",
                    "a record is not the one that was signed"},
    AccessFaultText{F::no_head, "no-head", Fault::truncated, "没有签名文件 HEAD，无从知道结尾是否完整",
                    "HEAD is missing: nobody can tell whether the end is there"},
    AccessFaultText{F::false_head, "false-head", Fault::tampered, "签名文件无效，或不是这把密钥所签",
                    "the signed head is not valid, or not by this key"},
    AccessFaultText{F::no_key, "no-key", Fault::unreadable, "日志中没有核验公钥，请用 --key 给出",
                    "the log names no verifier key; give one with --key"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i].what != static_cast<AccessFault>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "the table of texts follows the enumeration");

class Check {
 public:
  Check(const fs::path& directory, const AccessVerifyOptions& options)
      : directory_(directory), options_(options) {}
  Result<AccessReport> run();

 private:
  Status choose_key(const std::vector<fs::path>& files);
  Status read_heads();
  Status read_records(const std::vector<fs::path>& files);
  void read_record(std::string_view line);
  void look_at_ends();
  bool find(AccessFault what, std::string detail = {}) {
    report_.finding = AccessFinding{what, file_, line_, std::move(detail)};
    return false;
  }

  const fs::path& directory_;
  const AccessVerifyOptions& options_;
  AccessReport report_;
  std::optional<chain::VerifierKey> key_;
  std::optional<chain::Hasher> hasher_;
  struct Signed {
    AccessHead head;
    std::string file;
  };
  std::vector<Signed> heads_;
  bool have_head_ = false;
  bool begun_ = false;
  chain::Hash first_prev_{};
  bool removal_known_ = false;
  std::string file_;
  std::uint64_t line_ = 0;
};

// The key tells the suite, and with it the hash.
Status Check::choose_key(const std::vector<fs::path>& files) {
  key_ = options_.key;
  for (const auto& file : files) {
    if (key_) break;
    const auto read = read_lines(file, [&](std::uint64_t, std::string_view line) {
      if (line.find("\"key\":\"") == std::string_view::npos) return true;
      const auto link = read_link(line);
      if (!link.ok() || link->key.empty()) return true;
      if (auto key = chain::decode_verifier_key(link->key); key.ok()) key_ = std::move(*key);
      return !key_;
    });
    if (!read.ok()) return read.error();
  }
  if (!key_) return success();
  report_.key = chain::encode_verifier_key(key_->name, key_->key);
  report_.fingerprint = key_->key.fingerprint();
  hasher_.emplace(key_->key.suite());
  return success();
}

// Before the records, so that a server that writes meanwhile cannot make them look short.
Status Check::read_heads() {
  const auto note = read_file(directory_ / kHeadFile);
  if (!note.ok() && note.error().fault != Fault::not_found) return note.error();
  std::vector<std::pair<std::string, std::string>> notes;
  if (note.ok()) notes.emplace_back("HEAD", *note);
  have_head_ = note.ok();
  for (const auto& given : options_.heads) notes.emplace_back(options_.heads_from, given);
  for (const auto& [name, text] : notes) {
    auto head = read_head(text, *key_);
    file_ = name;
    if (!head.ok()) {
      find(AccessFault::false_head, in_both(head.error()));
      return success();
    }
    heads_.push_back({*head, name});
    if (name == "HEAD") report_.signed_records = head->records;
  }
  return success();
}

Status Check::read_records(const std::vector<fs::path>& files) {
  // A crash, or a full disk, may leave a month whose file has been made and holds no whole record.
  std::size_t newest = files.empty() ? 0 : files.size() - 1;
  for (; newest > 0; --newest) {
    const auto whole = has_whole_line(files[newest]);
    if (!whole.ok()) return whole.error();
    if (*whole) break;
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& file = files[i];
    file_ = file.filename().string();
    report_.files.push_back(file_);
    if (options_.newest_file_only && i < newest) continue;
    constexpr std::uint64_t kNowAndThen = 1024;  // lines
    bool given_up = false;
    const auto rest = read_lines(file, [&](std::uint64_t number, std::string_view line) {
      line_ = number + 1;
      given_up = number % kNowAndThen == 0 && options_.cancelled && options_.cancelled();
      if (given_up) return false;
      read_record(line);
      return !report_.finding;
    });
    if (!rest.ok()) return rest.error();
    if (given_up) return Error{Fault::unavailable, "called off"};
    if (report_.finding) break;
    if (*rest == 0) continue;
    if (i < newest) {
      find(AccessFault::unreadable, in_both("末行没有换行符", "the last line has no end"));
      break;
    }
    report_.unfinished += *rest;
    report_.torn.push_back(file_);
  }
  return success();
}

void Check::read_record(std::string_view line) {
  const auto link = read_link(line);
  if (!link.ok()) return void(find(AccessFault::unreadable, in_both(link.error())));
  if (!begun_) {
    begun_ = true;
    report_.first = report_.next = link->n;
    report_.ledger = options_.ledger.empty() ? link->ledger : options_.ledger;
    report_.last = first_prev_ = link->prev;
    if (link->n == 0) report_.last = {};
    report_.former_records = link->former_records;
  }
  if (link->ledger != report_.ledger) return void(find(AccessFault::foreign));
  if (link->n != report_.next) return void(find(AccessFault::missing));
  if (link->prev != report_.last) return void(find(AccessFault::altered));
  report_.last = hasher_->leaf(line);
  ++report_.next;
  if (link->from_n == report_.first && link->from_prev == chain::to_hex(first_prev_)) removal_known_ = true;
  for (const auto& [head, name] : heads_) {
    if (head.records == report_.next && head.last != report_.last) find(AccessFault::other_history, name);
  }
}

void Check::look_at_ends() {
  if (report_.finding) return;
  line_ = 0;
  for (const auto& [head, name] : heads_) {
    file_ = name;
    if (head.records > report_.next) {
      find(AccessFault::cut_end, std::to_string(report_.next) + " < " + std::to_string(head.records));
      return;
    }
  }
  // The very first record may have been written by a server that was killed before it signed.
  if (!have_head_ && report_.next > 1) {
    file_ = "HEAD";
    find(AccessFault::no_head);
  } else if (report_.first != 0 && !removal_known_ && !options_.newest_file_only) {
    file_ = report_.files.front();
    find(AccessFault::cut_beginning);
  }
}

Result<AccessReport> Check::run() {
  if (auto found = fs::status(directory_); !fs::is_directory(found)) {
    if (!options_.newest_file_only) {
      return Error{Fault::not_found,
                   in_both("“" + directory_.string() + "”中没有访问日志：服务首次启动，或首次 fundtrail lookup 之后才有。",
                           "no access log in " + directory_.string() +
                               ": the first start of the server, or the first fundtrail lookup, begins it")};
    }
  }
  const auto files = access_log_files(directory_);
  if (!files.ok()) return files.error();
  if (auto chosen = choose_key(*files); !chosen.ok()) return chosen.error();
  if (!key_) {
    find(AccessFault::no_key);
    return report_;
  }
  if (auto heads = read_heads(); !heads.ok()) return heads.error();
  if (report_.finding) return report_;
  // Listed again: the server may have begun a file meanwhile.
  const auto now = access_log_files(directory_);
  if (!now.ok()) return now.error();
  if (auto read = read_records(*now); !read.ok()) return read.error();
  look_at_ends();
  return report_;
}

}  // namespace

const AccessFaultText& info(AccessFault what) {
  return kTexts[static_cast<std::size_t>(what)];
}

Result<AccessReport> verify_access_log(const fs::path& directory, const AccessVerifyOptions& options) {
  return Check(directory, options).run();
}

}  // namespace fundtrail::api
