// Opening refuses an anchor that is not this chain's and sends people to `verify`: it must say the same.
#include "audit/integrity/finding.h"
#include "audit/integrity/verify.h"
#include "ledger/engine/anchor.h"
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
