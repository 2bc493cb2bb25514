// People's identities: sealed beside the chain, matched by commitment, never on it.
#include <fstream>

#include "ledger/vault.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

const std::string kPerson = "320412193001011234";

Vault vault_in(const std::filesystem::path& file, const char* suite = "sha256-ed25519") {
  if (!std::filesystem::exists(file)) require_ok(Vault::create_key(file));
  return take(Vault::open(file, suite));
}

Identity full_identity() {
  return {"江苏省常州市武进区某镇某村1号", kPerson, "张三", "13800000000"};
}

std::string all_bytes(const std::filesystem::path& directory) {
  std::string all;
  for (const auto& item : std::filesystem::recursive_directory_iterator(directory)) {
    if (!item.is_regular_file()) continue;
    std::ifstream in(item.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  return all;
}

}  // namespace

TEST_CASE("an identity comes back whole, and only with the right key, person and bytes") {
  TemporaryDirectory home;
  const auto suite = GENERATE("sha256-ed25519", "sm3-sm2");
  const auto vault = vault_in(home.path() / "key", suite);
  const auto sealed = take(vault.seal(full_identity()));
  const auto again = take(vault.unseal(sealed.pseudonym, sealed.record));
  REQUIRE(again.name == "张三");
  REQUIRE(again.id_number == kPerson);
  REQUIRE(again.address == full_identity().address);
  REQUIRE(again.phone == full_identity().phone);
  REQUIRE(take(vault.matches(sealed.pseudonym, sealed.record, sealed.commitment)));
  REQUIRE_FALSE(take(vault.matches(sealed.pseudonym, sealed.record, std::string(64, '0'))));

  const auto other = vault_in(home.path() / "other", suite);
  REQUIRE(other.unseal(sealed.pseudonym, sealed.record).error().fault == Fault::tampered);
  REQUIRE(vault.unseal(Pseudonym(1), sealed.record).error().fault == Fault::tampered);
  for (std::size_t i = 1; i < sealed.record.size(); ++i) {
    std::string bad = sealed.record;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    REQUIRE(vault.unseal(sealed.pseudonym, bad).error().fault == Fault::tampered);
  }
  std::string newer = sealed.record;
  newer[0] = 3;
  REQUIRE(vault.unseal(sealed.pseudonym, newer).error().fault == Fault::unknown_version);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, std::size_t{60}, std::size_t{70}}) {
    REQUIRE(vault.unseal(sealed.pseudonym, sealed.record.substr(0, cut)).error().fault ==
            Fault::unreadable);
  }
}

TEST_CASE("pseudonyms are stable in one ledger and strange to another; commitments are salted") {
  TemporaryDirectory home;
  const auto vault = vault_in(home.path() / "key");
  const auto a = take(vault.seal(full_identity())), b = take(vault.seal(full_identity()));
  REQUIRE(a.pseudonym == b.pseudonym);
  REQUIRE(a.pseudonym == vault.pseudonym_of(kPerson));
  REQUIRE(a.commitment != b.commitment);
  REQUIRE(a.record != b.record);
  REQUIRE(a.record.find(kPerson) == std::string::npos);
  REQUIRE(vault_in(home.path() / "key").pseudonym_of(kPerson) == a.pseudonym);
  REQUIRE(vault_in(home.path() / "other").pseudonym_of(kPerson) != a.pseudonym);
  REQUIRE(vault.blind("phone", "1").size() == 16);
  REQUIRE(vault.blind("phone", "1") == vault.blind("phone", "1"));
  REQUIRE(vault.blind("phone", "1") != vault.blind("name", "1"));
  REQUIRE(vault.blind("ab", "c") != vault.blind("a", "bc"));
}

TEST_CASE("a key file is made once and kept private") {
  TemporaryDirectory home;
  const auto file = home.path() / "key";
  require_ok(Vault::create_key(file));
  REQUIRE(std::filesystem::file_size(file) == 32);
  REQUIRE_FALSE(Vault::create_key(file).ok());
  std::filesystem::permissions(file, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  REQUIRE(Vault::open(file, "sha256-ed25519").error().fault == Fault::invalid_argument);
  REQUIRE(Vault::open(home.path() / "none", "sha256-ed25519").error().fault == Fault::not_found);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  REQUIRE(Vault::open(file, "md5").error().fault == Fault::unknown_version);
  std::ofstream(file) << "short";
  REQUIRE(Vault::open(file, "sha256-ed25519").error().fault == Fault::unreadable);
}

TEST_CASE("an identity that is not text is refused by the vault") {
  TemporaryDirectory home;
  const auto vault = vault_in(home.path() / "key");
  REQUIRE(vault.seal(identity(kPerson, "\xFF")).error().fault == Fault::invalid_argument);
}

TEST_CASE("registering a person: the chain has a pseudonym, the vault the rest, repetition is safe") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 0);
  const std::string elder = elder_id(77);
  const Identity who = identity(elder, "李四光明");

  REQUIRE(refused(*ledger, [&] { auto c = elder_registration("b1", who); c.identity.reset(); return c; }())
              .reason == Reason::missing_field);
  REQUIRE(refused(*ledger, [&] { auto c = fund_receipt("x"); c.identity = who; return c; }())
              .reason == Reason::unknown_field);
  REQUIRE(refused(*ledger, elder_registration("b1", identity(elder, "\xC3\x28"))).field ==
          "identity.name");

  const auto answers = take(ledger->submit(
      {elder_registration("b1", who), elder_registration("b1", who)}, BatchMode::independent));
  const auto receipt = std::get<Receipt>(answers[0]);
  REQUIRE(std::get<Receipt>(answers[1]).repeated);
  SECTION("at once") {}
  SECTION("reopened") {
    ledger.reset();
    ledger = take(Ledger::open(home.path(), {}));
  }
  REQUIRE(record(*ledger, elder_registration("b1", who)).leaf == receipt.leaf);
  // The same document for a person of another name is other content, though the digest on the
  // chain, which knows no names, is the same.
  REQUIRE(refused(*ledger, elder_registration("b1", identity(elder, "李四"))).reason ==
          Reason::command_id_reused);
  REQUIRE(refused(*ledger, elder_registration("b2", who)).reason == Reason::already_registered);

  const auto view = ledger->view();
  const auto entry = take(view->decoded(receipt.index));
  const auto& document = std::get<BeneficiaryRegistration>(entry.document);
  REQUIRE(document.beneficiary == ledger->vault().pseudonym_of(elder));
  const auto row = take(view->raw().get(store::Table::vault, document.beneficiary.str()));
  REQUIRE(row.has_value());
  REQUIRE(take(ledger->vault().matches(document.beneficiary, *row, document.commitment)));
  REQUIRE(take(ledger->vault().unseal(document.beneficiary, *row)).name == "李四光明");

  const std::string disk = all_bytes(home.path());
  REQUIRE(disk.find(document.beneficiary.str()) != std::string::npos);
  REQUIRE(disk.find(elder) == std::string::npos);
  REQUIRE(disk.find("李四") == std::string::npos);
}

TEST_CASE("a refused atomic batch leaves nothing in the vault") {
  TemporaryDirectory home;
  auto ledger = scene(home.path(), 0);
  take(ledger->submit({elder_registration("b1", identity(elder_id(1), "李四")), fund_receipt("bad", -1)},
                      BatchMode::atomic));
  int rows = 0;
  require_ok(ledger->view()->raw().scan(store::Table::vault, "", "",
                                        [&](std::string_view, std::string_view) { return ++rows > 0; }));
  REQUIRE(rows == 0);
  record(*ledger, elder_registration("b1", identity(elder_id(1), "李四")));
}
