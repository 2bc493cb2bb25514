// People's data stay off the chain, whichever way a command comes in.
#include "ledger/engine/personal_data.h"

#include "ledger/engine/commands_table.h"
#include "ledger/store/rocks_store.h"
#include "tests/engine/scene.h"

using namespace fundtrail;
using namespace fundtrail::test;

namespace {

const std::string kNumber = "11010519491231002X";

Document imported(std::map<std::string, std::string> values, const std::string& table = "payments") {
  ImportedRecord record;
  record.file_digest = std::string(64, 'a');
  record.source = *Text::parse("台账.csv");
  record.table = *Code::parse(table);
  record.lines = {ImportedRow{{{"amount", "1.00"}}}, ImportedRow{std::move(values)}};
  return record;
}

std::string found(const Document& document) {
  const auto rejection = find_personal_data(document);
  if (!rejection) return "";
  CHECK(rejection->reason == Reason::malformed_field);
  for (const auto& text : {rejection->zh(), rejection->en(), rejection->field}) {
    CHECK(text.find("1949") == std::string::npos);
  }
  return rejection->field;
}

}  // namespace

TEST_CASE("free text with an identity number is refused, and not repeated") {
  EntitlementEnd end;
  end.evidence = *Text::parse("死亡证明，" + kNumber + "，张某");
  CHECK(found(end) == "doc.evidence");
  end.evidence = *Text::parse("１１０１０５１９４９１２３１００２Ｘ");
  CHECK(found(end) == "doc.evidence");
  end.evidence = *Text::parse("死亡证明 110105194912310021");  // the check digit does not fit
  CHECK(found(end).empty());

  FundReceipt receipt;
  receipt.bank_reference = *Reference::parse(kNumber);
  CHECK(found(receipt) == "doc.bank_reference");

  Correction correction;
  correction.fund_receipt = receipt;
  CHECK(found(correction) == "doc.fund_receipt.bank_reference");

  Redemption redemption;
  redemption.lines.resize(3);
  redemption.lines[2].worker = *Code::parse(kNumber);
  CHECK(found(redemption) == "lines[2].worker");
  CHECK(find_personal_data(redemption)->line == 2);
}

// What may stand where: the table of what passes and what is refused.
TEST_CASE("ids and texts hold no number of a person; numbers of banks, offices and bodies pass") {
  const auto text = [](const char* value) { return *Text::parse(value); };
  const auto fund = [&](const char* id, const char* name) {
    FundRegistration d;
    d.fund = *FundId::parse(id);
    d.name = text(name);
    return found(d);
  };
  for (const char* id : {"13800138000", "8613800138000", "138-0013-8000", "320412194107309666", "320412-19410730-9666",
                         "11010519491231002x"}) {
    INFO(id);
    CHECK(fund(id, "a fund") == "doc.fund");
    CHECK(fund("f", id) == "doc.name");
    // What is there, from before or from the book of users, is named as it is called.
    PersonErasure erasure;
    erasure.ordered_by = *ActorId::parse(id);
    CHECK(found(erasure).empty());
    FundReceipt receipt;
    receipt.fund = *FundId::parse(id);
    receipt.account = *DesignatedAccountId::parse(id);
    CHECK(found(receipt).empty());
    SettlementPreparation settlement;
    settlement.provider = *ProviderId::parse(id);
    CHECK(found(settlement).empty());
    settlement.settlement = *SettlementId::parse(id);
    CHECK(found(settlement) == "doc.settlement");
  }
  ServiceRecords records;
  records.lines.resize(1);
  records.lines[0].worker = *Code::parse("13800138000");
  CHECK(found(records).empty());
  records.lines[0].worker = *Code::parse(kNumber);  // of no list anywhere
  CHECK(found(records) == "lines[0].worker");
  WorkerCertificate worker;
  worker.worker = *Code::parse("13800138000");
  CHECK(found(worker) == "doc.worker");
  CHECK(fund("f", "+86 138 0013 8000") == "doc.name");
  CHECK(fund("f", "养老 138 0013 8000") == "doc.name");
  for (const char* id : {"2008-0001-0002", "wj-elder-2008", "20081128093000123", "3204120000000001", "2081002"}) {
    INFO(id);
    CHECK(fund(id, id).empty());
  }

  ProviderRegistration provider;
  provider.provider = *ProviderId::parse("52320412MJ100001XN");
  provider.uscc = "52320412MJ100001XN";
  provider.bank = {text("某银行"), text("某中心"), "6222021234567890123"};
  provider.contract = {{}, text("15012345678"), {}};  // an office's own number
  CHECK(found(provider).empty());
  provider.contract.number = text("320412-19410730-9666");
  CHECK(found(provider) == "doc.contract.number");

  FundReceipt receipt;
  receipt.bank_reference = *Reference::parse("15012345678");
  receipt.document_no = text("15012345678");
  CHECK(found(receipt).empty());
  WorkerCertificate certificate;
  certificate.number = *Reference::parse(kNumber);
  CHECK(found(certificate) == "doc.number");
}

TEST_CASE("who is called by a number already goes on recording, a provider by its code too") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  for (const char* actor : {"13800138000", "911100007109250324"}) {
    Command c = fund_receipt(std::string("r") + actor);
    c.actor.id = *ActorId::parse(actor);
    record(*ledger, c);
  }
}

TEST_CASE("what was recorded before people's numbers were looked for is answered with its receipt") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  // As an earlier version recorded it: the same entry, made of a command that had the number.
  Command c = fund_receipt("r1");
  auto& receipt = std::get<FundReceipt>(c.document);
  receipt.document_no = *Text::parse("付" + kNumber);
  CHECK(refused(*ledger, c).reason == Reason::malformed_field);
  const auto index = ledger->view()->size();
  ledger.reset();
  {
    const auto store = take(store::RocksStore::open(home.path() / "db", store::RocksStore::Missing::refuse));
    const auto epoch = take(store->claim());
    const auto head = *take(store->get(store::Table::meta, store::kHeadKey));
    chain::Hasher hasher(chain::Suite::sha256_ed25519);
    const RecordedCommand recorded{index - 1, chain::content_digest(hasher, c, {}), {}};
    REQUIRE(store->commit({epoch, head}, head, {{store::Table::commands, "r1", encode_recorded(recorded)}}).outcome ==
            store::Committed::applied);
  }
  ledger = take(Ledger::open(home.path(), {}));
  const auto again = record(*ledger, c);
  CHECK(again.repeated);
  CHECK(again.index == index - 1);
  receipt.amount = Money::of_fen(7);  // another command, and still refused for what it is
  CHECK(refused(*ledger, c).reason == Reason::malformed_field);
}

TEST_CASE("a bank account may look like an identity number") {
  const std::string account = elder_id(2);
  REQUIRE(check_id_number(account) == IdNumberFault::none);
  ProviderRegistration provider;
  provider.bank.number = account;
  CHECK(found(provider).empty());
  provider.bank.holder = *Text::parse(account);
  CHECK(found(provider) == "doc.bank.holder");
  BankStatement statement;
  statement.lines.resize(1);
  statement.lines[0].counterparty_account = *Text::parse(account);
  CHECK(found(statement).empty());
  statement.lines[0].summary = *Text::parse(account);
  CHECK(found(statement) == "lines[0].summary");
  CHECK(found(imported({{"counterparty_account", account}})).empty());
}

TEST_CASE("imported rows hold no personal data, and the digest of a file") {
  CHECK(found(imported({{"summary", "护理费"}})).empty());
  CHECK(found(imported({{"summary", "付" + kNumber}})) == "lines[1].summary");
  CHECK(found(imported({{kNumber, "1"}})) == "lines[1].***");
  for (const char* key : {"name", "id_number", "phone", "address"}) {
    CHECK(found(imported({{key, "x"}})) == "lines[1]." + std::string(key));
  }
  CHECK(found(imported({{"name", "某中心"}}, "providers")).empty());
  CHECK(found(imported({{"phone", "1"}}, "providers")) == "lines[1].phone");
  auto record = std::get<ImportedRecord>(imported({}));
  record.file_digest = "zz";
  CHECK(found(record) == "doc.file_digest");
}

TEST_CASE("the ledger refuses it at every door, and the chain has nothing of it") {
  TemporaryDirectory home;
  auto ledger = new_ledger(home.path());
  Command c = fund_receipt("r1");
  std::get<FundReceipt>(c.document).document_no = *Text::parse("付" + kNumber);
  const Rejection no = refused(*ledger, c);
  CHECK(no.reason == Reason::malformed_field);
  CHECK(no.field == "doc.document_no");
  CHECK(ledger->view()->size() == kFirst);
}
