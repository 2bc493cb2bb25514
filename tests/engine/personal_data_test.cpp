// People's data stay off the chain, whichever way a command comes in.
#include "ledger/engine/personal_data.h"
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
