// From small numbers to commands. A script is a list of Ops, each a few bytes that RapidCheck makes and
// shrinks; what an Op means depends on what the reference ledger holds at that moment, so that most
// commands have something to work on, and a flaw (one Op in four) makes them wrong in one respect.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/model/reference.h"

namespace fundtrail::model {

struct Op {
  std::uint8_t what = 0, pick = 0, other = 0, amount = 0, day = 0, flaw = 0, join = 0;
};
std::ostream& operator<<(std::ostream& os, const Op& op);

enum class Act { command, reopen, kill, checkpoint };
Act act_of(const Op& op);

class Script {
 public:
  explicit Script(std::function<Pseudonym(const std::string&)> pseudonym_of);

  // What every run begins with: fund, policies, towns, accounts, providers, people, money.
  std::vector<Command> prologue();
  // The command that an Op stands for, given what the book holds.
  Command command(const Op& op, const NaiveLedger& book);

 private:
  Command make(Role role, Document document);
  Document document(const Op& op, const NaiveLedger& book, Command& command);
  Document funding(const Op& op, unsigned kind);
  Document issue(const Op& op, const NaiveLedger& book, Command& command);
  Document redemption(const Op& op, const NaiveLedger& book, Command& command);
  Document unredeemed(const Op& op, const NaiveLedger& book, Command& command);
  Document release(const Op& op, const NaiveLedger& book, unsigned kind);
  Document claim(const Op& op, const NaiveLedger& book, SettlementBasis basis);
  Document application(const Op& op, const NaiveLedger& book);
  Document application_step(const Op& op, const NaiveLedger& book, Command& command);
  Document calculation(const Op& op, const NaiveLedger& book);
  Document reduction(const Op& op, const NaiveLedger& book);
  Document services(const Op& op, const NaiveLedger& book, Command& command);
  Document withdrawal(const Op& op, const NaiveLedger& book, Command& command);
  Document recovery_of_calculated(const Op& op, const NaiveLedger& book);
  Document erasure(const Op& op, const NaiveLedger& book, Command& command);
  Document claim_step(const Op& op, const NaiveLedger& book, unsigned kind);
  Document payment(const Op& op, const NaiveLedger& book);
  Document payment_step(const Op& op, const NaiveLedger& book, unsigned kind);
  Document recovery(const Op& op, const NaiveLedger& book, bool decision);
  Document correction(const Op& op, const NaiveLedger& book);
  Document person(const Op& op, const NaiveLedger& book, unsigned kind, Command& command);
  Document registration(const Op& op, unsigned kind);
  Document outside(const Op& op, const NaiveLedger& book, unsigned kind);
  void spoil(const Op& op, const NaiveLedger& book, Command& command);
  std::string next(const char* prefix) { return prefix + std::to_string(++number_); }

  std::function<Pseudonym(const std::string&)> pseudonym_of_;
  Date today_;
  int number_ = 0;
  std::vector<Command> sent_;
};

}  // namespace fundtrail::model
