// The reference ledger: what the rules say, done the slow way. Plain maps, every sum folded anew from
// everything that ever moved, no rows, no caches, nothing of ledger/rules. It takes the same commands
// as the engine and says what the answer must be, for every reason, and what all balances are.
//
// It is a value: copying it is how an atomic batch is undone.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ledger/ledger.h"

namespace fundtrail::model {

using Fen = long long;
inline Fen fen(const Money& money) { return static_cast<Fen>(money.fen()); }

struct Verdict {
  std::optional<Reason> refused;            // nothing: recorded
  std::map<std::size_t, Reason> lines;      // lines that were refused or left out
  std::uint64_t index = 0;                  // when recorded
  bool repeated = false;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};
std::string describe(const Verdict& verdict);

struct Move {
  Date date;
  FundAccount account;
  Side side;
  Fen amount;
  std::string at;  // fund/programme/region/counterparty
};
using BalanceOf = std::map<std::pair<FundAccount, std::string>, Fen>;
using TurnoverOf = std::map<std::tuple<Date, FundAccount, std::string>, std::pair<Fen, Fen>>;

struct Person {
  Date from;
  std::optional<std::pair<EndReason, Date>> end = {};
  std::vector<std::pair<Date, Date>> away = {};  // last day before, first day after
  std::vector<std::pair<Date, std::string>> regions = {};  // as they were recorded, by first day
  std::vector<std::pair<Date, Channel>> channels = {};     // likewise
  std::vector<std::pair<Date, Code>> categories = {};      // likewise
};
enum class Progress { open, rejected, approved, proposed, withdrawn };
struct Application {
  Pseudonym who;
  std::string applicant, proposer;
  Date stepped;
  Date last = {};  // of what is proposed
  Progress progress = Progress::open;
};
struct Grant {  // an approved application
  std::string application;
  Date from;
  std::optional<Date> to = {};
};
// What is due to a person for a month through a payee, and the first reason why it is not more.
struct Due {
  Fen fen = 0, units = 0;
  std::optional<Reason> why = {};
  std::string region = {};
  std::set<std::string> payees = {};  // who served
  std::map<std::string, Fen> shares = {};  // by level
};
struct Service {
  Date date;
  std::string provider, item, worker;
  Fen hours;  // hundredths
  Fen bill = 0, insurance = 0;
};
struct Issue {
  std::string fund, programme, region;
  Month month;
  Date on, from, to;
  Fen face;
  bool death_day;
};
enum class Fate { outstanding, redeemed, returned, voided, expired };
struct Voucher {
  Pseudonym holder;
  std::uint64_t issue;
  Fate fate = Fate::outstanding;
  std::optional<Date> withdrawn = {};  // outstanding again since then
};
using PersonMonth = std::pair<Pseudonym, Month>;
using Owed = std::tuple<std::string, Pseudonym, Month>;  // by programme
using BySource = std::map<std::pair<std::string, std::string>, Fen>;  // fund and level
// Of a level, borne by a fund; empty: any.
Fen sum_of(const BySource& sources, const std::string& level = {}, const std::string& fund = {});
struct Upload {  // a redemption document, or a calculation
  Date date;  // or that of the return of its settlement: free from then on
  std::string provider;
  std::map<std::string, Fen> parts;  // by fund/programme/region/
  std::string settlement;            // empty: may be settled
  bool calculated = false;
  std::map<Owed, BySource> brought = {};
  std::set<std::string> vouchers = {};
  Date lowered = {};  // the latest day on which some of it was taken back
};
enum class Step { prepared, reviewed, approved, returned };
struct Claim {  // a settlement
  std::string provider, preparer, reviewer, approver, cashier, live, invoice;
  std::vector<std::uint64_t> uploads;
  std::map<std::string, Fen> parts;
  Date prepared_on, stepped;
  Step step = Step::prepared;
  Fen total = 0;
};
enum class Stage { prepared, approved, paid, bounced, cancelled };
struct Payment {  // a disbursement
  std::string settlement, account, preparer, approver;
  BankAccount payee;
  Date stepped;
  Stage stage = Stage::prepared;
};
struct Recovery {
  Date on;
  Fen decided, received;
  bool reuse;
  std::string fund, programme, region, provider;
};
struct Original {  // a document that can be corrected
  Document document;
  Date date, obeyed;
  std::optional<PolicyRef> policy;
  std::vector<Move> moves;
  bool corrected = false;
};
struct BankFact {
  std::string account;
  Direction direction;
  std::string reference;  // lower case
  Fen amount;
  Date date;
  Fen cash() const { return direction == Direction::in ? amount : -amount; }
};
struct Provider {
  BankAccount bank;
  std::map<std::string, std::pair<Date, Date>> contracts;  // by number
};

class NaiveLedger {
 public:
  explicit NaiveLedger(const LedgerOpeningRequest& opening);

  std::vector<Verdict> submit(const std::vector<Command>& commands, BatchMode mode,
                              const std::function<Pseudonym(const std::string&)>& pseudonym_of);
  BalanceOf balances() const;   // without zeros
  TurnoverOf turnovers() const; // without zeros
  Fen balance(FundAccount account, const std::string& at) const;
  // Of the programmes "aid", "care" and "bills"; nothing: no such person.
  std::optional<Due> due(const Owed& owed, const std::string& payee) const;
  void serve(const Owed& owed, const std::string& payee, Date from, Date to, Fen rate, Due& due) const;
  void bill(const Owed& owed, const std::string& payee, Date from, Date to, Fen& paid, Due& due) const;
  // Of a level, borne by a fund; empty: any.
  Fen calculated_for(const Owed& owed, const std::string& payee, const std::string& level = {},
                     const std::string& fund = {}) const;

  std::uint64_t size = 1;
  std::string region;
  std::optional<Month> first, closed;
  std::int64_t last_time = 0;
  std::set<std::string> funds, regions, accounts, usccs;
  std::map<std::string, Policy> policies;
  std::map<std::string, Provider> providers;
  std::map<Pseudonym, Person> people;
  std::set<Pseudonym> erased;
  std::map<Pseudonym, std::string> ended_by;
  std::map<std::string, Voucher> vouchers;
  std::map<std::uint64_t, Issue> issues;
  std::map<std::uint64_t, Upload> uploads;
  std::map<std::string, Claim> claims;
  std::map<std::string, Payment> payments;
  std::map<std::string, Recovery> recoveries;
  std::map<std::string, Application> applications;
  std::map<Pseudonym, std::vector<Grant>> grants;  // ascending
  std::map<Owed, std::map<std::string, BySource>> calculated;       // by payee
  std::map<Owed, std::vector<Service>> services;                    // as they were recorded
  std::map<Pseudonym, std::set<std::string>> calculated_at;         // programme/region/payee
  std::map<Pseudonym, std::set<std::string>> recovered_from;
  std::map<std::uint64_t, Original> originals;
  std::map<std::string, std::string> purposes;   // fund/programme → policy of the last allotment
  std::set<std::string> statements;              // account/month
  std::vector<Move> moves;
  std::vector<BankFact> bank;                    // everything the bank did, also what was undone
  std::set<std::string> references;              // that count now
  std::map<std::string, std::string> contents;   // command id → what it stood for
  std::map<std::string, std::string> identities; // command id → the identity that came with it
  std::map<std::string, Verdict> answers;        // command id → the first answer

 private:
  friend class Judge;
  Verdict submit_one(Command command,
                     const std::function<Pseudonym(const std::string&)>& pseudonym_of);
};

}  // namespace fundtrail::model
