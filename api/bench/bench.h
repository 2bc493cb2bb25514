// START HERE for the benchmark: what is measured, in sections. Each section makes ledgers of its own
// in a temporary directory on a disk, and removes them. docs/PERFORMANCE.md says what each figure
// means. Errors are those of the ledger, and io when a process or a server could not be started.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "api/bench/figure.h"
#include "api/bench/workload.h"
#include "ledger/ledger.h"

namespace fundtrail::api::bench {

struct Setting {
  std::filesystem::path directory;      // where the temporary directories go
  std::uint32_t elders = 20'000;
  std::size_t lines = 200'000;          // in one repetition with documents of 1,000 lines
  std::size_t flat_lines = 50'000'000;  // that the ledger of measure_flat() grows to
  std::size_t repetitions = 5;
  std::uint32_t sync_delay_us = 0;
  chain::Suite suite = chain::Suite::sha256_ed25519;
  std::vector<std::uint32_t> populations = {100'000, 1'000'000};
  std::function<void(const cli::Message&)> progress = [](const cli::Message&) {};

  WorkloadOptions workload() const {
    WorkloadOptions options;
    options.elders = elders;
    options.suite = suite;
    return options;
  }
  LedgerOptions ledger() const {
    LedgerOptions options;
    options.sync_delay_us = sync_delay_us;
    return options;
  }
};

// Redemptions a second through Ledger::submit.
Result<Section> measure_in_process(const Setting& setting);
// The same through a server process, with latencies.
Result<Section> measure_http(const Setting& setting);
// Size on disk of a redemption, and verification of what was written.
Result<Section> measure_records(const Setting& setting);
// Memory, throughput and re-opening with many elders, each in processes of their own.
Result<Section> measure_populations(const Setting& setting);

// Planning and recording a quarter of an allowance for everybody.
Result<Section> measure_run(const Setting& setting);

// For api/bench/peers/run.py. Makes a ledger of setting.lines redemptions in documents of one line in
// <directory>/ledger and writes all its postings to <directory>/journal, in the syntax of ledger and
// hledger. Answers how many milliseconds each of setting.repetitions took: {"report": [...]} a trial
// balance from the state, {"recomputed": [...]} the flow of the fund from every entry.
Result<nlohmann::ordered_json> compare_balances(const Setting& setting);

// Throughput, memory, size and re-opening of one ledger that grows to Setting::flat_lines.
Result<Section> measure_flat(const Setting& setting);
Result<nlohmann::ordered_json> grow_flat(const Setting& setting);

// Runs this program as `bench --inside PART` in a process of its own and reads its answer.
Result<nlohmann::ordered_json> inside(const Setting& setting, const std::string& part,
                                      std::uint32_t elders, const std::filesystem::path& directory);

// The inside of measure_populations: runs in a process of its own and answers one JSON value.
Result<nlohmann::ordered_json> grow_population(const Setting& setting);
Result<nlohmann::ordered_json> reopen_population(const Setting& setting);

// --- shared by the sections --------------------------------------------------------------------

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

// Lines of all documents.
std::size_t lines_of(const std::vector<Command>& commands);

// Runs `work(thread, item)` for every item in [0, items) on so many threads, which begin together;
// each takes the next item that nobody has taken. Seconds from the beginning to the end of the
// last, or the first error.
Result<double> in_parallel(std::size_t threads, std::size_t items,
                           const std::function<Status(std::size_t, std::size_t)>& work);

// Submits every command on its own from so many threads; seconds.
Result<double> submit_in_parallel(Ledger& ledger, std::vector<Command>& commands,
                                  std::size_t threads);

}  // namespace fundtrail::api::bench
