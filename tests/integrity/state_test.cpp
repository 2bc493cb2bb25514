// The state that the rules decide on, compared with what the entries lead to: whoever writes the disk needs
// no key for it, and the entries know nothing of it.
#include "audit/integrity/verify.h"
#include "ledger/engine/state_check.h"
#include "ledger/engine/view.h"
#include "ledger/store/rocks_store.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;
using store::Table;

namespace {

// A year with vouchers, one claim, and a key.
std::filesystem::path books(const TemporaryDirectory& home) {
  auto ledger = scene(home.path(), 3);
  record(*ledger, issue(*ledger, 0, 1, 3));
  record(*ledger, redemption("r1", 0, {1, 2}));
  require_ok(Status(ledger->checkpoint().ok() ? success() : Status(Error{Fault::io, ""})));
  return home.path();
}

StateReport state_of(const std::filesystem::path& ledger) {
  return take(check_state(*take(open_view(ledger)), {}));
}

// As somebody would who writes the disk: the row, and nothing that is signed.
void change(const std::filesystem::path& ledger, store::Change row) {
  const auto store = take(store::RocksStore::open(ledger / "db", store::RocksStore::Missing::refuse));
  const auto epoch = take(store->claim());
  const auto head = *take(store->get(Table::meta, store::kHeadKey));
  REQUIRE(store->commit({epoch, head}, head, {std::move(row)}).outcome == store::Committed::applied);
}

// The first row under this letter.
std::pair<std::string, std::string> row_of(const std::filesystem::path& ledger, Table table, char kind) {
  const auto view = take(open_view(ledger));
  std::pair<std::string, std::string> found;
  require_ok(view->raw().scan(table, kind ? std::string(1, kind) : "", "",
                              [&](std::string_view key, std::string_view value) {
                                found = {std::string(key), std::string(value)};
                                return false;
                              }));
  REQUIRE((!kind || found.first[0] == kind));
  return found;
}

void check_only(const std::filesystem::path& ledger, const std::string& key, std::string_view named) {
  CHECK(take(audit::verify_ledger(ledger, {})).fine());  // which is why there is the other check
  const auto report = state_of(ledger);
  CHECK_FALSE(report.fine());
  CHECK(report.different == 1);
  REQUIRE(report.differences.size() == 1);
  CHECK(report.differences[0].key == key);
  CHECK(report.differences[0].en().find(named) == 0);
}

}  // namespace

TEST_CASE("the state of a sound ledger is that of its entries, and nothing is left of the check") {
  TemporaryDirectory home, scratch;
  const auto ledger = books(home);
  StateCheckOptions options;
  options.scratch = scratch.path();
  const auto view = take(open_view(ledger));
  const auto report = take(check_state(*view, options));
  CHECK(report.fine());
  CHECK(report.entries == view->size());
  CHECK(report.commands == view->size());
  CHECK(report.rows > 20);
  CHECK(std::filesystem::is_empty(scratch.path()));
  options.scratch = scratch.path() / "not" / "there";
  CHECK(check_state(*view, options).error().fault == Fault::io);
}

TEST_CASE("a voucher that was made unused again is found, and called by its name") {
  TemporaryDirectory home;
  const auto path = books(home);
  const auto [key, before] = row_of(path, Table::state, 'V');
  {
    auto ledger = take(Ledger::open(path, {}));
    record(*ledger, redemption("r2", 0, {3}));
  }
  CHECK(state_of(path).fine());
  change(path, {Table::state, key, before});
  check_only(path, key, "status of vouchers");
}

TEST_CASE("rows that are gone or invented are found") {
  TemporaryDirectory home;
  const auto ledger = books(home);
  const auto [claim, value] = row_of(ledger, Table::state, 'K');
  change(ledger, {Table::state, claim, std::nullopt});
  check_only(ledger, claim, "claim to be settled");
  CHECK(state_of(ledger).differences[0].zh().find("库中没有") != std::string::npos);
  change(ledger, {Table::state, claim, value});
  CHECK(state_of(ledger).fine());
  change(ledger, {Table::state, "eforged", "x"});
  check_only(ledger, "eforged", "what was calculated");
}

TEST_CASE("the ids of commands are compared with the entries, but not the lines that were refused") {
  TemporaryDirectory home;
  const auto ledger = books(home);
  const auto [id, row] = row_of(ledger, Table::commands, 0);
  change(ledger, {Table::commands, id, row + "[]"});
  CHECK(state_of(ledger).fine());
  change(ledger, {Table::commands, id, std::nullopt});  // then it could be recorded once more
  check_only(ledger, id, "id of a command");
}

TEST_CASE("every kind of row has a name") {
  TemporaryDirectory home;
  const auto view = take(open_view(books(home)));
  require_ok(view->raw().scan(Table::state, "", "", [&](std::string_view key, std::string_view) {
    CHECK_FALSE(name_of_row(key[0]).en.empty());
    return true;
  }));
  CHECK(name_of_row('?').en.empty());
  CHECK(store::printable(std::string("K\0\x7F\\ a", 6)) == "K\\x00\\x7f\\x5c\\x20a");
}

TEST_CASE("the state of an older layout is made again when the ledger is opened for writing") {
  TemporaryDirectory home;
  const auto path = books(home);
  const auto sound = state_of(path);
  const auto [voucher, unused] = row_of(path, Table::state, 'V');
  const auto [balance, amount] = row_of(path, Table::state, 'B');
  // What an older program kept otherwise, did not keep, and kept in addition.
  change(path, {Table::state, voucher, "otherwise"});
  change(path, {Table::state, balance, std::nullopt});
  change(path, {Table::state, "~addition", "of old"});
  change(path, {Table::meta, std::string(store::kLayoutKey), "1"});

  const auto older = check_state(*take(open_view(path)), {});
  REQUIRE_FALSE(older.ok());
  CHECK(older.error().fault == Fault::unknown_version);
  CHECK(older.error().message.find("layout version 1") != std::string::npos);

  take(Ledger::open(path, {})).reset();
  const auto newer = state_of(path);
  CHECK(newer.fine());
  CHECK(newer.rows == sound.rows);
  CHECK(newer.root == sound.root);
  CHECK(take(take(open_view(path))->raw().get(Table::meta, store::kLayoutKey)) == store::kLayout);
  for (const auto& left : std::filesystem::directory_iterator(path)) {
    CHECK(left.path().filename().string().find("staging") == std::string::npos);
  }
}

TEST_CASE("a layout that is newer than the program is refused, for reading and for writing") {
  TemporaryDirectory home;
  const auto path = books(home);
  change(path, {Table::meta, std::string(store::kLayoutKey), "999"});
  CHECK(open_view(path).error().fault == Fault::unknown_version);
  CHECK(Ledger::open(path, {}).error().fault == Fault::unknown_version);
}
