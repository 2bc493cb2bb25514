// Fingerprints of certificates: how the book of users names them.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <string>

#include "ledger/core/result.h"

namespace fundtrail::api {

// SHA-256 of the DER, lower-case hex; empty when there is none.
std::string fingerprint_of(const X509* certificate);

// Of the first certificate in a PEM file. Faults: io, unreadable.
Result<std::string> fingerprint_of_pem(const std::filesystem::path& file);

}  // namespace fundtrail::api
