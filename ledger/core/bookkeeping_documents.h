// The documents of correction, closing and facts from outside. Same conventions as documents.h,
// which includes this file and holds the closed set of kinds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ledger/core/accounts.h"
#include "ledger/core/date.h"
#include "ledger/core/document_fields.h"
#include "ledger/core/funding_documents.h"
#include "ledger/core/ids.h"
#include "ledger/core/money.h"
#include "ledger/core/payment_documents.h"

namespace fundtrail {

// Corrects one earlier money document. `corrected` is the document as it should have been (red_blue,
// prior_year_blue) or the difference (difference); it has the kind of the one it corrects. With
// red_blue and no corrected document the original is only cancelled.
struct Correction {
  std::optional<Allotment> allotment;
  std::uint64_t corrects = 0;  // index of the entry
  std::optional<CounterpartPledge> counterpart_pledge;
  std::optional<CounterpartReceipt> counterpart_receipt;
  std::optional<FundReceipt> fund_receipt;
  CorrectionMethod method = CorrectionMethod::red_blue;
  Text reason;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("allotment", d.allotment);
    v("corrects", d.corrects);
    v("counterpart_pledge", d.counterpart_pledge);
    v("counterpart_receipt", d.counterpart_receipt);
    v("fund_receipt", d.fund_receipt);
    v("method", d.method);
    v("reason", d.reason);
  }
};

struct PeriodClose {
  Month period;
  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("period", d.period);
  }
};

struct BankStatementLine {
  Money amount;                  // positive
  std::optional<Text> counterparty;
  std::optional<Text> counterparty_account;
  Date date;
  Direction direction = Direction::in;
  Reference reference;           // the bank's transaction number
  std::optional<Text> summary;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("amount", d.amount);
    v("counterparty", d.counterparty);
    v("counterparty_account", d.counterparty_account);
    v("date", d.date);
    v("direction", d.direction);
    v("reference", d.reference);
    v("summary", d.summary);
  }
};

// A month of the bank's own statement: a fact from outside, recorded as it is.
struct BankStatement {
  using Line = BankStatementLine;
  DesignatedAccountId account;
  Money closing;
  Money opening;
  Month period;
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("account", d.account);
    v("closing", d.closing);
    v("opening", d.opening);
    v("period", d.period);
  }
};

// A row of a past year's books, field by field as it was found (ASCII names, values unchanged but
// for identities, which are replaced by pseudonyms and check results).
struct ImportedRow {
  std::map<std::string, std::string> values;
};

// Rows of an imported past: facts that FundTrail did not control, recorded as they are and marked
// as such; the audit tools flag what is wrong with them.
struct ImportedRecord {
  using Line = ImportedRow;
  std::string file_digest;  // hex digest of the whole file as it was found
  Text source;              // file name
  Code table;               // "redemptions", "payments", "bank_statement", ... (docs/IMPORT.md)
  std::vector<Line> lines;

  template <class Self, class V>
  static void fields(Self& d, V& v) {
    v("file_digest", d.file_digest);
    v("source", d.source);
    v("table", d.table);
  }
};

}  // namespace fundtrail
