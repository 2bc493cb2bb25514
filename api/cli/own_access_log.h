// The access log of the ledger that a command has open: a command that shows people's data, and the server, write it.
#pragma once

#include <functional>
#include <memory>

#include "api/access_log/access_log.h"
#include "api/cli/command.h"

namespace fundtrail::api::cli {

// Faults: those of AccessLog::open().
inline Result<std::unique_ptr<AccessLog>> open_access_log(const Context& context, const Ledger& ledger,
                                                          unsigned keep_months, std::function<Timestamp()> now) {
  return AccessLog::open({.directory = access_log_of(context.ledger),
                          .ledger = ledger.view()->id(),
                          .key_name = ledger.verifier_key().name,
                          .signing_key = ledger.key_files().signing,
                          .keep_months = keep_months,
                          .now = std::move(now)});
}

}  // namespace fundtrail::api::cli
