#include "api/cli/attendant.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "api/http/jobs.h"
#include "api/operations/backup_result.h"
#include "api/operations/notify.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api::cli {
namespace {

// One backup at a time, in a thread of its own; a stop calls it off.
class Backups {
 public:
  Backups(Service& service, const BackupSettings& settings) : service_(service), settings_(settings) {}
  ~Backups() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void begin() {
    if (running_.exchange(true)) return spdlog::warn(R"("event":"a backup is being made already")");
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([this] {
      auto result = make();
      result.ended = system_seconds();
      running_ = false;  // before anybody can see the result, and ask for the next
      if (auto written = write_backup_result(service_.operations().directory, result); !written.ok()) {
        spdlog::error(R"("event":"result of the backup not written","message":"{}")",
                      json_text(written.error()));
      }
      spdlog::default_logger_raw()->flush();
    });
  }

 private:
  BackupResult make() {
    BackupResult result;
    if (settings_.place.empty()) {
      result.error = Error{Fault::invalid_argument, in_both("没有设置备份目录 backups。", "no place: set backups")};
      return failed(result);
    }
    auto& operations = service_.operations();
    const auto now = service_.now();
    // One thread: requests go on beside it.
    const auto backup = make_backup(service_.ledger(), operations.directory, free_place(now), now,
                                    {.threads = 1, .users = settings_.users, .cancelled = [this] { return stopping_.load(); }});
    if (!backup.ok()) {
      result.error = backup.error();
      return failed(result);
    }
    result.directory = backup->directory.string();
    result.entries = backup->entries;
    result.root = backup->root;
    result.error = finding_of(*backup);
    if (result.error) return failed(result);
    operations.counters.backup_time.store(service_.now().unix_seconds());
    spdlog::info(R"("event":"backup made and verified","directory":"{}","entries":{},"root":"{}")",
                 json_text(result.directory), backup->entries, backup->root);
    remove_old();
    return result;
  }

  // Names have whole seconds: of two backups within one, the second is named after the next.
  std::filesystem::path free_place(Timestamp now) const {
    for (std::error_code error;;) {
      auto place = backup_place(settings_.place, service_.id(), now);
      if (!std::filesystem::exists(place, error)) return place;
      now = Timestamp(now.unix_seconds() + 1, now.offset_minutes());
    }
  }

  BackupResult failed(const BackupResult& result) {
    service_.operations().counters.backups_failed.fetch_add(1);
    spdlog::error(R"("event":"backup failed","fault":"{}","message":"{}")", name(result.error->fault),
                  json_text(*result.error));
    return result;
  }

  // Only behind a backup that holds.
  void remove_old() {
    const auto removed = remove_old_backups(settings_.place, service_.id(), settings_.kept);
    if (!removed.ok()) {
      spdlog::error(R"("event":"old backups not removed","message":"{}")", json_text(removed.error()));
    } else if (*removed != 0) {
      spdlog::info(R"("event":"old backups removed","count":{})", *removed);
    }
  }

  Service& service_;
  const BackupSettings settings_;
  std::atomic<bool> running_{false}, stopping_{false};
  std::thread thread_;
};

void read_tls_again(Server& server) {
  if (const auto read = server.reload_tls(); !read.ok()) {
    spdlog::error(R"("event":"TLS files not read","message":"{}; those in use stay")", json_text(read.error()));
  }
}

// The book of users: at SIGHUP anew, else what changed since the last second. A fault is said once, not
// every second.
class UsersWatch {
 public:
  explicit UsersWatch(Identity& identity) : identity_(identity) {}
  void look(bool asked) {
    const auto status = asked ? identity_.reload() : identity_.tick();
    if (!status && (well_ || asked)) {
      spdlog::error(R"("event":"users not read","message":"{}")", json_text(status.error()));
    } else if (status && asked) {
      spdlog::info(R"("event":"users read")");
    }
    well_ = status.ok();
  }

 private:
  Identity& identity_;
  bool well_ = true;
};

// What /readyz tells, in the log as well, once when it begins and once when it is over: whoever starts a server, or
// reads its log, should not have to ask it.
class StatesWatch {
 public:
  explicit StatesWatch(const Service& service) : service_(service) { look(); }
  void look() {
    const auto now = service_.states();
    for (const auto state : now) {
      if (is_in(before_, state) || state == State::shutting_down) continue;
      const auto& said = info(state);
      spdlog::warn(R"("event":"state","code":"{}","message":"{}","message_zh":"{}")", said.code, said.en, said.zh);
    }
    for (const auto state : before_) {
      if (!is_in(now, state)) spdlog::warn(R"("event":"state over","code":"{}")", info(state).code);
    }
    before_ = now;
  }

 private:
  static bool is_in(const std::vector<State>& states, State state) {
    return std::find(states.begin(), states.end(), state) != states.end();
  }
  const Service& service_;
  std::vector<State> before_;
};

}  // namespace

sigset_t hold_signals() {
  signal(SIGPIPE, SIG_IGN);  // a log reader or a client that goes away is no reason to die
  signal(SIGXFSZ, SIG_IGN);  // nor is a limit on the size of files, which is then a failed write
  sigset_t held;
  sigemptyset(&held);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&held, one);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return held;
}

void attend(const sigset_t& held, const Attendance& a) {
  Backups backups(a.service, a.backups);
  UsersWatch users(a.service.identity());
  StatesWatch states(a.service);
  const timespec second{1, 0};
  for (;;) {
    const int received = sigtimedwait(&held, nullptr, &second);
    if (received < 0 && errno != EAGAIN) continue;
    if (received == SIGUSR2) {
      backups.begin();
    } else if (received < 0 || received == SIGHUP) {
      if (received == SIGHUP && a.tls) read_tls_again(a.server);
      users.look(received == SIGHUP);
      a.service.jobs().tick();
      states.look();
    } else {
      notify_supervisor("STOPPING=1");
      a.server.stop();
      return;
    }
    if (received >= 0) spdlog::default_logger_raw()->flush();
  }
}

}  // namespace fundtrail::api::cli
