#include "api/http/jobs.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "api/files.h"
#include "api/http/page.h"
#include "ledger/chain/digest.h"

namespace fundtrail::api {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

bool has_ended(JobState state) { return state > JobState::running; }

// What is left in the folder of a job that has ended: its record and its result.
void tidy(const fs::path& folder, const std::string& result) {
  std::error_code ignored;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename();
    if (name != "job.json" && name != result) others.push_back(entry.path());
  }
  for (const auto& path : others) fs::remove_all(path, ignored);
}

std::optional<Timestamp> time_of(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? std::nullopt : Timestamp::parse(found->get<std::string>());
}

}  // namespace

Result<std::unique_ptr<JobBoard>> JobBoard::open(const fs::path& directory, std::string base,
                                                 Clock clock) {
  std::error_code failed;
  fs::create_directories(directory, failed);
  if (!failed) fs::permissions(directory, fs::perms::owner_all, failed);
  if (failed) return file_error(Doing::make, directory, failed.value());
  std::unique_ptr<JobBoard> board(new JobBoard(directory, std::move(base), std::move(clock)));
  board->load();
  for (std::size_t i = 0; i < kRunning; ++i) {
    board->threads_.emplace_back([raw = board.get()] { raw->run(); });
  }
  return board;
}

JobBoard::~JobBoard() { stop(); }

void JobBoard::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [id, job] : jobs_) {
      if (job.control) job.control->call_off(JobControl::Reason::none);
    }
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  const std::lock_guard lock(mutex_);
  for (auto& [id, job] : jobs_) {
    if (!has_ended(job.state)) end(job, problem_of(Protocol::job_interrupted));
  }
}

void JobBoard::load() {
  std::error_code ignored;
  std::vector<fs::path> damaged;
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    std::ifstream file(entry.path() / "job.json");
    const auto json = Json::parse(file, nullptr, false);
    try {
      Job job;
      job.id = CommandId::parse(json.at("job").get<std::string>()).value();
      job.asked = {CommandId::parse(json.value("key", job.id.str())).value(),
                   json.at("kind"),
                   {ActorId::parse(json.at("actor").at("id").get<std::string>()).value(),
                    parse_name<Role>(json.at("actor").at("role").get<std::string>()).value()},
                   json.at("digest")};
      job.state = parse_name<JobState>(json.at("state").get<std::string>()).value();
      job.created = time_of(json, "created").value();
      job.started = time_of(json, "started");
      job.ended = time_of(json, "ended");
      if (json.contains("problem")) job.problem = json["problem"];
      job.result = json.value("file", "");
      job.media_type = json.value("media_type", "");
      job.order = json.value("order", std::uint64_t(0));
      next_order_ = std::max(next_order_, job.order + 1);
      if (!has_ended(job.state)) end(job, problem_of(Protocol::job_interrupted));
      jobs_.emplace(job.id.str(), std::move(job));
    } catch (const std::exception&) {
      damaged.push_back(entry.path());  // killed before it was first written
    }
  }
  for (const auto& path : damaged) fs::remove_all(path, ignored);
}

void JobBoard::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::string id = std::move(queue_.front());
    queue_.pop_front();
    Job& job = jobs_.at(id);  // stays where it is: only ended jobs are removed
    if (has_ended(job.state)) continue;
    if (job.asked.allowed && !job.asked.allowed()) {
      call_off(job, JobControl::Reason::withdrawn);
      continue;
    }
    job.state = JobState::running;
    job.started = clock_();
    save(job);
    const auto control = job.control;
    const auto work = std::move(job.work);
    lock.unlock();
    JobEnding ending = problem_of(Protocol::internal, "job");
    try {
      ending = work(*control);
    } catch (const std::exception& e) {
      // Only the kind: the words of an exception may quote what somebody sent.
      spdlog::error(R"("event":"job","job":"{}","message":"exception {}")", id, typeid(e).name());
    }
    lock.lock();
    if (stopping_ && std::holds_alternative<Problem>(ending)) {
      ending = problem_of(Protocol::job_interrupted);
    }
    end(job, std::move(ending));
  }
}

void JobBoard::end(Job& job, JobEnding ending) {
  using Reason = JobControl::Reason;
  const auto reason = job.control && !stopping_ ? job.control->reason_.load() : Reason::none;
  if (auto* result = std::get_if<JobResult>(&ending)) {
    // It may have been done before it noticed that it was cancelled: then it is done.
    job.state = JobState::done;
    job.result = std::move(result->file);
    job.media_type = std::move(result->media_type);
  } else if (reason == Reason::asked) {
    job.state = JobState::cancelled;
  } else {
    if (reason == Reason::withdrawn) ending = problem_of(Protocol::forbidden, name_of(job.asked.actor.role));
    job.state = JobState::failed;
    job.problem = Json::parse(to_json_part(std::get<Problem>(ending)));
  }
  job.ended = clock_();
  spdlog::info(R"("event":"job","job":"{}","kind":"{}","state":"{}")", job.id.str(),
               job.asked.kind, name_of(job.state));
  tidy(folder(job.id), job.result);
  save(job);
}

void JobBoard::expire() {
  const auto now = clock_().unix_seconds();
  const auto remove = [this](const std::string& id) {
    std::error_code ignored;
    fs::remove_all(directory_ / id, ignored);
    jobs_.erase(id);
  };
  struct Ended {
    std::int64_t when;
    std::uint64_t order;
    std::string id;
    auto operator<=>(const Ended&) const = default;
  };
  std::map<std::string, std::set<Ended>> of;  // by owner
  std::vector<std::string> over;
  for (const auto& [id, job] : jobs_) {
    if (!has_ended(job.state)) continue;
    const auto when = job.ended->unix_seconds();
    if (now - when >= kKeptSeconds) over.push_back(id);
    else of[job.asked.actor.id.str()].insert({when, job.order, id});
  }
  for (const auto& id : over) remove(id);
  while (jobs_.size() >= kKept && !of.empty()) {
    const auto most = std::max_element(of.begin(), of.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    remove(most->second.begin()->id);
    most->second.erase(most->second.begin());
    if (most->second.empty()) of.erase(most);
  }
}

void JobBoard::tick() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, job] : jobs_) {
    if (!has_ended(job.state) && job.asked.allowed && !job.asked.allowed()) {
      call_off(job, JobControl::Reason::withdrawn);
    }
  }
  expire();
}

// With the mutex held.
void JobBoard::call_off(Job& job, JobControl::Reason reason) {
  if (has_ended(job.state)) return;
  job.control->call_off(reason);
  if (job.state != JobState::queued) return;
  std::erase(queue_, job.id.str());
  end(job, problem_of(Protocol::unavailable));
}

void JobBoard::save(const Job& job) const {
  Json json = to_json(job);
  json["digest"] = job.asked.digest;
  json["order"] = job.order;
  if (!job.result.empty()) json["file"] = job.result;
  const auto path = folder(job.id) / "job.json";
  const auto beside = folder(job.id) / "job.json.new";
  std::ofstream file(beside, std::ios::binary | std::ios::trunc);
  file << json.dump(2) << '\n';
  file.close();
  std::error_code failed;
  if (file) fs::rename(beside, path, failed);
  if (!file || failed) {
    spdlog::error(R"("event":"job not saved","job":"{}")", job.id.str());
  }
}

Json JobBoard::to_json(const Job& job) const {
  const auto& id = job.id.str();
  Json json = {{"job", id},
               {"key", job.asked.key.str()},
               {"kind", job.asked.kind},
               {"state", name_of(job.state)},
               {"actor", {{"id", job.asked.actor.id.str()}, {"role", name_of(job.asked.actor.role)}}},
               {"created", job.created.str()}};
  if (job.started) json["started"] = job.started->str();
  if (job.ended) {
    json["ended"] = job.ended->str();
    json["expires"] = Timestamp(job.ended->unix_seconds() + kKeptSeconds,
                                job.ended->offset_minutes()).str();
  }
  if (job.state == JobState::running) {
    json["progress"] = {{"done", job.control->done_.load()}};
    if (const auto total = job.control->total_.load()) json["progress"]["total"] = total;
  }
  if (!has_ended(job.state) && job.control && job.control->cancelled_) json["cancelling"] = true;
  if (job.state == JobState::done) {
    json["media_type"] = job.media_type;
    json["result"] = base_ + "/" + id + "/result";
  }
  if (job.problem) json["problem"] = *job.problem;
  return json;
}

Result<JobBoard::Addition> JobBoard::add(const Asked& asked, JobWork work) {
  const std::lock_guard lock(mutex_);
  expire();
  if (auto before = asked_before(asked)) return std::move(*before);
  if (stopping_ || queue_.size() >= kQueued) return Addition{Added::full, {}};
  const CommandId id = free_id(asked);
  std::error_code failed;
  fs::create_directory(folder(id), failed);
  if (failed) return file_error(Doing::make, folder(id), failed.value());
  Job job;
  job.asked = asked;
  job.id = id;
  job.created = clock_();
  job.order = next_order_++;
  job.control = std::make_shared<JobControl>(folder(id));
  job.work = std::move(work);
  save(job);
  const auto made = jobs_.emplace(id.str(), std::move(job)).first;
  queue_.push_back(made->first);
  wake_.notify_one();
  return Addition{Added::made, to_json(made->second)};
}

std::optional<Json> JobBoard::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  expire();
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  return to_json(found->second);
}

std::map<std::string, Json> JobBoard::list() {
  const std::lock_guard lock(mutex_);
  expire();
  std::map<std::string, Json> newest;
  for (const auto& [id, job] : jobs_) {
    newest.emplace(page_key(UINT64_MAX - job.order) + "." + id.substr(0, 40), to_json(job));
  }
  return newest;
}

std::optional<JobBoard::Addition> JobBoard::known(const Asked& asked) {
  const std::lock_guard lock(mutex_);
  expire();
  return asked_before(asked);
}

// With the mutex held.
std::optional<JobBoard::Addition> JobBoard::asked_before(const Asked& asked) const {
  for (const auto& [id, job] : jobs_) {
    const auto& before = job.asked;
    if (before.actor.id != asked.actor.id || before.key != asked.key) continue;
    const bool same = before.digest == asked.digest && before.kind == asked.kind &&
                      before.actor.role == asked.actor.role;
    return Addition{same ? Added::repeated : Added::other_content, to_json(job)};
  }
  return std::nullopt;
}

// With the mutex held.
CommandId JobBoard::free_id(const Asked& asked) const {
  chain::Hasher hasher(chain::Suite::sha256_ed25519);
  CommandId id = asked.key;
  while (jobs_.contains(id.str())) {
    id = *CommandId::parse(chain::to_hex(hasher.digest(asked.actor.id.str() + "/" + id.str())).substr(0, 32));
  }
  return id;
}

std::optional<Actor> JobBoard::owner(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  return found->second.asked.actor;
}

std::optional<Json> JobBoard::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  call_off(found->second, JobControl::Reason::asked);
  return to_json(found->second);
}

std::optional<std::pair<fs::path, std::string>> JobBoard::result(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end() || found->second.state != JobState::done) return std::nullopt;
  return std::pair(folder(found->second.id) / found->second.result, found->second.media_type);
}

}  // namespace fundtrail::api
