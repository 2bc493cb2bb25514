// Everything about a command that does not depend on the state, done in the thread of whoever
// submits it: checks of its envelope, the canonical bytes and hashes of its document and lines, and
// the sealing of an identity. The writer's one thread is left with what needs the order of commands.
//
// Thread-safety: from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/chain/digest.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/signed_command.h"
#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/core/result.h"
#include "ledger/rules/state.h"
#include "ledger/store/store.h"
#include "ledger/vault.h"

namespace fundtrail {

struct Prepared {
  Command command;  // of a registration: with pseudonym and commitment
  // At most one of these two: refused for what stands in it alone, or the identity could not be sealed. What
  // is below is filled in unless the document is empty; of a command that is refused for people's data it is,
  // because the ledger may have it from before they were looked for, and then answers with its receipt.
  std::optional<Rejection> refused = {};
  std::optional<Error> fault = {};

  std::string document = {};                       // canonical: the entry's "doc"
  chain::EncodedLines lines = {};                  // as submitted
  std::optional<LinesSummary> summary = {};        // of the lines, when there are any
  chain::Hash content{};                           // docs/FORMAT.md, "Content"
  std::optional<std::string> sealed = {};          // of a registration: the vault's record
};

Prepared prepare(const Vault& vault, chain::Suite suite, Command command);

// A row as committed last: of the store, or of a snapshot when nothing is to be committed.
using Stored = std::function<Result<std::optional<std::string>>(store::Table, std::string_view key)>;

// Birth dates, and whose keys the signatures fit, as far as they are known now; the group looks again for
// what came in between. Throws rules::StateUnreadable.
void look_up_facts(const rules::StateSource& state, const Stored& stored, const Vault& vault,
                   const chain::SignedLedger& ledger, Prepared& prepared);

}  // namespace fundtrail
