// Signing commands with a person's own key before they are submitted, and showing what is to be
// signed to whoever keeps the key elsewhere (a USB key, another machine, openssl).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ledger/chain/signed_command.h"
#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::api::cli {

// The statement that the actor of the command signs in this ledger (docs/FORMAT.md, "Signed
// commands"). Fault::unavailable for the registration of a person while the vault has no key.
Result<std::string> statement_of(const Ledger& ledger, Command command, Date not_after);

// Signs each command. Faults: those of SigningKey::load and of statement_of.
Status sign_all(const Ledger& ledger, const std::filesystem::path& key_file, const KeyId& key,
                Date not_after, std::vector<Command>& commands);

// A command about a key, as JSON, with the proof of the key in `new_key` and the consent of a registered
// one; empty: without. The statement that they sign stands beside it.
struct ProveRequest {
  std::string command;
  std::filesystem::path new_key, own_key;
  std::string own_key_id;
};
struct Proven {
  std::string command, statement;
};
// Faults: those of SigningKey::load; invalid_argument when it is no command about a key.
Result<Proven> prove(const chain::SignedLedger& ledger, const ProveRequest& request);

}  // namespace fundtrail::api::cli
