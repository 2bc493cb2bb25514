// A store of an older layout whose upgrade is interrupted: by each operation of the machine in turn, twice,
// by whoever calls it off, and by what cannot be believed. It is of the old layout and as it was, or being made,
// which no older program opens, or new; and the next opening makes it whole.
#include <iostream>

#include "ledger/engine/files.h"
#include "ledger/engine/state_check.h"
#include "ledger/engine/view.h"
#include "tests/faults/sampling.h"
#include "tests/faults/workload.h"

using namespace fundtrail;
using namespace fundtrail::faults;
using store::Table;
using test::require_ok;
using test::take;
using test::TemporaryDirectory;

namespace {

constexpr std::size_t kSample = 3;       // of each kind of operation and failure
constexpr std::size_t kRows = 21'000;    // more than two commits of the upgrade have

// What somebody does who writes the disk, or what an older program had there.
void change(const fs::path& ledger, const std::vector<store::Change>& rows) {
  const auto store = take(store::RocksStore::open(ledger / "db", store::RocksStore::Missing::refuse));
  const auto epoch = take(store->claim());
  const auto head = *take(store->get(Table::meta, store::kHeadKey));
  REQUIRE(store->commit({epoch, head}, head, rows).outcome == store::Committed::applied);
}

std::string layout_of(const fs::path& ledger) {
  return *take(take(open_view(ledger))->raw().get(Table::meta, store::kLayoutKey));
}

std::string rows_of(const fs::path& ledger) {
  std::string rows;
  require_ok(take(open_view(ledger))->raw().scan(Table::state, "", "", [&](std::string_view key, std::string_view value) {
    rows.append(key).append("=").append(value).append("\n");
    return true;
  }));
  return rows;
}

// Of a sound ledger, so that every commit of the upgrade has rows of both kinds.
void make_old(const fs::path& ledger) {
  std::vector<store::Change> rows;
  const auto view = take(open_view(ledger));
  require_ok(view->raw().scan(Table::state, "", "", [&](std::string_view key, std::string_view) {
    if (rows.size() % 3 == 0) rows.push_back({Table::state, std::string(key), std::nullopt});
    else rows.push_back({Table::state, std::string(key), "otherwise"});
    return true;
  }));
  for (std::size_t i = 0; i < kRows; ++i) {
    rows.push_back({Table::state, std::string(1, char(i % 5 * 50)) + "old" + std::to_string(i), "of old"});
  }
  rows.push_back({Table::meta, std::string(store::kLayoutKey), "1"});
  change(ledger, rows);
}

fs::path sound_ledger(const TemporaryDirectory& home) {
  const fs::path path = home.path() / "sound";
  auto ledger = test::new_ledger(path);
  for (int i = 0; i < 20; ++i) test::record(*ledger, test::fund_receipt("r" + std::to_string(i)));
  test::record(*ledger, rows_of_the_past("rows", 120));
  return path;
}

void copy_ledger(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

bool has_staging(const fs::path& ledger) {
  for (const auto& file : fs::directory_iterator(ledger)) {
    if (file.path().filename().string().starts_with("staging")) return true;
  }
  return false;
}

// Opens on a machine where the planned operation fails; says what failed, and how many there were of each kind.
struct Attempt {
  std::string failed;
  std::map<Operation, std::size_t> counts;
};
Attempt upgrade(const fs::path& ledger, std::optional<Plan> plan) {
  auto system = std::make_shared<FaultyFileSystem>();
  const auto env = rocksdb::NewCompositeEnv(system);
  system->begin(plan);
  { const auto opened = open_engine(ledger, {}, {{env.get(), 64u << 10}, nullptr}); }
  Attempt attempt{system->failed(), {}};
  for (const auto operation : kOperations) attempt.counts[operation] = system->count(operation);
  const bool lost = system->dead() && plan->failure != Failure::kill;
  system->end();
  if (lost) system->lose_unsynced();
  return attempt;
}

// Whether the rows are what the layout says of them.
void check_layout_is_true(const fs::path& ledger, const std::string& old_rows) {
  const auto layout = layout_of(ledger);
  if (layout == "1") {
    CHECK(rows_of(ledger) == old_rows);
  } else if (layout == store::kLayout) {
    CHECK(take(check_state(*take(open_view(ledger)), {})).fine());
  } else {
    CHECK(layout == store::kLayoutBeingMade);
  }
}

}  // namespace

TEST_CASE("an upgrade that is interrupted anywhere is never taken for one that was not begun, or is done") {
  const unsigned number = seed();
  INFO("FUNDTRAIL_SEED=" << number);
  std::mt19937 random(number);
  TemporaryDirectory home;
  const auto sound = sound_ledger(home);
  const fs::path old = home.path() / "old", place = home.path() / "place";
  const auto root = take(check_state(*take(open_view(sound)), {})).root;
  copy_ledger(sound, old);
  make_old(old);
  const auto old_rows = rows_of(old);

  copy_ledger(old, place);
  const auto counts = upgrade(place, std::nullopt).counts;
  REQUIRE(layout_of(place) == store::kLayout);
  std::size_t reached = 0, half = 0;
  for (const auto operation : {Operation::create, Operation::write, Operation::sync, Operation::read}) {
    for (const auto failure : {Failure::kill, Failure::power, Failure::enospc}) {
      if (operation == Operation::read && failure != Failure::kill) continue;
      for (const auto at : places(counts.at(operation), kSample, random)) {
        copy_ledger(old, place);
        const auto first = upgrade(place, Plan{operation, at, failure});
        INFO("failed: " << first.failed);
        if (!first.failed.empty()) ++reached;
        check_layout_is_true(place, old_rows);
        if (layout_of(place) == store::kLayoutBeingMade) ++half;
        const auto second = upgrade(place, Plan{Operation::write, random() % counts.at(Operation::write), failure});
        INFO("then: " << second.failed);
        check_layout_is_true(place, old_rows);
        take(Ledger::open(place, {})).reset();
        const auto state = take(check_state(*take(open_view(place)), {}));
        CHECK(state.different == 0);
        CHECK(state.root == root);
        CHECK(verify(place) == "");
        CHECK_FALSE(has_staging(place));
      }
    }
  }
  std::cout << "upgrades: seed " << number << ", " << reached << " interrupted, " << half << " half made\n";
  CHECK(reached > 10);
}

TEST_CASE("an upgrade that is called off between its commits is half made, and begins anew") {
  TemporaryDirectory home;
  const auto path = sound_ledger(home);
  make_old(path);
  const auto old_rows = rows_of(path);
  // Two leftovers of attempts that were killed: their room is there again before more is taken.
  for (const char* name : {"staging-1", "staging-2"}) {
    require_ok(make_marked(path / name));
    fs::create_directory(path / name / "fundtrail-state-aaaaaa");
  }
  fs::create_directory(path / "staging-3");  // killed before it was marked
  std::size_t asked = 0;
  std::set<std::string> layouts;
  for (std::size_t end = 1;; ++end) {
    asked = 0;
    LedgerOptions options;
    options.making_again.cancelled = [&] {
      CHECK_FALSE(fs::exists(path / "staging-2"));
      CHECK_FALSE(fs::exists(path / "staging-3"));
      return ++asked == end;
    };
    const auto opened = Ledger::open(path, options);
    if (opened.ok()) break;
    CHECK(opened.error().fault == Fault::unavailable);
    CHECK_FALSE(has_staging(path));
    check_layout_is_true(path, old_rows);
    layouts.insert(layout_of(path));
    const auto state = check_state(*take(open_view(path)), {});
    REQUIRE_FALSE(state.ok());
    CHECK(state.error().fault == Fault::unknown_version);
  }
  CHECK(layouts == std::set<std::string>{"1", std::string(store::kLayoutBeingMade)});
  CHECK(take(check_state(*take(open_view(path)), {})).fine());
}

TEST_CASE("who may not make the state again is refused, and changes nothing") {
  TemporaryDirectory home;
  const auto path = sound_ledger(home);
  const auto row = [&](std::string_view key) { return *take(take(open_view(path))->raw().get(Table::meta, key)); };
  for (const auto layout : {std::string_view("1"), store::kLayoutBeingMade}) {
    change(path, {{Table::meta, std::string(store::kLayoutKey), std::string(layout)}});
    const auto epoch = row(store::kEpochKey);
    LedgerOptions options;
    options.older_state = LedgerOptions::OlderState::refuse;
    const auto opened = Ledger::open(path, options);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().fault == Fault::unknown_version);
    CHECK(row(store::kEpochKey) == epoch);
    CHECK(row(store::kLayoutKey) == layout);
    CHECK(verify(path) == "");
  }
}

TEST_CASE("entries that nobody recorded are not made a state of") {
  TemporaryDirectory home;
  const auto sound = sound_ledger(home);
  const fs::path path = home.path() / "altered";
  const auto altered = [&](Table table, std::uint64_t index, const std::string& from, const std::string& to) {
    copy_ledger(sound, path);
    const auto key = store::key_of(index);
    auto bytes = *take(take(open_view(path))->raw().get(table, key));
    const auto at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, from.size(), to);
    change(path, {{table, key, bytes}, {Table::meta, std::string(store::kLayoutKey), "1"}});
    const auto rows = rows_of(path);
    const auto opened = Ledger::open(path, {});
    REQUIRE_FALSE(opened.ok());
    CHECK(layout_of(path) == "1");
    CHECK(rows_of(path) == rows);
    CHECK_FALSE(has_staging(path));
    CHECK(opened.error().message.find("fundtrail verify") != std::string::npos);
    return opened.error().fault;
  };
  const auto last = take(open_view(sound))->size() - 1;
  test::record(*take(Ledger::open(sound, {})), test::fund_receipt("after"));  // the newest is looked at anyway
  CHECK(altered(Table::entries, 5, "\"1.00\"", "\"9.00\"") == Fault::tampered);
  CHECK(altered(Table::entries, 5, "fund_receipt", "fund_rexeipt") == Fault::tampered);
  CHECK(altered(Table::lines, last, "\"amount\":\"7\"", "\"amount\":\"8\"") == Fault::tampered);
}
