// A small scripted life of a ledger on a machine that may fail, and what must hold of it afterwards.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "audit/integrity/verify.h"
#include "ledger/engine/engine.h"
#include "ledger/engine/trial.h"
#include "tests/engine/helpers.h"
#include "tests/faults/faulty_files.h"

namespace fundtrail::faults {

namespace fs = std::filesystem;

// The anchor's calls on the same failing machine, and what a loss of power leaves of its file.
class FaultyAnchorCalls final : public AnchorCalls {
 public:
  FaultyAnchorCalls(FaultyFileSystem& system, fs::path file)
      : system_(system), file_(std::move(file)) {
    durable_ = content();
  }
  ssize_t write(int file, const void* bytes, std::size_t n, off_t at) override {
    bool half = false;
    const auto failure = system_.reach(Operation::anchor_write, file_.string(), &half);
    if (failure && !half) return fail(*failure);
    const ssize_t written = AnchorCalls::write(file, bytes, failure ? n / 2 : n, at);
    unsynced_[static_cast<std::size_t>(at)] = n;
    if (!failure || !system_.dead()) return written;  // a short write in the second case
    return fail(*failure);                            // a torn one
  }
  int sync(int file) override {
    const auto failure = system_.reach(Operation::anchor_sync, file_.string());
    if (failure) {
      // When it was made and failed, the pages count as written and are not on the disk.
      if (!system_.dead()) unsynced_.clear();
      return static_cast<int>(fail(*failure));
    }
    const int status = AnchorCalls::sync(file);
    for (const auto& [at, n] : unsynced_) take_over(at, n);
    unsynced_.clear();
    return status;
  }
  // Of what was not synced, half is on the disk: the worst of what may be.
  void lose_unsynced() {
    for (const auto& [at, n] : unsynced_) take_over(at, n / 2);
    unsynced_.clear();
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << durable_;
  }

 private:
  static ssize_t fail(const rocksdb::IOStatus& status) {
    errno = status.IsNoSpace() ? ENOSPC : EIO;
    return -1;
  }
  std::string content() const {
    std::ifstream in(file_, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), {});
  }
  void take_over(std::size_t at, std::size_t n) {
    const std::string now = content();
    if (durable_.size() < at + n) durable_.resize(at + n, '\0');
    if (now.size() > at) durable_.replace(at, std::min(n, now.size() - at), now, at, n);
  }

  FaultyFileSystem& system_;
  const fs::path file_;
  std::string durable_;
  std::map<std::size_t, std::size_t> unsynced_;  // where → how many bytes
};

// A document with lines and no preconditions; large enough that a few of them fill a memtable.
inline Command rows_of_the_past(const std::string& id, int lines) {
  ImportedRecord document;
  document.file_digest = std::string(64, '0');
  document.source = *Text::parse(id);
  document.table = *Code::parse("payments");
  for (int i = 0; i < lines; ++i) {
    document.lines.push_back({{{"amount", std::to_string(i)}, {"text", std::string(60, 'x')}}});
  }
  return test::command(id, Role::registrar, document);
}

struct Step {
  std::vector<std::string> receipts;  // ids of fund receipts, atomically together
  std::string rows;                   // id of a document with lines
};

inline std::vector<Step> script(int steps) {
  std::vector<Step> all;
  for (int i = 0; i < steps; ++i) {
    const std::string id = "s" + std::to_string(i);
    if (i % 3 == 2) {
      all.push_back({{}, id + ".rows"});
    } else if (i % 3 == 1) {
      all.push_back({{id + ".a", id + ".b"}, {}});
    } else {
      all.push_back({{id}, {}});
    }
  }
  return all;
}

inline std::vector<Command> commands_of(const Step& step) {
  std::vector<Command> commands;
  for (const auto& id : step.receipts) commands.push_back(test::fund_receipt(id));
  if (!step.rows.empty()) commands.push_back(rows_of_the_past(step.rows, 120));
  return commands;
}

// What became of a life.
struct Outcome {
  std::map<std::string, std::uint64_t> acknowledged;  // command id → entry
  std::set<std::string> checkpoints;                  // handed out
  std::string broken;                                 // a promise that was not kept; empty: none
  bool opened = false;
  bool refusing = false;                              // at the end
  std::size_t told = 0;                               // so many steps were acknowledged
};

// How the commands of a life follow each other: each when the one before is answered; or two on
// their way at a time on a slow disk, so that anchors are synced beside commits.
enum class Pace { one_by_one, overlapping };

class Life {
 public:
  Life(fs::path root, Pace pace)
      : root_(std::move(root)), pace_(pace), calls_(*system_, root_ / "ANCHOR") {}

  // Opens, submits, takes a checkpoint halfway, closes; with the plan in force throughout.
  Outcome live(std::optional<Plan> plan, const std::vector<Step>& steps) {
    system_->begin(plan);
    Outcome outcome = run(steps);
    failed_ = system_->failed();
    for (const auto operation : kOperations) counts_[operation] = system_->count(operation);
    const bool dead = system_->dead();
    system_->end();
    if (dead && plan && plan->failure != Failure::kill) lose_power();
    return outcome;
  }
  // What may follow on a failure that left the power on: the machine works again, the ledger is opened
  // again, what was sent is sent once more, and then the power goes.
  void live_on(const std::vector<Step>& steps, Outcome& outcome) {
    system_->begin(std::nullopt);
    const std::vector<Step> sent(steps.begin(),
                                 steps.begin() + std::min(steps.size(), outcome.told + 1));
    Outcome after = run(sent);
    system_->end();
    lose_power();
    if (!after.opened) outcome.broken = "does not open again";
    if (!after.broken.empty()) outcome.broken = after.broken;
    if (after.told != sent.size()) outcome.broken = "does not go on after opening again";
    for (const auto& [id, index] : outcome.acknowledged) {
      if (after.acknowledged.contains(id) && after.acknowledged[id] != index) {
        outcome.broken = "told another number: " + id;
      }
    }
    outcome.acknowledged.merge(after.acknowledged);
    outcome.checkpoints.merge(after.checkpoints);
  }
  const std::string& failed() const { return failed_; }
  std::size_t count(Operation operation) const { return counts_.at(operation); }

  // On a sound machine: opens, is whole, has what was acknowledged once, and goes on. Empty: all so.
  static std::string check(const fs::path& root, const Outcome& outcome,
                           const std::vector<Step>& steps);

 private:
  using Answers = Result<std::vector<Answer>>;
  struct Submitted {
    bool refusing;  // the ledger was, before
    std::future<Answers> answers;
  };

  Outcome run(const std::vector<Step>& steps) {
    Outcome outcome;
    LedgerOptions options;
    if (pace_ == Pace::overlapping) options.sync_delay_us = 500;
    auto opened = open_engine(root_, options, {{env_.get(), 64u << 10}, &calls_});
    if (!opened.ok()) return outcome;
    outcome.opened = true;
    Ledger& ledger = **opened;
    std::deque<Submitted> under_way;
    const auto settle_down_to = [&](std::size_t number) {
      for (; under_way.size() > number; under_way.pop_front()) take_answers(under_way.front(), outcome);
    };
    for (std::size_t i = 0; i < steps.size(); ++i) {
      under_way.push_back(submit(ledger, commands_of(steps[i])));
      settle_down_to(pace_ == Pace::overlapping ? 1 : 0);
      if (i == steps.size() / 2) {
        const auto note = ledger.checkpoint();
        if (note.ok()) outcome.checkpoints.insert(*note);
      }
    }
    settle_down_to(0);
    outcome.refusing = ledger.refusing().has_value();
    if (outcome.refusing && try_out(ledger, *ledger.view(), commands_of(steps[0]), BatchMode::atomic).ok()) {
      outcome.broken = "a poisoned ledger said what it would record";
    }
    return outcome;
  }

  static Submitted submit(Ledger& ledger, std::vector<Command> commands) {
    auto promise = std::make_shared<std::promise<Answers>>();
    Submitted submitted{ledger.refusing().has_value(), promise->get_future()};
    ledger.submit_async(std::move(commands), BatchMode::atomic,
                        [promise](Answers answers) { promise->set_value(std::move(answers)); });
    return submitted;
  }

  static void take_answers(Submitted& submitted, Outcome& outcome) {
    const auto answers = submitted.answers.get();
    if (submitted.refusing && answers.ok()) outcome.broken = "a poisoned ledger took a command";
    if (submitted.refusing && !answers.ok() && answers.error().fault != Fault::unavailable) {
      outcome.broken = "a poisoned ledger answered: " + answers.error().message;
    }
    if (!answers.ok()) return;
    for (const auto& answer : *answers) {
      const auto* receipt = std::get_if<Receipt>(&answer);
      if (receipt == nullptr) {
        outcome.broken =
            "a valid command was refused: " + std::get<Refusal>(answer).reason.en();
        return;
      }
      outcome.acknowledged[receipt->command.str()] = receipt->index;
    }
    ++outcome.told;
  }
  void lose_power() {
    system_->lose_unsynced();
    calls_.lose_unsynced();
  }

  const fs::path root_;
  const Pace pace_;
  std::shared_ptr<FaultyFileSystem> system_ = std::make_shared<FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(system_);
  FaultyAnchorCalls calls_;
  std::string failed_;
  std::map<Operation, std::size_t> counts_;
};

// `fundtrail verify` of a closed ledger. Empty: everything holds.
inline std::string verify(const fs::path& root) {
  const auto report = audit::verify_ledger(root, {});
  if (!report.ok()) return report.error().message;
  return report->fine() ? "" : report->finding->en() + " " + std::string(report->finding->detail_en());
}

// How many entries the anchor of a closed ledger covers; 0 when it does not say.
inline std::uint64_t anchored(const fs::path& root) {
  std::ifstream file(root / "ledger.json");
  const auto about = nlohmann::json::parse(file);
  const auto key = chain::decode_verifier_key(about.at("public_key").get<std::string>());
  if (!key.ok()) return 0;
  const auto head = read_anchor(root / "ANCHOR", *key);
  return head.ok() && *head ? (*head)->size : 0;
}

inline std::string Life::check(const fs::path& root, const Outcome& outcome,
                               const std::vector<Step>& steps) {
  if (auto flaw = verify(root); !flaw.empty()) return "verify before opening: " + flaw;
  const std::uint64_t covered = anchored(root);
  {
    auto ledger = Ledger::open(root, {});
    if (!ledger.ok()) return "does not open: " + ledger.error().message;
    std::map<std::string, std::uint64_t> found;
    const auto view = (*ledger)->view();
    const auto scanned = view->scan(0, view->size(), View::Lines::without,
                                    [&](std::uint64_t index, std::string_view, std::string_view) {
                                      found[view->decoded(index)->command.str()] = index;
                                      return true;
                                    });
    if (!scanned.ok() || found.size() != view->size()) return "the entries cannot be read, or twice";
    for (const auto& [id, index] : outcome.acknowledged) {
      if (!found.contains(id)) return "acknowledged and lost: " + id;
      if (found[id] != index) return "acknowledged under another number: " + id;
      if (index >= covered) return "acknowledged before it was anchored: " + id;
    }
    const auto kept = view->checkpoints();
    for (const auto& note : outcome.checkpoints) {
      if (!kept.ok() || std::find(kept->begin(), kept->end(), note) == kept->end()) {
        return "a checkpoint that was handed out is not kept";
      }
    }
    // The same commands again: what was recorded is answered, the rest is recorded now.
    for (const auto& step : steps) {
      auto answers = (*ledger)->submit(commands_of(step), BatchMode::atomic);
      if (!answers.ok()) return "does not go on: " + answers.error().message;
      for (const auto& answer : *answers) {
        const auto* receipt = std::get_if<Receipt>(&answer);
        if (receipt == nullptr) return "does not go on: a valid command was refused";
        const auto it = found.find(receipt->command.str());
        if (receipt->repeated != (it != found.end())) return "repetition is not recognised";
        if (receipt->repeated && receipt->index != it->second) return "repeated elsewhere";
      }
    }
  }
  const auto flaw = verify(root);
  return flaw.empty() ? "" : "verify at the end: " + flaw;
}

}  // namespace fundtrail::faults
