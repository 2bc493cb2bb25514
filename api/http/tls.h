// TLS of the server, by OpenSSL: what is offered (TlsContext) and one connection's part (TlsSession).
//
// TLS 1.3, and TLS 1.2 with ECDHE and AEAD only (RFC 9325); no renegotiation, no compression, no early
// data. HTTP/1.1 by ALPN (RFC 7301): a client that offers only others is refused. Sessions are resumed
// from a bounded memory of ours for an hour, so there is no ticket key to keep or to lose; another
// certificate begins with an empty memory. A client's certificate is asked for when a file of CAs is
// given, and a client without one is let in: who may do what is decided by the request.
//
// OpenSSL 3.0 has no suites of RFC 8998 (TLS_SM4_GCM_SM3): 国密 TLS is left to a gateway before us.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "api/http/loop.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM: ours, then the chain up to the root
  std::filesystem::path key;          // PEM, not encrypted; not readable by others
  std::filesystem::path client_ca;    // PEM: who may vouch for clients; empty: nobody is asked
};

class TlsSession;

// Immutable; may be used from any thread.
class TlsContext {
 public:
  // Faults: not_found (a file is missing), invalid_argument (others may read the key; the key does not
  // fit the certificate; too weak), unreadable, io.
  static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files);

  // The server's side of a connection over a non-blocking socket. nullptr: no memory.
  std::unique_ptr<TlsSession> accept(int socket) const;
  // Seconds since 1970 after which clients refuse our certificate.
  std::int64_t expires() const { return expires_; }
  // SHA-256 of our certificate, 64 hex digits.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::int64_t expires_ = 0;
  std::string fingerprint_;
};

// What one try came to, which never waits.
struct Transfer {
  ssize_t bytes = -1;                // > 0: done so much; 0: the other side has ended; -1: broken, unless
  std::optional<Task::Event> wants;  // it must be repeated when this has come
};

// Owned and used by one task, never across a wait inside a call.
class TlsSession {
 public:
  explicit TlsSession(SSL* session) : session_(session) {}

  Transfer handshake();  // bytes 1: done
  Transfer read(char* to, std::size_t size);
  Transfer write(const char* from, std::size_t size);
  // Tells the other side that nothing follows. Does not wait for its answer.
  void close();

  // Of the client, after the handshake: SHA-256 of the certificate (DER), 64 hex digits; empty without.
  std::string client_certificate() const;
  // Why the handshake failed, in OpenSSL's words, which quote nothing of the client's.
  const char* failure() const { return failure_; }
  // The client spoke HTTP without TLS.
  bool spoke_plain_http() const { return plain_http_; }

 private:
  Transfer outcome(int result);
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };
  std::unique_ptr<SSL, Free> session_;
  const char* failure_ = "";
  bool plain_http_ = false;
  bool broken_ = false;  // nothing more may be said, not even goodbye
};

}  // namespace fundtrail::api
