// Keeps people's data off the chain: free text and imported cells may not hold an identity number,
// imported rows may not have columns of personal data. Bank accounts, hashes, codes of organisations
// and the ids of documents are let through, whatever their digits are.
#pragma once

#include <optional>

#include "ledger/core/documents.h"
#include "ledger/core/rejection.h"

namespace fundtrail {

// The first field that may not be recorded, as malformed_field without its value.
std::optional<Rejection> find_personal_data(const Document& document);

}  // namespace fundtrail
