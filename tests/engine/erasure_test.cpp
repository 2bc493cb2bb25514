// Erasing a person, and what becomes of a vault whose key is missing or rotated: killed anywhere,
// either state is left, and doing it again completes it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "ledger/engine/files.h"
#include "ledger/engine/rotate.h"
#include "ledger/engine/view.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

std::string files_of(const std::filesystem::path& store) {
  std::string all;
  for (const auto& item : std::filesystem::recursive_directory_iterator(store)) {
    if (!item.is_regular_file()) continue;
    std::ifstream file(item.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

std::optional<std::string> sealed(const Ledger& ledger, const Pseudonym& person) {
  return take(ledger.view()->raw().get(store::Table::vault, person.str()));
}

// What of a record would lead to its person: the wrapped key.
std::string wrapped(const std::string& record) { return record.substr(6, 50); }

// A child is this program again, running one of the hidden tests below: after fork() alone it would
// have none of the database's threads. It is killed after `delay`, unless it is done before.
void killed_after(std::chrono::microseconds delay, const char* tag,
                  const std::filesystem::path& directory, const std::string& person = {}) {
  ::setenv("FUNDTRAIL_TEST_DIRECTORY", directory.c_str(), 1);
  ::setenv("FUNDTRAIL_TEST_PERSON", person.c_str(), 1);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(98);
    ::execl("/proc/self/exe", "test_engine", tag, nullptr);
    ::_exit(99);
  }
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
}
// The hidden tests do nothing unless they were started as children.
bool is_child() { return std::getenv("FUNDTRAIL_TEST_PERSON") != nullptr; }
std::filesystem::path child_directory() { return std::getenv("FUNDTRAIL_TEST_DIRECTORY"); }

std::string hex_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return chain::to_hex(std::string((std::istreambuf_iterator<char>(in)), {}));
}

std::vector<std::string> names_below(const std::filesystem::path& directory) {
  return take(names_in(directory));
}

}  // namespace

TEST_CASE("an erased person is gone from the vault and from its files, and the chain says so") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 2);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  const auto other = ledger->vault().pseudonym_of(elder_id(1));
  const std::string record_before = *sealed(*ledger, person);
  record(*ledger, ended(person));
  const auto receipt = record(*ledger, erasure(person));
  REQUIRE(receipt.index + 1 == ledger->view()->size());
  CHECK_FALSE(sealed(*ledger, person));
  CHECK(sealed(*ledger, other));
  CHECK(files_of(home.path() / "db.1").find(wrapped(record_before)) == std::string::npos);
  const auto entry = take(ledger->view()->entry(receipt.index));
  CHECK(entry.bytes.find(elder_id(0)) == std::string::npos);
  // Again: the same receipt; another order: already done.
  CHECK(record(*ledger, erasure(person)).leaf == receipt.leaf);
  Command again = erasure(person);
  again.id = *CommandId::parse("again");
  CHECK(refused(*ledger, again).reason == Reason::already_erased);
  // Nobody is reinstated whose identity is gone, nor registered anew under the pseudonym.
  CHECK(refused(*ledger, command("back", Role::registrar,
                                 EntitlementReinstatement{person, *Text::parse("证明"), {},
                                                          ReinstatementReason::error}))
            .reason == Reason::already_erased);
  CHECK(refused(*ledger, elder_registration("e9", identity(elder_id(0), "老人0"))).reason ==
        Reason::already_registered);
  check_chain(*ledger->view());
}

TEST_CASE("a view that was taken before an erasure cannot keep the person past the next opening") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 1);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  const std::string record_before = *sealed(*ledger, person);
  record(*ledger, ended(person));
  {
    const auto before = ledger->view();
    record(*ledger, erasure(person));
    CHECK(take(before->raw().get(store::Table::vault, person.str())));
  }
  ledger.reset();
  ledger = take(Ledger::open(home.path(), {}));
  CHECK(files_of(home.path() / "db.1").find(wrapped(record_before)) == std::string::npos);
  CHECK_FALSE(take(ledger->view()->raw().get(store::Table::meta, store::kExpungeKey)));
}

TEST_CASE("a refused batch erases nobody; registered and erased in one batch leaves nothing") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 1);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  record(*ledger, ended(person));
  const auto files = names_below(home.path() / "db.1");
  take(ledger->submit({erasure(person), fund_receipt("bad", -1)}, BatchMode::atomic));
  CHECK(sealed(*ledger, person));
  CHECK(names_below(home.path() / "db.1") == files);  // nor is a file rewritten for nothing
  record(*ledger, fund_receipt("good"));
  CHECK(sealed(*ledger, person));
  const auto fresh = ledger->vault().pseudonym_of(elder_id(7));
  take(ledger->submit({elder_registration("e7", identity(elder_id(7), "老人7")), ended(fresh),
                       erasure(fresh)},
                      BatchMode::atomic));
  CHECK_FALSE(sealed(*ledger, fresh));
  CHECK(ledger->view()->size() == kFirst + 11);
}

TEST_CASE("child: erases one person", "[.][erase-once]") {
  if (!is_child()) return;
  auto ledger = Ledger::open(child_directory(), {});
  const auto person = Pseudonym::parse(std::getenv("FUNDTRAIL_TEST_PERSON"));
  if (ledger.ok() && person) (void)(*ledger)->submit({erasure(*person)}, BatchMode::atomic);
}

TEST_CASE("kill -9 around an erasure leaves either state", "[crash]") {
  std::mt19937 random(std::random_device{}());
  int erased = 0;
  for (int round = 0; round < 10; ++round) {
    TemporaryDirectory home;
    Pseudonym person;
    std::string record_before;
    {
      auto ledger = scene(home.path(), 3);
      person = ledger->vault().pseudonym_of(elder_id(0));
      record_before = *sealed(*ledger, person);
      record(*ledger, ended(person));
    }
    killed_after(std::chrono::microseconds(random() % 150'000), "[erase-once]", home.path(),
                 person.str());
    auto ledger = take(Ledger::open(home.path(), {}));
    const bool recorded =
        take(ledger->find_command(*CommandId::parse("erase-" + person.str()))).has_value();
    CHECK(sealed(*ledger, person).has_value() == !recorded);
    erased += recorded ? 1 : 0;
    record(*ledger, erasure(person));
    CHECK_FALSE(sealed(*ledger, person));
    CHECK(files_of(home.path() / "db.1").find(wrapped(record_before)) == std::string::npos);
    check_chain(*ledger->view());
  }
  std::cout << "kill -9 around an erasure: " << erased << " of 10 recorded\n";
}

TEST_CASE("without its vault key a ledger opens, and refuses what needs an identity") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 2);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  REQUIRE_FALSE(ledger->vault().locked());
  ledger.reset();
  const auto key = home.path() / "keys" / "vault.key";
  const std::string hex = hex_of(key);
  std::filesystem::rename(key, home.path() / "elsewhere");

  ledger = take(Ledger::open(home.path(), {}));
  REQUIRE(ledger->vault().locked()->fault == Fault::unavailable);
  REQUIRE_FALSE(ledger->refusing());
  const auto answer = ledger->submit({elder_registration("e5", identity(elder_id(5), "老人5"))},
                                     BatchMode::atomic);
  REQUIRE(answer.error().fault == Fault::unavailable);
  REQUIRE(answer.error().message.find("vault.key") != std::string::npos);
  REQUIRE(ledger->vault().unseal(person, *sealed(*ledger, person)).error().fault ==
          Fault::unavailable);
  record(*ledger, fund_receipt("goes-on"));
  record(*ledger, ended(person));
  record(*ledger, erasure(person));  // needs no key
  check_chain(*ledger->view());
  ledger.reset();

  // Named by a file elsewhere, or by its bytes.
  LedgerOptions options;
  options.vault_key.file = home.path() / "elsewhere";
  SECTION("file") {}
  SECTION("environment") {
    options.vault_key = {};
    options.vault_key.hex = hex;
  }
  ledger = take(Ledger::open(home.path(), options));
  REQUIRE(ledger->vault().pseudonym_of(elder_id(0)) == person);
  record(*ledger, elder_registration("e5", identity(elder_id(5), "老人5")));
  ledger.reset();
  options.vault_key = {};
  options.vault_key.hex = "zz";
  REQUIRE(Ledger::open(home.path(), options).error().fault == Fault::unreadable);
  options.vault_key.hex = std::string(64, '0');
  REQUIRE(Ledger::open(home.path(), options).error().fault == Fault::invalid_argument);
}

TEST_CASE("a ledger that is made with a key from outside keeps none of its own") {
  TemporaryDirectory home;
  LedgerOptions options;
  options.vault_key.hex = std::string(64, '7');
  new_ledger(home.path() / "a", options).reset();
  CHECK_FALSE(std::filesystem::exists(home.path() / "a" / "keys" / "vault.key"));
  options.vault_key = {};
  options.vault_key.file = home.path() / "given.key";
  new_ledger(home.path() / "b", options).reset();
  CHECK(std::filesystem::file_size(options.vault_key.file) == 32);
  CHECK_FALSE(std::filesystem::exists(home.path() / "b" / "keys" / "vault.key"));
}

TEST_CASE("after a rotation the old key opens nothing that is left") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 3);
  const auto person = ledger->vault().pseudonym_of(elder_id(0));
  const std::string record_before = *sealed(*ledger, person);
  REQUIRE(rotate_vault_key(home.path(), {}).error().fault == Fault::unavailable);
  const auto root = ledger->view()->root();
  ledger.reset();
  const auto key = home.path() / "keys" / "vault.key";
  std::filesystem::copy_file(key, home.path() / "old.key");
  REQUIRE(take(rotate_vault_key(home.path(), {})) == 3);
  CHECK(files_of(home.path() / "db.1").find(wrapped(record_before)) == std::string::npos);

  ledger = take(Ledger::open(home.path(), {}));
  CHECK(ledger->view()->root() == root);
  CHECK(ledger->vault().pseudonym_of(elder_id(0)) == person);
  CHECK(take(ledger->vault().unseal(person, *sealed(*ledger, person))).name == "老人0");
  record(*ledger, elder_registration("e5", identity(elder_id(5), "老人5")));
  const auto old = take(Vault::open(home.path() / "old.key", "sha256-ed25519"));
  CHECK(old.unseal(person, *sealed(*ledger, person)).error().fault == Fault::tampered);
  ledger.reset();
  LedgerOptions with_old;
  with_old.vault_key.file = home.path() / "old.key";
  CHECK(Ledger::open(home.path(), with_old).error().fault == Fault::invalid_argument);
  CHECK(rotate_vault_key(home.path(), with_old).error().fault == Fault::invalid_argument);
  REQUIRE(take(rotate_vault_key(home.path(), {})) == 4);  // and once more
  ledger = take(Ledger::open(home.path(), {}));
  CHECK(take(ledger->vault().unseal(person, *sealed(*ledger, person))).name == "老人0");
  // The text of a rotated key file serves as well in the environment.
  ledger.reset();
  LedgerOptions in_environment;
  in_environment.vault_key.hex = hex_of(key);
  ledger = take(Ledger::open(home.path(), in_environment));
  CHECK(ledger->vault().pseudonym_of(elder_id(0)) == person);
}

TEST_CASE("a rotation refuses what opening refuses, and changes no file of it") {
  TemporaryDirectory home, older;
  scene(home.path(), 2).reset();
  require_ok(copy_synced(home.path() / "db.1", older.path() / "db"));
  {
    auto ledger = take(Ledger::open(home.path(), {}));
    record(*ledger, fund_receipt("acknowledged"));
  }
  std::filesystem::remove_all(home.path() / "db.1");
  require_ok(copy_synced(older.path() / "db", home.path() / "db.1"));
  const auto files = names_below(home.path() / "db.1");
  const auto content = files_of(home.path() / "db.1");
  const auto key = hex_of(home.path() / "keys" / "vault.key");
  REQUIRE(Ledger::open(home.path(), {}).error().fault == Fault::truncated);
  const auto refused = rotate_vault_key(home.path(), {});
  CHECK(refused.error().fault == Fault::truncated);
  CHECK(refused.error().message == Ledger::open(home.path(), {}).error().message);
  CHECK(names_below(home.path() / "db.1") == files);
  CHECK(files_of(home.path() / "db.1") == content);
  CHECK(hex_of(home.path() / "keys" / "vault.key") == key);
}

TEST_CASE("a rotation removes the copies that a crash has left, and ends an erasure") {
  TemporaryDirectory home;
  std::string record_before;
  {
    auto ledger = scene(home.path(), 2);
    const auto person = ledger->vault().pseudonym_of(elder_id(0));
    record_before = wrapped(*sealed(*ledger, person));
    record(*ledger, ended(person));
    const auto before = ledger->view();  // holds on to the record: the opening has it still to do
    record(*ledger, erasure(person));
  }
  const auto left = home.path() / "staging-1";
  require_ok(make_marked(left));
  require_ok(copy_synced(home.path() / "db.1", left / "db"));
  REQUIRE(take(rotate_vault_key(home.path(), {})) == 1);
  CHECK_FALSE(std::filesystem::exists(left));
  CHECK(files_of(home.path() / "db.1").find(record_before) == std::string::npos);
  auto ledger = take(open_view(home.path()));
  CHECK_FALSE(take(ledger->raw().get(store::Table::meta, store::kExpungeKey)));
}

TEST_CASE("child: rotates the vault's key", "[.][rotate-once]") {
  if (is_child()) (void)rotate_vault_key(child_directory(), {});
}

TEST_CASE("kill -9 around a rotation: the ledger opens everybody, and another one ends it", "[crash]") {
  std::mt19937 random(std::random_device{}());
  TemporaryDirectory home;
  constexpr int kPeople = 40;
  scene(home.path(), kPeople).reset();
  for (int round = 0; round < 10; ++round) {
    killed_after(std::chrono::microseconds(random() % 120'000), "[rotate-once]", home.path());
    auto ledger = take(Ledger::open(home.path(), {}));
    for (int i = 0; i < kPeople; ++i) {
      const auto person = ledger->vault().pseudonym_of(elder_id(i));
      REQUIRE(take(ledger->vault().unseal(person, *sealed(*ledger, person))).id_number == elder_id(i));
    }
  }
  take(rotate_vault_key(home.path(), {}));
  std::ifstream file(home.path() / "keys" / "vault.key");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  REQUIRE(text.find("\nwrap ") == text.rfind("\nwrap "));
}
