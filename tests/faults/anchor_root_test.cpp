// Opening refuses an anchor that is not this chain's and sends people to `verify`: it must say the same.
#include "audit/integrity/finding.h"
#include "audit/integrity/verify.h"
#include "ledger/engine/anchor.h"
#include "ledger/store/rocks_store.h"
#include "tests/engine/helpers.h"

using namespace fundtrail;
using namespace fundtrail::test;

TEST_CASE("verify compares leaf and root of the anchor, as opening does") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  auto ledger = new_ledger(directory);
  record(*ledger, fund_receipt("a"));
  const auto key = ledger->verifier_key();
  ledger.reset();
  REQUIRE_FALSE(take(audit::verify_ledger(directory, {})).finding);

  const auto file = directory / "ANCHOR";
  auto head = *take(read_anchor(file, key));
  const bool leaf = GENERATE(true, false);
  (leaf ? head.last_leaf : head.root)[0] ^= 1;
  std::filesystem::remove(file);
  const auto signing = take(chain::SigningKey::load(directory / "keys" / "signing.pem"));
  require_ok(take(Anchor::open(file, key, signing)).write(head));
  REQUIRE(Ledger::open(directory, {}).error().fault == Fault::tampered);
  REQUIRE(take(audit::verify_ledger(directory, {})).finding);
}

TEST_CASE("verify misses a checkpoint that was handed out") {
  TemporaryDirectory home;
  const auto directory = home.path() / "ledger";
  {
    auto ledger = new_ledger(directory);
    take(ledger->checkpoint());
    record(*ledger, fund_receipt("a"));
    take(ledger->checkpoint());
  }
  REQUIRE_FALSE(take(audit::verify_ledger(directory, {})).finding);
  const std::uint64_t index = kFirst + GENERATE(0u, 1u);
  const bool count_too = GENERATE(false, true);
  std::vector<store::Change> changes = {
      {store::Table::meta, store::checkpoint_key(index), std::nullopt}};
  if (count_too) {  // and the store says that it never had more
    changes.push_back(
        {store::Table::meta, std::string(store::kCheckpointsKey), store::key_of(1)});
  }
  {
    auto store =
        take(store::RocksStore::open(directory / "db", store::RocksStore::Missing::refuse));
    const auto head = take(store->get(store::Table::meta, store::kHeadKey));
    REQUIRE(store->commit({*store->claim(), *head}, *head, changes).outcome ==
            store::Committed::applied);
  }
  const auto finding = take(audit::verify_ledger(directory, {})).finding;
  REQUIRE(finding);
  REQUIRE(finding->flaw == audit::Flaw::checkpoint_missing);
  REQUIRE(finding->detail_en() == "1 of 2 are kept");
  CHECK(finding->detail_zh() == "应有 2 个，现存 1 个");
}
