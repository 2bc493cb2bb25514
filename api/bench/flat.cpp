// Does cost stay flat with the size of the ledger? One ledger grows to tens of millions of lines in
// documents of 1,000, issued and redeemed month after month, in a process of its own that ends as if
// killed; then it is opened again.
#include <sys/resource.h>

#include <algorithm>

#include <fmt/format.h>

#include "api/bench/bench.h"
#include "api/bench/machine.h"

namespace fundtrail::api::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kChunk = 50'000;  // lines that exist as commands at one time
constexpr std::size_t kSubmitters = 4;
constexpr std::size_t kWindow = 20;     // chunks behind each mark that are measured
constexpr std::size_t kMonths = 100;    // issued to each elder; so many elders are registered
constexpr std::size_t kMarks[] = {1'000'000, 10'000'000, 50'000'000};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

struct Samples {
  std::vector<double> throughput, cpu;  // lines/s, µs/line; of the latest chunks

  void add(double lines, double seconds, double used) {
    if (throughput.size() == kWindow) {
      throughput.erase(throughput.begin());
      cpu.erase(cpu.begin());
    }
    throughput.push_back(lines / seconds);
    cpu.push_back(used * 1e6 / lines);
  }
};

// Redeems what is outstanding, down to less than a chunk.
Status redeem(Ledger& ledger, Workload& workload, std::size_t& lines, Samples& samples) {
  while (workload.outstanding() >= kChunk) {
    auto commands = workload.redemptions(kChunk, kMaxLines);
    const auto count = lines_of(commands);
    const double used = cpu_seconds();
    const auto seconds = submit_in_parallel(ledger, commands, kSubmitters);
    if (!seconds) return seconds.error();
    samples.add(double(count), *seconds, cpu_seconds() - used);
    lines += count;
  }
  return success();
}

}  // namespace

Result<Json> grow_flat(const Setting& setting) {
  Workload workload(setting.workload());
  const auto directory = setting.directory / "ledger";
  auto ledger = Ledger::create(directory, workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  if (auto done = workload.prepare(**ledger); !done) return done.error();
  Json answer;
  answer["marks"] = Json::array();
  const auto before = double(directory_bytes(directory));
  std::vector<std::size_t> marks;
  for (const auto mark : kMarks) {
    if (mark < setting.flat_lines) marks.push_back(mark);
  }
  marks.push_back(setting.flat_lines);
  std::size_t lines = 0;
  Samples samples;
  for (const auto mark : marks) {
    while (lines < mark) {
      const auto left = workload.outstanding();
      if (auto done = workload.issue(**ledger, left + kChunk); !done) return done.error();
      lines += workload.outstanding() - left;
      if (auto done = redeem(**ledger, workload, lines, samples); !done) return done.error();
    }
    answer["marks"].push_back({{"lines", mark},
                               {"throughput", samples.throughput},
                               {"cpu", samples.cpu},
                               {"peak", double(peak_memory_bytes()) / (1 << 20)}});
    setting.progress({fmt::format("{} 行", lines).c_str(), fmt::format("{} lines", lines).c_str()});
  }
  answer["bytes"] = (double(directory_bytes(directory)) - before) / double(lines);
  static_cast<void>(ledger->release());  // ends as if killed: nothing is closed
  return answer;
}

Result<Section> measure_flat(const Setting& setting) {
  Section section{{"规模不变：1,000 行单据逐月发券、核销",
                   "flat: issued and redeemed month by month in documents of 1,000 lines"},
                  {}};
  setting.progress(section.title);
  auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
  if (!directory) return directory.error();
  auto own = setting;
  own.lines = setting.flat_lines;
  const auto elders = std::uint32_t(std::max(setting.flat_lines / 2 / kMonths, kChunk));
  const auto grown = inside(own, "flat", elders, directory->path());
  if (!grown) return grown.error();
  const auto again = inside(own, "reopen", elders, directory->path());
  if (!again) return again.error();
  const auto add = [&](std::string name, cli::Message label, const char* unit, const Json& value) {
    auto samples = value.is_array() ? value.get<std::vector<double>>()
                                    : std::vector<double>{value.get<double>()};
    if (!samples.empty()) section.figures.push_back({std::move(name), label, unit, samples});
  };
  for (const auto& mark : (*grown)["marks"]) {
    const auto name = fmt::format("flat_{}", mark["lines"].get<std::size_t>());
    add(name + ".lines", {"账上行数", "lines in the ledger"}, "lines", mark["lines"]);
    add(name + ".redeem", {"　此时核销", "  redeemed then"}, "lines/s", mark["throughput"]);
    add(name + ".redeem.cpu", {"　其处理器时间", "  its processor time"}, "µs/line", mark["cpu"]);
    add(name + ".peak", {"　内存峰值", "  peak memory"}, "MiB", mark["peak"]);
  }
  add("flat.disk", {"每行占盘（收工时原样）", "on disk, as left"}, "B/line", (*grown)["bytes"]);
  add("flat.open_after_kill", {"中断后重新打开", "re-opened after a kill"}, "ms",
      (*again)["after_kill"]);
  add("flat.open", {"正常重新打开", "re-opened after a clean end"}, "ms", (*again)["clean"]);
  return section;
}

}  // namespace fundtrail::api::bench
