// START HERE: the access log of a server. Every answer with data about people and every refusal becomes
// a record (record.h) of a chain that nobody can shorten or change unseen (verify.h).
//
// One thread writes. A request that reads people's data is answered only after its record is synced;
// many that wait together share one sync. Refusals wait for nobody: they are written within a tenth of
// a second and synced within a second; those that repeat one another are counted for ten seconds and then
// written as one (repeats.h). HEAD is signed then too, so what a crash of the machine may take is the
// refusals of the last second and the counts of the last ten, and what somebody may cut off unseen by HEAD
// the records of the last second.
//
// When the log cannot be written, readers of people's data are refused; refusals are kept in memory, up
// to a bound, and tried again; what does not fit is counted in a record of its own.
//
// Thread-safety: everything from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/access_log/files.h"
#include "api/access_log/record.h"
#include "api/access_log/repeats.h"
#include "ledger/chain/keys.h"
#include "ledger/core/ids.h"

namespace fundtrail::api {

struct AccessLogOptions {
  std::filesystem::path directory;
  LedgerId ledger;
  std::string key_name;     // of the ledger's key, as in its checkpoints
  std::filesystem::path signing_key;
  // Files whose last record is older than so many months are removed; 0: none ever. At least 6
  // (Cybersecurity Law, Art. 21).
  unsigned keep_months = 0;
  std::function<Timestamp()> now;
};
inline constexpr unsigned kLeastMonths = 6;

class AccessLog {
 public:
  // Makes the directory; checks the whole chain of the newest file against what was signed; drops a
  // record that a crash cut off. A log that is gone as a whole begins anew, and its first record says so.
  // Faults: truncated, tampered, unreadable (keep the directory as evidence, move it away, start again),
  // invalid_argument, io.
  static Result<std::unique_ptr<AccessLog>> open(AccessLogOptions options);
  ~AccessLog();  // writes, syncs and signs what is left
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Keeps a record of a refusal, or counts it. Does not wait.
  void note(AccessRecord record);
  // Keeps a record; `done` learns whether it is durable, exactly once, from the log's thread. It must
  // be quick and must not throw.
  using Done = std::function<void(bool durable)>;
  void record(AccessRecord record, Done done);

  // How long a user is to wait before they are served again, because so much of what they asked was refused; 0: not at
  // all. Waits for nobody while nobody has to wait.
  std::chrono::seconds pause(const std::string& user);
  // Why it cannot be written, if it cannot.
  std::optional<Error> failing() const;
  // The signed note of the newest head.
  std::string head() const;
  // How many records the log had that was here before, when it was gone at the start; 0: it was not.
  std::uint64_t former_records() const { return former_ ? former_->records : 0; }
  const std::filesystem::path& directory() const { return options_.directory; }

 private:
  struct Waiting {
    AccessRecord record;
    Done done;
  };
  AccessLog(AccessLogOptions options, chain::SigningKey key);
  Status recover();
  Status begin_file(const std::string& name);
  Status remove_old();
  Status remove_files(const std::vector<std::filesystem::path>& old, AccessRecord removal);
  void run();
  void sync_and_sign();
  void try_again();
  void write_group(std::deque<Waiting>& group);
  Status append(const std::deque<Waiting>& group, bool sync);
  Status sign();
  Status write_note(const std::filesystem::path& file, const std::string& note);
  Status seal();
  void fail(const Error& error);

  const AccessLogOptions options_;
  const chain::SigningKey key_;
  const std::string verifier_key_;

  // Of the writing thread.
  chain::Hasher hasher_;
  int file_ = -1;
  std::string file_name_;
  std::uint64_t file_size_ = 0;
  AccessHead head_;           // of what is written
  std::uint64_t signed_ = 0;  // records
  std::chrono::steady_clock::time_point sealed_{};
  std::uint64_t sealed_records_ = 0;
  std::optional<AccessHead> former_;  // of a log that is not there any more
  bool unsynced_ = false;
  bool poisoned_ = false;     // a sync failed: what is in the file is not known

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  Repeats repeats_;
  std::atomic<Repeats::Clock::time_point> someone_waits_until_{};
  std::uint64_t lost_ = 0;
  bool urgent_ = false;
  bool stopping_ = false;
  std::optional<Error> failing_;
  std::string note_;
  std::thread thread_;
};

}  // namespace fundtrail::api
