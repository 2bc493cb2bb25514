// Signing commands with a person's own key before they are submitted, and showing what is to be
// signed to whoever keeps the key elsewhere (a USB key, another machine, openssl).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/ledger.h"

namespace fundtrail::api::cli {

// The statement that the actor of the command signs in this ledger (docs/FORMAT.md, "Signed
// commands"). Fault::unavailable for the registration of a person while the vault has no key.
Result<std::string> statement_of(const Ledger& ledger, Command command);

// Signs each command. Faults: those of SigningKey::load and of statement_of.
Status sign_all(const Ledger& ledger, const std::filesystem::path& key_file, const KeyId& key,
                std::vector<Command>& commands);

}  // namespace fundtrail::api::cli
