// START HERE for the rules. decide() answers what a command would do; apply() makes an entry's
// consequences part of the state. Both are pure and deterministic: no clock, no randomness, no
// I/O of their own, no floating point. Replaying all entries through apply() gives byte-identical
// state (a test does it).
//
// The rules of each family of documents stand in a file of their own:
//   registration.cpp         the ledger itself, funds, regions, providers, designated accounts
//   policy_registration.cpp, beneficiary.cpp
//   funding.cpp              receipts, allotments, counterpart funding
//   voucher_issue.cpp, redemption.cpp, voucher_release.cpp (return, void, expiry)
//   settlement.cpp, disbursement.cpp, recovery.cpp, correction.cpp, closing.cpp
//   outside_facts.cpp        bank statements, imported records
//   signatures.cpp           people's own keys, who must sign; governance.cpp  restoring, erasing
//   bank_lines.cpp           what all of them say the bank did: references, cash of each account
// Who may record what: authority.h. What the state looks like: rows.h. How money moves: balances.h.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "ledger/core/entry.h"
#include "ledger/core/rejection.h"
#include "ledger/rules/state.h"

namespace fundtrail::rules {

// A yes: what the document moves, and which lines stay out (line_by_line only).
struct Accepted {
  std::vector<Posting> postings;          // balanced
  std::vector<Rejection> refused_lines;   // ascending by line; empty in atomic mode
};
// A no: the reason by precedence, and in documents with lines every refused line.
struct Refused {
  Rejection reason;
  std::vector<Rejection> refused_lines;
};
using Decision = std::variant<Accepted, Refused>;

// Whether the document may hold the lines that remain when others are refused: line_by_line is offered
// for such documents only.
bool can_leave_lines_out(const Document& document);

// Precondition: the command was decoded (its fields are well-formed); for a
// BeneficiaryRegistration the pseudonym and the commitment are filled in and command.identity
// holds the identity, whose validity and age are checked here.
// Throws StateUnreadable when the store cannot be read.
Decision decide(const StateSource& state, const Command& command);

// Precondition: the entry follows from decide() on the same state (or from a verified chain), with
// its lines in the document. Broken invariants (a negative state, an unbalanced document) abort.
void apply(Overlay& state, const Entry& entry);

}  // namespace fundtrail::rules
