// stage() and adopt(): an import becomes the ledger as a whole, or never was.
#include <fstream>

#include "ledger/engine/anchor.h"
#include "ledger/engine/directory.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;
namespace fs = std::filesystem;

namespace {

// What lies in the directory, in order.
std::string listing(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& item : fs::directory_iterator(directory)) names.push_back(item.path().filename());
  std::sort(names.begin(), names.end());
  std::string all;
  for (const auto& name : names) all += name + " ";
  return all;
}

const std::string kAtRest = "ANCHOR LOCK db db.1 keys ledger.json ";

}  // namespace

TEST_CASE("a dropped copy leaves no trace") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  record(*ledger, fund_receipt("a", 1));
  auto copy = take(ledger->stage());
  REQUIRE(copy->view()->size() == kFirst + 1);
  record(*copy, fund_receipt("b", 2));
  REQUIRE(record(*copy, fund_receipt("a", 1)).repeated);
  REQUIRE(available(*copy->view()) == Money::of_fen(3));
  REQUIRE(ledger->view()->size() == kFirst + 1);
  copy.reset();
  REQUIRE(listing(home.path()) == kAtRest);
  record(*ledger, fund_receipt("c", 4));
  REQUIRE(available(*ledger->view()) == Money::of_fen(5));
}

TEST_CASE("an adopted copy is the ledger, at once and after reopening") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  record(*ledger, fund_receipt("a", 1));
  auto copy = take(ledger->stage());
  std::vector<Command> commands;
  for (int i = 0; i < 300; ++i) commands.push_back(fund_receipt("i" + std::to_string(i), 1));
  take(copy->submit(std::move(commands), BatchMode::atomic));
  const std::string note = take(ledger->checkpoint());  // while the copy is filled
  const auto before = ledger->view();
  require_ok(ledger->adopt(std::move(copy)));

  const auto check = [&] {
    const auto view = ledger->view();
    REQUIRE(view->size() == kFirst + 301);
    REQUIRE(available(*view) == Money::of_fen(301));
    REQUIRE(take(view->checkpoints()) == std::vector<std::string>{note});
    REQUIRE(take(read_anchor(home.path() / "ANCHOR", ledger->verifier_key()))->size == view->size());
    check_chain(*view);
  };
  check();
  REQUIRE(record(*ledger, fund_receipt("i7", 1)).repeated);
  // A view of the replaced store goes on reading it.
  REQUIRE(before->size() == kFirst + 1);
  check_chain(*before);
  SECTION("reopened") {
    ledger.reset();
    ledger = take(Ledger::open(home.path(), {}));
    check();
  }
  record(*ledger, fund_receipt("z", 1));
  REQUIRE(ledger->view()->size() == kFirst + 302);
}

TEST_CASE("the replaced store goes when its last view goes") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  auto view = ledger->view();
  auto copy = take(ledger->stage());
  record(*copy, fund_receipt("a", 1));
  require_ok(ledger->adopt(std::move(copy)));
  REQUIRE(fs::exists(home.path() / "db.1"));
  view.reset();
  REQUIRE_FALSE(fs::exists(home.path() / "db.1"));
  REQUIRE(listing(home.path()) == "ANCHOR LOCK db db.2 keys ledger.json ");
  REQUIRE(fs::status(home.path() / "db.2").permissions() == fs::perms::owner_all);  // nobody else's to read
}

TEST_CASE("a copy is not adopted when the ledger moved on, is read, or belongs elsewhere") {
  TemporaryDirectory home, other_home;
  auto ledger = new_ledger(home.path());
  auto copy = take(ledger->stage());
  record(*copy, fund_receipt("a", 1));
  SECTION("moved") {
    record(*ledger, fund_receipt("b", 2));
    REQUIRE(ledger->adopt(std::move(copy)).error().fault == Fault::unavailable);
    REQUIRE(available(*ledger->view()) == Money::of_fen(2));
  }
  SECTION("read") {
    const auto view = copy->view();
    REQUIRE(ledger->adopt(std::move(copy)).error().fault == Fault::invalid_argument);
    REQUIRE(view->size() == kFirst + 1);
  }
  SECTION("of another ledger") {
    auto other = new_ledger(other_home.path());
    REQUIRE(other->adopt(std::move(copy)).error().fault == Fault::invalid_argument);
  }
  SECTION("not a copy") {
    auto other = new_ledger(other_home.path());
    REQUIRE(ledger->adopt(std::move(other)).error().fault == Fault::invalid_argument);
    copy.reset();
  }
  REQUIRE(listing(home.path()) == kAtRest);
  record(*ledger, fund_receipt("c", 3));
  check_chain(*ledger->view());
}

TEST_CASE("what a crash leaves behind is removed when the ledger is opened, and nothing else") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  record(*ledger, fund_receipt("a", 1));
  auto copy = take(ledger->stage());
  record(*copy, fund_receipt("b", 2));
  // The copy as it would lie there after kill -9.
  fs::copy(home.path() / "staging-1", home.path() / "staging-7",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  require_ok(mark_as_made(home.path() / "staging-7"));  // a real one is marked already
  require_ok(mark_as_made(fs::canonical(home.path() / "staging-7" / "db")));
  copy.reset();
  ledger.reset();
  for (const char* mine : {"staging-x", "staging-07", "db.old", "notes"}) {
    fs::create_directory(home.path() / mine);
  }

  std::uint64_t size = kFirst + 1;
  SECTION("before the copy was moved in") {}
  SECTION("after it was moved in, before the link") {
    fs::rename(fs::canonical(home.path() / "staging-7" / "db"), home.path() / "db.2");
    fs::create_symlink("db.2", home.path() / "db.link");
  }
  SECTION("after the link, before the anchor") {
    fs::rename(fs::canonical(home.path() / "staging-7" / "db"), home.path() / "db.2");
    fs::create_symlink("db.2", home.path() / "db.link");
    fs::rename(home.path() / "db.link", home.path() / "db");
    size = kFirst + 2;
  }
  ledger = take(Ledger::open(home.path(), {}));
  REQUIRE(ledger->view()->size() == size);
  check_chain(*ledger->view());
  REQUIRE(listing(home.path()) == "ANCHOR LOCK db db." + std::to_string(size - kFirst) +
                                      " db.old keys ledger.json notes staging-07 staging-x ");
}

TEST_CASE("a copy of the directory made without links is a ledger") {
  TemporaryDirectory home;
  const auto original = home.path() / "original", copied = home.path() / "copied";
  new_ledger(original).reset();
  fs::copy(original, copied, fs::copy_options::recursive);  // follows links
  REQUIRE_FALSE(fs::is_symlink(copied / "db"));
  auto ledger = take(Ledger::open(copied, {}));
  REQUIRE(fs::is_symlink(copied / "db"));
  record(*ledger, fund_receipt("a", 1));
  auto staged = take(ledger->stage());
  record(*staged, fund_receipt("b", 1));
  require_ok(ledger->adopt(std::move(staged)));
  ledger.reset();
  ledger = take(Ledger::open(copied, {}));
  REQUIRE(ledger->view()->size() == kFirst + 2);
  check_chain(*ledger->view());
}
