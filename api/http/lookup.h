// The pseudonym of somebody whose identity number is known: for POST /beneficiaries/lookup and `fundtrail lookup`.
// Both keep a record of it in the access log before anybody is told; the number is kept nowhere.
//
// Pure but for what is read from the ledger; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "api/identity/caller.h"
#include "ledger/ledger.h"
#include "ledger/vault.h"

namespace fundtrail::api {

// How much of a person's identity a role may see at most. Whoever registers, examines or inspects a person must know
// who it is; whoever works with amounts needs to recognise a person on paper; whoever runs the machine needs nothing.
enum class Sight : std::uint8_t { nothing, masked, full };
Sight most_for(Role role);

// Whoever may see both in full, and knows the number already.
bool may_look_up(Role role);

struct LookedUp {
  std::optional<Pseudonym> person;  // nothing: nobody of that number is registered whom the caller may know of
  bool erased = false;              // the identity was destroyed since
};
// Precondition: the number is one, and the vault has its key. Faults: those of reading.
Result<LookedUp> look_up(const View& view, const Vault& vault, std::string_view number, const Caller& caller);

}  // namespace fundtrail::api
