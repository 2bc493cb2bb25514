// fundtrail verify: proves from the bytes that a ledger, or a bundle, is what was recorded and
// signed; names the first bad entry and the reason. Reads the store as it lies, also when the ledger
// cannot be opened, and while a server runs.
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>

#include "api/answers.h"
#include "api/cli/command.h"
#include "audit/integrity/verify.h"
#include "ledger/chain/digest.h"
#include "ledger/core/bilingual.h"
#include "ledger/engine/state_check.h"
#include "ledger/engine/view.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"核验账套或证据包：逐条重算摘要、链接、树、签名与余额；不成立时返回 1",
                        "verify a ledger or a bundle: hashes, links, tree, signatures and balances, "
                        "entry by entry; exit code 1 when something does not hold"};
constexpr Message kBundleHelp{"核验证据包目录（而非账套）", "verify this bundle instead of a ledger"};
constexpr Message kKeyHelp{"所信任的核验公钥（或存有它的文件）；默认用第 0 号记录所载公钥",
                           "the verifier key that you trust, or a file with it; default: the key "
                           "that entry 0 names"};
constexpr Message kVerifierKey{"核验公钥", "a verifier key"};
constexpr Message kFine{"全部成立：{0} 条记录、{1} 行明细。", "Everything holds: {0} ‹entry|entries›, {1} ‹line|lines›."};
constexpr Message kNotFine{"不成立：{0}［{1}］", "Does not hold: {0} [{1}]"};
constexpr Message kDetail{"　细节：{0}", "  detail: {0}"};
constexpr Message kLedger{"账套：{0}　{1}", "Ledger: {0}  {1}"};
constexpr Message kPartial{"这是部分导出：只能证明其中的记录在账上，不能证明没有遗漏。",
                           "This is a partial bundle: it proves its entries to be in the ledger, not "
                           "that none was left out."};
constexpr Message kRoot{"树根：{0}", "Root: {0}"};
constexpr Message kCheckpoints{"有效检查点 {0} 个，最新的覆盖 {1} 条记录；其后 {2} 条尚无签名。",
                               "Signed checkpoints: {0}. Entries that the newest covers: {1}; not signed yet: {2}."};
constexpr Message kKeyGiven{"公钥：由您给出。指纹 {0}", "Key: the one you gave. Fingerprint {0}"};
constexpr Message kKeyStated{
    "公钥：取自第 0 号记录本身，请与其他途径得到的指纹比对，或用 --key 给出。指纹 {0}",
    "Key: taken from entry 0 itself; compare its fingerprint with one that you got some other way, "
    "or give it with --key. Fingerprint {0}"};
constexpr Message kBalances{"各状态合计 {0}，来源合计 {1}", "States {0}, sources {1}"};
constexpr Message kSpeed{"{0} 字节，{1} 秒，每秒 {2} 条、{3} MB",
                         "{0} bytes in {1} s: {2} entries/s, {3} MB/s"};

constexpr Message kStateHelp{"再由各条记录重新推出全部业务状态（券、申领、核定、密钥、命令编号等），与库中逐行比较；"
                             "用 TMPDIR 下的临时空间",
                             "also derive the whole state anew from the entries (vouchers, claims, calculations, "
                             "keys, ids of commands, ...) and compare every row of the store; needs room in TMPDIR"};
constexpr Message kStateFine{"状态与记录一致：{0} 行状态、{1} 个命令编号。",
                             "The state is that of the entries: {0} ‹row|rows›, {1} ‹id|ids› of commands."};
constexpr Message kStateNotFine{"状态与记录不一致：{0} 行不符［state_not_reproducible］",
                                "The state is not that of the entries: {0} ‹row differs|rows differ› "
                                "[state_not_reproducible]"};
constexpr Message kStateStopped{"第 {0} 号记录无法按规则重演：{1}［state_not_reproducible］",
                                "Entry {0} cannot be applied again: {1} [state_not_reproducible]"};
constexpr Message kMoreRows{"　另有 {0} 行", "  and {0} ‹row|rows› more"};

struct VerifyCommand {
  std::string bundle;
  std::string key;
  bool state = false;
};

// On a terminal only, and not more often than an eye can follow.
class ProgressBar {
 public:
  explicit ProgressBar(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() {
    if (drawn_) std::cerr << "\r\033[K" << std::flush;
  }
  void operator()(std::uint64_t done, std::uint64_t all) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    constexpr std::uint64_t kWidth = 40;
    const std::uint64_t filled = all == 0 ? 0 : std::min(kWidth, done * kWidth / all);
    std::cerr << '\r' << '[' << std::string(filled, '#') << std::string(kWidth - filled, '.')
              << "] " << done;
    if (all != 0) std::cerr << " / " << all;
    std::cerr << "\033[K" << std::flush;
  }

 private:
  bool shown_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

// The key itself, or the content of a file of that name.
Result<chain::VerifierKey> read_key(const std::string& given) {
  std::ifstream file(given, std::ios::binary);
  std::string text = given;
  if (file && !std::getline(file, text)) text.clear();
  while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return chain::decode_verifier_key(text);
}

void print(const Context& context, const audit::Report& report) {
  if (report.finding) {
    const bool zh = context.language == Language::zh;
    context.print(kNotFine, zh ? report.finding->zh() : report.finding->en(),
                  audit::code(report.finding->flaw));
    if (!report.finding->detail.empty()) {
      context.print(kDetail, zh ? report.finding->detail_zh() : report.finding->detail_en());
    }
  } else {
    context.print(kFine, report.entries, report.lines);
  }
  context.print(kLedger, report.ledger, report.suite);
  if (report.kind == "partial_bundle") context.print(kPartial);
  context.print(kRoot, report.root);
  const std::uint64_t covered = std::min(report.signed_entries(), report.entries);
  const bool partial = report.kind == "partial_bundle";
  context.print(kCheckpoints, report.checkpoints.size(), report.signed_entries(),
                partial ? 0 : report.entries - covered);
  context.print(report.key_was_given ? kKeyGiven : kKeyStated, report.fingerprint);
  if (!report.states.empty()) context.print(kBalances, report.states, report.sources);
  const double seconds = std::max(report.seconds, 1e-6);
  context.print(kSpeed, report.bytes, fmt::format("{:.2f}", report.seconds),
                fmt::format("{:.0f}", static_cast<double>(report.entries) / seconds),
                fmt::format("{:.1f}", static_cast<double>(report.bytes) / seconds / 1e6));
}

void print(const Context& context, const StateReport& report) {
  if (report.stopped) {
    const auto& why = report.stopped->why;
    return context.print(kStateStopped, report.stopped->entry,
                         context.language == Language::zh ? chinese_of(why) : english_of(why));
  }
  if (report.fine()) return context.print(kStateFine, report.rows, report.commands);
  context.print(kStateNotFine, report.different);
  for (const auto& d : report.differences) {
    context.print("  " + (context.language == Language::zh ? d.zh() : d.en()));
  }
  const auto more = report.different - report.differences.size();
  if (more != 0) context.print(kMoreRows, more);
}

Result<StateReport> replay_state(const Context& context) {
  const auto view = open_view(context.ledger);
  if (!view.ok()) return view.error();
  ProgressBar bar(context.json);
  StateCheckOptions options;
  options.watch.progress = [&bar](std::uint64_t done, std::uint64_t all) { bar(done, all); };
  return check_state(**view, options);
}

Exit run(const Context& context, const VerifyCommand& command) {
  audit::VerifyOptions options;
  if (!command.key.empty()) {
    const auto key = read_key(command.key);
    if (!key.ok()) {
      return context.fail(Exit::usage, CliCode::usage, bad_option("--key", command.key, kVerifierKey));
    }
    options.key = *key;
  }
  Exit exit = Exit::fine;
  if (command.bundle.empty() && !context.has_ledger(exit)) return exit;
  const auto report = [&] {
    ProgressBar bar(context.json);
    options.progress = [&bar](std::uint64_t done, std::uint64_t all) { bar(done, all); };
    return command.bundle.empty() ? audit::verify_ledger(context.ledger, options)
                                  : audit::verify_bundle(command.bundle, options);
  }();
  if (!report.ok()) return context.fail(report.error());
  print(context, *report);
  auto json = api::to_json(*report);
  bool fine = report->fine();
  if (command.state && fine) {  // of entries that do not hold there is no state
    const auto state = replay_state(context);
    if (!state.ok()) return context.fail(state.error());
    print(context, *state);
    fine = state->fine();
    json["ok"] = fine;
    json["state"] = api::to_json(*state);
  }
  context.print_json(json);
  return fine ? Exit::fine : Exit::check_failed;
}

}  // namespace

void add_verify_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<VerifyCommand>();
  auto* command = add_command(app, context, "verify", kHelp,
                              [&context, options] { return run(context, *options); });
  auto* bundle = command->add_option("--bundle", options->bundle, both(kBundleHelp));
  command->add_option("--key", options->key, both(kKeyHelp));
  command->add_flag("--state", options->state, both(kStateHelp))->excludes(bundle);
}

}  // namespace fundtrail::api::cli
