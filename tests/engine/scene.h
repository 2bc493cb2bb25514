// The Wujin scheme in a ledger: policy, town, provider, elders, money, vouchers.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "ledger/chain/document_codec.h"
#include "ledger/vault.h"
#include "tests/engine/helpers.h"

namespace fundtrail::test {

inline const RegionCode kTown = *RegionCode::parse("320412001");
inline const ProviderId kProvider = *ProviderId::parse("provider-1");
inline const PolicyRef kPolicy = *PolicyRef::parse("wujin-2008@1");

// A valid synthetic identity number (GB 11643) of somebody born on 1 October 1930.
inline std::string elder_id(int n) {
  constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  const std::string area = std::to_string(320'000 + n / 1000), order = std::to_string(1000 + n % 1000);
  std::string digits = area + "19301001" + order.substr(1);
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) sum += (digits[i] - '0') * kWeights[i];
  return digits + "10X98765432"[sum % 11];
}

inline Command policy_registration() {
  std::ifstream file(SOURCE_DIR "/fixtures/wujin-2008/policies/wujin-2008.json");
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  auto document = chain::decode_document("policy_registration", "{\"policy\":" + text + "}");
  REQUIRE(document.ok());
  return command("policy", Role::registrar, *document);
}

inline Command town_registration() {
  RegionRegistration region;
  region.region = kTown;
  region.name = *Text::parse("某镇");
  return command("town", Role::registrar, region);
}

inline Command elder_registration(const std::string& id, const Identity& who) {
  BeneficiaryRegistration document;
  document.category = *Code::parse("dibao");
  document.entitled_from = kDay;
  document.region = kTown;
  Command c = command(id, Role::registrar, document);
  c.policy = kPolicy;
  c.identity = who;
  return c;
}

inline Command provider_registration() {
  ProviderRegistration provider;
  provider.provider = kProvider;
  provider.name = *Text::parse("某居家养老服务中心");
  provider.uscc = "52320412MJ100001XN";
  provider.bank = {*Text::parse("某银行"), provider.name, "3204120000000002"};
  provider.contract = {*Date::parse("2008-01-01"), *Text::parse("合同1"), *Date::parse("2008-12-31")};
  return command("provider", Role::registrar, provider);
}

inline Command allotment(std::int64_t fen) {
  Allotment document;
  document.amount = Money::of_fen(fen);
  document.document_no = *Text::parse("武财社〔2008〕6号");
  document.fund = kFund;
  document.programme = *ProgrammeId::parse("services");
  document.region = kTown;
  Command c = command("allotment", Role::preparer, document);
  c.policy = kPolicy;
  return c;
}

// The ledger of new_ledger() with the scheme and `elders` registered people, and money for them.
inline std::unique_ptr<Ledger> scene(const std::filesystem::path& directory, int elders,
                                     LedgerOptions options = {}) {
  auto ledger = new_ledger(directory, options);
  std::vector<Command> commands = {policy_registration(), town_registration(),
                                   provider_registration(), fund_receipt("money", 9'000'000'000),
                                   allotment(9'000'000'000)};
  for (int i = 0; i < elders; ++i) {
    commands.push_back(elder_registration("elder-" + std::to_string(i),
                                          identity(elder_id(i), "老人" + std::to_string(i))));
  }
  for (const auto& answer : take(ledger->submit(std::move(commands), BatchMode::atomic))) {
    if (const auto* refusal = std::get_if<Refusal>(&answer)) FAIL(refusal->reason.en());
  }
  return ledger;
}

// Recorded by somebody else than erases.
inline Command ended(const Pseudonym& person) {
  Command c = command("end-" + person.str(), Role::registrar,
                      EntitlementEnd{person, kDay, *Text::parse("证明"), EndReason::moved});
  c.actor.id = *ActorId::parse("other-registrar");
  return c;
}
inline Command erasure(const Pseudonym& person) {
  return command("erase-" + person.str(), Role::registrar,
                 PersonErasure{person, ErasureGround::ordered, *ActorId::parse("head"),
                               *Reference::parse("no 1")});
}

// Vouchers with the serials `first`.. for elders 0 to n-1, of April 2008 and months after it.
inline Command issue(const Ledger& ledger, int months_after, int first, int n) {
  VoucherIssue document;
  document.fund = kFund;
  document.month = Month::of(kDay).plus(months_after);
  document.programme = *ProgrammeId::parse("services");
  document.region = kTown;
  document.valid_from = document.month.first_day();
  document.valid_to = document.month.last_day();
  for (int i = 0; i < n; ++i) {
    document.lines.push_back({ledger.vault().pseudonym_of(elder_id(i)), Money::of_fen(10'000),
                              VoucherNumber("WJ", static_cast<std::uint32_t>(first + i))});
  }
  Command c = command("issue-" + std::to_string(first), Role::preparer, document);
  c.date = std::max(document.month.first_day(), kDay);  // its money came on kDay
  c.time = *Timestamp::parse("2008-12-31T17:00:00+08:00");
  c.policy = kPolicy;
  return c;
}

inline Command redemption(const std::string& id, int months_after, const std::vector<int>& serials) {
  Redemption document;
  document.claim_no = *Text::parse("单" + id);
  document.provider = kProvider;
  const Date day = Month::of(kDay).plus(months_after).first_day() + 14;
  for (const int serial : serials) {
    RedeemedVoucher line;
    line.hours = Quantity(200);
    line.item = *Code::parse("home-care");
    line.service_date = day;
    line.voucher = VoucherNumber("WJ", static_cast<std::uint32_t>(serial));
    document.lines.push_back(line);
  }
  Command c = command(id, Role::preparer, document);
  c.date = day;
  c.time = *Timestamp::parse("2008-12-31T17:00:00+08:00");
  c.policy = kPolicy;
  return c;
}

}  // namespace fundtrail::test
