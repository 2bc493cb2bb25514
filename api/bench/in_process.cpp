// Redemptions through Ledger::submit, durable, every line checked.
#include <sys/resource.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

#include "api/bench/bench.h"
#include "api/bench/machine.h"

namespace fundtrail::api::bench {
namespace {

struct Shape {
  std::size_t per_document;
  std::size_t submitters;  // enough that work always waits for the writer
  std::size_t share;       // of Setting::lines, in percent
  const char* name;
  cli::Message label;
};

constexpr Shape kShapes[] = {
    {1, 64, 20, "in_process.lines_1",
     {"每单 1 行，64 个并发提交者", "documents of 1 line, 64 submitters"}},
    {100, 4, 50, "in_process.lines_100",
     {"每单 100 行，4 个并发提交者", "documents of 100 lines, 4 submitters"}},
    {1'000, 4, 100, "in_process.lines_1000",
     {"每单 1,000 行，4 个并发提交者", "documents of 1,000 lines, 4 submitters"}},
};

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return double(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         double(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

// Throughput, and the processor time behind it, which says more on a machine that is not idle.
Result<std::vector<Figure>> measure(const Setting& setting, const Shape& shape) {
  setting.progress(shape.label);
  auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
  if (!directory) return directory.error();
  Workload workload(setting.workload());
  auto ledger =
      Ledger::create(directory->path() / "ledger", workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  if (auto done = workload.prepare(**ledger); !done) return done.error();
  Figure figure{shape.name, shape.label, "lines/s", {}};
  Figure cpu{std::string(shape.name) + ".cpu", {"　其处理器时间", "  its processor time"},
             "µs/line", {}};
  const auto lines = std::max<std::size_t>(1, setting.lines * shape.share / 100);
  for (std::size_t i = 0; i <= setting.repetitions; ++i) {
    if (auto done = workload.issue(**ledger, lines); !done) return done.error();
    auto commands = workload.redemptions(lines, shape.per_document);
    const auto count = lines_of(commands);
    const double used = cpu_seconds();
    const auto seconds = submit_in_parallel(**ledger, commands, shape.submitters);
    if (!seconds) return seconds.error();
    if (i == 0) continue;  // warms up
    figure.samples.push_back(double(count) / *seconds);
    cpu.samples.push_back((cpu_seconds() - used) * 1e6 / double(count));
  }
  return std::vector<Figure>{figure, cpu};
}

}  // namespace

std::size_t lines_of(const std::vector<Command>& commands) {
  std::size_t sum = 0;
  for (const auto& command : commands) sum += line_count(command.document);
  return sum;
}

Result<double> in_parallel(std::size_t threads, std::size_t items,
                           const std::function<Status(std::size_t, std::size_t)>& work) {
  std::latch ready{std::ptrdiff_t(threads)};
  std::latch begin{1};
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> first_error;
  std::vector<std::thread> running;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      ready.count_down();
      begin.wait();
      for (std::size_t item; (item = next.fetch_add(1)) < items;) {
        auto done = work(thread, item);
        if (done) continue;
        const std::lock_guard lock(mutex);
        if (!first_error) first_error = done.error();
        next = items;
      }
    });
  }
  ready.wait();
  const Stopwatch watch;
  begin.count_down();
  for (auto& thread : running) thread.join();
  const double seconds = watch.seconds();
  if (first_error) return *first_error;
  return seconds;
}

Result<double> submit_in_parallel(Ledger& ledger, std::vector<Command>& commands,
                                  std::size_t threads) {
  return in_parallel(threads, commands.size(), [&](std::size_t, std::size_t item) {
    std::vector<Command> one;
    one.push_back(std::move(commands[item]));
    return submit_all(ledger, std::move(one), BatchMode::atomic);
  });
}

Result<Section> measure_in_process(const Setting& setting) {
  Section section{{"进程内核销（已落盘，逐行检查）", "redemptions in process (durable, every line checked)"},
                  {}};
  for (const auto& shape : kShapes) {
    const auto figures = measure(setting, shape);
    if (!figures) return figures.error();
    section.figures.insert(section.figures.end(), figures->begin(), figures->end());
  }
  return section;
}

}  // namespace fundtrail::api::bench
