// fundtrail serve: the HTTP server of one ledger, until SIGTERM or SIGINT. SIGHUP reads the book of users and
// the files of TLS anew, SIGUSR2 makes a backup.
#include <signal.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "api/cli/attendant.h"
#include "api/cli/own_access_log.h"
#include "api/cli/serve_conditions.h"
#include "api/cli/users_file.h"
#include "api/http/book_watch.h"
#include "api/http/jobs.h"
#include "api/http/routes.h"
#include "api/http/server.h"
#include "api/operations/notify.h"

namespace fundtrail::api::cli {
namespace {

constexpr Message kHelp{"提供 HTTP 接口，直到收到 SIGTERM", "serve the HTTP API until SIGTERM"};
constexpr Message kRoutesHelp{"只列出接口地址", "only list the routes"};
constexpr Message kNoUsers{
    "没有用户簿“{0}”。先设立用户：fundtrail user add --ledger {1} --user 编号 --role 角色；"
    "或签发令牌：fundtrail token new --ledger {1} --actor 编号 --role 角色",
    "There is no book of users \"{0}\". Add a user first: fundtrail user add --ledger {1} --user ID "
    "--role ROLE; or issue a token: fundtrail token new --ledger {1} --actor ID --role ROLE"};
constexpr Message kUsersAside{
    "没有用户簿“{0}”，但有恢复备份时留下的“{0}.restored”：查看其中的用户和令牌（备份之后停用、撤销的会重新有效），改名为“{0}”，"
    "或另行设立用户。",
    "There is no book of users \"{0}\", but \"{0}.restored\" of a restored backup: look through its users and tokens (whoever "
    "was disabled or revoked since is good again) and rename it to \"{0}\", or add users."};
constexpr Message kServing{"账套“{0}”正在 {3}://{1}:{2}/ 上服务；按 Ctrl-C 停止。",
                           "Serving the ledger \"{0}\" on {3}://{1}:{2}/ ; stop with Ctrl-C."};

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

// The journal takes a line's priority from its beginning (sd-daemon(3)), and the rest as the line.
class JournalPriority : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    const std::string_view priority = message.level >= spdlog::level::err    ? "<3>"
                                      : message.level == spdlog::level::warn ? "<4>"
                                                                             : "<6>";
    out.append(priority.data(), priority.data() + priority.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JournalPriority>(); }
};

// One line of JSON an event, on stderr. Messages are the members, without braces.
void set_up_log(const std::string& level) {
  auto logger = std::make_shared<spdlog::logger>("fundtrail", std::make_shared<GatheredStderr>());
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  formatter->add_flag<JournalPriority>('*').set_pattern(
      std::string(to_journal ? "%*" : "") + R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

std::optional<TlsFiles> tls_files(const Settings& settings) {
  if (settings.text(Setting::tls_certificate).empty()) return std::nullopt;
  return TlsFiles{settings.text(Setting::tls_certificate), settings.text(Setting::tls_key),
                  settings.text(Setting::tls_client_ca)};
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

Exit list_routes(const Context& context) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& route : routes()) {
    all.push_back({{"method", route.method}, {"path", route.pattern}});
    if (route.method == "POST") all.back()["max_body"] = route.max_body;
    context.print(std::string(route.method) + " " + std::string(route.pattern));
  }
  context.print_json({{"routes", all}});
  return Exit::fine;
}

void announce(const Context& context, const Service& service, int port) {
  const auto& host = context.settings.text(Setting::host);
  context.print(kServing, service.id().str(), host, port,
                tls_files(context.settings) ? "https" : "http");
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
  options.connections = connections_within_limits(
      static_cast<std::size_t>(settings.number(Setting::connections)));
  options.tls = tls_files(settings);
  options.limits.idle = seconds(Setting::idle_seconds);
  options.limits.request = seconds(Setting::request_seconds);
  options.limits.write = seconds(Setting::write_seconds);
  return options;
}

void set_up(const Context& context, Service& service) {
  if (context.clock) service.set_clock(*context.clock);
  auto& operations = service.operations();
  operations.directory = context.ledger;
  operations.limits = limits_of(context.settings);
}

std::unique_ptr<Ledger> open_ledger(const Context& context, const ServeOptions& options,
                                    Exit& exit) {
  LedgerOptions with = context.options;
  with.sync_delay_us = options.sync_delay_us;
  return context.open_or_upgrade_ledger(exit, with);
}

// What is kept in memory beside the ledger, from what is there at the start.
void make_indexes(Ledger& ledger, Service& service, const std::atomic<bool>& ending) {
  const auto view = ledger.view();
  auto status = service.providers().catch_up(*view);
  if (status) status = service.entries().catch_up(*view, view->size(), &ending);
  if (!status) {
    spdlog::error(R"("event":"indexes","message":"{}")", json_text(status.error()));
    return;
  }
  spdlog::info(R"("event":"indexes","entries":{},"bytes":{})", service.entries().entries(),
               service.entries().bytes());
}

Exit serve(const Context& context, const ServeOptions& options,
           const std::filesystem::path& users) {
  // A dump would hold keys and identities, and no debugger of the same user is to read them either. Not a limit on the
  // size of dumps: the system does not keep to it where it hands them to another program.
  ::prctl(PR_SET_DUMPABLE, 0);
  const auto held = hold_signals();
  set_up_log(context.settings.text(Setting::log_level));
  Exit exit = Exit::fine;
  const auto ledger = open_ledger(context, options, exit);
  if (!ledger) return exit;
  auto identity = Identity::open(users, ledger->view()->id(), {});
  if (!identity) return context.refuse(identity.error());
  auto service = Service::create(*ledger, std::move(*identity));
  if (!service) return context.fail(service.error());
  set_up(context, **service);
  auto access_log = open_access_log(context, *ledger, unsigned(context.settings.number(Setting::access_log_months)),
                                    [&service] { return (*service)->now(); });
  if (!access_log) return context.fail(access_log.error());
  (*service)->set_access_log(access_log->get());
  if (const auto former = (*access_log)->former_records(); former != 0) {
    spdlog::warn(R"("event":"new access log","former records":{})", former);
  }
  const auto& backups = context.settings.text(Setting::backups);
  if (std::error_code error; !backups.empty() && !std::filesystem::is_directory(backups, error)) {
    spdlog::warn(R"("event":"no directory for backups","backups":"{}")", json_text(backups));
  }
  watch_book(**service);
  auto jobs = JobBoard::open(context.ledger / "jobs",
                             "/v1/ledgers/" + (*service)->id().str() + "/jobs",
                             [&service] { return (*service)->now(); });
  if (!jobs) return context.fail(jobs.error());
  (*service)->set_jobs(**jobs, context.ledger);
  auto server = Server::open(**service, server_options(context.settings));
  if (!server) return context.fail(server.error());
  announce(context, **service, (*server)->port());
  std::thread attendant([&] {
    attend(held, {.server = **server,
                  .service = **service,
                  .backups = {.place = context.settings.text(Setting::backups),
                              .users = users,
                              .kept = std::size_t(context.settings.number(Setting::backups_kept))},
                  .tls = tls_files(context.settings).has_value()});
  });
  // The first who asks should not wait for the indexes.
  std::atomic<bool> ending{false};
  std::thread indexing([&] { make_indexes(*ledger, **service, ending); });
  const bool ended = (*server)->run();
  ending = true;
  (*jobs)->stop();
  pthread_kill(attendant.native_handle(), SIGUSR1);
  attendant.join();
  indexing.join();
  if (auto status = (*service)->identity().flush(); !status) {
    spdlog::error(R"("event":"users not written","message":"{}")",
                  json_text(status.error()));
  }
  spdlog::default_logger_raw()->flush();
  return ended ? Exit::fine : Exit::io;
}

Exit run(const Context& context, const ServeOptions& options) {
  if (options.list_routes) return list_routes(context);
  if (const auto unmet = unmet_conditions(context.settings); !unmet.empty()) {
    return context.fail(Exit::usage, unmet.front().code, unmet.front().said);
  }
  Exit exit = Exit::fine;
  if (!context.has_ledger(exit)) return exit;
  const auto users = users_file(context);
  // Before the ledger is opened, which takes longer.
  if (auto status = take_over_tokens(users); !status) return context.refuse(status.error());
  auto book = UserBook::load(users);
  std::error_code unknown;
  if (!book && book.error().fault == Fault::not_found && std::filesystem::exists(users.string() + ".restored", unknown)) {
    return context.fail(Exit::refused, CliCode::no_users, kUsersAside, users.string());
  }
  if (!book && book.error().fault == Fault::not_found) {
    return context.fail(Exit::refused, CliCode::no_users, kNoUsers, users.string(),
                        context.ledger.string());
  }
  if (!book) return context.refuse(book.error());
  return serve(context, options, users);
}

}  // namespace

void add_serve_command(CLI::App& app, Context& context) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = add_command(app, context, "serve", kHelp,
                              [&context, options] {
                                context.both_languages = true;
                                return run(context, *options);
                              });
  for (const auto& setting : settings()) {
    if (!setting.everywhere) add_setting(*command, context, setting.setting);
  }
  command->add_flag("--list-routes", options->list_routes, both(kRoutesHelp));
  command->add_option("--sync-delay-us", options->sync_delay_us)->group("");
}

}  // namespace fundtrail::api::cli
