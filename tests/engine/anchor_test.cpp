// The anchor: what a store that lost or changed its end is told apart by.
#include <fstream>

#include "ledger/engine/anchor.h"
#include "ledger/store/rocks_store.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;
namespace fs = std::filesystem;

namespace {

AnchoredHead head(std::uint64_t size) {
  AnchoredHead h{size, {}, {}};
  h.last_leaf.fill(static_cast<std::uint8_t>(size));
  h.root.fill(static_cast<std::uint8_t>(size + 100));
  return h;
}

void overwrite(const fs::path& file, std::streamoff offset, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  REQUIRE(stream.seekp(offset));
  REQUIRE(stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
}

// The current store's directory, whatever its name.
fs::path store_of(const fs::path& ledger) { return fs::canonical(ledger / "db"); }

}  // namespace

TEST_CASE("an anchor is remembered, and a torn write spoils the newest head at most") {
  TemporaryDirectory home;
  const auto file = home.path() / "ANCHOR";
  REQUIRE_FALSE(take(read_anchor(file)).has_value());
  {
    auto anchor = take(Anchor::open(file));
    REQUIRE_FALSE(anchor.head().has_value());
    for (std::uint64_t size = 1; size <= 5; ++size) require_ok(anchor.write(head(size)));
  }
  REQUIRE(take(read_anchor(file)) == head(5));
  {
    auto anchor = take(Anchor::open(file));
    require_ok(anchor.write(head(6)));
  }
  REQUIRE(take(read_anchor(file)) == head(6));
  overwrite(file, 20, "torn");  // sequence 6 lies in the first slot
  REQUIRE(take(read_anchor(file)) == head(5));
  overwrite(file, 4096 + 20, "torn");
  REQUIRE(read_anchor(file).error().fault == Fault::unreadable);
  REQUIRE(Anchor::open(file).error().fault == Fault::unreadable);
}

TEST_CASE("every byte of a slot counts") {
  TemporaryDirectory home;
  const auto file = home.path() / "ANCHOR";
  require_ok(take(Anchor::open(file)).write(head(1)));
  std::ifstream in(file, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), {});
  REQUIRE(good.size() == 4096 + 128);  // sequence 1 is odd: the second slot
  for (std::size_t i = 4096; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bad;
    INFO("byte " << i);
    REQUIRE(read_anchor(file).error().fault == Fault::unreadable);
  }
}

TEST_CASE("a store behind its anchor is truncated, and the message says what is missing") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  auto ledger = new_ledger(directory);
  record(*ledger, fund_receipt("a"));
  const auto old_store = home.path() / "old";
  fs::copy(store_of(directory), old_store, fs::copy_options::recursive);
  const auto old_anchor = home.path() / "old-anchor";
  fs::copy(directory / "ANCHOR", old_anchor);
  record(*ledger, fund_receipt("b"));
  record(*ledger, fund_receipt("c"));
  ledger.reset();

  SECTION("an older store under the newer anchor") {
    const auto place = store_of(directory);
    fs::remove_all(place);
    fs::copy(old_store, place, fs::copy_options::recursive);
    const auto opened = Ledger::open(directory, {});
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error().fault == Fault::truncated);
    REQUIRE(opened.error().message.find("entries 4 to 5") != std::string::npos);
    REQUIRE(opened.error().message.find("backup") != std::string::npos);
  }
  SECTION("a newer store over an older anchor is a crash before the anchor") {
    fs::copy(old_anchor, directory / "ANCHOR", fs::copy_options::overwrite_existing);
    ledger = take(Ledger::open(directory, {}));
    REQUIRE(ledger->view()->size() == kFirst + 3);
    record(*ledger, fund_receipt("d"));
    REQUIRE(take(read_anchor(directory / "ANCHOR"))->size == kFirst + 4);
  }
  SECTION("no anchor is refused until somebody accepts it") {
    fs::remove(directory / "ANCHOR");
    for (int i = 0; i < 2; ++i) {  // looking does not make it acceptable
      REQUIRE(Ledger::open(directory, {}).error().fault == Fault::truncated);
    }
    LedgerOptions options;
    options.accept_missing_anchor = true;
    take(Ledger::open(directory, options)).reset();
    REQUIRE(take(Ledger::open(directory, {}))->view()->size() == kFirst + 3);
  }
  SECTION("another anchor than this chain's is tampering") {
    auto anchored = *take(read_anchor(directory / "ANCHOR"));
    const bool leaf = GENERATE(true, false);
    (leaf ? anchored.last_leaf : anchored.root)[0] ^= 1;
    require_ok(take(Anchor::open(directory / "ANCHOR")).write(anchored));
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::tampered);
  }
}

TEST_CASE("opening notices a changed end of the chain") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  auto ledger = new_ledger(directory);
  for (int i = 0; i < 300; ++i) record(*ledger, fund_receipt("r" + std::to_string(i)));
  ledger.reset();
  const auto change = [&](store::Table table, const std::string& key,
                          std::optional<std::string> value) {
    auto opened = take(
        store::RocksStore::open(directory / "db", store::RocksStore::Missing::refuse));
    const auto head = take(opened->get(store::Table::meta, store::kHeadKey));
    REQUIRE(opened->commit({*opened->claim(), *head}, *head, {{table, key, value}}).outcome ==
            store::Committed::applied);
  };
  const std::uint64_t last = kFirst + 299;
  SECTION("the last entry altered") {
    change(store::Table::entries, store::key_of(last), "{}");
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::tampered);
  }
  SECTION("the last entry missing") {
    change(store::Table::entries, store::key_of(last), std::nullopt);
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::truncated);
  }
  SECTION("a node of the tree altered") {
    change(store::Table::tree, store::subtree_key(8, 0), std::string(32, 'x'));
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::tampered);
  }
  SECTION("the head gone") {
    auto opened = take(
        store::RocksStore::open(directory / "db", store::RocksStore::Missing::refuse));
    const auto head = take(opened->get(store::Table::meta, store::kHeadKey));
    REQUIRE(opened->commit({*opened->claim(), *head}, "", {}).outcome == store::Committed::applied);
    opened.reset();
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::unreadable);
  }
}
