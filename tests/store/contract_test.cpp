// The contract of the storage seam (ledger/store/store.h), over every implementation of it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "ledger/store/memory_store.h"
#include "ledger/store/rocks_store.h"

using namespace fundtrail;
using namespace fundtrail::store;

namespace {

struct Home {
  std::filesystem::path path;
  Home() {
    std::string pattern = (std::filesystem::temp_directory_path() / "store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Home() { std::filesystem::remove_all(path); }
};

std::unique_ptr<Store> make(const std::string& kind, const Home& home) {
  if (kind == "memory") return std::make_unique<MemoryStore>();
  auto opened = RocksStore::open(home.path / "db", RocksStore::Missing::create);
  REQUIRE(opened.ok());
  return std::move(*opened);
}

template <class Reader>
std::string get(const Reader& reader, Table table, std::string_view key) {
  const auto value = reader.get(table, key);
  REQUIRE(value.ok());
  return value->value_or("(none)");
}

std::string keys(const Snapshot& snapshot, std::string_view from, std::string_view to,
                 std::size_t limit = 100) {
  std::string seen;
  std::size_t n = 0;
  REQUIRE(snapshot.scan(Table::state, from, to, [&](std::string_view key, std::string_view value) {
    seen += std::string(key) + "=" + std::string(value) + " ";
    return ++n < limit;
  }).ok());
  return seen;
}

}  // namespace

TEST_CASE("a store keeps the contract of the seam") {
  const std::string kind = GENERATE("memory", "rocksdb");
  INFO(kind);
  Home home;
  auto store = make(kind, home);

  // The first commit expects no head.
  REQUIRE(store->commit("h0", "h1", {}).outcome == Committed::not_applied);
  REQUIRE(get(*store, Table::meta, "head") == "(none)");
  REQUIRE(store->commit("", "h1", {{Table::state, "a", "1"}, {Table::state, "c", "3"}}).outcome ==
          Committed::applied);
  REQUIRE(get(*store, Table::meta, "head") == "h1");
  REQUIRE(get(*store, Table::state, "a") == "1");

  SECTION("a commit on another head changes nothing") {
    const auto refused = store->commit("", "h2", {{Table::state, "a", "2"}});
    REQUIRE(refused.outcome == Committed::not_applied);
    REQUIRE_FALSE(refused.message.empty());
    REQUIRE(get(*store, Table::state, "a") == "1");
    REQUIRE(get(*store, Table::meta, "head") == "h1");
    REQUIRE(store->commit("h1", "h2", {}).outcome == Committed::applied);
  }
  SECTION("tables are apart, values replaced and removed, bytes are bytes") {
    const std::string odd("k\0\xFF", 3), value("\0\xFE\0", 3);
    REQUIRE(store->commit("h1", "h2",
                          {{Table::state, "a", "2"}, {Table::tree, "a", "t"},
                           {Table::state, "c", std::nullopt}, {Table::vault, odd, value}})
                .outcome == Committed::applied);
    REQUIRE(get(*store, Table::state, "a") == "2");
    REQUIRE(get(*store, Table::tree, "a") == "t");
    REQUIRE(get(*store, Table::state, "c") == "(none)");
    REQUIRE(get(*store, Table::vault, odd) == value);
    REQUIRE(get(*store, Table::lines, "a") == "(none)");
  }
  SECTION("the last change of a key in one commit counts") {
    REQUIRE(store->commit("h1", "h2", {{Table::state, "a", "2"}, {Table::state, "a", "3"}}).outcome ==
            Committed::applied);
    REQUIRE(get(*store, Table::state, "a") == "3");
  }
  SECTION("a snapshot sees one commit and nothing later") {
    const auto before = store->snapshot();
    REQUIRE(store->commit("h1", "h2", {{Table::state, "a", "9"}, {Table::state, "b", "2"}}).outcome ==
            Committed::applied);
    REQUIRE(get(*before, Table::meta, "head") == "h1");
    REQUIRE(get(*before, Table::state, "a") == "1");
    REQUIRE(keys(*before, "", "") == "a=1 c=3 ");
    REQUIRE(keys(*store->snapshot(), "", "") == "a=9 b=2 c=3 ");
  }
  SECTION("scans take keys from `from` to before `to`, in order, until told to stop") {
    REQUIRE(store->commit("h1", "h2", {{Table::state, "b", "2"}, {Table::state, "\xFF", "z"}})
                .outcome == Committed::applied);
    const auto snapshot = store->snapshot();
    REQUIRE(keys(*snapshot, "a", "c") == "a=1 b=2 ");
    REQUIRE(keys(*snapshot, "aa", "") == "b=2 c=3 \xFF=z ");
    REQUIRE(keys(*snapshot, "c", "b").empty());
    REQUIRE(keys(*snapshot, "", "", 2) == "a=1 b=2 ");
  }
}

TEST_CASE("what was committed is there after reopening, and the head still guards it") {
  Home home;
  {
    auto store = make("rocksdb", home);
    REQUIRE(store->commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  }
  auto store = make("rocksdb", home);
  REQUIRE(get(*store, Table::entries, "k") == "v");
  REQUIRE(store->commit("", "h2", {}).outcome == Committed::not_applied);
  REQUIRE(store->commit("h1", "h2", {}).outcome == Committed::applied);
}

TEST_CASE("one writer; readers need no lock and cannot write") {
  Home home;
  auto store = make("rocksdb", home);
  REQUIRE(store->commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  const auto second = RocksStore::open(home.path / "db", RocksStore::Missing::refuse);
  REQUIRE_FALSE(second.ok());
  REQUIRE(second.error().fault == Fault::unavailable);

  auto reader = RocksStore::open_read_only(home.path / "db");
  REQUIRE(reader.ok());
  REQUIRE(get(**reader, Table::entries, "k") == "v");
  REQUIRE((*reader)->commit("h1", "h2", {}).outcome == Committed::not_applied);
  REQUIRE(store->commit("h1", "h2", {}).outcome == Committed::applied);
}

TEST_CASE("a store that is not there is not made by looking at it") {
  Home home;
  REQUIRE(RocksStore::open(home.path / "db", RocksStore::Missing::refuse).error().fault ==
          Fault::not_found);
  REQUIRE(RocksStore::open_read_only(home.path / "db").error().fault == Fault::not_found);
  REQUIRE_FALSE(std::filesystem::exists(home.path / "db"));
}

TEST_CASE("a checkpoint is a store of its own; a replaced store goes with its last reader") {
  Home home;
  auto store = make("rocksdb", home);
  REQUIRE(store->commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  auto& rocks = static_cast<RocksStore&>(*store);
  REQUIRE(rocks.checkpoint(home.path / "copy").ok());
  auto copy = RocksStore::open(home.path / "copy", RocksStore::Missing::refuse);
  REQUIRE(copy.ok());
  REQUIRE((*copy)->commit("h1", "h2", {{Table::entries, "k", "other"}}).outcome ==
          Committed::applied);
  REQUIRE(get(*store, Table::entries, "k") == "v");

  auto reader = store->snapshot();
  rocks.remove_when_closed();
  store.reset();
  REQUIRE(get(*reader, Table::entries, "k") == "v");
  reader.reset();
  REQUIRE_FALSE(std::filesystem::exists(home.path / "db"));
  REQUIRE(get(**copy, Table::entries, "k") == "other");
}

TEST_CASE("damage in the middle of the journal is refused, an unfinished tail is not") {
  Home home;
  std::string head;
  {
    auto store = make("rocksdb", home);
    for (int i = 0; i < 200; ++i) {
      const std::string next = "h" + std::to_string(i);
      REQUIRE(store->commit(head, next, {{Table::entries, next, std::string(300, 'x')}}).outcome ==
              Committed::applied);
      head = next;
    }
    // As a crash would leave it: copied while open.
    std::filesystem::copy(home.path / "db", home.path / "crashed");
  }
  std::filesystem::path journal;
  for (const auto& file : std::filesystem::directory_iterator(home.path / "crashed")) {
    if (file.path().extension() == ".log" && std::filesystem::file_size(file) > 10'000) {
      journal = file.path();
    }
  }
  REQUIRE_FALSE(journal.empty());
  const auto size = std::filesystem::file_size(journal);
  SECTION("cut in its last record") {
    std::filesystem::resize_file(journal, size - 10);
    auto store = RocksStore::open(home.path / "crashed", RocksStore::Missing::refuse);
    REQUIRE(store.ok());
    // The anchor is what notices that the last record is gone (tests/engine).
    REQUIRE(get(**store, Table::meta, "head") == "h198");
  }
  SECTION("a flipped byte in the middle") {
    std::FILE* file = std::fopen(journal.c_str(), "r+b");
    REQUIRE(file != nullptr);
    std::fseek(file, static_cast<long>(size / 2), SEEK_SET);
    std::fputc('#', file);
    std::fclose(file);
    const auto store = RocksStore::open(home.path / "crashed", RocksStore::Missing::refuse);
    REQUIRE_FALSE(store.ok());
    REQUIRE(store.error().fault == Fault::unreadable);
  }
}
