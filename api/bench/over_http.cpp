// Redemptions through a server process of its own, over kept connections on the loopback.
#include <httplib.h>

#include <fstream>
#include <mutex>
#include <thread>

#include "api/bench/bench.h"
#include "api/bench/machine.h"
#include "api/http/tokens.h"
#include "ledger/chain/document_codec.h"

namespace fundtrail::api::bench {
namespace {

constexpr std::size_t kClients = 64;
constexpr std::size_t kBatchClients = 4;

struct Request {
  std::string key;
  std::string body;
};

std::vector<Request> requests_of(const std::vector<Command>& commands) {
  std::vector<Request> requests;
  requests.reserve(commands.size());
  for (const auto& command : commands) {
    requests.push_back({command.id.str(), chain::encode_command(command)});
  }
  return requests;
}

// A served ledger. The server is stopped before the ledger's directory disappears.
class Served {
 public:
  static Result<std::unique_ptr<Served>> start(const Setting& setting,
                                               TemporaryDirectory directory);
  // One run: every request once, by so many clients. Latencies in milliseconds are appended.
  Result<double> run(const std::vector<Request>& requests, std::size_t clients,
                     std::vector<double>& latencies);

 private:
  Served(TemporaryDirectory directory, std::string token, Child child, int port)
      : directory_(std::move(directory)),
        token_(std::move(token)),
        child_(std::move(child)),
        port_(port) {}
  std::unique_ptr<httplib::Client> connect() const;

  TemporaryDirectory directory_;
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
                                              TemporaryDirectory directory) {
  const auto ledger = directory.path() / "ledger";
  auto token =
      add_token(ledger / "tokens.json", Actor{*ActorId::parse("wang.fang"), Role::preparer});
  if (!token) return token.error();
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
      new Served(std::move(directory), *token, std::move(*child), *port));
}

std::unique_ptr<httplib::Client> Served::connect() const {
  auto client = std::make_unique<httplib::Client>("127.0.0.1", port_);
  client->set_keep_alive(true);
  client->set_tcp_nodelay(true);
  client->set_read_timeout(30);
  return client;
}

Result<double> Served::run(const std::vector<Request>& requests, std::size_t clients,
                           std::vector<double>& latencies) {
  struct Client {
    std::unique_ptr<httplib::Client> http;
    std::vector<double> latencies;
  };
  std::vector<Client> all(clients);
  for (auto& client : all) {
    client.http = connect();
    if (auto answer = client.http->Get("/readyz"); !answer || answer->status != 200) {
      return Error{Fault::io, "the server is not ready"};
    }
  }
  const std::string path = "/v1/ledgers/bench/entries";
  const std::string authorization = "Bearer " + token_;
  const auto seconds =
      in_parallel(clients, requests.size(), [&](std::size_t thread, std::size_t item) -> Status {
        const httplib::Headers headers = {{"Authorization", authorization},
                                          {"Idempotency-Key", requests[item].key}};
        const Stopwatch watch;
        const auto answer =
            all[thread].http->Post(path, headers, requests[item].body, "application/json");
        all[thread].latencies.push_back(watch.seconds() * 1'000);
        if (answer && answer->status == 201) return success();
        return Error{Fault::io, answer ? "the server answered " + answer->body
                                       : "no answer: " + httplib::to_string(answer.error())};
      });
  for (const auto& client : all) {
    latencies.insert(latencies.end(), client.latencies.begin(), client.latencies.end());
  }
  return seconds;
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

Status measure(const Setting& setting, Workload& workload, Served& served, const Load& load,
               Figure& throughput, Figure& p50, Figure& p99) {
  for (std::size_t i = 0; i <= setting.repetitions; ++i) {
    const auto commands = workload.redemptions(load.lines, load.per_document);
    const auto requests = requests_of(commands);
    std::vector<double> latencies;
    const auto seconds = served.run(requests, load.clients, latencies);
    if (!seconds) return seconds.error();
    if (i == 0) continue;  // warms up
    throughput.samples.push_back(double(lines_of(commands)) / *seconds);
    p50.samples.push_back(percentile(latencies, 50));
    p99.samples.push_back(percentile(latencies, 99));
  }
  return success();
}

}  // namespace

Result<Section> measure_http(const Setting& setting) {
  constexpr cli::Message kTitle{"HTTP 核销（独立服务进程）", "redemptions over HTTP (server process)"};
  setting.progress(kTitle);
  const Load single{std::max<std::size_t>(kClients, setting.lines / 10), 1, kClients};
  const Load batch{std::max<std::size_t>(1, setting.lines / 2), 1'000, kBatchClients};
  auto directory = TemporaryDirectory::make(setting.directory);
  if (!directory) return directory.error();
  Workload workload(setting.workload());
  const auto vouchers = (setting.repetitions + 1) * (single.lines + batch.lines);
  if (auto done = prepare(setting, directory->path(), workload, vouchers); !done) {
    return done.error();
  }
  auto served = Served::start(setting, std::move(*directory));
  if (!served) return served.error();
  Section section{
      kTitle,
      {{"http.single", {"单行，64 个长连接", "single lines, 64 kept connections"}, "lines/s", {}},
       {"http.single_p50", {"　其延迟 p50", "  its latency, p50"}, "ms", {}},
       {"http.single_p99", {"　其延迟 p99", "  its latency, p99"}, "ms", {}},
       {"http.batch",
        {"每请求一单 1,000 行，4 个长连接", "documents of 1,000 lines, 4 kept connections"},
        "lines/s",
        {}},
       {"http.batch_p50", {"　其延迟 p50", "  its latency, p50"}, "ms", {}},
       {"http.batch_p99", {"　其延迟 p99", "  its latency, p99"}, "ms", {}}}};
  auto& f = section.figures;
  auto done = measure(setting, workload, **served, single, f[0], f[1], f[2]);
  if (done) done = measure(setting, workload, **served, batch, f[3], f[4], f[5]);
  if (!done) return done.error();
  return section;
}

}  // namespace fundtrail::api::bench
