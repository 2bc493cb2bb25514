// The entries of a ledger as a journal of plain text accounting, for ledger and hledger to balance;
// and how long our own reports over them take.
#include <fmt/format.h>

#include <fstream>

#include "api/bench/bench.h"
#include "reports/reports.h"

namespace fundtrail::api::bench {
namespace {

constexpr std::size_t kSubmitters = 64;

void append(const Entry& entry, std::string& out) {
  if (entry.postings.empty()) return;
  out += fmt::format("{} {}\n", entry.date.str(), entry.index);
  for (const auto& posting : entry.postings) {
    const auto& at = posting.at;
    const auto amount = posting.side == Side::debit ? posting.amount : -posting.amount;
    out += fmt::format("    {}:{}:{}:{}  {}\n", name_of(posting.account), at.fund.str(),
                       at.region.str().empty() ? "-" : at.region.str(),
                       at.counterparty.empty() ? "-" : at.counterparty, amount.str());
  }
  out += '\n';
}

Status write_journal(const View& view, const std::filesystem::path& path) {
  std::ofstream file(path);
  for (std::uint64_t index = 0; index < view.size(); ++index) {
    const auto entry = view.decoded(index);
    if (!entry) return entry.error();
    std::string text;
    append(*entry, text);
    file << text;
  }
  if (!file.flush()) return Error{Fault::io, "the journal cannot be written"};
  return success();
}

// Milliseconds of each repetition, on an open ledger.
Result<std::vector<double>> time_report(const Setting& setting, const View& view,
                                        const reports::Request& request) {
  std::vector<double> samples;
  for (std::size_t i = 0; i <= setting.repetitions; ++i) {
    const Stopwatch watch;
    const auto report = reports::make(view, request);
    if (!report) return report.error();
    if (i > 0) samples.push_back(watch.seconds() * 1'000);  // the first warms up
  }
  return samples;
}

}  // namespace

Result<nlohmann::ordered_json> compare_balances(const Setting& setting) {
  Workload workload(setting.workload());
  auto ledger =
      Ledger::create(setting.directory / "ledger", workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  if (auto done = workload.prepare(**ledger); !done) return done.error();
  if (auto done = workload.issue(**ledger, setting.lines); !done) return done.error();
  auto commands = workload.redemptions(setting.lines, 1);
  const auto seconds = submit_in_parallel(**ledger, commands, kSubmitters);
  if (!seconds) return seconds.error();
  const auto view = (*ledger)->view();
  if (auto done = write_journal(*view, setting.directory / "journal"); !done) return done.error();
  const auto report = time_report(setting, *view, {.name = "trial-balance"});
  if (!report) return report.error();
  const auto flow = time_report(setting, *view, {.name = "fund-flow", .entries = false});
  if (!flow) return flow.error();
  return nlohmann::ordered_json{{"report", *report}, {"recomputed", *flow}};
}

}  // namespace fundtrail::api::bench
