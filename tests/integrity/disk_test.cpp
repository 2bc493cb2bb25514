// The same on a RocksDB on disk: rows changed behind the program's back, and damaged files.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

#include "audit/integrity/verify.h"
#include "ledger/store/layout.h"
#include "ledger/store/rocks_store.h"
#include "tests/integrity/languages.h"
#include "tests/integrity/sample.h"

namespace fundtrail::integrity_test {
namespace {

namespace fs = std::filesystem;
using store::RocksStore;
using store::Table;

// Writes the rows of a table set as a store would hold them.
void write_store(const fs::path& place, const Tables& tables) {
  auto db = RocksStore::open(place, RocksStore::Missing::create);
  REQUIRE(db.ok());
  std::vector<store::Change> changes;
  for (std::size_t table = 0; table < store::kTables; ++table) {
    for (const auto& [key, value] : tables.rows[table]) {
      if (key == store::kHeadKey) continue;
      changes.push_back({static_cast<Table>(table), key, value});
    }
  }
  const auto& head = tables[Table::meta].at(std::string(store::kHeadKey));
  REQUIRE((*db)->commit({*(*db)->claim(), ""}, head, changes).outcome == store::Committed::applied);
}

void change(const fs::path& place, const std::vector<store::Change>& changes) {
  auto db = RocksStore::open(place, RocksStore::Missing::refuse);
  REQUIRE(db.ok());
  const auto head = (*db)->get(Table::meta, store::kHeadKey);
  REQUIRE((*db)->commit({*(*db)->claim(), **head}, **head, changes).outcome == store::Committed::applied);
}

audit::Report verify(const fs::path& place) {
  const auto db = RocksStore::open_read_only(place);
  REQUIRE(db.ok());
  const auto snapshot = (*db)->snapshot();
  return *audit::verify_store(*snapshot, {});
}

}  // namespace

TEST_CASE("rows that were changed in the database are found") {
  for (const auto suite : {chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2}) {
    Sample sample(suite, 60);
    Tables tables = sample.tables({20, 60});
    TemporaryFolder folder;
    const fs::path db = folder.path() / "db";
    write_store(db, tables);
    CHECK(answer(verify(db).finding) == "fine");
    SECTION("altered") {
      std::string line = tables.entry(30);
      line.replace(line.find("c-30"), 4, "c-31");
      change(db, {{Table::entries, store::key_of(30), line}});
      CHECK(answer(verify(db).finding) == "altered 30");
    }
    SECTION("missing") {
      change(db, {{Table::entries, store::key_of(30), std::nullopt}});
      CHECK(answer(verify(db).finding) == "missing 30");
    }
    SECTION("truncated") {
      change(db, {{Table::entries, store::key_of(59), std::nullopt}});
      CHECK(answer(verify(db).finding) == "truncated 59");
    }
    SECTION("lines") {
      change(db, {{Table::lines, store::key_of(5), std::nullopt}});
      CHECK(answer(verify(db).finding) == "lines_missing 5");
    }
    SECTION("balance") {
      const auto row = tables[Table::state].lower_bound(std::string(1, store::kBalanceRow))->first;
      change(db, {{Table::state, row, "0.01"}});
      CHECK(answer(verify(db).finding) == "balance_not_reproducible");
    }
    SECTION("checkpoint") {
      const auto other = *chain::SigningKey::generate(suite);
      change(db, {{Table::meta, store::checkpoint_key(20),
                   sign_checkpoint("fundtrail/sample", other, 20, sample.root(tables, 20))}});
      CHECK(answer(verify(db).finding) == "wrong_signature");
    }
  }
}

// Run by hand: tests/test_integrity "[speed]". One million single small entries, in memory.
TEST_CASE("speed of verification", "[.][speed]") {
  for (const auto suite : {chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2}) {
    Sample sample(suite, 1'000'000);
    const Tables tables = sample.tables({500'000, 1'000'000});
    const auto snapshot = snapshot_of(tables);
    for (int run = 0; run < 3; ++run) {
      const auto report = *audit::verify_store(*snapshot, {});
      REQUIRE(answer(report.finding) == "fine");
      std::printf("%s: %llu entries, %llu lines, %.1f MB, %.2f s: %.0f entries/s, %.1f MB/s\n",
                  chain::name(suite), static_cast<unsigned long long>(report.entries),
                  static_cast<unsigned long long>(report.lines),
                  static_cast<double>(report.bytes) / 1e6, report.seconds,
                  static_cast<double>(report.entries) / report.seconds,
                  static_cast<double>(report.bytes) / 1e6 / report.seconds);
    }
  }
}

}  // namespace fundtrail::integrity_test
