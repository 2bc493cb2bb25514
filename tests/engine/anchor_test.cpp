// The anchor: what a store that lost or changed its end is told apart by.
#include <fstream>

#include "ledger/engine/anchor.h"
#include "ledger/engine/files.h"
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

// The keys of a ledger, or of no ledger at all.
struct Keys {
  chain::SigningKey signing;
  chain::VerifierKey verifier;
};
Keys new_keys(chain::Suite suite) {
  auto signing = take(chain::SigningKey::generate(suite));
  chain::VerifierKey verifier{"fundtrail/sample", signing.public_key()};
  return {std::move(signing), std::move(verifier)};
}
Keys keys_of(const fs::path& ledger) {
  auto signing = take(chain::SigningKey::load(ledger / "keys" / "signing.pem"));
  chain::VerifierKey verifier{"fundtrail/wujin-2008", signing.public_key()};
  return {std::move(signing), std::move(verifier)};
}
Anchor open_anchor(const fs::path& file, const Keys& keys) {
  return take(Anchor::open(file, keys.verifier, keys.signing));
}
// Every file below with its content.
std::map<std::string, std::string> files_below(const fs::path& directory) {
  std::map<std::string, std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(directory)) {
    files[item.path()] = item.is_regular_file() ? take(content_of(item.path())) : "";
  }
  return files;
}

// The current store's directory, whatever its name.
fs::path store_of(const fs::path& ledger) { return fs::canonical(ledger / "db"); }

}  // namespace

TEST_CASE("an anchor is remembered, and a torn write spoils the newest head at most") {
  TemporaryDirectory home;
  const Keys keys = new_keys(GENERATE(chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2));
  const auto file = home.path() / "ANCHOR";
  const auto read = [&] { return read_anchor(file, keys.verifier); };
  REQUIRE_FALSE(take(read()).has_value());
  {
    auto anchor = open_anchor(file, keys);
    REQUIRE_FALSE(anchor.head().has_value());
    for (std::uint64_t size = 1; size <= 5; ++size) {
      require_ok(anchor.write(head(size)));
    }
  }
  REQUIRE(take(read()) == head(5));
  {
    auto anchor = open_anchor(file, keys);
    REQUIRE(anchor.head() == head(5));
    require_ok(anchor.write(head(6)));
  }
  REQUIRE(take(read()) == head(6));
  overwrite(file, 4096 + 20, "torn");  // sizes 2, 4, 6 lie in the second slot
  REQUIRE(take(read()) == head(5));
  {
    auto anchor = open_anchor(file, keys);  // the spoilt slot is the one that is written next
    require_ok(anchor.write(head(7)));
  }
  overwrite(file, 20, "torn");
  REQUIRE(take(read()) == head(7));
  overwrite(file, 4096 + 20, "torn");
  REQUIRE(read().error().fault == Fault::unreadable);
  REQUIRE(Anchor::open(file, keys.verifier, keys.signing).error().fault == Fault::unreadable);
}

TEST_CASE("every byte of a slot counts") {
  TemporaryDirectory home;
  const Keys keys = new_keys(chain::Suite::sha256_ed25519);
  const auto file = home.path() / "ANCHOR";
  require_ok(open_anchor(file, keys).write(head(1)));
  const std::string good = take(content_of(file));
  REQUIRE(good.size() == 4096);
  const auto note_end = good.find('\0');
  for (std::size_t i = 0; i < good.size(); i += i < note_end + 8 ? 1 : 97) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bad;
    INFO("byte " << i);
    REQUIRE(read_anchor(file, keys.verifier).error().fault == Fault::unreadable);
  }
}

TEST_CASE("an anchor is a checkpoint, and the ledger's key alone can write it") {
  TemporaryDirectory home;
  const auto suite = GENERATE(chain::Suite::sha256_ed25519, chain::Suite::sm3_sm2);
  auto ledger = new_ledger(home.path(), {}, suite);
  record(*ledger, fund_receipt("a"));
  const auto key = ledger->verifier_key();
  const auto root = ledger->view()->root();
  ledger.reset();
  const auto file = home.path() / "ANCHOR";

  std::string slot = take(content_of(file)).substr(0, 4096);
  const auto second = take(content_of(file)).substr(4096);
  if (second.find("\n4\n") != second.npos) slot = second;
  const auto note = take(chain::parse_note(slot.substr(0, slot.find('\0'))));
  require_ok(chain::verify_note(note, key.name, key.key));
  const auto checkpoint = take(chain::parse_checkpoint(note.body));
  REQUIRE(checkpoint.origin == "fundtrail/wujin-2008");
  REQUIRE(checkpoint.size == kFirst + 1);
  REQUIRE(checkpoint.root == root);

  // Somebody without the key cannot move it back, nor on.
  const Keys other = new_keys(suite);
  fs::remove(file);
  require_ok(take(Anchor::open(file, {key.name, other.verifier.key}, other.signing)).write(head(1)));
  REQUIRE(Ledger::open(home.path(), {}).error().fault == Fault::unreadable);
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
    // The newer store under another name: no leftover while nobody knows which one is right.
    fs::copy(directory / "db.1", directory / "db.2", fs::copy_options::recursive);
    require_ok(mark_as_made(directory / "db.2"));
    const auto before = files_below(directory);
    const auto opened = Ledger::open(directory, {});
    REQUIRE_FALSE(opened.ok());
    REQUIRE(opened.error().fault == Fault::truncated);
    REQUIRE(files_below(directory) == before);  // evidence
    const std::string anchor = (fs::canonical(directory) / "ANCHOR").string();
    for (const std::string& said : std::vector<std::string>{
         "entries 4 to 5 were acknowledged", "covers 6 entries", "backup that reaches entry 5",
          "第 4 至 5 号记录", "能达到第 5 号记录的备份", anchor, place.string()}) {
      INFO(said << " in " << opened.error().message);
      REQUIRE(opened.error().message.find(said) != std::string::npos);
    }
  }
  SECTION("a newer store over an older anchor is a crash before the anchor") {
    fs::copy(old_anchor, directory / "ANCHOR", fs::copy_options::overwrite_existing);
    ledger = take(Ledger::open(directory, {}));
    REQUIRE(ledger->view()->size() == kFirst + 3);
    // Before anybody is told anything again, by a repeated receipt or a checkpoint.
    REQUIRE(take(read_anchor(directory / "ANCHOR", keys_of(directory).verifier))->size == kFirst + 3);
    record(*ledger, fund_receipt("d"));
    REQUIRE(take(read_anchor(directory / "ANCHOR", keys_of(directory).verifier))->size == kFirst + 4);
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
    auto anchored = *take(read_anchor(directory / "ANCHOR", keys_of(directory).verifier));
    const bool leaf = GENERATE(true, false);
    (leaf ? anchored.last_leaf : anchored.root)[0] ^= 1;
    fs::remove(directory / "ANCHOR");
    require_ok(open_anchor(directory / "ANCHOR", keys_of(directory)).write(anchored));
    REQUIRE(Ledger::open(directory, {}).error().fault == Fault::tampered);
  }
}

TEST_CASE("a checkpoint that was handed out is missed when its row is gone") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  auto ledger = new_ledger(directory);
  const std::string first = take(ledger->checkpoint());
  REQUIRE(take(ledger->checkpoint()) == first);  // the same again is none more
  record(*ledger, fund_receipt("a"));
  take(ledger->checkpoint());
  record(*ledger, fund_receipt("b"));
  REQUIRE(take(read_anchor(directory / "ANCHOR", ledger->verifier_key()))->checkpoints == 2);
  ledger.reset();
  ledger = take(Ledger::open(directory, {}));
  REQUIRE(take(ledger->view()->checkpoints()).size() == 2);
  ledger.reset();

  auto store = take(store::RocksStore::open(directory / "db", store::RocksStore::Missing::refuse));
  const auto head = take(store->get(store::Table::meta, store::kHeadKey));
  std::vector<store::Change> changes;
  SECTION("the newest row") {
    changes = {{store::Table::meta, store::checkpoint_key(kFirst + 1), std::nullopt}};
  }
  SECTION("the oldest row, and the count") {
    changes = {{store::Table::meta, store::checkpoint_key(kFirst), std::nullopt},
               {store::Table::meta, std::string(store::kCheckpointsKey), store::key_of(1)}};
  }
  REQUIRE(store->commit({*store->claim(), *head}, *head, changes).outcome ==
          store::Committed::applied);
  store.reset();
  const bool count_too = changes.size() == 2;
  REQUIRE(Ledger::open(directory, {}).ok() != count_too);
  if (count_too) REQUIRE(Ledger::open(directory, {}).error().fault == Fault::truncated);
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
