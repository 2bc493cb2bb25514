#include "api/access_log/access_log.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "api/access_log/verify.h"
#include "api/files.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/fault_words.h"

namespace fundtrail::api {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMaxWaiting = 100'000;  // records, when the disk does not take them
constexpr std::chrono::milliseconds kGather{100};
constexpr std::chrono::milliseconds kSyncAfter{1000};  // HEAD is signed then too
constexpr std::chrono::seconds kSealAfter{60};

// Takes away the record that a crash cut off: nobody was told of it.
Status cut_unfinished(const fs::path& file) {
  const auto rest = read_lines(file, [](std::uint64_t, std::string_view) { return true; });
  if (!rest.ok()) return rest.error();
  std::error_code error;
  const auto size = fs::file_size(file, error);
  if (!error) fs::resize_file(file, size - *rest, error);
  if (error) return file_error(Doing::write, file, error.value());
  return success();
}

// Months since year 0.
int months(const Date& date) { return date.year() * 12 + static_cast<int>(date.month()) - 1; }

std::string file_name(const Timestamp& time) { return time.date().str().substr(0, 7) + ".jsonl"; }

}  // namespace

AccessLog::AccessLog(AccessLogOptions options, chain::SigningKey key)
    : options_(std::move(options)),
      key_(std::move(key)),
      verifier_key_(chain::encode_verifier_key(options_.key_name, key_.public_key())),
      hasher_(key_.suite()) {}

Result<std::unique_ptr<AccessLog>> AccessLog::open(AccessLogOptions options) {
  if (options.keep_months != 0 && options.keep_months < kLeastMonths) {
    return Error{Fault::invalid_argument, in_both("访问日志至少保存 6 个月。", "access logs are kept for 6 months at least")};
  }
  if (::mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return file_error(Doing::make, options.directory, errno);
  }
  auto key = chain::SigningKey::load(options.signing_key);
  if (!key.ok()) return key.error();
  std::unique_ptr<AccessLog> log(new AccessLog(std::move(options), std::move(*key)));
  if (auto recovered = log->recover(); !recovered.ok()) return recovered.error();
  AccessRecord opened{.action = AccessAction::opened, .time = log->options_.now(),
                      .key = log->verifier_key_};
  if (log->former_) {
    opened.outcome = kNewLog;
    opened.count = log->former_->records;
    opened.subject = "after " + chain::to_hex(log->former_->last);
  }
  std::deque<Waiting> group;
  group.push_back({std::move(opened), nullptr});
  if (auto written = log->append(group, true); !written.ok()) return written.error();
  if (auto removed = log->remove_old(); !removed.ok()) return removed.error();
  if (auto written = log->sign(); !written.ok()) return written.error();
  if (auto written = log->seal(); !written.ok()) return written.error();
  log->thread_ = std::thread([raw = log.get()] {
    pthread_setname_np(pthread_self(), "access-log");
    raw->run();
  });
  return log;
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (file_ >= 0) ::close(file_);
}

// What there is must be what was signed, or the log's beginning would hide its end.
Status AccessLog::recover() {
  AccessVerifyOptions wanted{.key = chain::VerifierKey{options_.key_name, key_.public_key()},
                             .ledger = options_.ledger.str(),
                             .newest_file_only = true};
  wanted.heads_from = access_seal_of(options_.directory).string();
  auto sealed = read_file(wanted.heads_from);
  if (!sealed.ok() && sealed.error().fault != Fault::not_found) return sealed.error();
  if (sealed.ok()) {
    const auto files = access_log_files(options_.directory);
    if (!files.ok()) return files.error();
    std::error_code ignored;
    if (files->empty() && !fs::exists(options_.directory / kHeadFile, ignored)) {
      auto head = read_head(*sealed, *wanted.key);
      if (!head.ok()) {
        return Error{head.error().fault, in_both(wanted.heads_from + "：" + chinese_of(head.error()),
                                                 wanted.heads_from + ": " + english_of(head.error()))};
      }
      former_ = *head;
    } else {
      wanted.heads.push_back(std::move(*sealed));
    }
  }
  const auto report = verify_access_log(options_.directory, wanted);
  if (!report.ok()) return report.error();
  if (report->finding) {
    const auto& text = info(report->finding->what);
    const auto where = options_.directory.string() + ", " + report->finding->file + ":" +
                       std::to_string(report->finding->line);
    return Error{text.fault, in_both("访问日志 " + where + "：" + std::string(text.zh),
                                     "access log " + where + ": " + std::string(text.en))};
  }
  head_ = {report->next, report->last};
  signed_ = report->next;
  if (report->files.empty()) return success();
  for (const auto& torn : report->torn) {
    if (auto cut = cut_unfinished(options_.directory / torn); !cut.ok()) return cut;
  }
  return begin_file(report->files.back());
}

Status AccessLog::begin_file(const std::string& name) {
  const fs::path path = options_.directory / name;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat info {};
  if (file < 0 || ::fstat(file, &info) != 0) {
    if (file >= 0) ::close(file);
    return file_error(Doing::open, path, errno);
  }
  if (file_ >= 0) ::close(file_);
  file_ = file;
  file_name_ = name;
  file_size_ = static_cast<std::uint64_t>(info.st_size);
  return sync_names(options_.directory);
}

// One write, and a sync where somebody waits for it.
Status AccessLog::append(const std::deque<Waiting>& group, bool sync) {
  // Only forward: after a clock was set back, records go on in the newest file.
  const auto name = file_name(group.front().record.time);
  if (file_ < 0 || name > file_name_) {
    if (file_ >= 0 && ::fdatasync(file_) != 0) poisoned_ = true;
    if (auto begun = begin_file(name); !begun.ok()) return begun;
  }
  if (poisoned_) return Error{Fault::io, in_both("访问日志写入失败过，重新打开之前不知其中有什么。",
                                    "the access log could not be synced: what it holds is not known until it is opened again")};
  std::string bytes;
  AccessHead head = head_;
  for (const auto& [record, done] : group) {
    const auto line = encode(record, options_.ledger.str(), head.records, head.last);
    head.last = hasher_.leaf(line);
    ++head.records;
    bytes += line;
    bytes += '\n';
  }
  if (!write_all(file_, bytes)) {
    const int code = errno;
    if (::ftruncate(file_, static_cast<off_t>(file_size_)) != 0) poisoned_ = true;
    return file_error(Doing::write, file_name_, code);
  }
  file_size_ += bytes.size();
  head_ = head;
  unsynced_ = true;
  if (!sync) return success();
  if (::fdatasync(file_) != 0) {
    poisoned_ = true;
    return file_error(Doing::sync, file_name_, errno);
  }
  unsynced_ = false;
  return success();
}

// HEAD, synced and then put in place. Precondition: what it covers is synced.
Status AccessLog::sign() {
  const auto body = head_body(options_.key_name, head_);
  const auto line = chain::sign_note(body, options_.key_name, key_);
  if (!line.ok()) return line.error();
  const auto note = chain::join_note(body, {*line});
  if (auto written = write_note(options_.directory / kHeadFile, note); !written.ok()) return written;
  signed_ = head_.records;
  const std::lock_guard lock(mutex_);
  note_ = note;
  return success();
}

Status AccessLog::write_note(const fs::path& path, const std::string& note) {
  const auto temporary = path.string() + ".new";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = file >= 0 && write_all(file, note) && ::fdatasync(file) == 0;
  const int code = errno;
  if (file >= 0) ::close(file);
  if (!written) return file_error(Doing::write, path, code);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return file_error(Doing::write, path, errno);
  return sync_names_beside(path);
}

// What was signed last, where nobody removes it together with the log.
Status AccessLog::seal() {
  sealed_ = std::chrono::steady_clock::now();
  auto written = write_note(access_seal_of(options_.directory), head());
  if (written.ok()) sealed_records_ = signed_;
  return written;
}

// The removal is a record of the chain before it is done, so that nobody can pass his own off as one.
Status AccessLog::remove_old() {
  if (options_.keep_months == 0) return success();
  const auto files = access_log_files(options_.directory);
  if (!files.ok()) return files.error();
  const auto now = options_.now();
  std::vector<fs::path> old;
  AccessRecord removal{.action = AccessAction::removed, .time = now, .key = verifier_key_};
  for (const auto& file : *files) {
    if (file.filename() == file_name_) break;
    std::optional<Timestamp> newest;
    std::uint64_t next = 0;
    chain::Hash last{};
    const auto read = read_lines(file, [&](std::uint64_t, std::string_view line) {
      const auto link = read_link(line);
      if (!link.ok()) return false;
      if (!newest || *newest < link->time) newest = link->time;
      next = link->n + 1;
      last = hasher_.leaf(line);
      return true;
    });
    if (!read.ok()) return read.error();
    if (!newest) continue;  // no record was ever finished in it
    if (months(now.date()) - months(newest->date()) <= int(options_.keep_months)) break;
    old.push_back(file);
    removal.from_n = next;
    removal.from_prev = chain::to_hex(last);
    removal.subject = "to " + file.filename().string();
  }
  if (old.empty()) return success();
  return remove_files(old, std::move(removal));
}

Status AccessLog::remove_files(const std::vector<fs::path>& old, AccessRecord removal) {
  std::deque<Waiting> group;
  group.push_back({std::move(removal), nullptr});
  if (auto written = append(group, true); !written.ok()) return written;
  for (const auto& file : old) {
    std::error_code error;
    fs::remove(file, error);
    if (error) return file_error(Doing::remove, file, error.value());
  }
  return sync_names(options_.directory);
}

void AccessLog::note(AccessRecord record) {
  const std::lock_guard lock(mutex_);
  const bool counting = repeats_.counting();
  std::optional<AccessRecord> first;
  if (record.action == AccessAction::refused) {
    const auto now = Repeats::Clock::now();
    const std::string user = record.actor;
    first = repeats_.add(std::move(record), now);
    const auto until = now + repeats_.pause(user, now);
    if (until > now && until > someone_waits_until_.load()) someone_waits_until_ = until;
  } else {
    first = std::move(record);
  }
  if (!first) {
    if (!counting) changed_.notify_one();
  } else if (waiting_.size() >= kMaxWaiting) {
    ++lost_;
  } else {
    waiting_.push_back({std::move(*first), nullptr});
    if (waiting_.size() == 1) changed_.notify_one();
  }
}

std::chrono::seconds AccessLog::pause(const std::string& user) {
  const auto now = Repeats::Clock::now();
  if (now >= someone_waits_until_.load()) return {};
  const std::lock_guard lock(mutex_);
  return repeats_.pause(user, now);
}

void AccessLog::record(AccessRecord record, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < kMaxWaiting) {
      waiting_.push_back({std::move(record), std::move(done)});
      urgent_ = true;
      changed_.notify_one();
      return;
    }
  }
  done(false);
}

std::optional<Error> AccessLog::failing() const {
  const std::lock_guard lock(mutex_);
  return failing_;
}

std::string AccessLog::head() const {
  const std::lock_guard lock(mutex_);
  return note_;
}

void AccessLog::run() {
  std::deque<Waiting> group;
  auto synced = std::chrono::steady_clock::now();
  for (bool last = false, was_failing = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      // Refusals gather; nobody waits for them.
      const auto woken = [this] { return urgent_ || stopping_; };
      if (waiting_.empty() && !unsynced_ && signed_ == head_.records && !repeats_.counting()) {
        const auto wanted = [&] { return woken() || !waiting_.empty() || repeats_.counting(); };
        if (failing_) changed_.wait_for(lock, kSyncAfter, wanted);
        else if (sealed_records_ == signed_) changed_.wait(lock, wanted);
        else changed_.wait_for(lock, kSealAfter, wanted);
      }
      if (!woken()) changed_.wait_for(lock, failing_ ? kSyncAfter : kGather, woken);
      last = stopping_;
      urgent_ = false;
      was_failing = failing_.has_value();
      group.swap(waiting_);
      if (repeats_.due(Repeats::Clock::now()) || last) {
        for (auto& counted : repeats_.take()) group.push_back({std::move(counted), nullptr});
      }
      if (lost_ != 0) {
        group.push_back({{.action = AccessAction::lost, .time = options_.now(), .count = lost_}, nullptr});
        lost_ = 0;
      }
    }
    if (!group.empty()) write_group(group);
    else if (was_failing) try_again();
    const auto now = std::chrono::steady_clock::now();
    if (sealed_records_ != signed_ && (last || now - sealed_ >= kSealAfter)) {
      if (auto written = seal(); !written.ok()) fail(written.error());
    }
    if (signed_ == head_.records || (!last && now - synced < kSyncAfter)) continue;
    synced = now;
    sync_and_sign();
    if (last) (void)seal();
  }
}

// Whoever watches sends nothing that is recorded while this fails: whether the disk takes something again is found out
// here.
void AccessLog::try_again() {
  if (poisoned_ || !seal().ok()) return;
  const std::lock_guard lock(mutex_);
  failing_.reset();
}

void AccessLog::sync_and_sign() {
  const int code = unsynced_ && ::fdatasync(file_) != 0 ? errno : 0;
  if (code != 0) poisoned_ = true;
  unsynced_ = poisoned_;
  const auto outcome = poisoned_ ? Status(file_error(Doing::sync, file_name_, code)) : sign();
  if (!outcome.ok()) fail(outcome.error());
}

void AccessLog::write_group(std::deque<Waiting>& group) {
  bool urgent = false;
  for (const auto& one : group) urgent = urgent || one.done;
  const bool next_month = file_ >= 0 && file_name(group.front().record.time) > file_name_;
  const auto outcome = append(group, urgent);
  // Before anybody is answered: whoever asks /readyz then is told what he met.
  if (outcome.ok()) {
    const std::lock_guard lock(mutex_);
    failing_.reset();
  } else {
    fail(outcome.error());
  }
  for (const auto& one : group) {
    if (one.done) one.done(outcome.ok());
  }
  if (outcome.ok()) {
    group.clear();
    if (next_month) {
      if (auto removed = remove_old(); !removed.ok()) fail(removed.error());
    }
    return;
  }
  // Those who waited were not answered with anything; the refusals are tried again.
  std::erase_if(group, [](const Waiting& one) { return one.done != nullptr; });
  const std::lock_guard lock(mutex_);
  while (!group.empty()) {
    waiting_.push_front(std::move(group.back()));
    group.pop_back();
  }
}

void AccessLog::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  failing_ = error;
}

}  // namespace fundtrail::api
