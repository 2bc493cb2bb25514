// fundtrail serve: the HTTP server of one ledger, until SIGTERM or SIGINT.
#include <signal.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <memory>
#include <thread>

#include "api/access_log/access_log.h"
#include "api/cli/command.h"
#include "api/cli/users_file.h"
#include "api/http/routes.h"
#include "api/http/server.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"提供 HTTP 接口，直到收到 SIGTERM", "serve the HTTP API until SIGTERM"};
constexpr Message kHostHelp{"监听地址（默认 127.0.0.1；非本机地址须启用 TLS）",
                            "address to listen on (default 127.0.0.1; others than loopback need TLS)"};
constexpr Message kCertificateHelp{"TLS 证书文件（PEM，含中间证书）",
                                   "TLS certificate with its chain, PEM"};
constexpr Message kKeyHelp{"TLS 私钥文件（PEM，不加密，权限 0600 或 0640）",
                           "TLS private key, PEM, not encrypted, mode 0600 or 0640"};
constexpr Message kClientCaHelp{"签发客户端证书的 CA（PEM）；给出后向客户端索取证书，但不强制",
                                "CAs of client certificates, PEM; clients are then asked for one, not "
                                "forced"};
constexpr Message kConnectionsHelp{"同时服务的连接数（默认 2000）",
                                   "connections served at the same time (default 2000)"};
constexpr Message kMonthsHelp{"访问日志保存的月数（不少于 6；默认 0 为一直保存）",
                              "months that the access log is kept: 6 at least; default 0, for ever"};
constexpr Message kHalfTls{"--tls-certificate 与 --tls-key 须同时给出；--tls-client-ca 须与二者一起使用。",
                           "--tls-certificate and --tls-key go together, and --tls-client-ca with both."};
constexpr Message kPortHelp{"端口（默认 8080；0 为任选）", "port (default 8080; 0: any free one)"};
constexpr Message kThreadsHelp{"同时处理的耗时请求数，如报表（默认 16）",
                               "long requests, such as reports, handled at the same time (default "
                               "16)"};
constexpr Message kRoutesHelp{"只列出接口地址", "only list the routes"};
constexpr Message kNotLoopback{
    "不能在“{0}”上监听：不加密的 HTTP 只监听本机地址。对外服务请给出 --tls-certificate 与 --tls-key。",
    "Cannot listen on \"{0}\": plain HTTP is served on loopback addresses only. Give "
    "--tls-certificate and --tls-key to serve others."};
constexpr Message kNoUsers{
    "没有用户簿“{0}”。先设立用户：fundtrail user add --ledger {1} --user 编号 --role 角色；"
    "或签发令牌：fundtrail token new --ledger {1} --actor 编号 --role 角色",
    "There is no book of users \"{0}\". Add a user first: fundtrail user add --ledger {1} --user ID "
    "--role ROLE; or issue a token: fundtrail token new --ledger {1} --actor ID --role ROLE"};
constexpr Message kServing{"账套“{0}”正在 {3}://{1}:{2}/ 上服务；按 Ctrl-C 停止。",
                           "Serving the ledger \"{0}\" on {3}://{1}:{2}/ ; stop with Ctrl-C."};

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::string users;
  int port = 8080;
  std::size_t threads = 16;
  std::size_t connections = 2000;
  std::string tls_certificate, tls_key, tls_client_ca;
  unsigned access_log_months = 0;
  bool list_routes = false;
  std::uint32_t sync_delay_us = 0;  // for fundtrail bench: stands in for a slower disk
};

// Standard error, written when the server has nothing else to do (api/http/loop.h), at an error, or
// when much has come together: one system call for many lines, where spdlog's own sink makes two for
// each.
class GatheredStderr final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  ~GatheredStderr() override { flush_(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    formatter_->format(message, lines_);
    if (lines_.size() > kGathered || message.level >= spdlog::level::err) flush_();
  }
  void flush_() override {
    for (std::size_t at = 0; at < lines_.size();) {
      const auto written = ::write(STDERR_FILENO, lines_.data() + at, lines_.size() - at);
      if (written < 0 && errno != EINTR) break;  // nobody reads the log any more
      if (written > 0) at += static_cast<std::size_t>(written);
    }
    lines_.clear();
  }

 private:
  static constexpr std::size_t kGathered = 64 << 10;  // bytes
  spdlog::memory_buf_t lines_;
};

// One line of JSON an event, on stderr. Messages are the members, without braces.
void set_up_log() {
  auto logger = std::make_shared<spdlog::logger>("fundtrail", std::make_shared<GatheredStderr>());
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
  spdlog::set_default_logger(std::move(logger));
}

// Takes the signals that end or refresh the server away from every thread made after this, so that
// one thread waits for them in peace.
sigset_t hold_signals() {
  signal(SIGPIPE, SIG_IGN);  // a log reader or a client that goes away is no reason to die
  signal(SIGXFSZ, SIG_IGN);  // nor is a limit on the size of files, which is then a failed write
  sigset_t held;
  sigemptyset(&held);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&held, one);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return held;
}

std::optional<TlsFiles> tls_files(const ServeOptions& options) {
  if (options.tls_certificate.empty()) return std::nullopt;
  return TlsFiles{options.tls_certificate, options.tls_key, options.tls_client_ca};
}

// A connection takes a descriptor, and the store and the logs take some. Takes as many as the system
// allows us; answers for how many connections they suffice.
std::size_t connections_within_limits(std::size_t wanted) {
  constexpr std::size_t kOurOwn = 400;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= wanted + kOurOwn) return wanted;
  const std::size_t possible = limit.rlim_cur > 2 * kOurOwn ? limit.rlim_cur - kOurOwn : kOurOwn / 2;
  spdlog::warn(R"("event":"fewer connections","wanted":{},"possible":{},"descriptors":{})", wanted,
               possible, limit.rlim_cur);
  return std::min(wanted, possible);
}

void read_tls_again(Server& server) {
  if (const auto read = server.reload_tls(); !read.ok()) {
    spdlog::error(R"("event":"TLS files not read","message":"{}")", json_text(read.error().message));
  }
}

// Waits for signals until the server is to end, and looks after the book of users once a second.
// SIGHUP reads the book and the files of TLS anew; SIGUSR1 is how the main thread ends the wait when the
// server stopped by itself.
void attend(const sigset_t& held, Server& server, Identity& identity, bool tls) {
  const timespec second{1, 0};
  bool well = true;  // a fault is said once, not every second
  for (;;) {
    const int received = sigtimedwait(&held, nullptr, &second);
    if (received < 0 && errno != EAGAIN) continue;
    if (received >= 0 && received != SIGHUP) {
      server.stop();
      return;
    }
    if (received == SIGHUP && tls) read_tls_again(server);
    const auto status = received == SIGHUP ? identity.reload() : identity.tick();
    if (!status && (well || received == SIGHUP)) {
      spdlog::error(R"("event":"users not read","message":"{}")",
                    json_text(status.error().message));
    } else if (status && received == SIGHUP) {
      spdlog::info(R"("event":"users read")");
    }
    well = status.ok();
  }
}

Exit list_routes(const Context& context) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& route : routes()) {
    all.push_back({{"method", route.method}, {"path", route.pattern}});
    context.print(std::string(route.method) + " " + std::string(route.pattern));
  }
  context.print_json({{"routes", all}});
  return Exit::fine;
}

void announce(const Context& context, const Service& service, const ServeOptions& options,
              int port) {
  context.print(kServing, service.id().str(), options.host, port,
                options.tls_certificate.empty() ? "http" : "https");
  context.print_json({{"ledger", service.id().str()}, {"host", options.host}, {"port", port}});
  std::cout.flush();
}

std::unique_ptr<Ledger> open_ledger(const Context& context, const ServeOptions& options,
                                    Exit& exit) {
  if (options.sync_delay_us == 0) return context.open_ledger(exit);
  LedgerOptions delayed = context.options;
  delayed.sync_delay_us = options.sync_delay_us;
  auto opened = Ledger::open(context.ledger, delayed);
  if (opened) return std::move(*opened);
  exit = context.fail(opened.error());
  return nullptr;
}

Result<std::unique_ptr<AccessLog>> open_access_log(const Context& context, const Ledger& ledger,
                                                   const Service& service, const ServeOptions& options) {
  const auto keys = context.options.keys.empty() ? context.ledger / "keys" : context.options.keys;
  return AccessLog::open({.directory = access_log_of(context.ledger),
                          .ledger = service.id(),
                          .key_name = ledger.verifier_key().name,
                          .signing_key = keys / "signing.pem",
                          .keep_months = options.access_log_months,
                          .now = [&service] { return service.now(); }});
}

Exit serve(const Context& context, const ServeOptions& options,
           const std::filesystem::path& users) {
  const auto held = hold_signals();
  set_up_log();
  const auto connections = connections_within_limits(options.connections);
  Exit exit = Exit::fine;
  const auto ledger = open_ledger(context, options, exit);
  if (!ledger) return exit;
  auto identity = Identity::open(users, ledger->view()->id(), {});
  if (!identity) return context.fail(identity.error());
  auto service = Service::create(*ledger, std::move(*identity));
  if (!service) return context.fail(service.error());
  if (context.clock) (*service)->set_clock(*context.clock);
  auto access_log = open_access_log(context, *ledger, **service, options);
  if (!access_log) return context.fail(access_log.error());
  (*service)->set_access_log(access_log->get());
  auto server = Server::open(**service, {.host = options.host,
                                         .port = options.port,
                                         .threads = options.threads,
                                         .connections = connections,
                                         .tls = tls_files(options)});
  if (!server) return context.fail(server.error());
  announce(context, **service, options, (*server)->port());
  std::thread attendant([&] {
    attend(held, **server, (*service)->identity(), tls_files(options).has_value());
  });
  // The first provider who asks should not wait for the index.
  std::thread indexing([&] {
    const auto view = ledger->view();
    if (auto status = (*service)->providers().catch_up(*view); !status) {
      spdlog::error(R"("event":"index of providers","message":"{}")",
                    json_text(status.error().message));
    }
  });
  const bool ended = (*server)->run();
  pthread_kill(attendant.native_handle(), SIGUSR1);
  attendant.join();
  indexing.join();
  if (auto status = (*service)->identity().flush(); !status) {
    spdlog::error(R"("event":"users not written","message":"{}")",
                  json_text(status.error().message));
  }
  spdlog::default_logger_raw()->flush();
  return ended ? Exit::fine : Exit::io;
}

Exit run(const Context& context, const ServeOptions& options) {
  if (options.list_routes) return list_routes(context);
  const bool whole = options.tls_certificate.empty() == options.tls_key.empty() &&
                     (options.tls_client_ca.empty() || !options.tls_key.empty());
  if (!whole) return context.fail(Exit::usage, "usage", kHalfTls);
  if (options.tls_key.empty() && !is_loopback(options.host)) {
    return context.fail(Exit::usage, "not_loopback", kNotLoopback, options.host);
  }
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  const auto users = users_file(context, options.users);
  // Before the ledger is opened, which takes longer.
  if (auto status = take_over_tokens(users); !status) return context.fail(status.error());
  auto book = UserBook::load(users);
  if (!book && book.error().fault == Fault::not_found) {
    return context.fail(Exit::refused, "no_users", kNoUsers, users.string(),
                        context.ledger.string());
  }
  if (!book) return context.fail(book.error());
  return serve(context, options, users);
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = add_command(app, context, "serve", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--host", options->host, both(kHostHelp));
  command->add_option("--port", options->port, both(kPortHelp))->check(CLI::Range(0, 65535));
  command->add_option("--users", options->users, both(kUsersHelp));
  command->add_option("--threads", options->threads, both(kThreadsHelp))
      ->check(CLI::Range(1, 4096));
  command->add_option("--connections", options->connections, both(kConnectionsHelp))
      ->check(CLI::Range(16, 30'000));
  command->add_option("--tls-certificate", options->tls_certificate, both(kCertificateHelp));
  command->add_option("--tls-key", options->tls_key, both(kKeyHelp));
  command->add_option("--tls-client-ca", options->tls_client_ca, both(kClientCaHelp));
  command->add_option("--access-log-months", options->access_log_months, both(kMonthsHelp))
      ->check(CLI::IsMember({0}) | CLI::Range(int(kLeastMonths), 1200));
  command->add_flag("--list-routes", options->list_routes, both(kRoutesHelp));
  command->add_option("--sync-delay-us", options->sync_delay_us)->group("");
}

}  // namespace fundtrail::api::cli
