// Making a ledger is all or nothing, also for a process that is killed in the middle.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "ledger/engine/directory.h"
#include "tests/engine/scene.h"

namespace fs = std::filesystem;
using namespace fundtrail;
using namespace fundtrail::test;

namespace {

std::string listing(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(directory)) names.push_back(item.path().filename());
  std::sort(names.begin(), names.end());
  std::string all;
  for (const auto& name : names) all += name + " ";
  return all;
}

}  // namespace

TEST_CASE("a creation that stopped at any step can be done again") {
  TemporaryDirectory home;
  const fs::path root = home.path() / "ledger", keys = home.path() / "keys";
  LedgerOptions options;
  options.keys = keys;
  take(Ledger::create(root, opening_request(), options)).reset();
  // Back to the moment before the last step, as kill -9 would leave it.
  const fs::path creating = root / "creating";
  fs::create_directory(creating);
  require_ok(mark_as_made(creating));
  fs::copy(keys, creating / "keys");
  // The note: where the keys go, and which directories were made for them.
  std::ofstream(creating / "moving") << keys.string() << '\0' << keys.string() << '\0' << '\0';
  fs::remove(root / "db");
  SECTION("all moved but the link") {}
  SECTION("half moved") {
    fs::remove(root / "ledger.json");
    fs::remove(root / "ANCHOR");
  }
  SECTION("only the keys") {
    for (const char* name : {"ledger.json", "ANCHOR"}) fs::remove(root / name);
    fs::remove_all(root / "db.1");
    fs::remove(keys / "vault.key");
  }
  SECTION("the note half written") {
    for (const char* name : {"ledger.json", "ANCHOR"}) fs::remove(root / name);
    fs::remove_all(root / "db.1");
    fs::remove_all(keys);
    std::ofstream(creating / "moving") << keys.string();
  }
  SECTION("not yet marked as ours") {
    for (const char* name : {"ledger.json", "ANCHOR"}) fs::remove(root / name);
    fs::remove_all(root / "db.1");
    fs::remove_all(keys);
    fs::remove_all(creating);
    fs::create_directory(creating);
    std::ofstream(creating / ".fundtrail").flush();
  }
  SECTION("nothing moved yet") {
    for (const char* name : {"ledger.json", "ANCHOR"}) fs::remove(root / name);
    fs::remove_all(root / "db.1");
    fs::remove_all(keys);
    fs::remove(creating / "moving");
  }
  std::ofstream(root / "notes") << "mine";
  REQUIRE(Ledger::open(root, options).error().fault == Fault::not_found);
  auto ledger = take(Ledger::create(root, opening_request(), options));
  REQUIRE(ledger->view()->size() == 1);
  REQUIRE(listing(root) == "ANCHOR LOCK db db.1 ledger.json notes ");
  REQUIRE(listing(keys) == "signing.pem vault.key ");
}

TEST_CASE("keys of somebody else are neither used nor removed") {
  TemporaryDirectory home;
  const fs::path root = home.path() / "ledger", keys = home.path() / "keys";
  fs::create_directory(keys);
  const std::string content = GENERATE("theirs", "");
  std::ofstream(keys / "vault.key") << content;
  LedgerOptions options;
  options.keys = keys;
  REQUIRE(Ledger::create(root, opening_request(), options).error().fault ==
          Fault::invalid_argument);
  REQUIRE(listing(keys) == "vault.key ");
  REQUIRE_FALSE(fs::exists(root));
}

TEST_CASE("kill -9 while a ledger is made leaves one, or room for one") {
  TemporaryDirectory home;
  const fs::path root = home.path() / "ledger";
  int made = 0;
  constexpr int kRounds = 12;
  for (int round = 0; round < kRounds; ++round) {
    fs::remove_all(root);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto ledger = Ledger::create(root, opening_request(), {});
      ::_exit(ledger.ok() ? 0 : 1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(8 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    auto ledger = Ledger::open(root, {});
    made += ledger.ok() ? 1 : 0;
    if (!ledger.ok()) ledger = Ledger::create(root, opening_request(), {});
    REQUIRE(take(std::move(ledger))->view()->size() == 1);
    REQUIRE(listing(root) == "ANCHOR LOCK db db.1 keys ledger.json ");
  }
  WARN(made << " of " << kRounds << " were there after the kill");
}

TEST_CASE("directories that only look like ours are left alone") {
  TemporaryDirectory home;
  new_ledger(home.path()).reset();
  fs::create_directory(home.path() / "db.7");
  fs::create_directory(home.path() / "staging-3");
  fs::create_directory(home.path() / "creating");
  for (const char* place : {"db.7", "staging-3", "creating"}) std::ofstream(home.path() / place / "thesis") << "mine";
  fs::create_directory(home.path() / "staging-4");  // has nothing of anybody: a kill left it before its mark
  fs::copy(home.path() / "db.1", home.path() / "db.5", fs::copy_options::recursive);  // a backup
  take(Ledger::open(home.path(), {})).reset();
  REQUIRE(listing(home.path()) ==
          "ANCHOR LOCK creating db db.1 db.5 db.7 keys ledger.json staging-3 ");
  for (const char* place : {"db.7", "staging-3", "creating"}) REQUIRE(fs::exists(home.path() / place / "thesis"));
}
