// Does cost stay flat? The same year with 100 thousand and a million elders, each in a process of
// its own so that its peak of memory is its own.
#include <fmt/format.h>

#include <fstream>

#include "api/bench/bench.h"
#include "api/bench/machine.h"

namespace fundtrail::api::bench {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kChunk = 50'000;  // lines that exist as commands at one time
constexpr std::size_t kSubmitters = 4;
constexpr int kReopenings = 5;

void add(Section& section, std::uint32_t elders, const char* name, const cli::Message& label,
         const char* unit, const Json& value) {
  auto samples = value.is_array() ? value.get<std::vector<double>>()
                                  : std::vector<double>{value.get<double>()};
  if (samples.empty()) return;
  section.figures.push_back(
      {fmt::format("population_{}.{}", elders, name), label, unit, std::move(samples)});
}

}  // namespace

Result<Json> inside(const Setting& setting, const std::string& part, std::uint32_t elders,
                    const fs::path& directory) {
  const auto output = directory / (part + ".json");
  auto child = Child::start({"--json", "bench", "--inside", part, "--elders",
                             std::to_string(elders), "--dir", directory.string(), "--suite",
                             chain::name(setting.suite), "--sync-delay-us",
                             std::to_string(setting.sync_delay_us), "--lines",
                             std::to_string(setting.lines)},
                            output);
  if (!child) return child.error();
  const int code = child->wait();
  std::ifstream in(output);
  auto answer = Json::parse(in, nullptr, false);
  if (code == 0 && answer.is_object()) return answer;
  return Error{Fault::io, fmt::format("the process for {} elders ended with {}: {}", elders, code,
                                      answer.is_object() ? answer.dump() : "")};
}

Result<Json> grow_population(const Setting& setting) {
  Workload workload(setting.workload());
  auto ledger =
      Ledger::create(setting.directory / "ledger", workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  Json answer;
  const Stopwatch registering;
  if (auto done = workload.prepare(**ledger); !done) return done.error();
  answer["register"] = double(setting.elders) / registering.seconds();
  const Stopwatch issuing;
  if (auto done = workload.issue(**ledger, setting.elders); !done) return done.error();
  answer["issue"] = double(setting.elders) / issuing.seconds();
  answer["redeem"] = Json::array();
  while (workload.outstanding() > 0) {
    auto commands = workload.redemptions(kChunk, kMaxLines);
    const double lines = double(lines_of(commands));
    const auto seconds = submit_in_parallel(**ledger, commands, kSubmitters);
    if (!seconds) return seconds.error();
    answer["redeem"].push_back(lines / *seconds);
  }
  answer["peak"] = double(peak_memory_bytes()) / (1 << 20);
  // The caller ends this process at once, without closing: the next opening is that after a crash.
  static_cast<void>(ledger->release());
  return answer;
}

Result<Json> reopen_population(const Setting& setting) {
  Json answer;
  answer["clean"] = Json::array();
  for (int i = 0; i <= kReopenings; ++i) {
    const Stopwatch watch;
    auto ledger = Ledger::open(setting.directory / "ledger", setting.ledger());
    if (!ledger) return ledger.error();
    const double ms = watch.seconds() * 1'000;
    if (i == 0) answer["after_kill"] = ms;
    else answer["clean"].push_back(ms);
  }
  answer["peak"] = double(peak_memory_bytes()) / (1 << 20);
  return answer;
}

Result<Section> measure_populations(const Setting& setting) {
  Section section{{"规模：每名老人登记、发券一张并核销（1,000 行单据）",
                   "scale: every elder registered, one voucher issued and redeemed (1,000 lines)"},
                  {}};
  for (const auto elders : setting.populations) {
    setting.progress(section.title);
    auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
    if (!directory) return directory.error();
    const auto grown = inside(setting, "grow", elders, directory->path());
    if (!grown) return grown.error();
    const auto again = inside(setting, "reopen", elders, directory->path());
    if (!again) return again.error();
    const auto& g = *grown;
    const auto& r = *again;
    add(section, elders, "elders", {"老人", "elders"}, "people", elders);
    add(section, elders, "peak", {"　内存峰值", "  peak memory"}, "MiB", g["peak"]);
    add(section, elders, "register", {"　登记", "  registered"}, "elders/s", g["register"]);
    add(section, elders, "issue", {"　发券", "  issued"}, "lines/s", g["issue"]);
    add(section, elders, "redeem", {"　核销", "  redeemed"}, "lines/s", g["redeem"]);
    add(section, elders, "open_after_kill", {"　中断后重新打开", "  re-opened after a kill"}, "ms",
        r["after_kill"]);
    add(section, elders, "open", {"　正常重新打开", "  re-opened after a clean end"}, "ms",
        r["clean"]);
    add(section, elders, "open_peak", {"　重新打开后的内存峰值", "  peak memory after re-opening"},
        "MiB", r["peak"]);
  }
  return section;
}

}  // namespace fundtrail::api::bench
