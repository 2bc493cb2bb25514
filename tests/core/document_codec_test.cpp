// Every kind of document through the codec: the bytes come back as they were, and a document that
// is not exactly of its shape is refused at the right field.
#include <catch2/catch.hpp>
#include <algorithm>
#include <map>
#include <set>
#include <nlohmann/json.hpp>

#include "ledger/chain/canonical.h"
#include "ledger/chain/document_codec.h"
#include "ledger/chain/entry_scanner.h"

using namespace fundtrail;
using namespace fundtrail::chain;
using Json = nlohmann::json;

namespace {

std::string quoted(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

const std::string kBank = "{'bank':'工行','holder':'院','number':'72000001'}";
const std::string kContract = "{'from':'2008-01-01','number':'c','to':'2008-12-31'}";
const std::string kDigest(64, 'a');
const std::string kReceipt =
    "{'account':'a1','amount':'-1.00','bank_reference':'r','document_no':'d','fund':'f',"
    "'source':'lottery'}";
const std::string kCounterpart =
    "{'account':'a1','amount':'1.00','bank_reference':'r','document_no':'d','fund':'f',"
    "'region':'320412001'}";
const std::string kPledge =
    "{'amount':'1.00','document_no':'d','due':'2008-12-31','fund':'f','region':'320412001'}";
const std::string kAllotment =
    "{'amount':'1.00','document_no':'d','evaluation':'e','from_counterpart':true,'fund':'f',"
    "'programme':'p','region':'320412001'}";
const std::string kPolicy =
    "{'attachments':[{'present':false,'title':'附件3'}],'banned_economic_codes':['30201'],"
    "'counterpart':{'ratio_percent':40,'required':true},'death_day_payable':false,"
    "'document_no':'41','eligibility':{'categories':['x'],'min_age':60},"
    "'in_force_from':'2008-04-01','in_force_to':'2009-12-31','issuer':'武进区','name':'wj',"
    "'programmes':[{'id':'services','instrument':'voucher','name':'n','purpose':'p'}],"
    "'recovery_disposition':'treasury','settings':[{'default':'a','id':'WJ-03','note_en':'e',"
    "'note_zh':'z','value':'b'}],'title':'t','version':1,'voucher':{'channel':'home',"
    "'face':'100.00','max_per_month':1,'validity_months':2}}";

struct Sample {
  std::string doc;    // canonical but for the quotes; every optional field is there
  std::string line;   // of kinds with lines
};

// By kind; a kind without a sample fails the first test.
const std::map<std::string, Sample>& samples() {
  static const std::map<std::string, Sample> table = {
      {"ledger_opening", {"{'account_mode':'fiscal_account','book':'statutory','name':'账套','public_key':'k','region':'320412','suite':'sm3-sm2'}", ""}},
      {"fund_registration", {"{'fiscal_year':2008,'functional_code':'2081006','fund':'f','name':'n'}", ""}},
      {"policy_registration", {"{'policy':" + kPolicy + "}", ""}},
      {"region_registration", {"{'name':'湖塘镇','parent':'320412','region':'320412001'}", ""}},
      {"provider_registration", {"{'bank':" + kBank + ",'contract':" + kContract + ",'name':'n','provider':'p','uscc':'11341730003260406Y'}", ""}},
      {"provider_amendment", {"{'bank':" + kBank + ",'contract':" + kContract + ",'provider':'p','reason':'r'}", ""}},
      {"designated_account_registration", {"{'account':'a','approval_no':'n','bank':" + kBank + ",'mode':'unit_account'}", ""}},
      {"beneficiary_registration", {"{'beneficiary':'00ff00ff00ff00ff','category':'c','channel':'institution','commitment':'" + kDigest + "','entitled_from':'2008-04-01','region':'320412001'}", ""}},
      {"beneficiary_amendment", {"{'beneficiary':'00ff00ff00ff00ff','category':'c','channel':'home','evidence':'e','region':'320412001'}", ""}},
      {"entitlement_reinstatement", {"{'beneficiary':'00ff00ff00ff00ff','evidence':'e','from':'2008-05-01','reason':'returned'}", ""}},
      {"entitlement_end", {"{'beneficiary':'00ff00ff00ff00ff','ended_on':'2008-04-01','evidence':'e','reason':'moved'}", ""}},
      {"fund_receipt", {kReceipt, ""}},
      {"allotment", {kAllotment, ""}},
      {"counterpart_pledge", {kPledge, ""}},
      {"counterpart_receipt", {kCounterpart, ""}},
      {"voucher_issue", {"{'fund':'f','month':'2008-04','programme':'p','region':'320412001','valid_from':'2008-04-01','valid_to':'2008-04-30'}", "{'beneficiary':'00ff00ff00ff00ff','face':'100.00','voucher':'WJ-00000001'}"}},
      {"redemption", {"{'claim_no':'n','provider':'p'}", "{'beneficiary':'00ff00ff00ff00ff','hours':'2.00','item':'i','service_date':'2008-04-01','voucher':'WJ-00000001','worker':'w'}"}},
      {"voucher_return", {"{'reason':'r'}", "{'voucher':'WJ-00000001'}"}},
      {"voucher_void", {"{'reason':'damaged'}", "{'voucher':'WJ-00000001'}"}},
      {"voucher_expiry", {"{'month':'2008-04'}", "{'voucher':'WJ-00000001'}"}},
      {"settlement_preparation", {"{'basis':'grant','grant':{'economic_code':'31001','fund':'f','invoice_no':'i','programme':'p','region':'320412001'},'provider':'p','redemptions':[1,9007199254740991],'settlement':'s','total':'1.00'}", ""}},
      {"settlement_review", {"{'settlement':'s'}", ""}},
      {"settlement_approval", {"{'settlement':'s'}", ""}},
      {"settlement_return", {"{'reason':'r','settlement':'s'}", ""}},
      {"disbursement_preparation", {"{'account':'a','amount':'1.00','disbursement':'d','method':'cash','payee':" + kBank + ",'settlement':'s'}", ""}},
      {"disbursement_approval", {"{'disbursement':'d'}", ""}},
      {"disbursement_payment", {"{'bank_reference':'b','disbursement':'d'}", ""}},
      {"disbursement_bounce", {"{'bank_reference':'b','disbursement':'d','reason':'r'}", ""}},
      {"disbursement_cancellation", {"{'disbursement':'d','reason':'r'}", ""}},
      {"recovery_decision", {"{'amount':'1.00','entitlement':{'beneficiary':'00ff00ff00ff00ff','level':'district','period':'2025-04'},'fund':'f','programme':'p','provider':'p','reason':'r','recovery':'r','region':'320412001'}", ""}},
      {"recovery_receipt", {"{'account':'a','amount':'1.00','bank_reference':'b','recovery':'r'}", ""}},
      {"correction", {"{'allotment':" + kAllotment + ",'corrects':7,'counterpart_pledge':" + kPledge + ",'counterpart_receipt':" + kCounterpart + ",'fund_receipt':" + kReceipt + ",'method':'difference','reason':'r'}", ""}},
      {"period_close", {"{'period':'2008-04'}", ""}},
      {"bank_statement", {"{'account':'a','closing':'1.00','opening':'-1.00','period':'2008-04'}", "{'amount':'2.00','counterparty':'c','counterparty_account':'1','date':'2008-04-01','direction':'out','reference':'r','summary':'s'}"}},
      {"imported_record", {"{'file_digest':'" + kDigest + "','source':'台账.xls','table':'payments'}", "{'amount':'1,000','name_of_payee':''}"}},
      {"entitlement_application", {"{'application':'a','beneficiary':'00ff00ff00ff00ff','care_level':'moderate','category':'c','channel':'home','documents':['form'],'facts':['alone'],'programme':'p','provider':'o'}", ""}},
      {"application_step", {"{'application':'a','from':'2025-02-14','outcome':'rejected','reason':'r','signers':['li'],'step':'notice','to':'2025-02-18'}", ""}},
      {"service_records", {"{'claim_no':'n','programme':'p','provider':'o'}", "{'beneficiary':'00ff00ff00ff00ff','bill':'65.00','bill_no':'b','date':'2025-02-14','hours':'1.50','insurance':'58.50','item':'i','worker':'w'}"}},
      {"worker_certificate", {"{'certificate':'health','from':'2025-01-01','number':'n','provider':'o','to':'2025-12-31','worker':'w'}", ""}},
      {"provider_assessment", {"{'assessment':'verified_beds','document_no':'n','effective':'2025-01-01','provider':'o','rating':'r','value':'80.00'}", ""}},
      {"entitlement_calculation", {"{'funds':[{'fund':'f','level':'district'}],'payee':'o','period':'2025-04','programme':'p','region':'320412001'}", "{'amount':'-1.00','beneficiary':'00ff00ff00ff00ff','period':'2025-01','shares':['-1.00'],'units':'120.00'}"}},
      {"points_journal", {"{'programme':'p','reference':'r'}", "{'beneficiary':'00ff00ff00ff00ff','date':'2025-02-14','direction':'spent','item':'i','points':'2.00'}"}},
      {"duty_record", {"{'beneficiary':'00ff00ff00ff00ff','duty':'visit','evidence':'e','outcome':'done','provider':'o','region':'320412001','worker':'w'}", ""}},
      {"calculation_reduction", {"{'calculation':7,'period':'2025-04','reason':'r'}", "{'amount':'1.00','beneficiary':'00ff00ff00ff00ff','fund':'f','level':'district','period':'2025-01'}"}},
      {"service_withdrawal", {"{'programme':'p','provider':'o','reason':'r'}", "{'beneficiary':'00ff00ff00ff00ff','date':'2025-02-14','item':'i','worker':'w'}"}},
      {"programme_cutover", {"{'evidence':'e','paid':'1.00','paid_through':'2025-03-31','programme':'p'}", ""}},
      {"beneficiary_cutover", {"{'evidence':'e','programme':'p'}", "{'beneficiary':'00ff00ff00ff00ff','paid':'1.00','paid_through':'2025-03-31'}"}},
      {"ledger_restoration", {"{'known_root':'" + kDigest + "','known_signature':'s','known_size':9,'ordered_by':'wang','reason':'r','restored_root':'" + kDigest + "','restored_size':7}", ""}},
      {"actor_key_registration", {"{'actor':'li','algorithm':'sm2','consent':{'key':'li-0','value':'c'},'from':'2026-01-01','key':'li-1','proof':'p','public_key':'k','required':true,'until':'2026-12-31'}", ""}},
      {"actor_key_end", {"{'consent':{'key':'li-1','value':'c'},'key':'li-1','reason':'lost'}", ""}},
      {"redemption_withdrawal", {"{'provider':'p','reason':'r','redemption':7}", "{'voucher':'WJ-00000001'}"}},
      {"person_erasure", {"{'beneficiary':'00ff00ff00ff00ff','ground':'ordered','ordered_by':'wang','reference':'r-1'}", ""}},
  };
  return table;
}

std::string command_json(const std::string& kind, const std::string& doc,
                         const std::string& line) {
  std::string json = R"({"kind":")" + kind + R"(","date":"2008-04-10","doc":)" + doc;
  if (!line.empty()) json += ",\"lines\":[" + line + "]";
  return json + "}";
}

CommandDefaults defaults() {
  return {{*ActorId::parse("li"), Role::preparer},
          *CommandId::parse("c1"),
          *Timestamp::parse("2008-04-10T09:00:00+08:00")};
}

// "reason field" of the refusal, or "ok".
std::string answer(const std::string& json) {
  const auto command = decode_command(json, defaults());
  if (command.ok()) return "ok";
  return std::string(info(command.error().reason).code) + " " + command.error().field;
}

const std::map<std::string, bool> kOptional = {
    {"parent", true}, {"evaluation", true}, {"in_force_to", true}, {"ratio_percent", true},
    {"voucher", true}, {"grant", true}, {"counterparty", true},
    {"counterparty_account", true}, {"summary", true}, {"allotment", true},
    {"counterpart_pledge", true}, {"counterpart_receipt", true}, {"fund_receipt", true}};

bool is_optional(const std::string& kind, const std::string& path, const std::string& key) {
  if (kind == "provider_amendment" && path == "doc") return key == "bank" || key == "contract";
  // The engine fills them from the identity.
  if (kind == "beneficiary_registration" && (key == "beneficiary" || key == "commitment")) return true;
  if (key == "worker") return kind != "worker_certificate";
  if (kind == "redemption" && path != "doc" && key == "beneficiary") return true;
  if (kind == "beneficiary_amendment" && path == "doc") {
    return key == "category" || key == "channel" || key == "region";
  }
  if (key == "voucher") return path == "doc.policy";
  static const std::set<std::string> of_kind = {
      "entitlement_application.care_level", "entitlement_application.facts",
      "entitlement_application.provider", "application_step.from", "application_step.reason",
      "application_step.signers", "application_step.to", "service_records.bill",
      "service_records.bill_no", "service_records.insurance", "provider_assessment.rating", "provider_assessment.value",
      "entitlement_calculation.beneficiary", "recovery_decision.entitlement",
      "recovery_decision.beneficiary", "duty_record.beneficiary", "duty_record.provider",
      "duty_record.region", "entitlement_reinstatement.from", "entitlement_reinstatement.reason",
      "calculation_reduction.beneficiary", "programme_cutover.paid", "beneficiary_cutover.paid",
      "ledger_restoration.known_signature", "actor_key_registration.consent", "actor_key_registration.until",
      "actor_key_end.consent"};
  if (of_kind.count(kind + "." + key) == 1) return true;
  if (kind == "entitlement_calculation" && path != "doc" && key == "period") return true;
  return kOptional.count(key) == 1;
}

// Spoils one place after the other of the object at `path` and everything inside it; `whole` is
// the command with that object in it.
void spoil(const std::string& kind, Json& whole, Json& object, const std::string& path) {
  const auto expect = [&](const std::string& expected) {
    INFO(whole.dump());
    CHECK(answer(whole.dump()) == expected);
  };
  object["zz_unknown"] = "x";
  expect("unknown-field " + path + ".zz_unknown");
  object.erase("zz_unknown");
  const Json intact = object;
  for (const auto& [key, value] : intact.items()) {
    const std::string field = path + "." + key;
    object.erase(key);
    expect(is_optional(kind, path, key) ? "ok" : "missing-field " + field);
    for (const Json& wrong : {Json(), Json(1.5), Json(true), Json("\t"), Json::array({1.5}),
                              Json::object({{"a", 1}}), Json(-1)}) {
      if (value.is_boolean() && wrong.is_boolean()) continue;
      object[key] = wrong;
      const std::string got = answer(whole.dump());
      INFO(field << " = " << wrong.dump() << " -> " << got);
      // Plain strings (bank references and the like) may hold any text in NFC.
      if (wrong.is_string() && value.is_string() && got == "ok") continue;
      // Inside an array or object of the right type the fault lies deeper.
      const bool deeper = wrong.type() == value.type();
      CHECK((got == "malformed-field " + field || (deeper && got.find(field) != got.npos)));
    }
    object[key] = value;
    if (value.is_object()) spoil(kind, whole, object[key], field);
    if (value.is_array() && !value.empty() && value[0].is_object()) {
      spoil(kind, whole, object[key][0], field + "[0]");
    }
  }
  expect("ok");
}

}  // namespace

TEST_CASE("every kind of document comes back as the same bytes") {
  Hasher hasher(Suite::sha256_ed25519);
  for (const auto& kind : kKindNames) {
    INFO(kind);
    REQUIRE(samples().count(std::string(kind)) == 1);
    const auto& sample = samples().at(std::string(kind));
    const std::string doc = quoted(sample.doc), line = quoted(sample.line);
    const auto command = decode_command(command_json(std::string(kind), doc, line), defaults());
    if (!command.ok()) FAIL(command.error().field << " " << command.error().en());
    CHECK(kind_of(command->document) == kind);
    CHECK(encode_document(command->document) == doc);

    // As an entry with its lines, through the bytes that are stored.
    Entry entry;
    entry.actor = command->actor;
    entry.command = command->id;
    entry.content = kDigest;
    entry.date = command->date;
    entry.document = command->document;
    entry.index = 42;
    entry.ledger = *LedgerId::parse("wj");
    entry.policy = PolicyRef::parse("wj@1");
    entry.postings = {{FundAccount::available, Side::debit, *Money::parse("-1.00"),
                       {*FundId::parse("f"), {}, *RegionCode::parse("320412001"), "p1"}}};
    entry.prev = kDigest;
    entry.time = command->time;
    EncodedLines lines;
    encode_lines(hasher, entry.document, lines);
    CHECK(lines.block == (line.empty() ? "" : line + "\n"));
    if (!line.empty()) entry.lines = lines.summary(hasher);
    std::string bytes;
    encode_entry(entry, bytes);
    CHECK(check_canonical(bytes).ok());
    auto decoded = decode_entry(bytes);
    REQUIRE(decoded.ok());
    REQUIRE(decode_lines(lines.block, decoded->document).ok());
    std::string again;
    encode_entry(*decoded, again);
    CHECK(again == bytes);
    EncodedLines lines_again;
    encode_lines(hasher, decoded->document, lines_again);
    CHECK(lines_again.block == lines.block);

    // As a command that a program prepares.
    const auto sent = decode_command(encode_command(*command), defaults());
    REQUIRE(sent.ok());
    CHECK(content_digest(hasher, *sent, lines) == content_digest(hasher, *command, lines));
  }
}

namespace {

std::string entry_line(const std::string& kind, const Sample& sample) {
  Hasher hasher(Suite::sha256_ed25519);
  const auto command =
      decode_command(command_json(kind, quoted(sample.doc), quoted(sample.line)), defaults());
  REQUIRE(command.ok());
  Entry entry;
  entry.actor = command->actor;
  entry.command = command->id;
  entry.content = kDigest;
  entry.date = command->date;
  entry.document = command->document;
  entry.index = 1207;
  entry.ledger = *LedgerId::parse("wj");
  entry.policy = PolicyRef::parse("wj@1");
  entry.postings = {
      {FundAccount::available, Side::debit, *Money::parse("-10.05"),
       {*FundId::parse("f"), {}, *RegionCode::parse("320412001"), "p1"}},
      {FundAccount::source, Side::credit, *Money::parse("123456789012345.00"),
       {*FundId::parse("f"), *ProgrammeId::parse("x"), {}, "district"}}};
  entry.prev = kDigest;
  entry.time = command->time;
  EncodedLines lines;
  encode_lines(hasher, entry.document, lines);
  if (!lines.leaves.empty()) entry.lines = lines.summary(hasher);
  std::string bytes;
  encode_entry(entry, bytes);
  return bytes;
}

// What the scanner accepts must be what the decoder reads.
void check_scanned(const std::string& line, const ScannedEntry& scanned,
                   const EntryScanner& scanner) {
  INFO(line);
  REQUIRE(check_canonical(line).ok());
  const auto entry = decode_entry(line);
  REQUIRE(entry.ok());
  bool same = scanned.index == entry->index && to_hex(scanned.prev) == entry->prev &&
              scanned.kind == entry->document.index() && scanned.date == entry->date &&
              scanned.time == entry->time.unix_seconds() && scanned.ledger == entry->ledger.str() &&
              scanned.document == encode_document(entry->document) &&
              scanned.has_lines == entry->lines.has_value() &&
              scanned.postings.size() == entry->postings.size();
  if (entry->lines) {
    same = same && scanned.line_count == entry->lines->count &&
           to_hex(scanned.lines_root) == entry->lines->root;
  }
  for (std::size_t i = 0; same && i < scanned.postings.size(); ++i) {
    const auto& p = scanned.postings[i];
    const auto& cell = scanner.cells()[p.cell];
    same = Posting{cell.account, p.side, Money::of_fen(p.fen), cell.at} == entry->postings[i];
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("the scanner accepts what it should, and nothing that the decoder reads otherwise") {
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  EntryScanner scanner;  // one for all, so that what it remembers gets in the way if it can
  ScannedEntry scanned;
  unsigned accepted = 0;
  for (const auto& [kind, sample] : samples()) {
    INFO(kind);
    const std::string line = entry_line(kind, sample);
    for (const int repetition : {0, 1}) {
      CAPTURE(repetition);
      CHECK(scanner.scan(line, scanned) == (line.find('\\') == line.npos));
      if (line.find('\\') == line.npos) check_scanned(line, scanned, scanner);
    }
    for (std::size_t at = 0; at < line.size(); ++at) {
      std::vector<std::string> changed(6, line);
      changed[0][at] = static_cast<char>(random());
      changed[1][at] = "0129-.,:\"{}[]\\abfz "[random() % 20];
      changed[2][at] = static_cast<char>(line[at] ^ 1);
      changed[3].erase(at, 1 + random() % 3);
      changed[4].insert(at, 1, "0129-.,:\"{}[]\\abfz "[random() % 20]);
      changed[5].insert(at, "\xE5\x88\xB8");
      for (const auto& other : changed) {
        if (!scanner.scan(other, scanned)) continue;
        ++accepted;
        check_scanned(other, scanned, scanner);
      }
    }
  }
  CHECK(accepted > 1000);  // otherwise the comparison proved little
}

TEST_CASE("a document that is not exactly of its shape is refused at the right field") {
  for (const auto& [kind, sample] : samples()) {
    INFO(kind);
    Json command = Json::parse(command_json(kind, quoted(sample.doc), quoted(sample.line)));
    spoil(kind, command, command["doc"], "doc");
    if (!sample.line.empty() && kind != "imported_record") {
      spoil(kind, command, command["lines"][0], "lines[0]");
    }
  }
}

namespace {

const std::string kNumber = "11010519491231002X";

void check_silent(const std::string& json) {
  const auto command = decode_command(json, defaults());
  if (command.ok()) return;
  const auto& no = command.error();
  INFO(no.field << " " << no.en());
  for (const auto& text : {no.zh(), no.en(), no.field, no.subject, no.detail}) {
    CHECK(text.find(kNumber.substr(0, 17)) == std::string::npos);
    CHECK(text.find("张三") == std::string::npos);
  }
}

// Types the identity number into every field of the object, as a value and as a key.
void type_everywhere(Json& whole, Json& object) {
  const Json intact = object;
  for (const auto& [key, value] : intact.items()) {
    for (const Json& typed : {Json(kNumber), Json("号码" + kNumber), Json::array({kNumber}),
                              Json::object({{kNumber, kNumber}}), Json(110105194912310021)}) {
      object[key] = typed;
      check_silent(whole.dump());
    }
    object[key] = value;
    if (value.is_object()) type_everywhere(whole, object[key]);
    if (value.is_array() && !value.empty() && value[0].is_object()) {
      type_everywhere(whole, object[key][0]);
    }
  }
  object[kNumber] = "x";
  check_silent(whole.dump());
  object.erase(kNumber);
}

}  // namespace

TEST_CASE("no refusal repeats an identity number, whichever field it was typed into") {
  for (const auto& [kind, sample] : samples()) {
    INFO(kind);
    Json command = Json::parse(command_json(kind, quoted(sample.doc), quoted(sample.line)));
    command["id"] = "c1";
    command["policy"] = "wj@1";
    command["mode"] = "atomic";
    type_everywhere(command, command);
  }
}

TEST_CASE("no refusal repeats anything that stands under identity") {
  Json command = Json::parse(command_json(
      "beneficiary_registration", quoted(samples().at("beneficiary_registration").doc), ""));
  for (const Json& identity :
       {Json("张三"), Json::array({"张三"}), Json{{"id_number", kNumber}, {"name", "张三\u0001"}},
        Json{{"id_number", Json::array({kNumber})}, {"name", "张三"}},
        Json{{"id_number", kNumber}, {"name", Json{{"张三", 1}}}},
        Json{{"id_number", 110105194912310021}, {"name", "张三"}},
        Json{{"id_number", kNumber}, {"name", "张三"}, {"张三", "x"}}}) {
    command["identity"] = identity;
    check_silent(command.dump());
  }
}

TEST_CASE("beside an identity nobody states what is made from it") {
  Json command = Json::parse(command_json(
      "beneficiary_registration", quoted(samples().at("beneficiary_registration").doc), ""));
  command["identity"] = Json{{"id_number", kNumber}, {"name", "张三"}};
  CHECK(answer(command.dump()) == "unknown-field doc.beneficiary");
  command["doc"].erase("beneficiary");
  CHECK(answer(command.dump()) == "unknown-field doc.commitment");
  command["doc"].erase("commitment");
  CHECK(decode_command(command.dump(), defaults()).ok());
}

TEST_CASE("what is wrong with text is said: not normalized is not too long") {
  const auto detail = [](const std::string& name) {
    const auto command = decode_command(
        command_json("region_registration",
                     "{\"name\":\"" + name + "\",\"region\":\"320412001\"}", ""),
        defaults());
    REQUIRE_FALSE(command.ok());
    return command.error().detail;
  };
  CHECK(detail("cafe\xCC\x81") == "form.normalized");
  CHECK(detail(std::string(501, 'x')) == "form.text");
}

TEST_CASE("a key that stands twice is refused, on every level") {
  const std::string doc = quoted(kReceipt);
  const std::string twice = doc.substr(0, doc.size() - 1) + R"(,"amount":"1.00"})";
  CHECK(answer(command_json("fund_receipt", twice, "")) == "unknown-field doc.amount");
  std::string command = command_json("fund_receipt", doc, "");
  command.insert(1, R"("date":"2008-04-10",)");
  CHECK(answer(command) == "unknown-field date");
}

TEST_CASE("a misspelt field is told, with what may have been meant, before the one that is missing then") {
  const auto told = [](const std::string& json) {
    const auto command = decode_command(json, defaults());
    REQUIRE_FALSE(command.ok());
    return std::string(info(command.error().reason).code) + " " + command.error().field + " " + command.error().detail;
  };
  const auto renamed = [](std::string json, const std::string& from, const std::string& to) {
    return json.replace(json.find('"' + from + '"'), from.size() + 2, '"' + to + '"');
  };
  const std::string command = command_json("fund_receipt", quoted(kReceipt), "");
  CHECK(told(renamed(command, "amount", "amuont")) == "unknown-field doc.amuont amount");
  CHECK(told(renamed(command, "amount", "sum")) == "unknown-field doc.sum ");
  CHECK(told(renamed(command, "date", "dat")) == "unknown-field dat date");
  CHECK(told(renamed(command, "kind", "kid")) == "unknown-field kid kind");
  CHECK(told(renamed(command, "doc", "document")) == "unknown-field document ");
  // One that is only missing, and one that is malformed, are told as before.
  CHECK(told(R"({"kind":"fund_receipt","date":"2008-04-10"})") == "missing-field doc ");
  CHECK(told(renamed(renamed(command, "amount", "amuont"), "date", "date\":1,\"x")).starts_with("malformed-field date"));
}

TEST_CASE("a command that is not a command is refused") {
  const std::string doc = quoted(kReceipt);
  CHECK(answer("") == "malformed-command ");
  CHECK(answer("[]") == "malformed-command ");
  CHECK(answer("{\"kind\":") == "malformed-command ");
  CHECK(answer("{}") == "missing-field kind");
  CHECK(answer(command_json("gift", doc, "")) == "unknown-kind kind");
  CHECK(answer(command_json("fund_receipt", doc, "{}")) == "unknown-field lines");
  std::string lines = "{}";
  for (int i = 0; i < 1000; ++i) lines += ",{}";
  CHECK(answer(command_json("voucher_return", R"({"reason":"r"})", lines)) ==
        "too-many-lines lines");
  CHECK(answer(command_json("imported_record", quoted(samples().at("imported_record").doc),
                            R"({"a":1})")) == "malformed-field lines[0].a");
}

TEST_CASE("strings are NFC without control characters, integers are integers") {
  const auto with_reference = [](const std::string& reference) {
    std::string doc = quoted(kReceipt);
    const std::string plain = R"("bank_reference":"r")";
    return doc.replace(doc.find(plain), plain.size(), "\"bank_reference\":\"" + reference + "\"");
  };
  const auto ask = [&](const std::string& reference) {
    return answer(command_json("fund_receipt", with_reference(reference), ""));
  };
  CHECK(ask("A 1/b") == "ok");
  for (const auto* reference : {"", " ", "r ", " r", "caf\xC3\xA9", "\\n", "\\u001b[2J", "\\u0000"}) {
    INFO(reference);
    CHECK(ask(reference) == "malformed-field doc.bank_reference");
  }
  CHECK(ask(std::string(64, 'x')) == "ok");
  CHECK(ask(std::string(65, 'x')) == "malformed-field doc.bank_reference");

  const auto text = [&](const std::string& value) {
    std::string doc = quoted(kReceipt);
    const std::string plain = R"("document_no":"d")";
    doc.replace(doc.find(plain), plain.size(), "\"document_no\":\"" + value + "\"");
    return answer(command_json("fund_receipt", doc, ""));
  };
  CHECK(text("caf\xC3\xA9") == "ok");
  CHECK(text("镇1号") == "ok");
  CHECK(text("cafe\xCC\x81") == "malformed-field doc.document_no");  // decomposed
  CHECK(text("\xEF\xBF\xBF") == "malformed-field doc.document_no");  // noncharacter U+FFFF
  CHECK(text(std::string(501, 'x')) == "malformed-field doc.document_no");
  // Texts that look like others: zero width, bidirectional controls, blanks of full width.
  for (const auto* code : {"200b", "200f", "2028", "202a", "202e", "2060", "2064", "2066", "2069",
                           "feff"}) {
    INFO(code);
    CHECK(text(std::string("a\\u") + code + "b") == "malformed-field doc.document_no");
  }
  CHECK(text("\u3000") == "malformed-field doc.document_no");
  CHECK(text("a\u3000") == "malformed-field doc.document_no");
  CHECK(text("a\u3000b") == "ok");

  const auto with_year = [](const std::string& year) {
    return answer(command_json("fund_registration",
                               R"({"fiscal_year":)" + year +
                                   R"(,"functional_code":"1","fund":"f","name":"n"})",
                               ""));
  };
  CHECK(with_year("9007199254740991") == "ok");
  for (const auto* year : {"9007199254740992", "-1", "2008.0", "2e3", "\"2008\"", "null"}) {
    CHECK(with_year(year) == "malformed-field doc.fiscal_year");
  }
}

TEST_CASE("an entry is decoded strictly") {
  const std::string entry =
      R"({"actor":{"id":"li","role":"preparer"},"command":"c","content":"x","date":"2008-04-10",)"
      R"("doc":{"period":"2008-04"},"index":1,"kind":"period_close","ledger":"wj","postings":[],)"
      R"("prev":"p","time":"2008-04-10T09:00:00+08:00","v":1})";
  REQUIRE(decode_entry(entry).ok());
  const auto fault = [&](const std::string& from, const std::string& to) {
    std::string changed = entry;
    changed.replace(changed.find(from), from.size(), to);
    const auto decoded = decode_entry(changed);
    return decoded.ok() ? std::string("ok") : name(decoded.error().fault);
  };
  CHECK(fault(R"("v":1)", R"("v":2)") == "unknown-version");
  CHECK(fault(R"("index":1)", R"("index":"1")") == "unreadable");
  CHECK(fault(R"("prev":"p",)", "") == "unreadable");
  CHECK(fault(R"("v":1)", R"("v":1,"w":1)") == "unreadable");
  CHECK(fault(R"("preparer")", R"("boss")") == "unreadable");
  Document document = VoucherReturn{};
  CHECK(decode_lines("{\"voucher\":\"WJ-00000001\"}", document).error().fault ==
        Fault::truncated);
  CHECK(decode_lines("{\"voucher\":\"1\"}\n", document).error().fault == Fault::unreadable);
  document = PeriodClose{};
  CHECK(decode_lines("{}\n", document).error().fault == Fault::unreadable);
}
