// The entries of a ledger as a journal of plain text accounting, for ledger and hledger to balance.
#include <fmt/format.h>

#include <fstream>

#include "api/bench/bench.h"

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

}  // namespace

Status write_journal(const Setting& setting) {
  Workload workload(setting.workload());
  auto ledger =
      Ledger::create(setting.directory / "ledger", workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  if (auto done = workload.prepare(**ledger); !done) return done;
  if (auto done = workload.issue(**ledger, setting.lines); !done) return done;
  auto commands = workload.redemptions(setting.lines, 1);
  const auto seconds = submit_in_parallel(**ledger, commands, kSubmitters);
  if (!seconds) return seconds.error();
  std::ofstream file(setting.directory / "journal");
  const auto view = (*ledger)->view();
  for (std::uint64_t index = 0; index < view->size(); ++index) {
    const auto entry = view->decoded(index);
    if (!entry) return entry.error();
    std::string text;
    append(*entry, text);
    file << text;
  }
  if (!file.flush()) return Error{Fault::io, "the journal cannot be written"};
  return success();
}

}  // namespace fundtrail::api::bench
