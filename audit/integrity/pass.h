// One pass over all records of a full ledger, and what its beginning says of its suite and key.
// Private to audit/integrity.
#pragma once

#include <optional>
#include <string_view>

#include "audit/integrity/chain_check.h"
#include "audit/integrity/source.h"
#include "audit/integrity/verify.h"

namespace fundtrail::audit {

// What entry 0 says.
struct Opening {
  LedgerId ledger;
  std::optional<chain::Suite> suite;  // nothing: of a name that is unknown
  std::optional<chain::VerifierKey> key;
};
std::optional<Opening> read_opening(std::string_view line);

// The key that checkpoints are checked with, and what is wrong with entry 0's.
struct TrustedKey {
  std::optional<chain::VerifierKey> key;
  std::optional<Finding> fault;
};
TrustedKey choose_key(const VerifyOptions& options, const std::optional<Opening>& opening);

struct PassOutcome {
  std::optional<Finding> damaged;      // the source could not be read on: Fault::unreadable, tampered
  std::optional<std::uint64_t> stray;  // lines of an entry that is not there: the first such number
};
// Feeds all records to the check, examining them in options.threads threads beside this one. Other
// faults of the source are returned. `genesis`: the leaf hash of entry 0.
Result<PassOutcome> run_pass(RecordSource& source, chain::Suite suite, const chain::Hash& genesis,
                             ChainCheck& check, const VerifyOptions& options,
                             std::uint64_t expected);

// The parts of a report that stores and full bundles share.
void fill_report(Report& report, ChainCheck& check, const Checkpoints& checkpoints,
                 const TrustedKey& key, const std::optional<Opening>& opening);

}  // namespace fundtrail::audit
