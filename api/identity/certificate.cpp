#include "api/identity/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "api/files.h"
#include "ledger/chain/digest.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {

std::string fingerprint_of(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  return chain::to_hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

Result<std::string> fingerprint_of_pem(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> in(std::fopen(file.c_str(), "rb"),
                                                           std::fclose);
  if (!in) return file_error(Doing::read, file, errno);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  auto fingerprint = fingerprint_of(certificate.get());
  if (!fingerprint.empty()) return fingerprint;
  return Error{Fault::unreadable, in_both("“" + file.string() + "”中没有 PEM 格式的证书。",
                                          file.string() + " holds no certificate in PEM form")};
}

}  // namespace fundtrail::api
