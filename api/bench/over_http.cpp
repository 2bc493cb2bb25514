// Redemptions through a server process of its own, over kept connections on the loopback.
#include <fstream>
#include <thread>

#include "api/bench/bench.h"
#include "api/bench/load.h"
#include "api/bench/machine.h"
#include "api/identity/manage.h"
#include "api/identity/user_book.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::api::bench {
namespace {

constexpr std::size_t kClients = 64;
constexpr std::size_t kBatchClients = 4;

// A served ledger. The server is stopped before the ledger's directory disappears.
class Served {
 public:
  static Result<std::unique_ptr<Served>> start(const Setting& setting,
                                               ScratchDirectory directory);
  // One run: every command once, over so many connections.
  struct Run {
    LoadResult load;
    double processor_seconds = 0;  // of the server
  };
  Result<Run> run(const std::vector<Command>& commands, std::size_t connections);

 private:
  Served(ScratchDirectory directory, std::string token, Child child, int port)
      : directory_(std::move(directory)),
        token_(std::move(token)),
        child_(std::move(child)),
        port_(port) {}

  ScratchDirectory directory_;
  std::string token_;
  Child child_;
  int port_;
};

// The server prints one JSON value with its port when it listens.
Result<int> port_of(Child& child, const std::filesystem::path& output) {
  for (int i = 0; i < 3'000 && child.running(); ++i) {
    std::ifstream in(output);
    std::string line;
    if (std::getline(in, line) && !in.eof()) {
      const auto value = nlohmann::json::parse(line, nullptr, false);
      if (value.is_object() && value.contains("port")) return value["port"].get<int>();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return Error{Fault::io, "the server did not start"};
}

Result<std::unique_ptr<Served>> Served::start(const Setting& setting,
                                              ScratchDirectory directory) {
  const auto ledger = directory.path() / "ledger";
  auto token = mint_token();
  if (!token) return token.error();
  auto issued = alter(ledger / "users.json", [&](std::vector<User>& users) {
    NewUser fresh;
    fresh.id = *ActorId::parse("wang.fang");
    fresh.roles = {Role::preparer};
    token->token.role = Role::preparer;
    add_user(users, fresh, nullptr, system_seconds());
    return issue_token(users, "wang.fang", token->token, nullptr);
  });
  if (!issued) return issued.error();
  std::vector<std::string> arguments = {"--json", "--ledger", ledger.string(),
                                        "serve",  "--port",   "0"};
  if (setting.sync_delay_us > 0) {
    arguments.insert(arguments.end(), {"--sync-delay-us", std::to_string(setting.sync_delay_us)});
  }
  const auto output = directory.path() / "server";
  auto child = Child::start(arguments, output);
  if (!child) return child.error();
  const auto port = port_of(*child, output);
  if (!port) return port.error();
  return std::unique_ptr<Served>(
      new Served(std::move(directory), token->text, std::move(*child), *port));
}

Result<Served::Run> Served::run(const std::vector<Command>& commands, std::size_t connections) {
  std::vector<std::string> requests;
  requests.reserve(commands.size());
  for (const auto& command : commands) {
    requests.push_back(post_bytes("/v1/ledgers/bench/entries", token_, command.id.str(),
                                  chain::encode_command(command)));
  }
  const double used = child_.processor_seconds();
  auto load = send_all(port_, requests, connections);
  if (!load) return load.error();
  return Run{std::move(*load), child_.processor_seconds() - used};
}

// What will be sent in one repetition, with its documents of the given size.
struct Load {
  std::size_t lines;
  std::size_t per_document;
  std::size_t clients;
};

// The vouchers of all repetitions are issued before the server opens the ledger.
Status prepare(const Setting& setting, const std::filesystem::path& directory, Workload& workload,
               std::size_t vouchers) {
  auto ledger = Ledger::create(directory / "ledger", workload.opening(), setting.ledger());
  if (!ledger) return ledger.error();
  if (auto done = workload.prepare(**ledger); !done) return done;
  return workload.issue(**ledger, vouchers);
}

// Throughput, latencies, and what a request costs on either side.
struct Figures {
  Figure throughput, p50, p99, server, client;
};

Figures figures(std::string name, cli::Message label) {
  return {{name, label, "lines/s", {}},
          {name + "_p50", {"　其延迟 p50", "  its latency, p50"}, "ms", {}},
          {name + "_p99", {"　其延迟 p99", "  its latency, p99"}, "ms", {}},
          {name + ".server_cpu",
           {"　每请求服务端处理器时间", "  processor time of the server"},
           "µs/request",
           {}},
          {name + ".client_cpu",
           {"　每请求客户端处理器时间", "  processor time of the clients"},
           "µs/request",
           {}}};
}

Status measure(const Setting& setting, Workload& workload, Served& served, const Load& load,
               Figures& to) {
  for (std::size_t i = 0; i <= setting.repetitions; ++i) {
    const auto commands = workload.redemptions(load.lines, load.per_document);
    const auto run = served.run(commands, load.clients);
    if (!run) return run.error();
    if (i == 0) continue;  // warms up
    const auto requests = double(commands.size());
    to.throughput.samples.push_back(double(lines_of(commands)) / run->load.seconds);
    to.p50.samples.push_back(percentile(run->load.milliseconds, 50));
    to.p99.samples.push_back(percentile(run->load.milliseconds, 99));
    to.server.samples.push_back(run->processor_seconds * 1e6 / requests);
    to.client.samples.push_back(run->load.processor_seconds * 1e6 / requests);
  }
  return success();
}

}  // namespace

Result<Section> measure_http(const Setting& setting) {
  constexpr cli::Message kTitle{"HTTP 核销（独立服务进程）", "redemptions over HTTP (server process)"};
  setting.progress(kTitle);
  const Load single{std::max<std::size_t>(kClients, setting.lines / 5), 1, kClients};
  const Load batch{std::max<std::size_t>(1, setting.lines / 2), 1'000, kBatchClients};
  auto directory = ScratchDirectory::make(setting.directory, "fundtrail-bench");
  if (!directory) return directory.error();
  Workload workload(setting.workload());
  const auto vouchers = (setting.repetitions + 1) * (single.lines + batch.lines);
  if (auto done = prepare(setting, directory->path(), workload, vouchers); !done) {
    return done.error();
  }
  auto served = Served::start(setting, std::move(*directory));
  if (!served) return served.error();
  auto singles = figures("http.single", {"单行，64 个长连接", "single lines, 64 kept connections"});
  auto batches = figures("http.batch", {"每请求一单 1,000 行，4 个长连接",
                                        "documents of 1,000 lines, 4 kept connections"});
  auto done = measure(setting, workload, **served, single, singles);
  if (done) done = measure(setting, workload, **served, batch, batches);
  if (!done) return done.error();
  Section section{kTitle, {}};
  for (auto* all : {&singles, &batches}) {
    for (auto* one : {&all->throughput, &all->p50, &all->p99, &all->server, &all->client}) {
      section.figures.push_back(std::move(*one));
    }
  }
  return section;
}

}  // namespace fundtrail::api::bench
