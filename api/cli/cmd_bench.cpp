// fundtrail bench: measures this program on this machine (docs/PERFORMANCE.md).
#include <cstdlib>
#include <iostream>
#include <memory>

#include "api/bench/beside.h"
#include "api/bench/bench.h"
#include "api/bench/machine.h"
#include "api/cli/command.h"
#include "api/cli/input.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"在本机上测量性能（合成数据，用后即删）",
                        "measure this program on this machine (synthetic data, removed after)"};
constexpr Message kQuickHelp{"快测：重复 3 次，数据较少", "quick: 3 repetitions, less data"};
constexpr Message kOnlyHelp{"只测：engine http records population run flat peers（其他系统，由 script/bench "
                            "测），可用逗号分隔",
                            "only these parts: engine http records population run flat peers (other "
                            "systems, which script/bench measures)"};
constexpr Message kEldersHelp{"老人数（默认 20000）", "number of elders (default 20000)"};
constexpr Message kLinesHelp{
    "每次重复的核销行数（默认 200000；小单据按比例减少）；flat 的总行数（默认 50000000）",
    "redeemed lines in one repetition (default 200000; fewer for small documents); all lines of "
    "flat (default 50000000)"};
constexpr Message kRepetitionsHelp{"重复次数（默认 5）", "repetitions (default 5)"};
constexpr Message kDelayHelp{"每次落盘另加的微秒数，用来模拟慢盘",
                             "microseconds added to each sync: stands in for a slower disk"};
constexpr Message kSuiteHelp{"算法：sha256-ed25519（默认）或 sm3-sm2",
                             "sha256-ed25519 (default) or sm3-sm2"};
constexpr Message kPopulationsHelp{"规模部分的老人数（默认 100000,1000000）",
                                   "numbers of elders of the part population (default "
                                   "100000,1000000)"};
constexpr Message kDirHelp{"临时文件所在目录，须在磁盘上（默认 /var/tmp）",
                           "where temporary files go; must be on a disk (default /var/tmp)"};
constexpr Message kOutHelp{"另把结果写成 JSON 文件", "also write the result to this JSON file"};
constexpr Message kBesideHelp{"另列其他系统的数字（script/bench 所写的文件）",
                              "also list the figures of other systems (a file of script/bench)"};
constexpr Message kNotRelease{"本程序不是 Release 构建（{0}），测出的数字没有意义。",
                              "This is not a Release build ({0}); its figures would mean nothing."};
constexpr Message kInMemory{"“{0}”在内存文件系统里，没有真正落盘。请用 --dir 指定磁盘上的目录。",
                            "\"{0}\" lies in memory, where nothing is durable. Name a directory on "
                            "a disk with --dir."};
constexpr Message kMachine{"机器：{0} 核 {1}，内存 {2} MiB，{3}，测前负载 {4}；构建 {5}；{6}",
                           "Machine: {0} cores {1}, {2} MiB of memory, {3}, load before {4}; build "
                           "{5}; {6}"};
constexpr Message kDelay{"每次落盘另加 {0} 微秒。", "{0} microseconds were added to each sync."};
constexpr Message kMeasuring{"正在测量：{0}", "measuring: {0}"};

constexpr std::string_view kFlat = "flat";  // takes many minutes: only when it is asked for
constexpr std::string_view kRun = "run";    // minutes of registering: likewise

struct BenchOptions {
  bool quick = false;
  std::vector<std::string> only;
  std::optional<std::uint32_t> elders;
  std::optional<std::size_t> lines, repetitions;
  std::uint32_t sync_delay_us = 0;
  std::string suite = "sha256-ed25519", directory = "/var/tmp", out, beside, inside;
  std::vector<std::uint32_t> populations;
};

bench::Setting setting_from(const Context& context, const BenchOptions& options) {
  bench::Setting setting;
  setting.directory = options.directory;
  setting.sync_delay_us = options.sync_delay_us;
  const auto suite = chain::suite_from_name(options.suite);
  if (!suite) {
    throw CLI::ValidationError(say::kBadOption.in_both("--suite", options.suite,
                                                  "sha256-ed25519 | sm3-sm2"));
  }
  setting.suite = *suite;
  if (options.quick) {
    setting.lines = 50'000;
    setting.repetitions = 3;
    setting.populations = {20'000, 100'000};
  }
  setting.elders = options.elders.value_or(setting.elders);
  setting.lines = options.lines.value_or(setting.lines);
  setting.flat_lines = options.lines.value_or(setting.flat_lines);
  setting.repetitions = options.repetitions.value_or(setting.repetitions);
  if (!options.populations.empty()) setting.populations = options.populations;
  setting.progress = [&context](const Message& what) {
    std::cerr << kMeasuring.in(context.language, what.in(context.language)) << '\n';
  };
  return setting;
}

Result<std::vector<bench::Section>> measure(const bench::Setting& setting,
                                            const std::vector<std::string>& only) {
  using Measure = Result<bench::Section> (*)(const bench::Setting&);
  constexpr std::pair<std::string_view, Measure> kParts[] = {
      {"engine", bench::measure_in_process},
      {"http", bench::measure_http},
      {"records", bench::measure_records},
      {"population", bench::measure_populations},
      {kRun, bench::measure_run},
      {kFlat, bench::measure_flat},
  };
  std::vector<bench::Section> sections;
  for (const auto& [name, part] : kParts) {
    const bool named = std::find(only.begin(), only.end(), name) != only.end();
    if (!named && (!only.empty() || name == kFlat || name == kRun)) continue;
    auto section = part(setting);
    if (!section) return section.error();
    sections.push_back(std::move(*section));
  }
  return sections;
}

nlohmann::ordered_json report_json(const bench::Setting& setting, const bench::Machine& machine,
                                   const std::vector<bench::Section>& sections) {
  return {{"machine",
           {{"cores", machine.cores},
            {"cpu", machine.cpu},
            {"kernel", machine.kernel},
            {"memory_mib", machine.memory_mib},
            {"load_before", machine.load}}},
          {"build", bench::build_type()},
          {"suite", chain::name(setting.suite)},
          {"elders", setting.elders},
          {"lines", setting.lines},
          {"repetitions", setting.repetitions},
          {"sync_delay_us", setting.sync_delay_us},
          {"figures", bench::to_json(sections)}};
}

// A part that runs in a process of its own, started by this program itself.
Exit run_inside(const Context& context, const BenchOptions& options,
                const bench::Setting& setting) {
  const bool grow = options.inside == "grow" || options.inside == kFlat;
  const auto answer = options.inside == kFlat        ? bench::grow_flat(setting)
                      : grow                         ? bench::grow_population(setting)
                      : options.inside == "balances" ? bench::compare_balances(setting)
                                                     : bench::reopen_population(setting);
  if (!answer) return context.fail(answer.error());
  context.print_json(*answer);
  std::cout.flush();
  if (grow) std::_Exit(0);  // as a kill would: nothing is closed
  return Exit::fine;
}

Exit run(const Context& context, const BenchOptions& options) {
  if (!bench::measurable()) {
    return context.fail(Exit::usage, CliCode::not_release, kNotRelease, bench::build_type());
  }
  if (bench::lies_in_memory(options.directory)) {
    return context.fail(Exit::usage, CliCode::in_memory, kInMemory, options.directory);
  }
  const auto setting = setting_from(context, options);
  if (!options.inside.empty()) return run_inside(context, options, setting);
  bench::Beside beside;
  if (!options.beside.empty()) {
    auto read = bench::read_beside(options.beside);
    if (!read) return context.fail(read.error());
    beside = std::move(*read);
  }
  const auto machine = bench::machine();
  auto sections = measure(setting, options.only);
  if (!sections) return context.fail(sections.error());
  sections->insert(sections->end(), beside.sections.begin(), beside.sections.end());
  const auto json = report_json(setting, machine, *sections);
  if (!options.out.empty()) {
    if (const auto written = write_output(options.out, json.dump(2) + "\n"); !written.ok()) return context.fail(written.error());
  }
  context.print(kMachine, machine.cores, machine.cpu, machine.memory_mib, machine.kernel,
                machine.load, bench::build_type(), chain::name(setting.suite));
  if (setting.sync_delay_us > 0) context.print(kDelay, setting.sync_delay_us);
  context.print("\n" + bench::table(*sections, context.language));
  context.print_json(json);
  return Exit::fine;
}

}  // namespace

void add_bench_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<BenchOptions>();
  auto* command = add_command(app, context, "bench", kHelp,
                              [&context, options] { return run(context, *options); });
  const auto positive = CLI::Range(1u, 10'000'000u);
  command->add_flag("--quick", options->quick, both(kQuickHelp));
  command->add_option("--only", options->only, both(kOnlyHelp))
      ->delimiter(',')
      ->check(CLI::IsMember({"engine", "http", "records", "population", "run", "flat", "peers"}));
  command->add_option("--elders", options->elders, both(kEldersHelp))->check(positive);
  command->add_option("--lines", options->lines, both(kLinesHelp))
      ->check(CLI::Range(1u, 100'000'000u));
  command->add_option("--repetitions", options->repetitions, both(kRepetitionsHelp))
      ->check(CLI::Range(1u, 1'000u));
  command->add_option("--sync-delay-us", options->sync_delay_us, both(kDelayHelp))
      ->check(CLI::Range(0u, 1'000'000u));
  command->add_option("--suite", options->suite, both(kSuiteHelp));
  command->add_option("--population", options->populations, both(kPopulationsHelp))
      ->delimiter(',')
      ->check(positive);
  command->add_option("--dir", options->directory, both(kDirHelp))->check(CLI::ExistingDirectory);
  add_output(*command, "--out", options->out, kOutHelp);
  command->add_option("--beside", options->beside, both(kBesideHelp));
  command->add_option("--inside", options->inside)->group("")->check(
      CLI::IsMember({"grow", "reopen", "balances", "flat"}));
}

}  // namespace fundtrail::api::cli
