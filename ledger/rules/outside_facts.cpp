// Facts from outside are recorded as they are; what is wrong with them is the auditor's business.
#include "ledger/rules/families.h"

namespace fundtrail::rules {

void check(Context& c, const BankStatement& d) {
  c.need_account(d.account);
  if (const std::string* row = c.state.find(statement_key(d.account, d.period))) {
    c.no.add(Reason::duplicate_statement, "doc.period", d.account.str() + " " + d.period.str(),
             *row);
  }
  Money closing = d.opening;
  for (std::size_t i = 0; i < d.lines.size(); ++i) {
    const BankStatementLine& line = d.lines[i];
    if (Month::of(line.date) != d.period) {
      c.refuse_line(i, "date",
                    {Reason::invalid_value, {}, line.date.str(), d.period.str(), {}});
    } else if (!line.amount.is_positive()) {
      c.refuse_line(i, "amount", {Reason::amount_not_positive, {}, line.amount.str(), {}, {}});
    }
    closing += line.direction == Direction::in ? line.amount : -line.amount;
  }
  if (closing != d.closing) {
    c.no.add(Reason::amount_mismatch, "doc.closing", d.closing.str(), closing.str());
  }
}
void record(Overlay& state, const Entry& entry, const BankStatement& d) {
  state.put(statement_key(d.account, d.period), std::to_string(entry.index));
}

void check(Context&, const ImportedRecord&) {}
void record(Overlay&, const Entry&, const ImportedRecord&) {}

}  // namespace fundtrail::rules
