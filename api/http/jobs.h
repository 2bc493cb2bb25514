// Work that takes longer than a request should: verification, an audit, an evidence bundle, a run, an
// import. A job is named by the key it was asked with, runs beside the server, tells how far it is,
// can be cancelled, and keeps its result for a day.
//
// A job is a folder <directory>/<id>/ with job.json (state, written as a whole at every change of
// state) and its result. A job that the server did not finish, because it was stopped or killed, is
// failed with "job-interrupted" at the next start; what it had recorded in the ledger stays, and
// asking again goes on from there.
//
// Keys are each user's own: two who use the same key have two jobs, and the later one has an id of its own. A job is
// found under its id and nothing else: what a name means depends neither on who says it nor on which other jobs
// there still are.
//
// Thread-safety: all functions from any thread. Work runs in the board's own threads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "api/http/problem.h"
#include "ledger/core/entry.h"
#include "ledger/core/names.h"

namespace fundtrail::api {

enum class JobState : std::uint8_t { queued, running, done, failed, cancelled };

// What work is given.
class JobControl {
 public:
  explicit JobControl(std::filesystem::path directory) : directory_(std::move(directory)) {}
  void progress(std::uint64_t done, std::uint64_t total) {
    total_ = total;
    done_ = done;
  }
  bool cancelled() const { return cancelled_; }
  // A folder of its own; what is in it and is not the result goes when the work ends.
  const std::filesystem::path& directory() const { return directory_; }

 private:
  friend class JobBoard;
  // Why it is called off before its end.
  enum class Reason : std::uint8_t { none, asked, withdrawn };
  void call_off(Reason reason) {
    auto before = Reason::none;
    reason_.compare_exchange_strong(before, reason);
    cancelled_ = true;
  }
  const std::filesystem::path directory_;
  std::atomic<Reason> reason_{Reason::none};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};  // 0: not known
  std::atomic<bool> cancelled_{false};
};

// A file in the job's folder.
struct JobResult {
  std::string file;  // "result.json"
  std::string media_type;
};
using JobEnding = std::variant<JobResult, Problem>;
// Must not throw; ends soon after control.cancelled() became true.
using JobWork = std::function<JobEnding(JobControl&)>;

class JobBoard {
 public:
  static constexpr std::size_t kRunning = 2;
  static constexpr std::size_t kQueued = 16;
  static constexpr std::size_t kKept = 100;  // beyond, whoever has the most loses the oldest
  static constexpr std::int64_t kKeptSeconds = 24 * 3600;  // after the end

  using Clock = std::function<Timestamp()>;
  // Reads the jobs of before. `base` is the address of jobs ("/v1/ledgers/x/jobs"). Faults: io.
  static Result<std::unique_ptr<JobBoard>> open(const std::filesystem::path& directory,
                                                std::string base, Clock clock);
  ~JobBoard();

  struct Asked {
    CommandId key;
    std::string kind;
    Actor actor;
    std::string digest;  // of everything that was asked for
    // Whether its actor may still have it done: it may begin hours after it was asked for. From any thread.
    std::function<bool()> allowed = {};
  };
  enum class Added { made, repeated, other_content, full };
  // With the job as it is, where there is one. Faults: io.
  struct Addition {
    Added what = Added::made;
    nlohmann::ordered_json job;
  };
  Result<Addition> add(const Asked& asked, JobWork work);
  // The same without making one: nothing when nobody has asked with this key.
  std::optional<Addition> known(const Asked& asked);

  std::optional<nlohmann::ordered_json> find(const std::string& id);
  std::map<std::string, nlohmann::ordered_json> list();  // newest first; by keys for pages
  // Who asked for it; nothing: no such job.
  std::optional<Actor> owner(const std::string& id);
  // Asks it to end; nothing happens to one that has ended.
  std::optional<nlohmann::ordered_json> cancel(const std::string& id);
  // The result's file and its media type, of a job that is done.
  std::optional<std::pair<std::filesystem::path, std::string>> result(const std::string& id);

  // Once a second: removes what was kept for long enough, and ends what is no longer allowed.
  void tick();
  // Ends what runs; nothing new begins. Called by the destructor, too.
  void stop();

 private:
  struct Job {
    Asked asked;
    CommandId id;             // the key, unless somebody else's job has it
    std::uint64_t order = 0;  // in which they were asked for
    JobState state = JobState::queued;
    Timestamp created;
    std::optional<Timestamp> started;
    std::optional<Timestamp> ended;
    std::optional<nlohmann::ordered_json> problem;
    std::string result;  // file name; empty: none
    std::string media_type;
    std::shared_ptr<JobControl> control;  // until the end
    JobWork work;                         // until it begins
  };
  JobBoard(std::filesystem::path directory, std::string base, Clock clock)
      : directory_(std::move(directory)), base_(std::move(base)), clock_(std::move(clock)) {}

  void load();
  void run();
  void end(Job& job, JobEnding ending);
  void expire();
  void call_off(Job& job, JobControl::Reason reason);
  std::optional<Addition> asked_before(const Asked& asked) const;
  CommandId free_id(const Asked& asked) const;
  void save(const Job& job) const;
  nlohmann::ordered_json to_json(const Job& job) const;
  std::filesystem::path folder(const CommandId& id) const { return directory_ / id.str(); }

  const std::filesystem::path directory_;
  const std::string base_;
  const Clock clock_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::map<std::string, Job> jobs_;
  std::deque<std::string> queue_;
  std::uint64_t next_order_ = 1;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace fundtrail::api

namespace fundtrail {
template <>
struct Names<api::JobState> {
  static constexpr std::string_view list[] = {"queued", "running", "done", "failed", "cancelled"};
};
}  // namespace fundtrail
