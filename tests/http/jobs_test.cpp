// What the board of jobs keeps, for how long and for whom (api/http/jobs.h).
#include "api/http/jobs.h"

#include "api/access_log/verify.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <future>

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

struct Board {
  Board() {
    std::string name = (fs::temp_directory_path() / "fundtrail-jobs-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    directory = name;
    open();
  }
  ~Board() {
    jobs.reset();
    fs::remove_all(directory);
  }
  void open() {
    jobs.reset();
    jobs = JobBoard::open(directory, "/jobs", [this] { return Timestamp(now, 480); }).value();
  }
  // Asks for work that is done at once, and waits for its end.
  void done(const std::string& id, const std::string& owner = "a") {
    ask(id, owner, [](JobControl& control) -> JobEnding {
      std::ofstream(control.directory() / "result.json") << "{}";
      return JobResult{"result.json", "application/json"};
    });
    wait(id);
  }
  void ask(const std::string& id, const std::string& owner, JobWork work, std::function<bool()> allowed = {}) {
    const auto added = jobs->add({*CommandId::parse(id), "verify", {*ActorId::parse(owner), Role::inspector},
                                  "digest", std::move(allowed)},
                                 std::move(work));
    REQUIRE(added.ok());
    REQUIRE(added->what == JobBoard::Added::made);
  }
  void wait(const std::string& id) {
    while (state(id) == "queued" || state(id) == "running") std::this_thread::yield();
  }
  std::string state(const std::string& id) {
    const auto job = jobs->find(id);
    return job ? job->at("state").get<std::string>() : "gone";
  }
  std::string listed() {
    std::string ids;
    for (const auto& [key, job] : jobs->list()) ids += job.at("job").get<std::string>() + " ";
    return ids;
  }
  std::size_t folders() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
  }

  fs::path directory;
  std::atomic<std::int64_t> now{1'800'000'000};
  std::unique_ptr<JobBoard> jobs;
};

}  // namespace

TEST_CASE("results go when their day is over, though nobody asks for anything") {
  Board board;
  board.done("x");
  board.now += JobBoard::kKeptSeconds - 1;
  board.jobs->tick();
  CHECK(board.folders() == 1);
  board.now += 1;
  board.jobs->tick();
  CHECK(board.folders() == 0);
}

TEST_CASE("many jobs of one push out that one's own and nobody else's") {
  Board board;
  board.done("mine", "b");
  board.now += 10;
  for (std::size_t i = 0; i < JobBoard::kKept + 20; ++i) board.done("x-" + std::to_string(i));
  CHECK(board.state("mine") == "done");
  CHECK(board.state("x-0") == "gone");
  CHECK(board.state("x-" + std::to_string(JobBoard::kKept + 19)) == "done");
  CHECK(board.folders() <= JobBoard::kKept);
}

TEST_CASE("jobs of one second are listed as they were asked for, also after a restart") {
  Board board;
  for (const auto* id : {"b", "c", "a"}) board.done(id);
  CHECK(board.listed() == "a c b ");
  board.open();
  board.done("0");
  CHECK(board.listed() == "0 a c b ");
}

TEST_CASE("work does not begin, and does not go on, for whoever may no longer have it done") {
  Board board;
  std::atomic<bool> allowed{true};
  std::atomic<int> begun{0};
  std::promise<void> both;
  const auto ask = [&](const std::string& id) {
    board.ask(id, "a",
              [&](JobControl& control) -> JobEnding {
                if (++begun == 2) both.set_value();
                while (!control.cancelled()) std::this_thread::yield();
                return problem_of(Protocol::unavailable);
              },
              [&] { return allowed.load(); });
  };
  for (const auto* id : {"running-1", "running-2", "queued"}) ask(id);
  both.get_future().wait();
  board.jobs->tick();
  CHECK(board.state("queued") == "queued");
  allowed = false;
  board.jobs->tick();
  for (const auto* id : {"running-1", "running-2", "queued"}) {
    board.wait(id);
    CHECK(board.state(id) == "failed");
    CHECK(board.jobs->find(id)->at("problem").at("type") == "urn:fundtrail:problem:forbidden");
  }
  ask("late");  // before the next look
  board.wait("late");
  CHECK(board.state("late") == "failed");
  CHECK(begun == 2);
  // What its owner called off is called off, whatever became of the owner.
  allowed = true;
  ask("called-off");
  while (begun < 3) std::this_thread::yield();
  board.jobs->cancel("called-off");
  allowed = false;
  board.jobs->tick();
  board.wait("called-off");
  CHECK(board.state("called-off") == "cancelled");
}

TEST_CASE("a key is its user's: two who use the same one have two jobs, also after a restart") {
  Board board;
  board.done("nightly", "a");
  const auto ask = [&](const std::string& digest) {
    return board.jobs->add({*CommandId::parse("nightly"), "verify", {*ActorId::parse("b"), Role::inspector}, digest},
                           [](JobControl&) -> JobEnding { return problem_of(Protocol::unavailable); }).value();
  };
  const auto made = ask("other");
  REQUIRE(made.what == JobBoard::Added::made);
  const auto id = made.job.at("job").get<std::string>();
  CHECK(id != "nightly");
  CHECK(made.job.at("key") == "nightly");
  board.wait(id);
  CHECK(board.state("nightly") == "done");
  CHECK(board.state(id) == "failed");
  for (const bool again : {false, true}) {
    if (again) board.open();
    CHECK(ask("other").what == JobBoard::Added::repeated);
    CHECK(ask("third").what == JobBoard::Added::other_content);
    // Each job under its id, whoever asks.
    CHECK(board.jobs->find("nightly")->at("actor").at("id") == "a");
    CHECK(board.jobs->find(id)->at("actor").at("id") == "b");
  }
}

TEST_CASE("what was asked for before is known without work to do") {
  Board board;
  board.done("x");
  const auto asked = [](const std::string& key, const std::string& who, const std::string& digest) {
    return JobBoard::Asked{*CommandId::parse(key), "verify", {*ActorId::parse(who), Role::inspector}, digest};
  };
  CHECK(board.jobs->known(asked("x", "a", "digest"))->what == JobBoard::Added::repeated);
  CHECK(board.jobs->known(asked("x", "a", "another"))->what == JobBoard::Added::other_content);
  CHECK(!board.jobs->known(asked("x", "b", "digest")));
  CHECK(!board.jobs->known(asked("y", "a", "digest")));
}

TEST_CASE("whoever checks an access log can be called off") {
  Board board;
  std::ofstream(board.directory / "2026-11.jsonl") << "{}\n";
  AccessVerifyOptions options;
  options.key = chain::VerifierKey{"x", chain::SigningKey::generate(chain::Suite::sha256_ed25519)->public_key()};
  CHECK(verify_access_log(board.directory, options)->finding.has_value());
  options.cancelled = [] { return true; };
  CHECK(verify_access_log(board.directory, options).error().fault == Fault::unavailable);
}

}  // namespace fundtrail::api
