#include "api/cli/command.h"

namespace fundtrail::api::cli {

bool Context::has_ledger(Exit& exit) const {
  if (ledger.empty()) {
    exit = fail(Exit::usage, CliCode::usage, say::kNoLedgerNamed);
    return false;
  }
  std::error_code ignored;
  if (!std::filesystem::exists(ledger / "db", ignored)) {
    exit = fail(Exit::refused, CliCode::not_found, say::kNoLedger, ledger.string());
    return false;
  }
  return true;
}

std::unique_ptr<Ledger> Context::open_ledger(Exit& exit) const {
  if (!has_ledger(exit)) return nullptr;
  auto opened = Ledger::open(ledger, options);
  if (opened) return std::move(*opened);
  exit = opened.error().fault == Fault::unavailable
             ? fail(Exit::io, CliCode::unavailable, say::kLedgerInUse, ledger.string())
             : fail(opened.error());
  return nullptr;
}

}  // namespace fundtrail::api::cli
