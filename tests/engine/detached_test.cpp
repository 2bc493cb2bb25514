// A store or an anchor that is taken away beneath a running writer: it goes on taking bytes, and nobody would find
// them again. Nothing may be acknowledged then.
#include <functional>

#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;
namespace fs = std::filesystem;

namespace {

struct Loss {
  const char* what;
  std::function<void(const fs::path& home)> take, put_back;
};

void move_aside(const fs::path& file) { fs::rename(file, file.string() + ".aside"); }
void move_back(const fs::path& file) { fs::rename(file.string() + ".aside", file); }
void lead_to(const fs::path& home, const char* store) {
  fs::remove(home / "db");
  fs::create_directory_symlink(store, home / "db");
}

const Loss kLosses[] = {
    {"the link", [](const auto& home) { move_aside(home / "db"); }, [](const auto& home) { move_back(home / "db"); }},
    {"the store", [](const auto& home) { move_aside(home / "db.1"); },
     [](const auto& home) { move_back(home / "db.1"); }},
    {"the link, for one to another store",
     [](const auto& home) {
       fs::copy(home / "db.1", home / "db.7");
       lead_to(home, "db.7");
     },
     [](const auto& home) {
       lead_to(home, "db.1");
       fs::remove_all(home / "db.7");
     }},
    {"the store, for a copy of it",
     [](const auto& home) {
       move_aside(home / "db.1");
       fs::copy(home / "db.1.aside", home / "db.1");
     },
     [](const auto& home) {
       fs::remove_all(home / "db.1");
       move_back(home / "db.1");
     }},
    {"what is in the store", [](const auto& home) { move_aside(home / "db.1" / "CURRENT"); },
     [](const auto& home) { move_back(home / "db.1" / "CURRENT"); }},
    {"the anchor", [](const auto& home) { move_aside(home / "ANCHOR"); },
     [](const auto& home) { move_back(home / "ANCHOR"); }},
    {"the anchor, for a copy of it",
     [](const auto& home) {
       move_aside(home / "ANCHOR");
       fs::copy(home / "ANCHOR.aside", home / "ANCHOR");
     },
     [](const auto& home) {
       fs::remove(home / "ANCHOR");
       move_back(home / "ANCHOR");
     }},
    {"the whole directory", [](const auto& home) { move_aside(home); }, [](const auto& home) { move_back(home); }},
};

}  // namespace

TEST_CASE("what is taken away beneath a writer: nothing is acknowledged, and what was is there when it is put back") {
  for (const auto& loss : kLosses) {
    INFO(loss.what);
    TemporaryDirectory place;
    const fs::path home = place.path() / "ledger";
    auto ledger = new_ledger(home);
    record(*ledger, fund_receipt("before", 1));
    REQUIRE_FALSE(ledger->detached());

    // Put back before a write has met it: as if nothing had been.
    loss.take(home);
    REQUIRE(ledger->detached());
    loss.put_back(home);
    REQUIRE_FALSE(ledger->detached());
    record(*ledger, fund_receipt("between", 2));

    loss.take(home);
    const auto answer = ledger->submit({fund_receipt("after", 4)}, BatchMode::atomic);
    REQUIRE_FALSE(answer.ok());
    REQUIRE(answer.error().fault == Fault::unavailable);
    REQUIRE(ledger->refusing());
    REQUIRE_FALSE(ledger->checkpoint().ok());
    loss.put_back(home);
    REQUIRE_FALSE(ledger->submit({fund_receipt("later", 8)}, BatchMode::atomic).ok());

    ledger.reset();
    ledger = take(Ledger::open(home, {}));
    REQUIRE(record(*ledger, fund_receipt("before", 1)).repeated);
    REQUIRE(record(*ledger, fund_receipt("between", 2)).repeated);
    record(*ledger, fund_receipt("after", 4));  // whoever had no answer repeats the command
    REQUIRE(available(*ledger->view()) == Money::of_fen(7));
  }
}

TEST_CASE("no checkpoint is handed out of a store that was taken away") {
  TemporaryDirectory place;
  auto ledger = new_ledger(place.path());
  move_aside(place.path() / "db");
  const auto note = ledger->checkpoint();
  REQUIRE(note.error().fault == Fault::unavailable);
  REQUIRE(note.error().message.find((place.path() / "db").string()) != std::string::npos);
}

TEST_CASE("an adopted copy is what a writer has open") {
  TemporaryDirectory place;
  auto ledger = new_ledger(place.path());
  auto copy = take(ledger->stage());
  record(*copy, fund_receipt("a", 1));
  require_ok(ledger->adopt(std::move(copy)));
  REQUIRE_FALSE(ledger->detached());
  record(*ledger, fund_receipt("b", 2));
  move_aside(place.path() / "db.2");
  REQUIRE(ledger->detached());
}
