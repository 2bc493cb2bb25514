// What a client certificate is known by: the SHA-256 of its DER, in lower-case hex, as `openssl x509
// -fingerprint -sha256` prints it without colons. Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/core/result.h"

namespace fundtrail::api {

// Of the first certificate in a PEM file. Faults: io, unreadable (no certificate in it).
Result<std::string> fingerprint_of_pem(const std::filesystem::path& file);

}  // namespace fundtrail::api
