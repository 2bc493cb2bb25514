// fundtrail serve: the HTTP server of one ledger, until SIGTERM or SIGINT. SIGHUP reads the tokens anew,
// SIGUSR2 makes a backup.
#include <signal.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/command.h"
#include "api/http/routes.h"
#include "api/http/server.h"
#include "api/operations/backup.h"
#include "api/operations/notify.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"提供 HTTP 接口（只在本机地址上），直到收到 SIGTERM",
                        "serve the HTTP API (on loopback only) until SIGTERM"};
constexpr Message kRoutesHelp{"只列出接口地址", "only list the routes"};
constexpr Message kNotLoopback{
    "不能在“{0}”上监听：本服务不加密，只监听本机地址。对外服务请在前面加 TLS 反向代理。",
    "Cannot listen on \"{0}\": this server speaks plain HTTP and listens on loopback addresses "
    "only. Put a TLS proxy before it to serve others."};
constexpr Message kNoTokens{
    "没有令牌文件“{0}”。先签发令牌：fundtrail token new --ledger {1} --actor 编号 --role 角色",
    "There is no token file \"{0}\". Issue a token first: fundtrail token new --ledger {1} "
    "--actor ID --role ROLE"};
constexpr Message kNoTls{"本程序不提供 TLS，不能使用设置“{0}”；请在前面加 TLS 反向代理。",
                         "This program has no TLS, so \"{0}\" cannot be used; put a TLS proxy before it."};
constexpr Message kServing{"账套“{0}”正在 http://{1}:{2}/ 上服务；按 Ctrl-C 停止。",
                           "Serving the ledger \"{0}\" on http://{1}:{2}/ ; stop with Ctrl-C."};

struct ServeOptions {
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
void set_up_log(const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("fundtrail", std::make_shared<GatheredStderr>());
  logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

// Takes the signals that end or refresh the server away from every thread made after this, so that
// one thread waits for them in peace.
sigset_t hold_signals() {
  signal(SIGPIPE, SIG_IGN);  // a log reader or a client that goes away is no reason to die
  sigset_t held;
  sigemptyset(&held);
  for (const int one : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2}) sigaddset(&held, one);
  pthread_sigmask(SIG_BLOCK, &held, nullptr);
  return held;
}

// One backup at a time, in a thread of its own; a stop waits for it.
class Backups {
 public:
  Backups(Service& service, std::filesystem::path place)
      : service_(service), place_(std::move(place)) {}
  ~Backups() {
    if (thread_.joinable()) thread_.join();
  }
  void begin() {
    if (running_.exchange(true)) return spdlog::warn(R"("event":"a backup is being made already")");
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([this] {
      make();
      spdlog::default_logger_raw()->flush();
      running_ = false;
    });
  }

 private:
  void make() {
    auto& operations = service_.operations();
    if (place_.empty()) return spdlog::error(R"("event":"backup failed","message":"no place: set backups")");
    const auto now = service_.now();
    // One thread: requests go on beside it.
    const auto backup = make_backup(service_.ledger(), operations.directory,
                                    backup_place(place_, service_.id(), now), now, {.threads = 1});
    if (!backup.ok()) {
      operations.counters.backups_failed.fetch_add(1);
      return spdlog::error(R"("event":"backup failed","fault":"{}","message":"{}")",
                           name(backup.error().fault), json_text(backup.error().message));
    }
    operations.counters.backup_time.store(service_.now().unix_seconds());
    spdlog::info(R"("event":"backup made and verified","directory":"{}","entries":{},"root":"{}")",
                 json_text(backup->directory.string()), backup->entries, backup->root);
  }

  Service& service_;
  const std::filesystem::path place_;
  std::atomic<bool> running_{false};
  std::thread thread_;
};

void read_tokens(Service& service, const std::filesystem::path& tokens) {
  auto book = TokenBook::load(tokens);
  if (book) {
    service.set_tokens(std::move(*book));
    spdlog::info(R"("event":"tokens read")");
  } else {
    spdlog::error(R"("event":"tokens not read","message":"{}")", json_text(book.error().message));
  }
  spdlog::default_logger_raw()->flush();
}

// Waits for signals until the server is to end. SIGUSR1 is how the main thread ends the wait when the
// server stopped by itself.
void attend(const sigset_t& held, Server& server, Service& service, Backups& backups,
            const std::filesystem::path& tokens) {
  for (;;) {
    int received = 0;
    if (sigwait(&held, &received) != 0) continue;
    if (received == SIGHUP) {
      read_tokens(service, tokens);
    } else if (received == SIGUSR2) {
      backups.begin();
    } else {
      notify_supervisor("STOPPING=1");
      server.stop();
      return;
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

void announce(const Context& context, const Service& service, int port) {
  const auto& host = context.settings.text(Setting::host);
  context.print(kServing, service.id().str(), host, port);
  context.print_json({{"ledger", service.id().str()}, {"host", host}, {"port", port}});
  std::cout.flush();
  notify_supervisor("READY=1");
}

ServerOptions server_options(const Settings& settings) {
  const auto seconds = [&](Setting setting) { return std::chrono::seconds(settings.number(setting)); };
  ServerOptions options;
  options.host = settings.text(Setting::host);
  options.port = static_cast<int>(settings.number(Setting::port));
  options.threads = static_cast<std::size_t>(settings.number(Setting::threads));
  options.connections = static_cast<std::size_t>(settings.number(Setting::connections));
  options.limits.idle = seconds(Setting::idle_seconds);
  options.limits.request = seconds(Setting::request_seconds);
  options.limits.write = seconds(Setting::write_seconds);
  return options;
}

void set_up(const Context& context, Service& service) {
  if (context.clock) service.set_clock(*context.clock);
  auto& operations = service.operations();
  operations.directory = context.ledger;
  operations.limits.clock_tolerance_seconds =
      context.settings.number(Setting::clock_tolerance_seconds);
  operations.limits.disk_reserve_mb = context.settings.number(Setting::disk_reserve_mb);
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

Exit serve(const Context& context, const ServeOptions& options,
           std::shared_ptr<const TokenBook> book, const std::filesystem::path& tokens) {
  const auto held = hold_signals();
  Exit exit = Exit::fine;
  const auto ledger = open_ledger(context, options, exit);
  if (!ledger) return exit;
  auto service = Service::create(*ledger, std::move(book));
  if (!service) return context.fail(service.error());
  set_up(context, **service);
  auto server = Server::open(**service, server_options(context.settings));
  if (!server) return context.fail(server.error());
  set_up_log(context.settings.text(Setting::log_level));
  announce(context, **service, (*server)->port());
  Backups backups(**service, context.settings.text(Setting::backups));
  std::thread attendant([&] { attend(held, **server, **service, backups, tokens); });
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
  spdlog::default_logger_raw()->flush();
  return ended ? Exit::fine : Exit::io;
}

Exit run(const Context& context, const ServeOptions& options) {
  if (options.list_routes) return list_routes(context);
  const auto& settings = context.settings;
  for (const auto tls : {Setting::tls_certificate, Setting::tls_key, Setting::tls_client_ca}) {
    if (settings.text(tls).empty()) continue;
    return context.fail(Exit::usage, "no_tls", kNoTls, std::string(info(tls).name));
  }
  if (!is_loopback(settings.text(Setting::host))) {
    return context.fail(Exit::usage, "not_loopback", kNotLoopback, settings.text(Setting::host));
  }
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  std::filesystem::path tokens = settings.text(Setting::tokens);
  if (tokens.empty()) tokens = context.ledger / "tokens.json";
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
  for (const auto& setting : settings()) {
    if (!setting.everywhere) add_setting(*command, context, setting.setting);
  }
  command->add_flag("--list-routes", options->list_routes, both(kRoutesHelp));
  command->add_option("--sync-delay-us", options->sync_delay_us)->group("");
}

}  // namespace fundtrail::api::cli
