// What a document says the bank did: one line of the designated account's statement for each receipt,
// payment and bounce, and for a correction the line it takes back and the right one. From these follow
// that no transaction of the bank counts twice, and how much cash each account holds on each day.
// Private to ledger/rules.
#pragma once

#include <optional>
#include <vector>

#include "ledger/rules/context.h"

namespace fundtrail::rules {

struct BankLine {
  DesignatedAccountId account;
  Direction direction = Direction::in;
  Reference reference;
  Money amount;
  Money cash() const { return direction == Direction::in ? amount : -amount; }
};
struct BankLines {
  std::vector<BankLine> undone;  // by a correction
  std::vector<BankLine> made;
};

// By the state before the document is recorded; nothing for what the document refers to and is not
// there.
BankLines bank_lines(const StateSource& state, const Document& document);

// Adds duplicate_bank_reference.
void check_references(Context& c, const BankLines& lines);

// Why an account could not pay: insufficient_balance with the account, and the day if it is a later
// one; invalid_value at the limit of amounts.
std::optional<Rejection> check_cash(const StateSource& state, Date date, const BankLines& lines);

// Keeps references and cash. Checks that the cash moved is the cash that the entry's postings move,
// and that no account is negative.
void record_bank_lines(Overlay& state, const Entry& entry, const BankLines& lines,
                       std::optional<Month> closed);

}  // namespace fundtrail::rules
