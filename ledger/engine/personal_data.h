// Keeps people's data off the chain: free text, and ids where a document brings them into the ledger, may not
// hold the number of an identity card or a mobile phone (ledger/core/personal_number.h); codes of lists, imported
// cells and what banks and offices made up (bank references, numbers of bills and documents) none of an identity
// card; imported rows may not have columns of personal data. Bank accounts, hashes and codes of organisations are
// let through, whatever their digits are; so are ids of what is in the ledger already, which must stay usable, and
// of actors, which the book of users looks at (api/identity/manage.h).
#pragma once

#include <optional>

#include "ledger/core/documents.h"
#include "ledger/core/rejection.h"

namespace fundtrail {

// The first field that may not be recorded, as malformed_field without its value.
std::optional<Rejection> find_personal_data(const Document& document);

}  // namespace fundtrail
