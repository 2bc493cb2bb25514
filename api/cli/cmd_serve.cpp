// fundtrail serve: the HTTP server of one ledger, until SIGTERM or SIGINT.
#include <signal.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/command.h"
#include "api/http/jobs.h"
#include "api/http/routes.h"
#include "api/http/server.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"提供 HTTP 接口（只在本机地址上），直到收到 SIGTERM",
                        "serve the HTTP API (on loopback only) until SIGTERM"};
constexpr Message kHostHelp{"监听地址（默认 127.0.0.1，只能是本机地址）",
                            "address to listen on (default 127.0.0.1; loopback only)"};
constexpr Message kPortHelp{"端口（默认 8080；0 为任选）", "port (default 8080; 0: any free one)"};
constexpr Message kTokensHelp{"令牌文件（默认 账套目录/tokens.json），见 fundtrail token",
                              "token file (default: tokens.json in the ledger's directory); see "
                              "fundtrail token"};
constexpr Message kThreadsHelp{"同时处理的耗时请求数，如报表（默认 16）",
                               "long requests, such as reports, handled at the same time (default "
                               "16)"};
constexpr Message kRoutesHelp{"只列出接口地址", "only list the routes"};
constexpr Message kNotLoopback{
    "不能在“{0}”上监听：本服务不加密，只监听本机地址。对外服务请在前面加 TLS 反向代理。",
    "Cannot listen on \"{0}\": this server speaks plain HTTP and listens on loopback addresses "
    "only. Put a TLS proxy before it to serve others."};
constexpr Message kNoTokens{
    "没有令牌文件“{0}”。先签发令牌：fundtrail token new --ledger {1} --actor 编号 --role 角色",
    "There is no token file \"{0}\". Issue a token first: fundtrail token new --ledger {1} "
    "--actor ID --role ROLE"};
constexpr Message kServing{"账套“{0}”正在 http://{1}:{2}/ 上服务；按 Ctrl-C 停止。",
                           "Serving the ledger \"{0}\" on http://{1}:{2}/ ; stop with Ctrl-C."};

struct ServeOptions {
  std::string host = "127.0.0.1";
  std::string tokens;
  int port = 8080;
  std::size_t threads = 16;
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
  sigset_t held;
  sigemptyset(&held);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&held, one);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return held;
}

// Waits for signals until the server is to end. SIGHUP reads the tokens anew; SIGUSR1 is how the
// main thread ends the wait when the server stopped by itself.
void attend(const sigset_t& held, Server& server, Service& service,
            const std::filesystem::path& tokens) {
  for (;;) {
    int received = 0;
    if (sigwait(&held, &received) != 0) continue;
    if (received != SIGHUP) {
      server.stop();
      return;
    }
    auto book = TokenBook::load(tokens);
    if (book) {
      service.set_tokens(std::move(*book));
      spdlog::info(R"("event":"tokens read")");
    } else {
      spdlog::error(R"("event":"tokens not read","message":"{}")",
                    json_text(book.error().message));
    }
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
  context.print(kServing, service.id().str(), options.host, port);
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

// What is kept in memory beside the ledger, from what is there at the start.
void make_indexes(Ledger& ledger, Service& service, const std::atomic<bool>& ending) {
  const auto view = ledger.view();
  auto status = service.providers().catch_up(*view);
  if (status) status = service.entries().catch_up(*view, view->size(), &ending);
  if (!status) {
    spdlog::error(R"("event":"indexes","message":"{}")", json_text(status.error().message));
    return;
  }
  spdlog::info(R"("event":"indexes","entries":{},"bytes":{})", service.entries().entries(),
               service.entries().bytes());
}

Exit serve(const Context& context, const ServeOptions& options,
           std::shared_ptr<const TokenBook> book, const std::filesystem::path& tokens) {
  const auto held = hold_signals();
  Exit exit = Exit::fine;
  const auto ledger = open_ledger(context, options, exit);
  if (!ledger) return exit;
  auto service = Service::create(*ledger, std::move(book));
  if (!service) return context.fail(service.error());
  if (context.clock) (*service)->set_clock(*context.clock);
  set_up_log();
  auto jobs = JobBoard::open(context.ledger / "jobs",
                             "/v1/ledgers/" + (*service)->id().str() + "/jobs",
                             [&service] { return (*service)->now(); });
  if (!jobs) return context.fail(jobs.error());
  (*service)->set_jobs(**jobs, context.ledger);
  auto server = Server::open(**service, {.host = options.host,
                                         .port = options.port,
                                         .threads = options.threads});
  if (!server) return context.fail(server.error());
  announce(context, **service, options, (*server)->port());
  std::thread attendant([&] { attend(held, **server, **service, tokens); });
  // The first who asks should not wait for the indexes.
  std::atomic<bool> ending{false};
  std::thread indexing([&] { make_indexes(*ledger, **service, ending); });
  const bool ended = (*server)->run();
  ending = true;
  (*jobs)->stop();
  pthread_kill(attendant.native_handle(), SIGUSR1);
  attendant.join();
  indexing.join();
  spdlog::default_logger_raw()->flush();
  return ended ? Exit::fine : Exit::io;
}

Exit run(const Context& context, const ServeOptions& options) {
  if (options.list_routes) return list_routes(context);
  if (!is_loopback(options.host)) {
    return context.fail(Exit::usage, "not_loopback", kNotLoopback, options.host);
  }
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  const std::filesystem::path tokens =
      options.tokens.empty() ? context.ledger / "tokens.json"
                             : std::filesystem::path(options.tokens);
  auto book = TokenBook::load(tokens);
  if (!book && book.error().fault == Fault::not_found) {
    return context.fail(Exit::refused, "no_tokens", kNoTokens, tokens.string(),
                        context.ledger.string());
  }
  if (!book) return context.fail(book.error());
  return serve(context, options, std::move(*book), tokens);
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = add_command(app, context, "serve", kHelp,
                              [&context, options] { return run(context, *options); });
  command->add_option("--host", options->host, both(kHostHelp));
  command->add_option("--port", options->port, both(kPortHelp))->check(CLI::Range(0, 65535));
  command->add_option("--tokens", options->tokens, both(kTokensHelp));
  command->add_option("--threads", options->threads, both(kThreadsHelp))
      ->check(CLI::Range(1, 4096));
  command->add_flag("--list-routes", options->list_routes, both(kRoutesHelp));
  command->add_option("--sync-delay-us", options->sync_delay_us)->group("");
}

}  // namespace fundtrail::api::cli
