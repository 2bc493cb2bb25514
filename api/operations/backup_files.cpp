#include "api/operations/backup_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <vector>

#include "api/access_log/verify.h"
#include "audit/integrity/verify.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/directory.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

// Others who begin a directory beside this one wait: nobody sees a mark that is not held yet. Where a file
// system has no such locks, nothing but that is lost.
class Beside {
 public:
  explicit Beside(const fs::path& directory)
      : fd_(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (fd_ >= 0 && ::flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~Beside() {
    if (fd_ >= 0) ::close(fd_);
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

 private:
  const int fd_;
};

// With a mark that a kill cut short. Without any it may be somebody's: an empty directory says nothing.
Result<bool> is_begun_by_us(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory / kOwnersMark, error)) return false;
  return is_blank(directory);
}

// Removes it if it is ours and nobody is at it. What cannot be removed stays: it is in nobody's way.
Status remove_abandoned(const fs::path& directory) {
  auto ours = is_made_by_us(directory);
  if (ours.ok() && !*ours) ours = is_begun_by_us(directory);
  if (!ours.ok()) return ours.error();
  if (!*ours) return success();
  const Hold hold(directory);
  return hold ? remove_marked(directory) : success();
}

void remove_all_abandoned(const fs::path& place, const std::string& suffix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(place, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().ends_with(suffix)) found.push_back(at->path());
  }
  for (const auto& directory : found) (void)remove_abandoned(directory);
}

}  // namespace

Hold::Hold(const fs::path& directory) : fd_(::open((directory / kOwnersMark).c_str(), O_RDWR | O_CLOEXEC)) {
  if (fd_ < 0 || ::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  ::close(fd_);
  fd_ = -1;
}

Hold::~Hold() {
  if (fd_ >= 0) ::close(fd_);
}

Result<Begun> begin_directory(const fs::path& name, const char* suffix, bool sweep) {
  std::error_code error;
  const fs::path partial = name.string() + suffix, place = fs::absolute(name).parent_path();
  const bool empty = fs::is_directory(name, error) && fs::is_empty(name, error);
  if (fs::exists(fs::symlink_status(name, error)) && !empty) {
    return Error{Fault::invalid_argument,
                 in_both("“" + name.string() + "”已经存在。", name.string() + " is there already")};
  }
  const Beside beside(place);
  if (sweep) remove_all_abandoned(place, suffix);
  if (auto removed = remove_abandoned(partial); !removed.ok()) return removed.error();
  const auto blank = is_blank(partial);  // what a crash leaves before there is a mark
  if (!blank.ok()) return blank.error();
  if (fs::exists(fs::symlink_status(partial, error)) && !*blank) {
    return Error{Fault::invalid_argument, in_both("“" + partial.string() + "”已经存在，请先移走。",
                                                  partial.string() + " is there already; move it away")};
  }
  if (auto made = make_marked(partial); !made.ok()) return made.error();
  return Begun{partial, Hold(partial)};
}

Status finish_directory(const fs::path& partial, const fs::path& name) {
  const auto synced = sync_directory(partial);
  if (!synced.ok()) return synced;
  // Over an empty directory only. The mark goes last: without it, what a crash leaves here would stay.
  if (::rename(partial.c_str(), name.c_str()) != 0) return file_error(Doing::rename_to, name, errno);
  std::error_code ignored;
  fs::remove(name / kOwnersMark, ignored);
  return sync_directory(fs::absolute(name).parent_path());
}

Result<Verified> verify_copy(const fs::path& directory, unsigned threads,
                             const std::function<bool()>& cancelled) {
  audit::VerifyOptions options;
  options.threads = threads;
  options.cancelled = cancelled;
  const auto report = audit::verify_ledger(directory, options);
  if (!report.ok()) return report.error();
  if (report->finding) {
    return Error{Fault::tampered, in_both("核验不成立：" + report->finding->zh(),
                                          "verification failed: " + report->finding->en())};
  }
  return Verified{report->entries, report->ledger, report->root, report->key};
}

Result<std::optional<AccessLogState>> look_at_access_log(const fs::path& directory,
                                                         const chain::VerifierKey& key,
                                                         const std::string& ledger) {
  const auto place = access_log_of(directory);
  std::error_code error;
  if (!fs::exists(place, error)) return std::optional<AccessLogState>();
  const auto report = verify_access_log(place, {.key = key, .ledger = ledger});
  if (!report.ok()) return report.error();
  AccessLogState state;
  state.records = report->next;
  if (report->finding) {
    const auto& text = info(report->finding->what);
    const auto where = report->finding->file + ":" + std::to_string(report->finding->line);
    state.finding = in_both(where + " " + std::string(text.zh), where + ": " + std::string(text.en));
  }
  return std::optional(state);
}

}  // namespace fundtrail::api
