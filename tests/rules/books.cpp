#include "tests/rules/books.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "ledger/store/layout.h"

namespace fundtrail::rules {
namespace {

std::string quoted(std::string json) {
  std::replace(json.begin(), json.end(), '\'', '"');
  return json;
}

constexpr const char* kUscc[] = {"91320412MA1ABCDE00", "91320412MA1ABCDF00"};

// The same number with the check character that makes it valid.
std::string valid_uscc(std::string text) {
  for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
    text[17] = c;
    if (is_valid_uscc(text)) return text;
  }
  FAIL("no check character for " << text);
  return text;
}

// Which of the lines stay, given those that were refused.
void leave_out(Document& document, const std::vector<Rejection>& refused) {
  std::visit(
      [&](auto& d) {
        if constexpr (HasLines<std::decay_t<decltype(d)>>) {
          for (auto r = refused.rbegin(); r != refused.rend(); ++r) {
            d.lines.erase(d.lines.begin() + static_cast<std::ptrdiff_t>(*r->line));
          }
        }
      },
      document);
}

}  // namespace

Command Books::command_of(const Ask& ask) {
  std::string json = "{'kind':'" + ask.kind + "','date':'" + ask.date + "','doc':" + ask.doc;
  if (!ask.lines.empty()) json += ",'lines':" + ask.lines;
  if (!ask.policy.empty()) json += ",'policy':'" + ask.policy + "'";
  if (ask.line_by_line) json += ",'mode':'line_by_line'";
  json += "}";
  chain::CommandDefaults defaults;
  const auto dot = ask.who.rfind('.');
  defaults.actor.id = *ActorId::parse(ask.who.substr(0, dot));
  const auto role = parse_name<Role>(ask.who.substr(dot + 1));
  REQUIRE(role);
  defaults.actor.role = *role;
  defaults.id = *CommandId::parse("c");
  defaults.time = *Timestamp::parse(ask.time.empty() ? "2030-01-01T09:00:00+08:00" : ask.time);
  auto command = chain::decode_command(quoted(json), defaults);
  if (!command.ok()) {
    FAIL(json << "\n" << command.error().field << ": " << command.error().en());
  }
  // Beside the pseudonym, as the engine hands both to the rules.
  if (!ask.id_number.empty()) command->identity = Identity{{}, ask.id_number, "x", {}};
  if (!ask.birth.empty()) command->births = {Date::parse(ask.birth).value()};
  if (!ask.signed_by.empty()) {
    command->signature = CommandSignature{*KeyId::parse(ask.signed_by),
                                          Date::parse(ask.not_after).value(), "c2lnbmF0dXJl"};
    command->signed_with = ask.signed_with;
  }
  command->proven = ask.proven;
  command->consented_with = ask.consented_with;
  return std::move(command).value();
}

std::string Books::ask(const Ask& ask) { return run(command_of(ask)); }

std::string Books::run(Command command) {
  const auto before = state_.rows;
  auto decision = decide(state_, command);
  REQUIRE(state_.rows == before);
  if (auto* refused = std::get_if<Refused>(&decision)) {
    refusal_ = refused->reason;
    refused_lines_ = refused->refused_lines;
    return std::string(info(refused->reason.reason).code);
  }
  record(command, std::get<Accepted>(std::move(decision)));
  return "ok";
}

void Books::record(const Command& command, Accepted accepted) {
  chain::Hasher hasher(chain::Suite::sha256_ed25519);
  refused_lines_ = accepted.refused_lines;
  last_postings_ = accepted.postings;
  Entry entry;
  entry.actor = command.actor;
  entry.command = command.id;
  entry.content = std::string(64, '0');
  entry.date = command.date;
  entry.document = command.document;
  leave_out(entry.document, accepted.refused_lines);
  entry.index = entries_.size();
  entry.ledger = *LedgerId::parse("test");
  entry.policy = command.policy;
  entry.postings = std::move(accepted.postings);
  entry.prev = std::string(64, '0');
  entry.time = command.time;
  chain::EncodedLines lines;
  chain::encode_lines(hasher, entry.document, lines);
  if (!lines.leaves.empty()) entry.lines = lines.summary(hasher);
  Recorded recorded;
  chain::encode_entry(entry, recorded.bytes);
  recorded.lines = lines.block;
  entries_.push_back(recorded);
  Overlay overlay(state_);
  apply(overlay, entry);
  state_.take(overlay);
}

void Books::forget_rows(char kind) {
  std::erase_if(state_.rows, [&](const auto& row) { return row.first[0] == kind; });
}

MapState Books::replay() const {
  MapState state;
  for (const auto& recorded : entries_) {
    auto entry = chain::decode_entry(recorded.bytes);
    REQUIRE(entry.ok());
    REQUIRE(chain::decode_lines(recorded.lines, entry->document).ok());
    Overlay overlay(state);
    apply(overlay, *entry);
    state.take(overlay);
  }
  return state;
}

std::string Books::balance(FundAccount account, const std::string& at) const {
  std::vector<std::string> parts(1);
  for (const char c : at) {
    if (c == '/') parts.emplace_back();
    else parts.back() += c;
  }
  parts.resize(4);
  Dimensions dimensions;
  dimensions.fund = FundId::parse(parts[0]).value_or(FundId());
  dimensions.programme = ProgrammeId::parse(parts[1]).value_or(ProgrammeId());
  dimensions.region = RegionCode::parse(parts[2]).value_or(RegionCode());
  dimensions.counterparty = parts[3];
  const auto* row = state_.find(store::balance_key(account, dimensions));
  return row ? *row : "0.00";
}

std::string Books::total(FundAccount account) const {
  Money sum;
  for (const auto& [key, value] : state_.rows) {
    if (key[0] != store::kBalanceRow) continue;
    const auto parsed = store::parse_balance_key(key);
    REQUIRE(parsed.ok());
    if (parsed->account == account) sum += *store::decode_balance(value);
  }
  return sum.str();
}

std::uint64_t must(Books& books, const Ask& ask) {
  const auto answer = books.ask(ask);
  if (answer != "ok") {
    FAIL(ask.kind << " " << ask.doc << ask.lines << "\n-> " << answer << " "
                  << books.refusal().field << ": " << books.refusal().en());
  }
  return books.last();
}

std::string id_number(const std::string& birth, int sequence) {
  std::string number = "320412" + birth + std::to_string(1000 + sequence).substr(1);
  for (const char c : std::string("0123456789X")) {
    if (check_id_number(number + c) == IdNumberFault::none) return number + c;
  }
  FAIL("no check digit for " << number);
  return number;
}

std::string person(int n) { return Pseudonym(0xA000000000000000u + unsigned(n)).str(); }

std::string voucher(int serial) {
  return VoucherNumber("WJ08", static_cast<std::uint32_t>(serial)).str();
}

std::string changed(std::string text, const std::vector<std::pair<std::string, std::string>>& list) {
  for (const auto& [from, to] : list) {
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string policy_json(int version, const std::string& extra) {
  return "{'policy':{'attachments':[],'banned_economic_codes':['30201'],"
         "'counterpart':{'required':true},'death_day_payable':true,'document_no':'41',"
         "'eligibility':{'categories':['three-no','low-income'],'min_age':60},"
         "'in_force_from':'2008-04-01','in_force_to':'2009-12-31','issuer':'county','name':'wj',"
         "'programmes':[{'id':'services','instrument':'voucher','name':'s','purpose':'services'},"
         "{'id':'building','instrument':'grant','name':'b','purpose':'building'}],"
         "'recovery_disposition':'reuse','settings':[],'title':'t','version':" +
         std::to_string(version) +
         ",'voucher':{'channel':'home','face':'100.00','max_per_month':1,'validity_months':1}" +
         extra + "}}";
}

Books opened() {
  Books books;
  must(books, {"reg.registrar", "2008-04-01", "ledger_opening",
               "{'account_mode':'treasury_single_account','book':'auxiliary','name':'n',"
               "'public_key':'k','region':'320412','suite':'sha256-ed25519'}"});
  return books;
}

Books wujin() {
  Books books = opened();
  const auto registrar = [&](const std::string& kind, const std::string& doc) {
    must(books, {"reg.registrar", "2008-04-01", kind, doc});
  };
  registrar("fund_registration",
            "{'fiscal_year':2008,'functional_code':'2081006','fund':'f1','name':'fund'}");
  registrar("policy_registration", policy_json());
  for (const auto* town : {"320412001", "320412002"}) {
    registrar("region_registration",
              std::string("{'name':'town','parent':'320412','region':'") + town + "'}");
  }
  registrar("designated_account_registration",
            "{'account':'a1','approval_no':'n1','bank':{'bank':'b','holder':'h',"
            "'number':'62000001'},'mode':'treasury_single_account'}");
  for (int i = 0; i < 2; ++i) {
    const std::string n = std::to_string(i + 1);
    registrar("provider_registration",
              "{'bank':{'bank':'b','holder':'p" + n + "','number':'7200000" + n +
                  "'},'contract':{'from':'2008-01-01','number':'c','to':'2008-12-31'},"
                  "'name':'p','provider':'p" + n + "','uscc':'" + valid_uscc(kUscc[i]) + "'}");
  }
  for (int n = 1; n <= 8; ++n) {
    must(books, {"reg.registrar", "2008-04-01", "beneficiary_registration",
                 "{'beneficiary':'" + person(n) + "','category':'low-income','channel':'" +
                     (n == 8 ? "institution" : "home") + "','commitment':'" +
                     std::string(64, 'a') + "','entitled_from':'2008-04-01','region':'" +
                     (n == 7 ? "320412002" : "320412001") + "'}",
                 "", "wj@1", false, id_number("19300101", n)});
  }
  return books;
}

Books funded() {
  Books books = wujin();
  must(books, {"li.preparer", "2008-04-01", "fund_receipt",
               "{'account':'a1','amount':'10000.00','bank_reference':'r1','document_no':'d1',"
               "'fund':'f1','source':'district'}"});
  for (const auto& [programme, amount] :
       {std::pair("services", "5000.00"), std::pair("building", "2000.00")}) {
    must(books, {"li.preparer", "2008-04-01", "allotment",
                 std::string("{'amount':'") + amount +
                     "','document_no':'d2','from_counterpart':false,'fund':'f1','programme':'" +
                     programme + "','region':'320412001'}",
                 "", "wj@1"});
  }
  return books;
}

Ask issue(int month, int first, const std::vector<int>& persons) {
  const Month m = Month::from_ordinal(2008 * 12 + month - 1);
  std::string lines;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (i > 0) lines += ',';
    lines.append("{'beneficiary':'").append(person(persons[i]));
    lines.append("','face':'100.00','voucher':'");
    lines.append(voucher(first + static_cast<int>(i))).append("'}");
  }
  return {"li.preparer", m.first_day().str(), "voucher_issue",
          "{'fund':'f1','month':'" + m.str() +
              "','programme':'services','region':'320412001','valid_from':'" +
              m.first_day().str() + "','valid_to':'" + m.last_day().str() + "'}",
          "[" + lines + "]", "wj@1"};
}

Ask redeem(const std::string& date, const std::vector<int>& serials,
           const std::string& provider) {
  std::string lines;
  for (const int serial : serials) {
    if (!lines.empty()) lines += ',';
    lines.append("{'hours':'2.00','item':'cleaning','service_date':'").append(date);
    lines.append("','voucher':'").append(voucher(serial)).append("'}");
  }
  return {"li.preparer", date, "redemption",
          "{'claim_no':'n','provider':'" + provider + "'}", "[" + lines + "]"};
}

}  // namespace fundtrail::rules
