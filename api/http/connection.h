// One accepted connection, with TLS or without, as cpp-httplib's Stream, with what its own stream lacks:
// waiting without a thread (api/http/loop.h), a deadline for a whole request (a client that sends a byte every few
// seconds is not waited for longer than that), a bound on the size of a request's head, answers that
// leave in one write, and an idle wait that ends when the server stops or needs the place.
//
// Owned and used by one task.
#pragma once

#include <httplib.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/framing.h"
#include "api/http/loop.h"
#include "api/http/tls.h"

namespace fundtrail::api {

struct ConnectionLimits {
  std::chrono::milliseconds handshake{10'000};  // of TLS
  std::chrono::milliseconds idle{60'000};     // between two requests
  std::chrono::milliseconds request{30'000};  // from a request's first byte to its last
  std::chrono::milliseconds write{15'000};    // for one answer
  std::size_t max_head = 64 << 10;            // bytes of request line and headers
};

class Connection final : public httplib::Stream {
 public:
  // Takes the socket, which does not block, over. The task is the one that runs.
  Connection(Task& task, socket_t socket, std::string address, const ConnectionLimits& limits);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Before the first request, when TLS is spoken. False when it cannot be; then only close() is left.
  bool shake_hands(const TlsContext& tls);
  // Waits for the first byte of the next request; false when there will be none.
  bool wait_for_request();
  // The head has been read: what follows is the body.
  BodyFraming head_done() { return framing_.end_head(); }
  // Sends what was written since the last flush. False when the client has gone.
  bool flush();
  // Ends the connection. With `unread` the client may still be sending: it gets time to read the
  // answer before the connection is reset.
  void close(bool unread);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  // Numerical, of the other end: a client, or a proxy before us.
  const std::string& address() const { return address_; }
  // Of the client; empty without TLS or without a certificate.
  const std::string& client_certificate() const { return client_certificate_; }
  // The library asks for every request, and makes header fields of it that nobody reads.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;
  Transfer try_receive(char* to, size_t size);
  Transfer try_send(const char* from, size_t size);
  ssize_t receive();
  bool wait_for_record();

  Task& task_;
  socket_t socket_;
  const std::string address_;
  const ConnectionLimits& limits_;
  std::unique_ptr<TlsSession> tls_;  // nullptr: plain
  std::string client_certificate_;
  Clock::time_point deadline_{};
  Framing framing_;
  std::array<char, 16 << 10> in_;
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;
};

}  // namespace fundtrail::api
