#include "api/http/server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <random>
#include <thread>

#include "api/access_log/access_log.h"
#include "api/http/book_watch.h"
#include "api/http/disclosure.h"
#include "api/http/handlers.h"
#include "api/http/routes.h"
#include "ledger/core/bilingual.h"
#include "ledger/core/personal_number.h"
#include "ledger/core/wording.h"

namespace fundtrail::api {
namespace {

constexpr int kBacklog = 1024;  // cpp-httplib's own of 5 makes a burst of connects wait for seconds

constexpr std::chrono::milliseconds kNoDescriptors{10};  // until one may be free again

constexpr std::size_t kSmallBody = 16 << 10;  // bytes of a write that a loop handles itself

// The exchange that the running task is busy with.
Exchange& current() { return *static_cast<Exchange*>(Task::current()->local); }

// Tells requests apart, in the logs and for the caller; it need not be hard to guess.
std::string random_id() {
  thread_local std::mt19937_64 random = [] {
    std::uint64_t seed = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&seed), sizeof seed);
    return std::mt19937_64(seed);
  }();
  for (;;) {
    const std::uint64_t bits = random();
    auto id = chain::to_hex(std::string_view(reinterpret_cast<const char*>(&bits), sizeof bits));
    // One in a thousand looks like somebody's number and would be masked in the access log.
    if (masked(id) == id) return id;
  }
}

constexpr char kTransportSecurity[] = "max-age=31536000";  // a year of HTTPS only, RFC 6797

// Numerical; empty when it cannot be told.
std::string address_of(const sockaddr_storage& from, socklen_t size) {
  char host[NI_MAXHOST];
  const auto* address = reinterpret_cast<const sockaddr*>(&from);
  if (getnameinfo(address, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return host;
}

// Half of the cores: the writer, the workers and the store's own threads want the others.
std::size_t loop_count() { return std::clamp(std::thread::hardware_concurrency() / 2, 1u, 4u); }

}  // namespace

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

Server::Server(Service& service, const ServerOptions& options)
    : service_(service), options_(options) {
  const auto loops = loop_count();
  for (std::size_t i = 0; i < loops; ++i) {
    // The log is written out when a loop has nothing else to do, many lines at a time under load.
    loops_.push_back(std::make_unique<Loop>(std::max<std::size_t>(1, options.connections / loops),
                                            [] { spdlog::default_logger_raw()->flush(); }));
  }
}

Server::~Server() {
  if (svr_sock_ != INVALID_SOCKET) ::close(svr_sock_);
}

Result<std::unique_ptr<Server>> Server::open(Service& service, const ServerOptions& options) {
  if (!options.tls && !is_loopback(options.host)) {
    return Error{Fault::invalid_argument, in_both(options.host + " 不是本机地址，须配置 TLS 证书才能提供服务。",
                         options.host + " is not a loopback address and needs TLS")};
  }
  std::unique_ptr<Server> server(new Server(service, options));
  if (options.tls) {
    if (auto loaded = server->reload_tls(); !loaded.ok()) return loaded.error();
  }
  for (const auto& loop : server->loops_) {
    if (!loop->good()) return Error{Fault::io, in_both("系统的文件描述符不足，无法提供服务。", "no event descriptors to be had")};
  }
  server->set_payload_max_length(kLarge);
  // Only what the Keep-Alive header says; the waiting itself is Connection's.
  server->set_keep_alive_max_count(options.requests_per_connection);
  server->set_keep_alive_timeout(
      std::chrono::duration_cast<std::chrono::seconds>(options.limits.idle).count());
  // Without SO_REUSEPORT, which the library sets: a second server on the port must fail.
  server->set_socket_options([](socket_t socket) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  server->set_handlers();
  server->port_ = options.port;
  const bool bound = options.port == 0
                         ? (server->port_ = server->bind_to_any_port(options.host)) > 0
                         : server->bind_to_port(options.host, options.port);
  if (!bound) {
    const auto place = options.host + ":" + std::to_string(options.port);
    return Error{Fault::unavailable, in_both("无法在 " + place + " 上监听；该端口是否已被占用？",
                                             "cannot listen on " + place + "; is it in use?")};
  }
  ::listen(server->svr_sock_, kBacklog);
  return server;
}

void Server::set_handlers() {
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    Exchange& exchange = current();
    if (exchange.problem) {
      answer(exchange, response, *exchange.problem);
      return HandlerResponse::Handled;
    }
    if (exchange.route->method == "POST") return HandlerResponse::Unhandled;
    handle(exchange, request, response);
    if (exchange.stream) send_stream(exchange, response);
    return HandlerResponse::Handled;
  });
  // The route is found already; the library's own way by regular expressions sees an empty path.
  Post("", [this](const httplib::Request& request, httplib::Response& response,
                            const httplib::ContentReader& read) {
    read_and_answer(request, response, read);
  });
  // Without a handler a client that waits for "100 Continue" would send a body we do not want.
  set_expect_100_continue_handler([](const httplib::Request&, httplib::Response& response) {
    Exchange& exchange = current();
    if (!exchange.problem) return 100;
    answer(exchange, response, *exchange.problem);
    return response.status;
  });
  set_error_handler(HandlerWithResponse(
      [this](const httplib::Request&, httplib::Response& response) {
        if (response.body.empty()) answer_unrouted(response);
        return HandlerResponse::Handled;
      }));
  set_exception_handler([](const httplib::Request&, httplib::Response& response,
                           std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      // Only the kind: the words of an exception may quote what somebody sent.
      answer(current(), response, Error{Fault::io, std::string("exception ") + typeid(e).name()});
    } catch (...) {
      answer(current(), response, Error{Fault::io, "unknown exception"});
    }
  });
  set_post_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    finish(request, response);
  });
  set_logger([](const httplib::Request&, const httplib::Response& response) {
    Exchange& exchange = current();
    exchange.status = response.status;
    exchange.bytes += response.body.size();
  });
}

// What the library refuses by itself, before or instead of a handler.
void Server::answer_unrouted(httplib::Response& response) {
  Exchange& exchange = current();
  if (exchange.request_id.empty()) exchange.request_id = random_id();
  const int status = response.status;
  Problem problem = problem_of(Protocol::malformed_request, "request line, a header or the framing, or a line over 8 KiB, or a head over 64 KiB");
  if (status == 414) problem = problem_of(Protocol::uri_too_long);
  if (status == 404) problem = problem_of(Protocol::not_found, "address");
  if (status == 413 && exchange.route) problem = too_large(exchange);
  if (status >= 500) problem = problem_of(Protocol::internal, "http");
  answer(exchange, response, problem);
}

void Server::finish(const httplib::Request&, httplib::Response& response) {
  Exchange& exchange = current();
  if (!exchange.refusals.empty()) keep_refusals(service_, exchange);
  if (exchange.framing.declared() && !exchange.body_read) exchange.must_close = true;
  response.set_header("X-Request-Id", exchange.request_id);
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  if (!response.has_header("Content-Security-Policy")) {
    response.set_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  if (options_.tls) response.set_header("Strict-Transport-Security", kTransportSecurity);
  if (!response.has_header("Cache-Control")) response.set_header("Cache-Control", "no-store");
  // An entry's body is its exact bytes; a part of it is no answer. The library says of a HEAD that it were.
  response.headers.erase("Accept-Ranges");
  if (exchange.method == "GET" || exchange.method == "HEAD") response.set_header("Accept-Ranges", "none");
  if (exchange.must_close || !exchange.head_read || stopping_) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  }
}

void Server::read_and_answer(const httplib::Request& request, httplib::Response& response,
                             const httplib::ContentReader& read) {
  Exchange& exchange = current();
  auto& body = const_cast<httplib::Request&>(request).body;  // the library's own, still unused
  constexpr std::size_t kPadding = 64;  // simdjson reads past the end
  body.reserve(exchange.framing.length.value_or(0) + kPadding);
  const std::size_t most = exchange.route->max_body;
  std::optional<Problem> problem;
  const bool complete = read([&](const char* data, size_t size) {
    const auto grown = body.size() + size;
    if (grown > most) {
      problem = too_large(exchange);
    } else if (exchange.framing.chunked && body.size() <= BodyRoom::kSmallBody && grown > BodyRoom::kSmallBody) {
      // How long it will be, chunks do not tell. Growing by and by would take twice the memory.
      if (has_room(exchange, most)) {
        body.reserve(most + kPadding);
      } else {
        problem = problem_of(Protocol::unavailable);
      }
    }
    if (!problem) body.append(data, size);
    return !problem;
  });
  exchange.body_read = complete;
  if (problem) return answer(exchange, response, *problem);
  if (!complete) {
    return answer(exchange, response,
                  problem_of(Protocol::malformed_request, "the body ends too early, or the size of a chunk is not acceptable"));
  }
  handle(exchange, request, response);
}

void Server::handle(Exchange& exchange, const httplib::Request& request,
                    httplib::Response& response) {
  const auto run = [&] { exchange.route->answer(service_, exchange, request, response); };
  // A small write takes microseconds; what reads the store for regions takes longer. A disk that hangs
  // holds up whoever asks it whether it is full, and must not hold up /healthz.
  const bool quick = exchange.route->method == "POST"
                         ? exchange.route->answer == post_entries &&
                               request.body.size() <= kSmallBody && request.params.empty() &&
                               !(exchange.caller && exchange.caller->limited())
                         : exchange.route->access == Access::open && exchange.route->answer != get_ready;
  if (quick) return run();
  // Nothing is done with users that the log could not tell of.
  const AccessLog* const log = service_.access_log();
  if (may_manage(exchange) && log != nullptr && log->failing()) {
    return answer(exchange, response, problem_of(Protocol::unavailable));
  }
  on_worker([&] {
    const Acting acting(exchange);
    run();
  });
  // What is not in the access log does not leave.
  find_disclosure(request, response, exchange);
  const bool kept = keep_done(service_, exchange, response.status);
  if (!kept || (exchange.disclosure && !keep_disclosure(service_, exchange, response.status))) {
    exchange.stream.reset();
    response.headers.clear();
    answer(exchange, response, problem_of(Protocol::unavailable));
  }
}

void Server::on_worker(const std::function<void()>& work) {
  Task& task = *Task::current();
  std::exception_ptr thrown;
  workers_->enqueue([&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
    task.wake();
  });
  task.sleep();
  if (thrown) std::rethrow_exception(thrown);
}

void Server::send_stream(Exchange& exchange, httplib::Response& response) {
  const auto media_type = response.get_header_value("Content-Type");
  response.headers.erase("Content-Type");  // the library sets it once more
  response.set_chunked_content_provider(
      media_type, [this, &exchange](size_t, httplib::DataSink& sink) {
        if (stopping_) return false;  // a stop waits for answers, not for slow readers of long ones
        std::string piece;
        Status status = success();
        try {
          on_worker([&] { status = exchange.stream->next(piece); });
        } catch (const std::exception& e) {
          // The library catches what a handler throws, and nothing here. Only the kind: see above.
          status = Error{Fault::io, std::string("exception ") + typeid(e).name()};
        }
        if (!status) {
          spdlog::error(R"("request":"{}","fault":"{}","message":"{}")", exchange.request_id,
                        name(status.error().fault), json_text(status.error()));
          exchange.problem_code = "broken-off";
          return false;
        }
        exchange.bytes += piece.size();
        if (piece.empty()) {
          sink.done();
          return true;
        }
        return sink.write(piece.data(), piece.size());
      });
}

// Until stop(), or until the listening socket fails.
bool Server::accept_clients() {
  while (!stopping_) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    auto* address = reinterpret_cast<sockaddr*>(&from);
    const int socket = ::accept4(svr_sock_, address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0) {
      auto& loop = *loops_[next_loop_++ % loops_.size()];
      loop.spawn([this, socket, peer = address_of(from, size)](Task* task) {
        if (task != nullptr && task->watch(socket)) return serve(*task, socket, peer);
        ::close(socket);  // no place, and nobody idle who could give up one
      });
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      std::this_thread::sleep_for(kNoDescriptors);
    } else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) {
      break;
    }  // else a signal, or a client that went away before it was met
  }
  return stopping_;
}

void Server::serve(Task& task, socket_t socket, const std::string& address) {
  auto& counters = service_.operations().counters;
  counters.accepted.fetch_add(1, std::memory_order_relaxed);
  counters.connections.fetch_add(1, std::memory_order_relaxed);
  // Not on the task's own stack, which is small.
  const auto connection = std::make_unique<Connection>(task, socket, address, options_.limits);
  const auto tls = std::atomic_load(&tls_);
  bool unread = false;
  if (!tls || connection->shake_hands(*tls)) serve_requests(task, *connection, unread);
  connection->close(unread);
  counters.connections.fetch_sub(1, std::memory_order_relaxed);
}

void Server::serve_requests(Task& task, Connection& connection, bool& unread) {
  std::size_t served = 0;
  while (connection.wait_for_request()) {
    task.give_way(Task::Clock::now());
    Exchange exchange;
    exchange.address = connection.address();
    exchange.tls = options_.tls.has_value();
    exchange.client_certificate = connection.client_certificate();
    task.local = &exchange;
    const bool last = stopping_ || ++served >= options_.requests_per_connection;
    bool closed = false;
    bool written = false;
    try {
      written = process_request(connection, last, closed, [&](httplib::Request& request) {
        exchange.framing = connection.head_done();
        enter(request);
      });
    } catch (const std::exception& e) {
      // No memory, outside of what the library guards: this connection's end, and nobody else's.
      spdlog::error(R"("request":"{}","message":"exception {}")", exchange.request_id, typeid(e).name());
      exchange.must_close = true;
    }
    const bool sent = connection.flush();
    if (exchange.status != 0) log(exchange);
    unread = exchange.must_close || !exchange.head_read;
    if (!written || !sent || closed || last || unread || stopping_) break;
  }
  task.local = nullptr;
}

bool Server::run() {
  spdlog::info(R"("event":"listening","host":"{}","port":{},"ledger":"{}","threads":{},"tls":{})",
               options_.host, port_, service_.id().str(), options_.threads, tls_ != nullptr);
  workers_ = std::make_unique<Workers>(options_.threads);
  for (auto& loop : loops_) loop->start();
  const bool ended = accept_clients();
  for (auto& loop : loops_) loop->stop();
  for (auto& loop : loops_) loop->join();
  workers_.reset();
  spdlog::info(R"("event":"stopped")");
  return ended;
}

void Server::stop() {
  service_.operations().stopping = true;
  stopping_ = true;
  ::shutdown(svr_sock_, SHUT_RDWR);  // accept() returns; listening or not yet
}

Status Server::reload_tls() {
  auto loaded = TlsContext::load(*options_.tls);
  if (!loaded.ok()) return loaded.error();
  spdlog::info(R"("event":"TLS certificate","sha256":"{}","expires":{})", (*loaded)->fingerprint(),
               (*loaded)->expires());
  service_.operations().counters.certificate_expires.store((*loaded)->expires());
  std::atomic_store(&tls_, std::move(*loaded));
  return success();
}

void Server::log(const Exchange& exchange) const {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - exchange.begin);
  service_.operations().counters.answered(exchange.route, exchange.status,
                                          std::uint64_t(took.count()));
  // The route and never the address: an address may hold what somebody typed.
  spdlog::info(
      R"("request":"{}","method":"{}","route":"{}","status":{},"problem":"{}",)"
      R"("actor":"{}","role":"{}","bytes":{},"us":{})",
      exchange.request_id, exchange.method, exchange.route ? exchange.route->pattern : "-",
      exchange.status, exchange.problem_code,
      exchange.caller ? std::string_view(exchange.caller->user) : "-",
      exchange.caller ? name_of(exchange.caller->actor.role) : "-", exchange.bytes, took.count());
}

void Server::enter(httplib::Request& request) {
  Exchange& exchange = current();
  exchange.head_read = true;
  exchange.method = request.method;
  const auto fields = find_fields(request.headers);
  const auto& wanted = fields.request_id.value();
  // It goes into logs and answers, and must not carry an identity number there.
  const bool fine = is_well_formed_id(wanted) && masked(wanted) == wanted && !holds_personal_number(wanted);
  exchange.request_id = fine ? wanted : random_id();
  // No ranges and no compression: an entry's body is its exact bytes.
  request.ranges.clear();
  if (fields.range.count != 0) request.headers.erase("Range");
  if (fields.accept_encoding.count != 0) request.headers.erase("Accept-Encoding");
  check_framing(request, exchange);
  if (!exchange.problem) check_route(request, exchange);
  if (exchange.route) request.path.clear();  // see Post() above
  if (!exchange.problem) check_caller(request, fields, exchange);
  if (!exchange.problem) check_parameters(request, exchange);
  if (!exchange.problem) check_condition(fields, exchange);
  if (!exchange.problem && exchange.route->method == "POST") check_write(fields, exchange);
}

}  // namespace fundtrail::api
