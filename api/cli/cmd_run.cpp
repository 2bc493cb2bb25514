// fundtrail run: everything a programme gives in a period, in one go (docs/OPERATIONS.md).
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/command.h"
#include "api/cli/input.h"
#include "api/cli/interruption.h"
#include "api/run/commit.h"
#include "api/run/line_list.h"
#include "api/run/picture.h"
#include "api/run/progress_bar.h"
#include "api/run/request.h"
#include "reports/reports.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"批量核定：一个项目一个期间的发券、补贴、补助，入账前先列清楚",
                        "calculate a whole programme for a period: shown first, then recorded"};
constexpr Message kProgrammeHelp{"项目编号", "id of the programme"};
constexpr Message kPeriodHelp{"期间：2025-05（月）、2025Q2（季）、2025（年）",
                              "period: 2025-05 (month), 2025Q2 (quarter), 2025 (year)"};
constexpr Message kPolicyHelp{"政策 名称@版本（默认：业务日期生效的政策，服务券为当月的版本）",
                              "policy NAME@VERSION (default: the one in force on the date, of vouchers that of their month)"};
constexpr Message kFundHelp{"层级=资金，每级一项，可重复（默认：唯一下达给本项目的资金）",
                            "LEVEL=FUND, one for each level that shares the cost (default: the one "
                            "fund allotted to the programme)"};
constexpr Message kPayeeHelp{"代发机构的编号（默认：此前的代发机构）；机构项目：只核定这一家",
                             "the paying agent's id (default: the agent so far); of a programme for "
                             "providers: only this one"};
constexpr Message kRegionHelp{"机构项目由哪个区划的指标支付", "of a programme for providers: the region whose allotment pays"};
constexpr Message kSeriesHelp{"服务券的券号字头（默认由项目和月份得出）",
                              "series of the voucher numbers (default: from programme and month)"};
constexpr Message kActorHelp{"制单人（试算时可省略）", "who prepares (a dry run needs nobody)"};
constexpr Message kDateHelp{"业务日期 YYYY-MM-DD（默认今天）", "business date YYYY-MM-DD (default: today)"};
constexpr Message kDryRunHelp{"只列出，不入账", "show everything, record nothing"};
constexpr Message kSettleHelp{"另为尚未结算的核定、核销按收款方各制一张结算单",
                              "also prepare one settlement a payee of what is in none yet"};
constexpr Message kSettleOnlyHelp{"只制结算单，不核定、不发券",
                                  "only prepare the settlements; calculate and issue nothing"};
constexpr Message kYesHelp{"不询问，直接入账", "record without asking"};
constexpr Message kCsvHelp{"另把清单（含全部例外）写成 CSV 文件", "also write the picture, with all exceptions, to this CSV file"};
constexpr Message kLinesHelp{"另把逐人（逐券）明细写成 CSV 文件",
                             "also write who gets what, a line each, to this CSV file"};
constexpr Message kPlanning{"核算", "calculating"};
constexpr Message kRecording{"入账", "recording"};
constexpr Message kAsk{"入账 {0} 张单据、{1} 行，共 {2} 元？[y/N] ",
                       "Record {0} ‹document|documents› with {1} ‹line|lines›, {2} yuan in all? [y/N] "};
constexpr Message kNotRecorded{"未入账。", "Nothing was recorded."};
constexpr Message kDryRun{"试算：未入账。", "Dry run: nothing was recorded."};
constexpr Message kNothingNew{"没有需要新记的：本期及以前各期已全部核定入账。",
                              "Nothing new: this period and those before it are calculated already."};
constexpr Message kOnlyRecoveries{"没有可新记的；以前多算的仍待处理，见上表。",
                                  "Nothing new can be recorded; what was calculated too much still waits, as listed above."};
constexpr Message kNobody{"本期没有应付给任何人（户、机构）的，原因见上表。",
                          "Nothing is due to anybody in this period; the tables above say why."};
constexpr Message kNotPossible{"没有可新记的：应付的按现状不能入账，原因见上表。",
                               "Nothing can be recorded as things stand; the tables above say why."};
constexpr Message kWouldRefuse{"有 {0} 张单据按现状将被拒绝，见上表。",
                               "{0} ‹document|documents› would be refused as things stand; listed above."};
constexpr Message kDone{"已入账 {0} 张单据、{1} 行，共 {2} 元；账套现有 {3} 条记录，根 {4}",
                        "Recorded {0} ‹document|documents› with {1} ‹line|lines›, {2} yuan in all; the ledger has {3} "
                        "‹entry|entries›, root {4}"};
constexpr Message kRepeatedBefore{"另有 {0} 张此前已入账。", "{0} more had been recorded before."};
constexpr Message kWaiting{"指标不足的区划有 {0} 张单据未入账，下达指标后重新运行即可。",
                           "Not recorded, as the allotment of the region does not suffice: {0} ‹document|documents›; "
                           "run again once it does."};
constexpr Message kInterrupted{"已中断：此前入账的仍然有效；重新运行即补齐其余。",
                               "Interrupted: what was recorded stays; run again for the rest."};
constexpr Message kRefusedDocument{"{0}：未入账（{1}）：{2}{3}", "{0}: refused ({1}): {2}{3}"};
constexpr Message kNoSettlement{"没有待结算的单据。", "There is nothing to settle."};
constexpr Message kSettlement{"结算单 {0}：{1}，{2} 元", "Settlement {0}: {1}, {2} yuan"};
constexpr Message kSettled{"已制结算单 {0} 张，待复核、审批。", "{0} ‹settlement|settlements› prepared; review and approval follow."};

struct RunOptions {
  run::RunWords words;
  std::string csv;
  std::string lines;
  bool dry_run = false, settle = false, settle_only = false, yes = false;
};

reports::Language language_of(const Context& context) {
  return context.language == Language::zh ? reports::Language::zh : reports::Language::en;
}

// One run from the picture to the settlements.
class Runner {
 public:
  Runner(const Context& context, const RunOptions& options, Ledger& ledger)
      : context_(context), options_(options), ledger_(ledger) {}

  Exit go();

 private:
  Exit fail(const run::Question& question) const {
    // Both texts are arguments: what somebody typed may hold braces.
    constexpr Message kQuestion{"{0}", "{1}"};
    return question.unknown
               ? context_.fail(Exit::refused, CliCode::not_found, kQuestion, question.zh, question.en)
               : context_.fail(Exit::usage, CliCode::usage, kQuestion, question.zh, question.en);
  }
  run::ProgressBar bar(const Message& label) const {
    return run::ProgressBar(label.in(context_.language), !context_.json);
  }
  std::optional<Exit> calculate(const View& view);
  std::optional<Exit> show(const View& view);
  bool confirmed(const planning::Sum& sum) const;
  std::optional<Error> record(const View& view);
  std::optional<Error> settle();
  Exit finish();

  const Context& context_;
  const RunOptions& options_;
  Ledger& ledger_;
  planning::Run run_;
  planning::Plan plan_;
  std::size_t refused_ = 0;  // documents that would be refused
  bool refused_whole_ = false;  // nothing can be recorded, as of a month that is too late
  run::Outcome outcome_;
  std::vector<std::string> settled_;  // what is told of settlements, behind what they settle
  bool not_settled_ = false;  // called off before what is open was to be settled
  nlohmann::ordered_json answer_;
};

std::optional<Exit> Runner::show(const View& view) {
  auto picture = run::picture_of(view, run_, options_.words.period, plan_);
  if (!picture) return context_.fail(picture.error());
  if (!options_.csv.empty()) {
    const auto written = write_output(options_.csv, reports::render_csv(*picture, language_of(context_)));
    if (!written.ok()) return context_.fail(written.error());
  }
  if (!options_.lines.empty()) {
    const auto list = run::list_lines(view, plan_, language_of(context_));
    if (!list) return context_.fail(list.error());
    const auto written = write_output(options_.lines, *list);
    if (!written.ok()) return context_.fail(written.error());
  }
  if (context_.json) {
    answer_["picture"] = nlohmann::ordered_json::parse(reports::render_json(*picture));
  } else {
    std::cout << reports::render_text(run::shortened(*picture), language_of(context_)) << std::flush;
  }
  return std::nullopt;
}

// Somebody at a terminal is asked; a script has decided.
bool Runner::confirmed(const planning::Sum& sum) const {
  const bool somebody = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
  if (options_.yes || context_.json || !somebody) return true;
  std::cerr << kAsk.in(context_.language, sum.documents, sum.lines, sum.amount.grouped()) << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "是";
}

std::optional<Error> Runner::record(const View& view) {
  end_soon();
  auto progress = bar(kRecording);
  auto outcome = run::commit(ledger_, view, run_, plan_, [&](std::uint64_t done, std::uint64_t all) {
    progress(done, all);
    return !is_ending();
  });
  if (!outcome) return outcome.error();
  outcome_ = std::move(*outcome);
  return std::nullopt;
}

std::optional<Error> Runner::settle() {
  const auto view = ledger_.view();
  auto plan = planning::plan_settlements(*view, run_);
  if (!plan) return plan.error();
  answer_["settlements"] = settlements_json(*plan);
  std::vector<std::pair<SettlementId, std::string>> told;
  for (const auto& document : plan->documents) {
    const auto& d = std::get<SettlementPreparation>(document.command.document);
    told.emplace_back(d.settlement,
                      kSettlement.in(context_.language, d.settlement.str(), d.provider.str(), d.total.grouped()));
  }
  if (plan->documents.empty()) settled_.push_back(kNoSettlement.in(context_.language));
  if (options_.dry_run) {
    for (auto& [settlement, line] : told) settled_.push_back(std::move(line));
    return std::nullopt;
  }
  // Whoever was asked about the run has answered for what follows from it.
  if (options_.settle_only && !told.empty() && !confirmed(plan->all)) {
    settled_.push_back(kNotRecorded.in(context_.language));
    return std::nullopt;
  }
  end_soon();
  auto outcome = run::commit(ledger_, *view, run_, *plan, [](auto, auto) { return !is_ending(); });
  if (!outcome) return outcome.error();
  outcome_.left += outcome->left;
  for (auto& one : outcome->refused) outcome_.refused.push_back(std::move(one));
  for (auto& [settlement, line] : told) {
    if (outcome->settlements.contains(settlement)) settled_.push_back(std::move(line));
  }
  keep_recorded(answer_["settlements"], *outcome);
  answer_["settled"] = outcome->recorded;
  if (outcome->recorded > 0) settled_.push_back(kSettled.in(context_.language, outcome->recorded));
  return std::nullopt;
}

Exit Runner::finish() {
  const auto view = ledger_.view();
  const bool done = !options_.dry_run;
  if (done && outcome_.recorded > 0) {
    context_.print(kDone, outcome_.recorded, outcome_.lines, outcome_.amount.grouped(), view->size(),
                   chain::to_hex(view->root()));
  }
  if (outcome_.repeated > 0) context_.print(kRepeatedBefore, outcome_.repeated);
  if (outcome_.waiting > 0) context_.print(kWaiting, outcome_.waiting);
  for (const auto& one : outcome_.refused) {
    const auto& reason = one.refusal.reason;
    context_.print(kRefusedDocument, one.settlement.empty() ? one.region.str() : one.settlement.str(), info(reason.reason).code,
                   place_of(reason, context_.language),
                   context_.language == Language::zh ? reason.zh() : reason.en());
  }
  for (const auto& line : settled_) context_.print(line);
  add_outcome(outcome_, *view, answer_);
  const bool interrupted = outcome_.left > 0 || not_settled_;
  if (interrupted) answer_["interrupted"] = true;
  context_.print_json(answer_);
  if (interrupted) {
    context_.print(kInterrupted);
    return Exit::io;
  }
  if (!outcome_.refused.empty() || outcome_.waiting > 0) return Exit::refused;
  if (refused_whole_ && !options_.dry_run) return Exit::refused;
  const bool promised = plan_.shortfalls.empty() && refused_ == 0 && !refused_whole_;
  return options_.dry_run && !promised ? Exit::check_failed : Exit::fine;
}

Exit Runner::go() {
  const auto view = ledger_.view();
  auto resolved = run::resolve(*view, options_.words, context_.now());
  if (!resolved) return context_.fail(resolved.error());
  if (const auto* question = std::get_if<run::Question>(&*resolved)) return fail(*question);
  run_ = std::move(std::get<planning::Run>(*resolved));
  answer_["dry_run"] = options_.dry_run;
  if (!options_.settle_only) {
    if (const auto exit = calculate(*view)) return *exit;
  }
  if (options_.dry_run) context_.print(kDryRun);
  const bool settles = options_.settle || options_.settle_only;
  not_settled_ = settles && is_ending();
  if (settles && !not_settled_) {
    if (const auto error = settle()) return context_.fail(*error);
  }
  return finish();
}

// From the plan to what is recorded of it. The exit code where nothing comes after it.
std::optional<Exit> Runner::calculate(const View& view) {
  {
    auto progress = bar(kPlanning);
    auto plan = planning::plan_run(view, ledger_.vault(), run_, std::ref(progress));
    if (!plan) return context_.fail(plan.error());
    plan_ = std::move(*plan);
  }
  if (const auto exit = show(view)) return *exit;
  if (plan_.documents.empty()) {
    // Of nobody in particular: a month too late, a policy that is not in force.
    const auto& listed = plan_.exceptions.listed;
    refused_whole_ = std::any_of(listed.begin(), listed.end(), [](const auto& e) { return e.subject.empty(); });
    context_.print(!plan_.recoveries.empty()     ? kOnlyRecoveries
                   : refused_whole_              ? kNotPossible
                   : plan_.comparison.nobody()   ? kNobody
                                                 : kNothingNew);
  }
  refused_ = static_cast<std::size_t>(std::count_if(
      plan_.documents.begin(), plan_.documents.end(), [](const auto& d) { return d.refusal.has_value(); }));
  if (options_.dry_run) {
    if (refused_ > 0) context_.print(kWouldRefuse, refused_);
  } else if (!plan_.documents.empty()) {
    if (!confirmed(plan_.all)) {
      context_.print(kNotRecorded);
      return Exit::fine;
    }
    if (const auto error = record(view)) return context_.fail(*error);
  }
  return std::nullopt;
}

Exit run_command(const Context& context, RunOptions options) {
  if (options.words.actor.empty()) {
    // What is recorded stays for ever, with the one who answers for it.
    if (!options.dry_run) return context.fail(Exit::usage, CliCode::usage, say::kMissingOption, "--actor");
    options.words.actor = name_of(Role::preparer);
  }
  Exit exit = Exit::fine;
  const auto ledger = context.open_ledger_to_record(exit);
  if (!ledger) return exit;
  return Runner(context, options, *ledger).go();
}

}  // namespace

void add_run_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<RunOptions>();
  auto* command = add_command(app, context, "run", kHelp,
                              [&context, options] { return run_command(context, *options); });
  auto& words = options->words;
  command->add_option("programme", words.programme, both(kProgrammeHelp))->required();
  command->add_option("period", words.period, both(kPeriodHelp))->required();
  command->add_option("--policy", words.policy, both(kPolicyHelp));
  command->add_option("--fund", words.funds, both(kFundHelp));
  command->add_option("--payee", words.payee, both(kPayeeHelp));
  command->add_option("--region", words.region, both(kRegionHelp));
  command->add_option("--series", words.series, both(kSeriesHelp));
  command->add_option("--actor", words.actor, both(kActorHelp));
  command->add_option("--date", words.date, both(kDateHelp));
  command->add_flag("--dry-run", options->dry_run, both(kDryRunHelp));
  auto* settle = command->add_flag("--settle", options->settle, both(kSettleHelp));
  auto* settle_only =
      command->add_flag("--settle-only", options->settle_only, both(kSettleOnlyHelp))->excludes(settle);
  command->add_flag("--yes", options->yes, both(kYesHelp));
  add_output(*command, "--csv", options->csv, kCsvHelp)->excludes(settle_only);
  add_output(*command, "--lines", options->lines, kLinesHelp)->excludes(settle_only);
  add_setting(*command, context, Setting::clock_tolerance_seconds);
}

}  // namespace fundtrail::api::cli
