#include "api/run/commit.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace fundtrail::api::run {
namespace {

// Documents that are under way at once: enough to fill the writer's groups, few enough for memory.
constexpr std::size_t kUnderWay = 32;

// What comes back, from the writer's thread.
class Answers {
 public:
  // Waits until fewer than `limit` are under way; false once something failed.
  bool wait_for_less_than(std::size_t limit) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return under_way_ < limit; });
    return !error_;
  }
  void begin() {
    const std::lock_guard lock(mutex_);
    ++under_way_;
  }
  void take(Result<std::vector<Answer>> answers, const planning::Sum& sum,
            const RefusedDocument& document) {
    const std::lock_guard lock(mutex_);
    --under_way_;
    changed_.notify_one();
    if (!answers.ok()) {
      if (!error_) error_ = answers.error();
      return;
    }
    for (auto& answer : *answers) {
      if (auto* refusal = std::get_if<Refusal>(&answer)) {
        outcome_.refused.push_back(document);
        outcome_.refused.back().refusal = std::move(*refusal);
        continue;
      }
      if (!document.settlement.empty()) outcome_.settlements.insert(document.settlement);
      if (std::get<Receipt>(answer).repeated) {
        ++outcome_.repeated;
      } else {
        ++outcome_.recorded;
        outcome_.lines += sum.lines;
        outcome_.amount += sum.amount;
      }
    }
  }
  Result<Outcome> finish() {
    wait_for_less_than(1);
    if (error_) return *error_;
    return std::move(outcome_);
  }
  void leave_waiting() { ++outcome_.waiting; }
  void leave() { ++outcome_.left; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t under_way_ = 0;
  std::optional<Error> error_;
  Outcome outcome_;
};

Result<Outcome> commit_documents(Ledger& ledger, const View& view, const planning::Run& run,
                                 planning::Plan& plan, const GoOn& go_on) {
  Answers answers;
  std::uint64_t lines = 0, done = 0;
  bool going_on = true;
  for (const auto& document : plan.documents) lines += document.covered ? document.sum.lines : 0;
  for (auto& document : plan.documents) {
    if (!document.covered) {
      answers.leave_waiting();
      continue;
    }
    if (!going_on) {
      answers.leave();
      continue;
    }
    const auto id = planning::command_id(view, run, document.command);
    if (!id.ok()) {
      static_cast<void>(answers.finish());
      return id.error();
    }
    document.command.id = *id;
    if (!answers.wait_for_less_than(kUnderWay)) break;
    answers.begin();
    const auto* settlement = std::get_if<SettlementPreparation>(&document.command.document);
    RefusedDocument about{document.region, settlement ? settlement->settlement : SettlementId(), {}};
    std::vector<Command> commands;
    commands.push_back(std::move(document.command));
    ledger.submit_async(std::move(commands), BatchMode::independent,
                        [&answers, sum = document.sum, about = std::move(about)](
                            Result<std::vector<Answer>> result) {
                          answers.take(std::move(result), sum, about);
                        });
    done += document.sum.lines;
    going_on = !go_on || go_on(done, lines);
  }
  plan.documents.clear();
  return answers.finish();
}

}  // namespace

Result<Outcome> commit(Ledger& ledger, const View& view, const planning::Run& run,
                       planning::Plan& plan, const GoOn& go_on) {
  auto outcome = commit_documents(ledger, view, run, plan, go_on);
  if (!outcome || outcome->left > 0 || !plan.follows.is_positive()) return outcome;
  const auto after = ledger.view();
  auto rest = planning::plan_run(*after, ledger.vault(), run, [](auto, auto) {});
  if (!rest) return rest.error();
  auto more = commit_documents(ledger, *after, run, *rest, go_on);
  if (!more) return more.error();
  more->recorded += outcome->recorded;
  more->lines += outcome->lines;
  more->amount += outcome->amount;
  more->repeated += outcome->repeated;
  return more;  // what was refused or waits was planned and asked about once more
}

}  // namespace fundtrail::api::run
