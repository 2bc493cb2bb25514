// What cannot be had from outside a real ledger: a write that stays in flight, and faults.
#include <catch2/catch.hpp>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api/access_log/access_log.h"
#include "api/http/routes.h"
#include "api/http/server.h"
#include "api/identity/manage.h"
#include "tests/http/fake_ledger.h"

namespace fundtrail::api {
namespace {

namespace fs = std::filesystem;

fs::path temporary_directory() {
  std::string name = (fs::temp_directory_path() / "fundtrail-http-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  return name;
}

// A server over a fake ledger, with one token.
struct Running {
  Running() {
    spdlog::set_level(spdlog::level::off);
    auto minted = mint_token().value();
    token = minted.text;
    minted.token.role = Role::registrar;
    const auto file = directory / "users.json";
    REQUIRE(alter(file, [&](std::vector<User>& users) {
              NewUser fresh;
              fresh.id = *ActorId::parse("r");
              fresh.roles = {Role::registrar};
              add_user(users, fresh, nullptr, 1);
              return issue_token(users, "r", minted.token, nullptr);
            }).ok());
    service = Service::create(ledger, Identity::open(file, ledger.view()->id(), {}).value()).value();
    server = Server::open(*service, {.port = 0, .threads = 8}).value();
    thread = std::thread([this] { ran = server->run(); });
  }
  ~Running() {
    end();
    fs::remove_all(directory);
  }
  void end() {
    if (!thread.joinable()) return;
    ledger.set_open(true);
    ledger.set_hanging(false);
    server->stop();
    thread.join();
  }
  httplib::Result post(const std::string& key, const std::string& body = kBody) {
    httplib::Client client("127.0.0.1", server->port());
    return client.Post("/v1/ledgers/fake/entries",
                       {{"Authorization", "Bearer " + token}, {"Idempotency-Key", key}}, body,
                       "application/json");
  }
  httplib::Result get(const std::string& path) {
    httplib::Client client("127.0.0.1", server->port());
    return client.Get(path, {{"Authorization", "Bearer " + token}});
  }
  static constexpr char kBody[] =
      R"({"kind":"region_registration","date":"2008-04-01","doc":{"name":"x","region":"320412"}})";

  fs::path directory = temporary_directory();
  FakeLedger ledger;
  std::string token;
  std::unique_ptr<Service> service;
  std::unique_ptr<Server> server;
  bool ran = false;
  std::thread thread;
};

std::string code_of(const httplib::Result& answer) {
  const auto json = nlohmann::json::parse(answer->body);
  CHECK(answer->get_header_value("Content-Type") == kProblemMediaType);
  CHECK(!json["detail_zh"].get<std::string>().empty());
  return json["type"].get<std::string>().substr(std::string("urn:fundtrail:problem:").size());
}

}  // namespace

TEST_CASE("a key in flight is answered, not queued") {
  Running run;
  run.ledger.set_open(false);
  int first = 0;
  std::thread writer([&] {
    const auto answer = run.post("k");
    if (answer) first = answer->status;
  });
  run.ledger.wait_entered(1);
  const auto second = run.post("k");
  REQUIRE(second);
  CHECK(second->status == 409);
  CHECK(code_of(second) == "in-flight");
  CHECK(second->get_header_value("Retry-After") == "1");
  run.ledger.set_open(true);
  writer.join();
  CHECK(first == 201);
  CHECK(run.post("k")->status == 201);  // the key left the air (the fake keeps no ids)
}

TEST_CASE("the key of a batch is judged by one picture of the ledger") {
  Running run;
  const std::string one = Running::kBody;
  const std::string body = R"({"mode":"atomic","commands":[)" + one + "," + one + "]}";
  // A repetition over which its first delivery is recorded: at no moment is half of it there.
  for (int looks = 0; looks <= 5; ++looks) {
    INFO("recorded after " << looks << " looks");
    run.ledger.record_meanwhile({"k.0", "k.1"}, looks);
    const auto answer = run.post("k", body);
    REQUIRE(answer);
    CHECK(answer->status / 100 == 2);
  }
  run.ledger.record_meanwhile({"k.0"}, 0);  // and here one is
  CHECK(code_of(run.post("k", body)) == "command-id-reused");
}

TEST_CASE("stop finishes what is in flight and ends idle connections") {
  Running run;
  httplib::Client idle("127.0.0.1", run.server->port());
  idle.set_keep_alive(true);
  REQUIRE(idle.Get("/healthz"));
  run.ledger.set_open(false);
  int status = 0;
  std::thread writer([&] {
    const auto answer = run.post("k");
    if (answer) status = answer->status;
  });
  run.ledger.wait_entered(1);
  run.server->stop();
  run.ledger.set_open(true);
  writer.join();
  CHECK(status == 201);
  run.thread.join();
  CHECK(run.ran);
}

TEST_CASE("a disk that hangs holds up who asks for it, and not whether we live") {
  Running run;
  run.ledger.set_hanging(true);
  int ready = 0;
  std::thread asking([&] {
    const auto answer = run.get("/readyz");
    if (answer) ready = answer->status;
  });
  run.ledger.wait_asked();
  for (int i = 0; i < 5; ++i) {
    const auto alive = run.get("/healthz");  // the client waits for seconds only
    REQUIRE(alive);
    CHECK(alive->status == 200);
  }
  run.ledger.set_hanging(false);
  asking.join();
  CHECK(ready != 0);
}

TEST_CASE("no memory in the middle of an answer breaks it off, and nothing else") {
  Running run;
  const auto key = run.directory / "signing.pem";
  REQUIRE(chain::SigningKey::generate(chain::Suite::sha256_ed25519)->save(key).ok());
  auto log = AccessLog::open({.directory = run.directory / "log", .ledger = run.service->id(), .key_name = "fake",
                              .signing_key = key, .now = [&] { return run.service->now(); }});
  REQUIRE(log.ok());
  run.service->set_access_log(log->get());
  run.ledger.set_throwing();
  for (int i = 0; i < 3; ++i) {
    const auto answer = run.get("/v1/ledgers/fake/journal");
    if (answer) CHECK(answer->body.empty());
    CHECK(run.get("/healthz")->status == 200);
  }
  run.end();
}

TEST_CASE("faults have their own answers and say nothing of their words") {
  Running run;
  run.ledger.set_fault(Error{Fault::unavailable, "the disk is full"});
  auto answer = run.post("k");
  CHECK(answer->status == 503);
  CHECK(code_of(answer) == "unavailable");
  answer = run.get("/readyz");
  CHECK(answer->status == 503);
  CHECK(nlohmann::json::parse(answer->body)["states"][0]["code"] == "write-failed");
  CHECK(answer->body.find("the disk is full") == std::string::npos);
  CHECK(run.get("/healthz")->status == 200);

  run.ledger.set_fault(Error{Fault::io, "secret words of a fault"});
  answer = run.post("k");
  CHECK(answer->status == 500);
  CHECK(code_of(answer) == "internal");
  CHECK(answer->body.find("secret") == std::string::npos);
  for (const auto* path : {"/v1/ledgers/fake/entries", "/v1/ledgers/fake/entries/0",
                           "/v1/ledgers/fake/proofs/0", "/v1/ledgers/fake/consistency?old=0",
                           "/v1/ledgers/fake/checkpoint", "/v1/ledgers/fake/reports/fund-flow",
                           "/v1/ledgers/fake/providers/p/payments"}) {
    answer = run.get(path);
    INFO(path);
    CHECK(answer->status == 500);
    CHECK(code_of(answer) == "internal");
    CHECK(answer->body.find("secret") == std::string::npos);
  }
}

TEST_CASE("protocol problems and reasons share no code, and have both languages") {
  std::set<std::string_view> codes;
  for (std::size_t i = 0; i < kReasons; ++i) codes.insert(info(static_cast<Reason>(i)).code);
  CHECK(codes.size() == kReasons);
  for (std::size_t i = 0; i < kProtocols; ++i) {
    const auto& row = info(static_cast<Protocol>(i));
    CHECK(codes.insert(row.code).second);
    CHECK((!row.en.empty() && !row.zh.empty() && !row.title_en.empty() && !row.title_zh.empty()));
  }
}

TEST_CASE("routes match whole paths only") {
  std::array<std::string, 3> parts;
  CHECK(match("GET", "/v1/ledgers/a/entries/7", parts).route != nullptr);
  CHECK(parts[0] == "a");
  CHECK(parts[1] == "7");
  CHECK(match("HEAD", "/v1/ledgers/a", parts).route != nullptr);
  for (const auto* path : {"", "v1", "//", "/v1/ledgers", "/v1/ledgers/", "/v1/ledgers//entries",
                           "/v1/ledgers/a/entries/", "/v1/ledgers/a/entries/7/"}) {
    INFO(path);
    CHECK(match("GET", path, parts).route == nullptr);
    CHECK(match("GET", path, parts).allowed.empty());
  }
  CHECK(match("PUT", "/v1/ledgers/a/entries", parts).allowed == "POST, GET, HEAD");
}

TEST_CASE("loopback addresses") {
  for (const auto* host : {"127.0.0.1", "127.1.2.3", "localhost", "::1"}) CHECK(is_loopback(host));
  for (const auto* host : {"", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "1270.0.1",
                           "localhost.example.org"}) {
    CHECK(!is_loopback(host));
  }
}

}  // namespace fundtrail::api
