#include "api/http/tls.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string_view>

#include "api/identity/certificate.h"
#include "ledger/core/bilingual.h"

namespace fundtrail::api {
namespace {

constexpr char kSuites12[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr char kSuites13[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kGroups[] = "X25519:P-256:P-384";
constexpr int kSecurityLevel = 2;     // 112 bits: RSA of 2,048 bits at least, no SHA-1
constexpr long kSessionSeconds = 3600;
constexpr long kSessions = 4096;      // remembered; a few kilobytes each
constexpr unsigned char kContextId[] = "fundtrail";

// The last thing OpenSSL said; its queue is emptied.
const char* last_words() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* words = code == 0 ? nullptr : ERR_reason_error_string(code);
  return words == nullptr ? "no reason given" : words;
}

// OpenSSL speaks English only.
Error fault(Fault fault, const std::filesystem::path& file) {
  const std::string where = file.string() + (file.empty() ? "" : ": ") + last_words();
  return {fault, in_both("TLS 文件不可用：" + where, "TLS: " + where)};
}

Status check_file(const std::filesystem::path& file, mode_t forbidden) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    return Error{errno == ENOENT ? Fault::not_found : Fault::io,
                 in_both("无法打开 TLS 文件“" + file.string() + "”。", "TLS: cannot open " + file.string())};
  }
  if ((info.st_mode & forbidden) != 0) {
    return Error{Fault::invalid_argument,
                 in_both("TLS 文件“" + file.string() + "”可由他人读写，请执行 chmod 640 或 600。",
                         "TLS: others may read or write " + file.string() + "; chmod 640 it, or 600")};
  }
  return success();
}

// The names a client offers, each behind its length. RFC 7301, section 3.1.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned size, void*) {
  constexpr std::string_view kOurs = "http/1.1";
  for (unsigned at = 0; at < size; at += 1u + offered[at]) {
    if (size - at - 1 < offered[at]) break;
    if (std::string_view(reinterpret_cast<const char*>(offered) + at + 1, offered[at]) != kOurs) continue;
    *chosen = offered + at + 1;
    *length = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

// An encrypted key would ask for its password on a terminal that nobody looks at.
int no_password(char*, int, int, void*) { return -1; }

void set_policy(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_cipher_list(context, kSuites12);
  SSL_CTX_set_ciphersuites(context, kSuites13);
  SSL_CTX_set1_groups_list(context, kGroups);
  // Most clients just hang up, without TLS's goodbye. HTTP says itself where a body ends, so nothing can be
  // cut off unseen; without the option their sessions would be forgotten.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(context, kSessions);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  SSL_CTX_set_session_id_context(context, kContextId, sizeof kContextId - 1);
  // An answer may grow between two tries, and idle connections need no buffers.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);  // one system call a record instead of two
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_password);
}

std::int64_t expiry_of(const X509* certificate) {
  int days = 0;
  int seconds = 0;
  const std::unique_ptr<ASN1_TIME, decltype(&ASN1_TIME_free)> epoch(ASN1_TIME_set(nullptr, 0),
                                                                    ASN1_TIME_free);
  ASN1_TIME_diff(&days, &seconds, epoch.get(), X509_get0_notAfter(certificate));
  return std::int64_t{days} * 86'400 + seconds;
}

Status ask_for_clients(SSL_CTX* context, const std::filesystem::path& file) {
  if (auto readable = check_file(file, 0); !readable.ok()) return readable;
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file.c_str());
  if (names == nullptr || SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    sk_X509_NAME_pop_free(names, X509_NAME_free);
    return fault(Fault::unreadable, file);
  }
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return success();
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files) {
  constexpr mode_t kOthers = 027;  // a group may read the key (Debian's ssl-cert), nobody else
  if (auto found = check_file(files.certificate, 0); !found.ok()) return found.error();
  if (auto found = check_file(files.key, kOthers); !found.ok()) return found.error();
  ERR_clear_error();
  const auto made = std::make_shared<TlsContext>();
  made->context_.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made->context_.get();
  if (context == nullptr) return fault(Fault::io, {});
  set_policy(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return fault(Fault::unreadable, files.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    const bool other = ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_X509;
    if (!other) return fault(Fault::unreadable, files.key);
    return Error{Fault::invalid_argument,
                 in_both("TLS 私钥“" + files.key.string() + "”与证书“" + files.certificate.string() + "”不是一对。",
                         "TLS: the key " + files.key.string() + " is not that of the certificate " +
                             files.certificate.string())};
  }
  if (!files.client_ca.empty()) {
    if (auto asked = ask_for_clients(context, files.client_ca); !asked.ok()) return asked.error();
  }
  const X509* certificate = SSL_CTX_get0_certificate(context);
  made->expires_ = expiry_of(certificate);
  made->fingerprint_ = fingerprint_of(certificate);
  ERR_clear_error();
  return std::shared_ptr<const TlsContext>(made);
}

std::unique_ptr<TlsSession> TlsContext::accept(int socket) const {
  SSL* session = SSL_new(context_.get());
  if (session == nullptr) return nullptr;
  auto made = std::make_unique<TlsSession>(session);
  if (SSL_set_fd(session, socket) != 1) return nullptr;
  SSL_set_accept_state(session);
  return made;
}

// Reads OpenSSL's queue of errors, which belongs to the thread: no wait may come between the call and
// this.
Transfer TlsSession::outcome(int result) {
  if (result > 0) return {result, {}};
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {-1, Task::Event::readable};
    case SSL_ERROR_WANT_WRITE: return {-1, Task::Event::writable};
    case SSL_ERROR_ZERO_RETURN: return {0, {}};
    default: break;
  }
  broken_ = true;
  plain_http_ = ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_HTTP_REQUEST;
  failure_ = ERR_peek_last_error() == 0 ? "the client has gone" : last_words();
  return {-1, {}};
}

Transfer TlsSession::handshake() {
  ERR_clear_error();
  return outcome(SSL_do_handshake(session_.get()));
}

Transfer TlsSession::read(char* to, std::size_t size) {
  ERR_clear_error();
  return outcome(SSL_read(session_.get(), to, int(std::min<std::size_t>(size, INT_MAX))));
}

Transfer TlsSession::write(const char* from, std::size_t size) {
  ERR_clear_error();
  return outcome(SSL_write(session_.get(), from, int(std::min<std::size_t>(size, INT_MAX))));
}

void TlsSession::close() {
  if (broken_ || SSL_in_init(session_.get())) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

std::string TlsSession::client_certificate() const {
  const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(session_.get()),
                                                         X509_free);
  return fingerprint_of(peer.get());
}

}  // namespace fundtrail::api
