#include "api/cli/attendant.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "api/operations/backup.h"
#include "api/operations/notify.h"

namespace fundtrail::api::cli {
namespace {

// One backup at a time, in a thread of its own; a stop waits for it.
class Backups {
 public:
  Backups(Service& service, std::filesystem::path place)
      : service_(service), place_(std::move(place)) {}
  ~Backups() {
    if (thread_.joinable()) thread_.join();
  }
  void begin() {
    if (running_.exchange(true)) return spdlog::warn(R"("event":"a backup is being made already")");
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([this] {
      make();
      spdlog::default_logger_raw()->flush();
      running_ = false;
    });
  }

 private:
  void make() {
    auto& operations = service_.operations();
    if (place_.empty()) return spdlog::error(R"("event":"backup failed","message":"no place: set backups")");
    const auto now = service_.now();
    // One thread: requests go on beside it.
    const auto backup = make_backup(service_.ledger(), operations.directory,
                                    backup_place(place_, service_.id(), now), now, {.threads = 1});
    if (!backup.ok()) {
      operations.counters.backups_failed.fetch_add(1);
      return spdlog::error(R"("event":"backup failed","fault":"{}","message":"{}")",
                           name(backup.error().fault), json_text(backup.error().message));
    }
    operations.counters.backup_time.store(service_.now().unix_seconds());
    spdlog::info(R"("event":"backup made and verified","directory":"{}","entries":{},"root":"{}")",
                 json_text(backup->directory.string()), backup->entries, backup->root);
  }

  Service& service_;
  const std::filesystem::path place_;
  std::atomic<bool> running_{false};
  std::thread thread_;
};

void read_tls_again(Server& server) {
  if (const auto read = server.reload_tls(); !read.ok()) {
    spdlog::error(R"("event":"TLS files not read","message":"{}")", json_text(read.error().message));
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
      spdlog::error(R"("event":"users not read","message":"{}")", json_text(status.error().message));
    } else if (status && asked) {
      spdlog::info(R"("event":"users read")");
    }
    well_ = status.ok();
  }

 private:
  Identity& identity_;
  bool well_ = true;
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
  const timespec second{1, 0};
  for (;;) {
    const int received = sigtimedwait(&held, nullptr, &second);
    if (received < 0 && errno != EAGAIN) continue;
    if (received == SIGUSR2) {
      backups.begin();
    } else if (received < 0 || received == SIGHUP) {
      if (received == SIGHUP && a.tls) read_tls_again(a.server);
      users.look(received == SIGHUP);
    } else {
      notify_supervisor("STOPPING=1");
      a.server.stop();
      return;
    }
    if (received >= 0) spdlog::default_logger_raw()->flush();
  }
}

}  // namespace fundtrail::api::cli
