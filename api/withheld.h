// What a refusal does not say. Whom the ledger means by an identity number: who sends numbers and learns pseudonyms
// has looked people up, which wants a purpose (POST /beneficiaries/lookup); only the access log is told of whom it was.
// And to somebody who sees a part of the ledger, what lies beyond it.
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/identity/caller.h"
#include "ledger/core/ids.h"
#include "ledger/core/rejection.h"

namespace fundtrail::api {

// The sentences without whom they are about.
struct Withheld {
  Pseudonym person;
  std::string zh;
  std::string en;
};

// Of a registration: that somebody is registered already. Nothing: it says nobody.
std::optional<Withheld> withhold_registered(const Rejection& rejection);

// Of a document of a file, in which people are identity numbers and never pseudonyms: whatever it says of anybody.
std::optional<Withheld> withhold_person(const Rejection& rejection);

// What somebody is told who sees a part of the ledger (Caller::sees_part()). Nobody learns a balance of others, or which
// entry of theirs has a command's id; a provider not whose voucher it is.
Rejection told_to(const Caller& caller, Rejection rejection);
std::vector<Rejection> told_to(const Caller& caller, std::vector<Rejection> rejections);

}  // namespace fundtrail::api
