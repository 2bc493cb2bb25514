// The birth dates that some documents are decided with (Command::births): taken from the vault, one
// person at a time, and never part of the chain. A person who is unknown, or whose identity was
// erased, has none; what that means the rules say.
//
// Thread-safety: from any thread, as far as `state` allows.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ledger/core/entry.h"
#include "ledger/core/result.h"
#include "ledger/rules/state.h"
#include "ledger/vault.h"

namespace fundtrail {

// Empties births, whatever stood there, and makes room for one birth date a person, all missing, when
// the document is decided with ages: an application, a calculation or what lowers one, a recovery of what was
// calculated for a person, or vouchers of a programme that has age limits of its own.
void make_room_for_births(const rules::StateSource& state, Command& command);

// The vault's record of a person, or nothing.
using SealedOf = std::function<Result<std::optional<std::string>>(const Pseudonym&)>;

// Fills in those that are missing. Errors: those of the store and of Vault::birth_date.
Status find_births(const Vault& vault, const SealedOf& sealed_of, Command& command);

}  // namespace fundtrail
