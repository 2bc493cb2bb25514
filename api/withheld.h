// What a refusal does not say: whom the ledger means by an identity number. Who sends numbers and learns pseudonyms
// has looked people up, which wants a purpose (POST /beneficiaries/lookup). Only the access log is told of whom it was.
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string>

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

}  // namespace fundtrail::api
