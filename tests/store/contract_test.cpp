// The contract of the storage seam (ledger/store/store.h), over every implementation of it.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>

#include "ledger/store/layout.h"
#include "ledger/store/memory_store.h"
#include "ledger/store/rocks_store.h"
#include "tests/faults/faulty_files.h"

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

// A place that a store of either kind lives in, and that can fail.
class Place {
 public:
  explicit Place(std::string kind) : kind_(std::move(kind)) {}

  std::unique_ptr<Store> open() const {
    if (kind_ == "memory") return std::make_unique<MemoryStore>(disk_);
    auto opened = RocksStore::open(home_.path / "db", RocksStore::Missing::create, {env_.get(), 0});
    REQUIRE(opened.ok());
    return std::move(*opened);
  }
  // The next write is lost, or is there; its author is told of an error in both cases.
  void fail_next_write(bool kept) {
    using enum faults::Operation;
    disk_->failing = kept ? MemoryStore::Disk::Failing::kept : MemoryStore::Disk::Failing::lost;
    system_->begin(faults::Plan{kept ? sync : write, 0, faults::Failure::eio});
  }
  void mend() { system_->end(); }

 private:
  std::string kind_;
  Home home_;
  std::shared_ptr<MemoryStore::Disk> disk_ = std::make_shared<MemoryStore::Disk>();
  std::shared_ptr<faults::FaultyFileSystem> system_ = std::make_shared<faults::FaultyFileSystem>();
  std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(system_);
};

// A store of RocksDB and the claim of the one who opened it.
struct Rocks {
  std::unique_ptr<RocksStore> store;
  Epoch epoch;
  CommitResult commit(std::string_view head, std::string_view next,
                      const std::vector<Change>& changes) {
    return store->commit({epoch, head}, next, changes);
  }
};
Rocks open_rocks(const std::filesystem::path& path) {
  auto opened = RocksStore::open(path, RocksStore::Missing::create);
  REQUIRE(opened.ok());
  const auto epoch = (*opened)->claim();
  REQUIRE(epoch.ok());
  return {std::move(*opened), *epoch};
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
  const Place place(kind);
  const auto store = place.open();
  const Epoch epoch = *store->claim();
  const auto commit = [&](std::string_view head, std::string_view next,
                          const std::vector<Change>& changes) {
    return store->commit({epoch, head}, next, changes);
  };

  // The first commit expects no head.
  REQUIRE(commit("h0", "h1", {}).outcome == Committed::not_applied);
  REQUIRE(get(*store, Table::meta, "head") == "(none)");
  REQUIRE(commit("", "h1", {{Table::state, "a", "1"}, {Table::state, "c", "3"}}).outcome ==
          Committed::applied);
  REQUIRE(get(*store, Table::meta, "head") == "h1");
  REQUIRE(get(*store, Table::state, "a") == "1");

  SECTION("only the first claim notes the layout") {
    REQUIRE(get(*store, Table::meta, kLayoutKey) == kLayout);
    REQUIRE(commit("h1", "h2", {{Table::meta, std::string(kLayoutKey), "1"}}).outcome == Committed::applied);
    REQUIRE(store->claim().ok());
    REQUIRE(get(*store, Table::meta, kLayoutKey) == "1");
  }
  SECTION("a commit on another head changes nothing") {
    const auto refused = commit("", "h2", {{Table::state, "a", "2"}});
    REQUIRE(refused.outcome == Committed::not_applied);
    REQUIRE_FALSE(refused.message.empty());
    REQUIRE(get(*store, Table::state, "a") == "1");
    REQUIRE(get(*store, Table::meta, "head") == "h1");
    REQUIRE(commit("h1", "h2", {}).outcome == Committed::applied);
  }
  SECTION("tables are apart, values replaced and removed, bytes are bytes") {
    const std::string odd("k\0\xFF", 3), value("\0\xFE\0", 3);
    REQUIRE(commit("h1", "h2",
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
    REQUIRE(commit("h1", "h2", {{Table::state, "a", "2"}, {Table::state, "a", "3"}}).outcome ==
            Committed::applied);
    REQUIRE(get(*store, Table::state, "a") == "3");
  }
  SECTION("a snapshot sees one commit and nothing later") {
    const auto before = store->snapshot();
    REQUIRE(commit("h1", "h2",
                   {{Table::state, "a", "9"}, {Table::state, "b", "2"},
                    {Table::state, "c", std::nullopt}})
                .outcome == Committed::applied);
    REQUIRE(get(*before, Table::meta, "head") == "h1");
    REQUIRE(get(*before, Table::state, "a") == "1");
    REQUIRE(keys(*before, "", "") == "a=1 c=3 ");
    REQUIRE(keys(*store->snapshot(), "", "") == "a=9 b=2 ");
  }
  SECTION("scans take keys from `from` to before `to`, in order, until told to stop") {
    REQUIRE(commit("h1", "h2", {{Table::state, "b", "2"}, {Table::state, "\xFF", "z"}}).outcome ==
            Committed::applied);
    const auto snapshot = store->snapshot();
    REQUIRE(keys(*snapshot, "a", "c") == "a=1 b=2 ");
    REQUIRE(keys(*snapshot, "aa", "") == "b=2 c=3 \xFF=z ");
    REQUIRE(keys(*snapshot, "c", "b").empty());
    REQUIRE(keys(*snapshot, "", "", 2) == "a=1 b=2 ");
  }
}

TEST_CASE("a writer whose epoch is over writes nothing more") {
  const std::string kind = GENERATE("memory", "rocksdb");
  INFO(kind);
  const Place place(kind);
  auto store = place.open();

  // Who never claimed the store is no writer.
  REQUIRE(store->commit({0, ""}, "h1", {}).outcome == Committed::not_applied);
  const Epoch first = *store->claim();
  REQUIRE(store->commit({first, ""}, "h1", {{Table::state, "a", "1"}}).outcome ==
          Committed::applied);
  const Epoch second = *store->claim();
  REQUIRE(second > first);

  // Both see the same head, and only one of them may go on from it.
  const auto refused = store->commit({first, "h1"}, "h2", {{Table::state, "a", "stale"}});
  REQUIRE(refused.outcome == Committed::not_applied);
  REQUIRE(refused.message.find("another writer") != std::string::npos);
  REQUIRE(refused.message.find("另一个写入者") != std::string::npos);
  REQUIRE(get(*store, Table::state, "a") == "1");
  REQUIRE(get(*store, Table::meta, "head") == "h1");
  REQUIRE(store->commit({second + 1, "h1"}, "h2", {}).outcome == Committed::not_applied);
  REQUIRE(store->commit({second, "h1"}, "h2", {{Table::state, "a", "2"}}).outcome ==
          Committed::applied);
  REQUIRE(store->commit({first, "h2"}, "h3", {}).outcome == Committed::not_applied);

  // The epoch is durable and rises across openings; opening alone claims nothing.
  store.reset();
  store = place.open();
  REQUIRE(store->commit({first, "h2"}, "h3", {}).outcome == Committed::not_applied);
  REQUIRE(store->commit({second, "h2"}, "h3", {}).outcome == Committed::applied);
  REQUIRE(*store->claim() > second);
  REQUIRE(store->commit({second, "h3"}, "h4", {}).outcome == Committed::not_applied);
}

TEST_CASE("after a write of unknown outcome a store refuses until it is opened again") {
  const std::string kind = GENERATE("memory", "rocksdb");
  const bool kept = GENERATE(false, true);
  INFO(kind << (kept ? ", kept" : ", lost"));
  Place place(kind);
  auto store = place.open();
  const Epoch epoch = *store->claim();
  REQUIRE(store->commit({epoch, ""}, "h1", {{Table::state, "a", "1"}}).outcome ==
          Committed::applied);

  SECTION("of a commit") {
    place.fail_next_write(kept);
    const auto unknown =
        store->commit({epoch, "h1"}, "h2", {{Table::state, "a", "2"}, {Table::tree, "b", "2"}});
    REQUIRE(unknown.outcome == Committed::unknown);
    REQUIRE_FALSE(unknown.message.empty());
    place.mend();  // what the disk does afterwards changes nothing
    for (const char* head : {"h1", "h2"}) {
      const auto refused = store->commit({epoch, head}, "h3", {});
      REQUIRE(refused.outcome == Committed::not_applied);
      REQUIRE(refused.message.find("unknown") != std::string::npos);
    }
    REQUIRE(store->claim().error().fault == Fault::unavailable);
    store.reset();
    store = place.open();
    // All of it or nothing of it, and the head says which.
    const std::string head = kept ? "h2" : "h1";
    REQUIRE(get(*store, Table::meta, "head") == head);
    REQUIRE(get(*store, Table::state, "a") == (kept ? "2" : "1"));
    REQUIRE(get(*store, Table::tree, "b") == (kept ? "2" : "(none)"));
    const Epoch next = *store->claim();
    REQUIRE(store->commit({next, head}, "h3", {}).outcome == Committed::applied);
  }
  SECTION("of a claim") {
    place.fail_next_write(kept);
    REQUIRE(store->claim().error().fault == Fault::io);
    place.mend();
    REQUIRE(store->commit({epoch, "h1"}, "h2", {}).outcome == Committed::not_applied);
    store.reset();
    store = place.open();
    const Epoch next = *store->claim();
    REQUIRE(next > epoch + (kept ? 1 : 0));
    REQUIRE(store->commit({next, "h1"}, "h2", {}).outcome == Committed::applied);
  }
}

TEST_CASE("a store of another layout is refused, by writers and readers, and left as it is") {
  Home home;
  {
    auto rocks = open_rocks(home.path / "db");
    REQUIRE(rocks.commit("", "h1", {{Table::meta, std::string(kLayoutKey), "999"}}).outcome ==
            Committed::applied);
  }
  const auto written = RocksStore::open(home.path / "db", RocksStore::Missing::refuse);
  const auto read = RocksStore::open_read_only(home.path / "db");
  for (const auto* opened : {&written, &read}) {
    REQUIRE_FALSE(opened->ok());
    REQUIRE(opened->error().fault == Fault::unknown_version);
    REQUIRE(opened->error().message.find("layout version \"999\"") != std::string::npos);
    REQUIRE(opened->error().message.find("布局版本为“999”") != std::string::npos);
  }
}

TEST_CASE("what was committed is there after reopening, and the head still guards it") {
  Home home;
  {
    auto store = open_rocks(home.path / "db");
    REQUIRE(store.commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  }
  auto store = open_rocks(home.path / "db");
  REQUIRE(get(*store.store, Table::entries, "k") == "v");
  REQUIRE(store.commit("", "h2", {}).outcome == Committed::not_applied);
  REQUIRE(store.commit("h1", "h2", {}).outcome == Committed::applied);
}

TEST_CASE("one writer; readers need no lock and cannot write") {
  Home home;
  auto store = open_rocks(home.path / "db");
  REQUIRE(store.commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  const auto second = RocksStore::open(home.path / "db", RocksStore::Missing::refuse);
  REQUIRE_FALSE(second.ok());
  REQUIRE(second.error().fault == Fault::unavailable);

  auto reader = RocksStore::open_read_only(home.path / "db");
  REQUIRE(reader.ok());
  REQUIRE(get(**reader, Table::entries, "k") == "v");
  REQUIRE((*reader)->commit({store.epoch, "h1"}, "h2", {}).outcome == Committed::not_applied);
  REQUIRE((*reader)->claim().error().fault == Fault::unavailable);
  REQUIRE(store.commit("h1", "h2", {}).outcome == Committed::applied);
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
  auto store = open_rocks(home.path / "db");
  REQUIRE(store.commit("", "h1", {{Table::entries, "k", "v"}}).outcome == Committed::applied);
  REQUIRE(store.store->checkpoint(home.path / "copy").ok());
  auto copy = open_rocks(home.path / "copy");
  REQUIRE(copy.epoch > store.epoch);
  REQUIRE(copy.commit("h1", "h2", {{Table::entries, "k", "other"}}).outcome == Committed::applied);
  REQUIRE(get(*store.store, Table::entries, "k") == "v");

  auto reader = store.store->snapshot();
  store.store->when_closed([](const std::filesystem::path& place) { std::filesystem::remove_all(place); });
  store.store.reset();
  REQUIRE(get(*reader, Table::entries, "k") == "v");
  reader.reset();
  REQUIRE_FALSE(std::filesystem::exists(home.path / "db"));
  REQUIRE(get(*copy.store, Table::entries, "k") == "other");
}

TEST_CASE("damage in the middle of the journal is refused, an unfinished tail is not") {
  Home home;
  std::string head;
  {
    auto store = open_rocks(home.path / "db");
    for (int i = 0; i < 200; ++i) {
      const std::string next = "h" + std::to_string(i);
      REQUIRE(store.commit(head, next, {{Table::entries, next, std::string(300, 'x')}}).outcome ==
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

TEST_CASE("a scratch store reads what it was told, and writes no journal") {
  Home home;
  auto opened = RocksStore::open_scratch(home.path / "db");
  REQUIRE(opened.ok());
  const auto epoch = (*opened)->claim();
  REQUIRE(epoch.ok());
  const std::string large(1 << 20, 'x');
  REQUIRE((*opened)->commit({*epoch, ""}, "h1", {{Table::state, "a", large}}).outcome == Committed::applied);
  REQUIRE(get(**opened, Table::state, "a") == large);
  REQUIRE(get(*(*opened)->snapshot(), Table::state, "a") == large);
  opened->reset();
  for (const auto& file : std::filesystem::directory_iterator(home.path / "db")) {
    INFO(file.path().string());
    REQUIRE(file.file_size() < large.size());
  }
}
