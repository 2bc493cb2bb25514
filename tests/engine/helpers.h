// A ledger in a directory of its own, with a fund and a designated account, and commands for it.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ledger/ledger.h"

namespace fundtrail::test {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fundtrail-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline const Date kDay = *Date::parse("2008-04-10");
inline const Timestamp kTime = *Timestamp::parse("2008-04-10T09:00:00+08:00");
inline const FundId kFund = *FundId::parse("wj-elder-2008");
inline const DesignatedAccountId kAccount = *DesignatedAccountId::parse("account-1");

inline Command command(std::string_view id, Role role, Document document) {
  Command c;
  c.actor = {*ActorId::parse("actor-" + std::string(name_of(role))), role};
  c.id = *CommandId::parse(id);
  c.date = kDay;
  c.time = kTime;
  c.document = std::move(document);
  return c;
}

inline LedgerOpeningRequest opening_request(chain::Suite suite = chain::Suite::sha256_ed25519) {
  LedgerOpeningRequest request;
  request.id = *LedgerId::parse("wujin-2008");
  request.suite = suite;
  request.name = *Text::parse("武进区养老服务专项资金");
  request.region = *RegionCode::parse("320412");
  request.actor = {*ActorId::parse("actor-registrar"), Role::registrar};
  request.date = kDay;
  request.time = kTime;
  return request;
}

inline Command fund_registration() {
  FundRegistration fund;
  fund.fiscal_year = 2008;
  fund.fund = kFund;
  fund.functional_code = "2081002";
  fund.name = *Text::parse("养老服务专项资金");
  return command("fund", Role::registrar, fund);
}

inline Command account_registration() {
  DesignatedAccountRegistration account;
  account.account = kAccount;
  account.approval_no = *Text::parse("武财批〔2008〕1号");
  account.bank = {*Text::parse("某银行"), *Text::parse("武进区财政局"), "3204120000000001"};
  return command("account", Role::registrar, account);
}

// A money document that moves `fen`; the simplest there is.
inline Command fund_receipt(const std::string& id, std::int64_t fen = 100) {
  FundReceipt receipt;
  receipt.account = kAccount;
  receipt.amount = Money::of_fen(fen);
  receipt.bank_reference = *Reference::parse("ref-" + id);
  receipt.document_no = *Text::parse("武财社〔2008〕5号");
  receipt.fund = kFund;
  return command(id, Role::preparer, receipt);
}

inline Identity identity(std::string id_number, std::string name) {
  return {std::nullopt, std::move(id_number), std::move(name), std::nullopt};
}

template <class T>
T take(Result<T> result) {
  INFO((result.ok() ? "" : std::string(name(result.error().fault)) + ": " + result.error().message));
  REQUIRE(result.ok());
  return std::move(result).value();
}
inline void require_ok(const Status& status) {
  INFO((status.ok() ? "" : status.error().message));
  REQUIRE(status.ok());
}

inline Answer submit_one(Ledger& ledger, Command c) {
  std::vector<Command> commands;
  commands.push_back(std::move(c));
  auto answers = take(ledger.submit(std::move(commands), BatchMode::independent));
  REQUIRE(answers.size() == 1);
  return answers[0];
}
inline Receipt record(Ledger& ledger, Command c) {
  const Answer answer = submit_one(ledger, std::move(c));
  if (const auto* refusal = std::get_if<Refusal>(&answer)) FAIL(refusal->reason.en());
  return std::get<Receipt>(answer);
}
inline Rejection refused(Ledger& ledger, Command c) {
  const Answer answer = submit_one(ledger, std::move(c));
  REQUIRE(std::holds_alternative<Refusal>(answer));
  return std::get<Refusal>(answer).reason;
}

// A new ledger with entries 0 to 2: opened, a fund, a designated account.
inline std::unique_ptr<Ledger> new_ledger(const std::filesystem::path& directory,
                                          LedgerOptions options = {},
                                          chain::Suite suite = chain::Suite::sha256_ed25519) {
  auto ledger = take(Ledger::create(directory, opening_request(suite), options));
  record(*ledger, fund_registration());
  record(*ledger, account_registration());
  return ledger;
}
inline constexpr std::uint64_t kFirst = 3;  // index of the first entry after new_ledger()

inline Money available(const View& view) {
  Money total;
  require_ok(view.balances([&](FundAccount account, const Dimensions&, const Money& balance) {
    if (account == FundAccount::available) total += balance;
  }));
  return total;
}

// Reads the whole chain and checks links, root and lines the slow way.
inline void check_chain(const View& view) {
  chain::Hasher hasher(view.suite());
  std::vector<chain::Hash> leaves;
  std::string previous(64, '0');
  std::map<std::string, std::uint64_t> commands;
  require_ok(view.scan(0, view.size(), View::Lines::with,
                       [&](std::uint64_t index, std::string_view bytes, std::string_view) {
                         const auto entry = view.decoded(index);
                         REQUIRE(entry.ok());
                         REQUIRE(entry->index == index);
                         REQUIRE(entry->prev == previous);
                         REQUIRE(commands.emplace(entry->command.str(), index).second);
                         leaves.push_back(hasher.leaf(bytes));
                         previous = chain::to_hex(leaves.back());
                         return true;
                       }));
  REQUIRE(leaves.size() == view.size());
  REQUIRE(chain::root_of(hasher, leaves) == view.root());
}

}  // namespace fundtrail::test
