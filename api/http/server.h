// The HTTP server: cpp-httplib for the protocol; around it our own waiting (api/http/loop.h) instead
// of its thread a connection; and the door: what is checked before a handler runs.
//
// A connection is a task of a loop. Small writes are handled there: they take microseconds, and while
// the ledger syncs them the loop serves others. Everything else is handled by a worker.
//
//   auto server = Server::open(service, {.port = 8080});   // bound; a taken port is an error
//   (*server)->run();                                       // until stop()
//
// Plain HTTP is spoken on loopback addresses only; any other needs TLS (api/http/tls.h).
// Thread-safety: stop() and reload_tls() from any thread.
#pragma once

#include <httplib.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/body_room.h"
#include "api/http/connection.h"
#include "api/http/exchange.h"
#include "api/http/head_fields.h"
#include "api/http/loop.h"
#include "api/http/service.h"
#include "api/http/tls.h"
#include "api/http/workers.h"
#include "ledger/core/result.h"

namespace fundtrail::api {

struct ServerOptions {
  std::string host = "127.0.0.1";
  int port = 8080;  // 0: any free one
  std::size_t threads = 16;        // workers: long requests handled at the same time
  std::size_t connections = 2000;  // served at a time; each takes a descriptor
  std::optional<TlsFiles> tls = {};  // nothing: plain HTTP
  std::size_t requests_per_connection = 100'000;
  ConnectionLimits limits = {};
};

// Whether the host is a name or address of this machine's loopback.
bool is_loopback(const std::string& host);

// That its body is larger than its route takes.
Problem too_large(const Exchange& exchange);

class Server final : private httplib::Server {
 public:
  // Binds. invalid_argument: plain HTTP on another address than loopback; unavailable: the port is
  // taken; the faults of TlsContext::load().
  static Result<std::unique_ptr<Server>> open(Service& service, const ServerOptions& options);
  ~Server() override;

  int port() const { return port_; }
  // Serves until stop(). Requests in flight at that moment are finished and answered. False when
  // the listening socket failed by itself.
  bool run();
  void stop();
  // Reads the files of TLS again, for the connections that come from now on. After a fault it goes on
  // with what it had. Precondition: options.tls.
  Status reload_tls();

 private:
  Server(Service& service, const ServerOptions& options);
  bool accept_clients();
  void serve(Task& task, socket_t socket, const std::string& address);
  void serve_requests(Task& task, Connection& connection, bool& unread);
  // Runs the route's handler: here, or on a worker while the task sleeps.
  void handle(Exchange& exchange, const httplib::Request& request, httplib::Response& response);
  // Runs it on a worker while the task sleeps. What it throws is thrown here.
  void on_worker(const std::function<void()>& work);

  // Has the library ask for the answer's pieces, each made by a worker.
  void send_stream(Exchange& exchange, httplib::Response& response);

  // The door, in order: what the head of the request says before its body is read.
  void enter(httplib::Request& request);
  void check_framing(httplib::Request& request, Exchange& exchange);
  void check_route(const httplib::Request& request, Exchange& exchange);
  void check_caller(const httplib::Request& request, const HeadFields& fields, Exchange& exchange);
  void check_pause(const Caller& who, Exchange& exchange);
  void check_parameters(const httplib::Request& request, Exchange& exchange);
  void check_condition(const HeadFields& fields, Exchange& exchange);
  void check_write(const HeadFields& fields, Exchange& exchange);
  void check_key(const HeadFields& fields, Exchange& exchange);
  bool has_room(Exchange& exchange, std::size_t bytes);

  void set_handlers();
  void read_and_answer(const httplib::Request& request, httplib::Response& response,
                       const httplib::ContentReader& read);
  void answer_unrouted(httplib::Response& response);
  void finish(const httplib::Request& request, httplib::Response& response);
  void log(const Exchange& exchange) const;

  Service& service_;
  ServerOptions options_;
  int port_ = 0;
  std::shared_ptr<const TlsContext> tls_;  // exchanged atomically
  std::atomic<bool> stopping_{false};
  BodyRoom body_room_;
  std::unique_ptr<Workers> workers_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::size_t next_loop_ = 0;  // of the accepting thread
};

}  // namespace fundtrail::api
