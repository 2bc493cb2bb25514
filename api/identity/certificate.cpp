#include "api/identity/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "ledger/chain/digest.h"

namespace fundtrail::api {

Result<std::string> fingerprint_of_pem(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  if (!in) return Error{Fault::io, "cannot read " + file.string()};
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  if (!certificate) {
    return Error{Fault::unreadable, file.string() + " holds no certificate in PEM form"};
  }
  chain::Hash digest{};
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1 ||
      size != digest.size()) {
    return Error{Fault::unreadable, "the certificate in " + file.string() + " cannot be hashed"};
  }
  return chain::to_hex(digest);
}

}  // namespace fundtrail::api
